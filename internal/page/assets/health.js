import { h, fill } from './dom.js';
import { ask } from './api.js';
import * as format from './format.js';

/** show says how the agent is doing, anew every two seconds. */
export async function show(view) {
  const [s, about] = await Promise.all([ask('status', {}, view.signal), ask('about', {}, view.signal)]);
  const good = (ok, text) => h('dd', { class: ok ? 'good' : 'bad' }, h('span', { 'aria-hidden': 'true' }, ok ? '● ' : '▲ '), text);
  const number = (v, bad) => h('td', { class: `number nowrap ${bad && v ? 'bad' : ''}` }, v === undefined ? '' : typeof v === 'number' ? format.count(v) : v);
  const table = (title, names, rows) => h('section', {}, h('h2', {}, title), h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title }, h('table', { class: 'grid' }, h('thead', {}, h('tr', {}, names.map((n, i) => h('th', { scope: 'col', class: i ? 'number' : '' }, n)))), h('tbody', {}, rows))));
  const flying = (c) => Math.max(0, c[0] - c[1] - c[2] - c[3] - c[4]);
  fill(view.root, h('h1', { class: 'hidden' }, 'Health'),
    h('dl', { class: 'facts' },
      h('div', {}, h('dt', {}, 'Ready'), good(!s.ready, s.ready || 'ready')),
      h('div', {}, h('dt', {}, 'Reading'), good(!s.turns, s.turns || 'the reading loop turns')),
      h('div', {}, h('dt', {}, 'Configuration'), good(s.reload.good, s.reload.good ? `taken over ${format.moment(s.reload.at)}` : 'the last one was refused; the one before goes on')),
      h('div', {}, h('dt', {}, 'Page reads'), h('dd', {}, about.source || about.reason || 'nothing')),
      h('div', {}, h('dt', {}, 'Version'), h('dd', {}, `${about.version} on ${about.host}`))),
    table('Pipelines', ['pipeline', 'files', 'read', 'indexed', 'duplicate', 'dropped', 'dead letters', 'in flight', 'bytes', 'behind', 'for'], s.pipelines.map((p) => h('tr', {}, h('th', { scope: 'row' }, p.name),
      number(p.files), number(p.lines[0]), number(p.lines[1]), number(p.lines[2]), number(p.lines[4]), number(p.lines[3], true), number(flying(p.lines)), number(format.size(p.bytes)), number(p.lag ? format.size(p.lag) : ''), number(p.lag ? format.age(p.age) : '')))),
    table('Outputs', ['output', 'takes documents', 'in flight', 'dropped', 'dead letters', 'requests', 'failed', 'retried', 'mean time'], s.outputs.map((o) => h('tr', {}, h('th', { scope: 'row' }, o.name), h('td', { class: `number ${o.up ? 'good' : 'bad'}` }, o.up ? 'yes' : 'no'),
      number(flying(o.lines)), number(o.lines[4], true), number(o.lines[3], true), number(o.requests?.sent), number(o.requests?.failed, true), number(o.requests?.retried), number(mean(o.requests?.latency))))));
  return { every: 2000 };
}

function mean(latency) {
  const times = (latency?.Counts ?? []).reduce((a, b) => a + b, 0);
  return times ? format.duration(1e9 * latency.Seconds / times) : '';
}
