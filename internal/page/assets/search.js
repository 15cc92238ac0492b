import { h, fill, note, problem, warning } from './dom.js';
import { ask } from './api.js';
import { queryBox } from './querybox.js';
import { histogram } from './histogram.js';
import * as lines from './lines.js';
import * as format from './format.js';
import * as clause from './clause.js';
import * as why from './why.js';

/** show draws the search. */
export async function show(view) {
  const q = view.params.q ?? '';
  const range = () => ({ q, from: view.params.from, to: view.params.to });
  const filter = (part, without) => view.go({ q: clause.narrow(q, part, without) });
  const box = queryBox(q, (typed) => view.go({ q: typed }));
  const chart = h('div', { class: 'chart', 'aria-busy': 'true' });
  const found = h('div', { class: 'found' });
  const list = h('ol', { class: 'lines', 'aria-label': 'Documents, the newest first' });
  const more = h('div', { class: 'more' });
  fill(view.root, h('h1', { class: 'hidden' }, 'Search'), box.form, chart, found, list, more);
  const options = { filter, range, signal: view.signal };

  let day = '';
  async function page(after) {
    const answer = await ask('documents', { ...range(), limit: 100, after }, view.signal);
    for (const hit of answer.hits) {
      if (format.day(hit.time) !== day) list.append(h('li', { class: 'day' }, day = format.day(hit.time)));
      list.append(lines.row(hit, options));
    }
    fill(more, warning(answer.warning), answer.next ? h('button', { type: 'button', onclick: () => page(answer.next).catch(failed) }, '100 more') : null);
    if (!list.childElementCount) fill(more, note('No document matches in this range of time.'));
  }
  function failed(error) {
    if (error.name === 'AbortError') return;
    if (error.offset >= 0) box.fail(error);
    else fill(more, problem(error));
  }
  const counted = ask('histogram', { ...range(), columns: 90 }, view.signal).then((data) => {
    const changed = (at) => why.link(at, data.to - data.from);
    fill(chart, histogram(data, (from, to) => view.go({ from: new Date(from).toISOString(), to: new Date(to).toISOString() }), (at) => { location.hash = changed(at); }));
    chart.setAttribute('aria-busy', 'false');
    fill(found, h('strong', {}, format.count(data.count)), ` ${data.count === 1 ? 'document' : 'documents'}`, legend(data), h('a', { class: 'why', href: changed(why.jump(data.bars.map((b) => [b.from, bad(b)]), data.from)), title: 'Where errors grew most, or where the range begins; or Shift and a click on a column' }, 'What changed?'), warning(data.warning));
  });
  await Promise.all([counted.catch(failed), page().catch(failed)]);
}

const bad = (bar) => Object.entries(bar.levels).reduce((n, [word, v]) => n + (['fatal', 'error'].includes(format.levelOf(word)) ? v : 0), 0);

function legend(data) {
  const sums = {};
  for (const bar of data.bars) for (const [word, n] of Object.entries(bar.levels)) sums[format.levelOf(word)] = (sums[format.levelOf(word)] ?? 0) + n;
  return h('span', { class: 'legend' }, format.levels.filter((l) => sums[l]).map((l) => h('span', {}, h('i', { class: `dot ${l}` }), `${l === 'none' ? 'no level' : l} ${format.count(sums[l])}`)));
}
