import { h, fill, note } from './dom.js';
import { ask, url } from './api.js';
import { queryBox } from './querybox.js';
import * as lines from './lines.js';
import * as format from './format.js';
import * as clause from './clause.js';

const most = 2000; // lines that are kept

/** show draws documents as they come. */
export async function show(view) {
  const q = view.params.q ?? '';
  const box = queryBox(q, (typed) => view.go({ q: typed }), 'Only documents that match the query', 'Filter');
  const list = h('ol', { class: 'lines live', 'aria-label': 'Documents as they come' });
  const said = h('span', { class: 'said', role: 'status' });
  let highlight = view.params.highlight ?? '';
  let least = view.params.level ?? '';
  let paused = false;
  let waiting = [];
  let missed = 0;
  const options = { filter: (part, without) => view.go({ q: clause.narrow(q, part, without) }), get highlight() { return highlight; } };

  const pause = h('button', { type: 'button', 'aria-pressed': 'false', title: 'p', onclick: () => setPaused(!paused) }, 'Pause');
  const level = h('select', { 'aria-label': 'Least level', onchange: () => setLevel(level.value) },
    [['', 'all levels'], ['debug', 'debug and worse'], ['info', 'info and worse'], ['warn', 'warn and worse'], ['error', 'error and worse']].map(([v, t]) => h('option', { value: v, selected: v === least }, t)));
  const word = h('input', { type: 'search', value: highlight, 'aria-label': 'Highlight', placeholder: 'highlight', oninput: () => { highlight = word.value; remark(); view.keep({ highlight }); } });
  fill(view.root, h('h1', { class: 'hidden' }, 'Live'), box.form,
    h('div', { class: 'tools' }, pause, level, word, h('button', { type: 'button', onclick: () => { fill(list); missed = 0; tell(); } }, 'Clear'), said), list);
  setLevel(least);

  function setPaused(now) {
    paused = now;
    pause.setAttribute('aria-pressed', String(paused));
    pause.textContent = paused ? 'Go on' : 'Pause';
    if (!paused) add(waiting.splice(0));
    tell();
  }
  function setLevel(value) {
    least = value;
    list.dataset.least = value || 'all';
    view.keep({ level: value });
  }
  function remark() {
    for (const item of list.querySelectorAll('li.line')) {
      const place = item.querySelector('.text');
      fill(place, lines.marked(place.textContent, highlight));
    }
  }
  function tell(more = '') {
    const parts = [];
    if (paused) parts.push(`${format.count(waiting.length)} waiting`);
    if (missed) parts.push(`${format.count(missed)} not shown, too many at once`);
    fill(said, more || parts.join(', '));
  }
  function add(hits) {
    const follows = view.atEnd();
    list.append(...hits.slice(-most).map((hit) => lines.row(hit, options)));
    while (list.childElementCount > most) list.firstElementChild.remove();
    if (follows && hits.length) view.toEnd();
  }

  try {
    await ask('documents', { q, limit: 30, from: 'now-15m' }, view.signal).then((a) => add(a.hits.reverse()));
  } catch (error) {
    if (error.offset >= 0) {
      box.fail(error);
      return null;
    } // without a source there is nothing from before
  }
  view.toEnd();
  if (!list.childElementCount) tell('waiting for lines');
  const events = new EventSource(url('live', { q }));
  events.onopen = () => tell();
  events.onmessage = (event) => {
    const now = JSON.parse(event.data);
    missed += now.missed;
    if (paused) waiting = waiting.concat(now.hits).slice(-most);
    else add(now.hits);
    tell();
  };
  events.onerror = () => tell('the agent does not answer; trying again');
  return { close: () => events.close(), keys: { p: () => setPaused(!paused) } };
}
