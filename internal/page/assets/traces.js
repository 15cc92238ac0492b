import { h, fill, note, warning } from './dom.js';
import { ask } from './api.js';
import * as lines from './lines.js';
import * as format from './format.js';

/** show lists traces and operations. */
export async function show(view) {
  const p = view.params;
  const chosen = { order: p.order ?? '', failed: p.failed ?? '', service: p.service ?? '', operation: p.operation ?? '' };
  const report = await ask('traces', { from: p.from, to: p.to, ...chosen, limit: 50 }, view.signal);
  const hue = format.hues([...report.operations.map((o) => o.service), ...report.list.map((t) => t.service)]);
  const choice = (text, change, on) => h('button', { type: 'button', 'aria-pressed': String(on), onclick: () => view.go(change) }, text);
  const slowest = Math.max(1, ...report.list.map((t) => t.duration_ns));
  fill(view.root, h('h1', { class: 'hidden' }, 'Traces'),
    h('div', { class: 'tools' },
      h('span', { class: 'group', role: 'group', 'aria-label': 'Order' }, choice('Slowest', { order: '' }, chosen.order !== 'latest'), choice('Latest', { order: 'latest' }, chosen.order === 'latest')),
      h('span', { class: 'group', role: 'group', 'aria-label': 'Which' }, choice('All', { failed: '' }, chosen.failed !== 'true'), choice('Failed', { failed: 'true' }, chosen.failed === 'true')),
      ['service', 'operation'].filter((k) => chosen[k]).map((k) => h('button', { type: 'button', class: 'chip', 'aria-label': `Without ${k} ${chosen[k]}`, onclick: () => view.go({ [k]: '' }) }, `${k}: ${chosen[k]} ✕`)),
      h('span', { class: 'said' }, `${format.count(report.traces)} ${report.traces === 1 ? 'trace' : 'traces'}`)),
    warning(report.warning),
    report.list.length ? h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Traces' }, h('table', { class: 'grid traces' }, head('began', 'trace', 'spans', 'took', '', 'failed first'), h('tbody', {}, report.list.map((t) => h('tr', { class: t.failed ? 'failed' : '' },
      h('td', { class: 'nowrap' }, h('time', { datetime: t.start }, format.clock(t.start))),
      h('td', {}, h('a', { href: lines.traceLink(t.trace_id) }, h('i', { class: `dot svc-${hue(t.service)}` }), h('b', {}, t.service), ' ', t.name)),
      h('td', { class: 'number' }, format.count(t.spans)),
      h('td', { class: 'number nowrap' }, format.duration(t.duration_ns)),
      h('td', { class: 'share' }, h('div', { class: `bar ${t.failed ? 'error' : ''}`, style: { width: `${100 * t.duration_ns / slowest}%` } })),
      h('td', { class: 'bad' }, t.cause ?? '')))))) : note('No trace of this kind began in this range of time. Lines make traces when they say which trace they belong to and how long something took.'),
    report.operations.length ? h('section', {}, h('h2', {}, 'Operations'), h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Operations' }, h('table', { class: 'grid' }, head('operation', 'spans', 'failed', 'p50', 'p95', 'p99'), h('tbody', {}, report.operations.slice(0, 200).map((o) => h('tr', {},
      h('td', {}, h('button', { type: 'button', class: 'as-link', onclick: () => view.go({ service: o.service, operation: o.name }) }, h('i', { class: `dot svc-${hue(o.service)}` }), h('b', {}, o.service), ' ', o.name)),
      h('td', { class: 'number' }, format.count(o.count)), h('td', { class: `number ${o.failed ? 'bad' : ''}` }, o.failed ? `${format.count(o.failed)} (${format.percent(o.failed, o.count)})` : ''),
      [o.p50_ns, o.p95_ns, o.p99_ns].map((v) => h('td', { class: 'number nowrap' }, format.duration(v))))))))) : null);
}

const right = new Set(['spans', 'took', 'failed', 'p50', 'p95', 'p99']);
const head = (...names) => h('thead', {}, h('tr', {}, names.map((n) => n ? h('th', { scope: 'col', class: right.has(n) ? 'number' : '' }, n) : h('td', {}))));
