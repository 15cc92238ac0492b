// What changed at a time, the likeliest cause first.
import { h, fill, note, warning } from './dom.js';
import { ask } from './api.js';
import * as lines from './lines.js';
import * as format from './format.js';
import * as clause from './clause.js';

const windows = [['5m', '5 minutes'], ['15m', '15 minutes'], ['1h', '1 hour'], ['6h', '6 hours']];
const kinds = { slow: 'slower', errors: 'errors', retries: 'retries', calls: 'more calls', host: 'one host', deploy: 'deploy', template: 'lines', load: 'load', silent: 'silent' };

/** link leads to what changed at a time, in milliseconds; length is that of the range of time that it was seen in: the window is half of it. */
export function link(at, length, service) {
  const fits = windows[[600e3, 1800e3, 7200e3, Infinity].findIndex((most) => length <= most)][0];
  return `#/why?${new URLSearchParams({ at: new Date(at).toISOString(), window: fits, ...(service ? { service } : {}) })}`;
}

/** jump is the time at which values, [time, value] in order, grew most from one to the next; otherwise when there are none. */
export function jump(points, otherwise) {
  let best = 0;
  let at = otherwise;
  points.forEach(([t, v], i) => {
    const more = i ? v - points[i - 1][1] : 0;
    if (more > best) [best, at] = [more, t];
  });
  return at;
}

/** show draws the report. */
export async function show(view) {
  const p = view.params;
  const report = await ask('why', { at: p.at, window: p.window, service: p.service }, view.signal);
  const hue = format.hues(report.causes.map((c) => c.service));
  fill(view.root, h('h1', {}, `What changed at ${format.moment(report.split)}`, report.service ? ` for ${report.service}` : ''), form(view, report), (report.warnings ?? []).map(warning), sides(report),
    report.causes.length ? h('ol', { class: 'causes', 'aria-label': 'What changed, the likeliest cause first' }, report.causes.map((c) => cause(c, report, hue))) : note('Nothing changed beyond chance, or there is too little to tell.'),
    report.alerts.length ? h('section', {}, h('h2', {}, 'Findings of that time'), h('ul', { class: 'findings' }, report.alerts.map((a) => h('li', {}, h('time', { datetime: a.time }, format.clock(a.time)), ' ', h('b', {}, a.service), ` ${a.rule}: ${a.message}`)))) : null,
    h('p', { class: 'dim' }, 'What others are slow or fail because of stands before them. A change at the same time is a hint, not a proof.'));
}

function form(view, report) {
  const t = new Date(report.at);
  const at = h('input', { type: 'datetime-local', step: 1, 'aria-label': 'When it went wrong', value: new Date(t.getTime() - t.getTimezoneOffset() * 60e3).toISOString().slice(0, 19) });
  const chosen = view.params.window ?? '15m';
  const listed = windows.some(([v]) => v === chosen) ? windows : [...windows, [chosen, chosen]];
  const length = h('select', { 'aria-label': 'How long before and behind' }, listed.map(([value, title]) => h('option', { value, selected: value === chosen }, `${title} before and behind`)));
  const service = h('input', { type: 'text', 'aria-label': 'Service', placeholder: 'all services', value: view.params.service ?? '' });
  return h('form', { class: 'tools', onsubmit: (e) => { e.preventDefault(); if (at.value) view.go({ at: new Date(at.value).toISOString(), window: length.value, service: service.value }); } },
    at, length, service, h('button', { type: 'submit' }, 'Ask'));
}

const number = (...cells) => cells.map((c) => h('td', { class: 'number nowrap' }, c));
const head = (...names) => h('thead', {}, h('tr', {}, names.map((n) => n ? h('th', { scope: 'col', class: 'number' }, n) : h('td', {}))));

function sides(report) {
  const row = (name, from, to, s, documents) => h('tr', {}, h('th', { scope: 'row' }, name), number(`${format.clock(from)} – ${format.clock(to)}`, format.count(documents), format.count(s.count), s.failed ? `${format.count(s.failed)} (${format.percent(s.failed, s.count)})` : '0', format.duration(s.p50_ns), format.duration(s.p95_ns)));
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Before and behind' }, h('table', { class: 'grid' }, head('', 'time', 'documents', 'traces', 'failed', 'p50', 'p95'), h('tbody', {},
    row('before', report.from, report.split, report.traces.before, report.documents.before), row('behind', report.split, report.to, report.traces.after, report.documents.after))));
}

function cause(c, report, hue) {
  const about = { from: report.split, to: report.to };
  return h('li', { class: 'cause', 'data-kind': c.kind },
    h('h2', {}, h('span', { class: 'chip' }, kinds[c.kind] ?? c.kind), ' ', h('i', { class: `dot svc-${hue(c.service)}` }), c.service || 'all services', c.operation ? ` ${c.operation}` : '', c.hosts?.length ? ` on ${c.hosts.join(', ')}` : '',
      h('span', { class: 'dim score', title: 'effect × certainty × what no deeper change explains; only for the order' }, ` ${c.score.toFixed(2)}`)),
    h('p', { class: 'said-of' }, c.text, h('span', { class: 'dim' }, '; since ', h('time', { datetime: c.since }, format.clock(c.since)))),
    c.measures.length ? h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Numbers of ${c.service} ${c.operation ?? ''}` }, h('table', { class: 'grid measures' }, head('', 'before', 'behind', 'of'), h('tbody', {}, c.measures.map((m) => h('tr', {}, h('td', {}, m.name), number(value(m, m.before), value(m, m.after), m.of.some(Boolean) ? m.of.map(format.count).join(', ') : '')))))) : null,
    c.lines.length ? h('ul', { class: 'examples' }, c.lines.map((l) => h('li', {}, h('time', { datetime: l.time }, format.clock(l.time)), ' ', h('span', { class: 'text' }, l.message)))) : null,
    h('p', { class: 'links' }, c.traces.map((id) => h('a', { href: lines.traceLink(id) }, `trace ${id.slice(-8)}`)),
      c.service ? [h('a', { href: `#/search?${new URLSearchParams({ q: clause.is('service.name', c.service, true), ...about })}` }, 'Its lines'), h('a', { href: `#/traces?${new URLSearchParams({ service: c.service, ...(c.operation ? { operation: c.operation } : {}), ...about })}` }, 'Its traces')] : null));
}

function value(m, v) {
  switch (m.unit) {
    case 'ns': return format.duration(Math.round(v));
    case 'share': return v ? format.percent(v, 1) : '0 %';
    case 'per_minute': return `${v.toPrecision(3)}/min`;
    default: return v.toFixed(2);
  }
}
