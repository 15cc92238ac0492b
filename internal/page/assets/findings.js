// What the detectors found unusual, with the evidence, and the ways from it to traces and lines.
import { h, fill, note } from './dom.js';
import { ask } from './api.js';
import * as lines from './lines.js';
import * as format from './format.js';
import * as clause from './clause.js';
import * as why from './why.js';

const names = { errors: 'errors', latency: 'slower', new: 'new lines', heartbeat: 'heartbeat missing', silence: 'silent', rate: 'rate' };
const opened = new Set(); // findings whose evidence stays open while the view is drawn anew

/** show lists the findings, anew every five seconds. */
export async function show(view) {
  const data = await ask('findings', {}, view.signal);
  const open = data.findings.filter((f) => !f.over);
  const hue = format.hues(data.findings.map((f) => f.service));
  fill(view.root, h('h1', { class: 'hidden' }, 'Findings'),
    !data.on ? note('Nothing is detected; write detect: on in the configuration.')
      : data.findings.length ? [h('p', { class: 'said' }, `${format.count(open.length)} not over, ${format.count(data.findings.length - open.length)} over`),
        h('ul', { class: 'alerts', 'aria-label': 'Findings, those that are not over first' }, data.findings.map((f) => finding(f, hue)))]
        : note('Nothing unusual was found so far. What a service usually does is learned first.'));
  return { every: 5000 };
}

function finding(f, hue) {
  const body = h('div', { class: 'evidence', id: `f-${f.id}`, hidden: !opened.has(f.id) }, ...evidence(f));
  const toggle = h('button', { type: 'button', class: 'toggle as-link', 'aria-expanded': String(opened.has(f.id)), 'aria-controls': `f-${f.id}`, onclick: () => {
    if (opened.has(f.id)) opened.delete(f.id); else opened.add(f.id);
    body.hidden = !opened.has(f.id);
    toggle.setAttribute('aria-expanded', String(opened.has(f.id)));
  } }, f.message);
  return h('li', { class: f.over ? 'alert over' : 'alert' },
    h('p', {}, h('i', { class: `dot svc-${hue(f.service)}` }), h('b', {}, f.service || '(no service)'), ' ', h('span', { class: 'chip' }, names[f.rule] ?? f.rule), ' ',
      h('time', { datetime: f.since, class: 'nowrap' }, format.moment(f.since)), f.over ? [' to ', h('time', { datetime: f.over, class: 'nowrap' }, format.clock(f.over))] : h('b', { class: 'bad' }, ' not over')),
    h('p', {}, toggle),
    h('p', { class: 'links' }, f.trace_id ? h('a', { class: 'to-trace', href: lines.traceLink(f.trace_id) }, 'An example trace') : null,
      h('a', { class: 'why', href: why.link(new Date(f.since).getTime(), 1800e3, f.service) }, 'What changed?'),
      h('a', { class: 'to-lines', href: around(f) }, 'Lines of the service at that time'),
      f.rule === 'errors' || f.rule === 'latency' ? h('a', { href: traces(f) }, f.rule === 'errors' ? 'Failed traces' : 'Slowest traces') : null),
    body);
}

/** range is from a while before a finding to its end, or ten minutes. */
function range(f) {
  const since = new Date(f.since).getTime();
  const end = f.over ? new Date(f.over).getTime() : Math.max(new Date(f.found).getTime(), since + 600e3);
  return { from: new Date(since - 300e3).toISOString(), to: new Date(end).toISOString() };
}

const around = (f) => `#/search?${new URLSearchParams({ q: f.service ? clause.is('service.name', f.service) : '', ...range(f) })}`;
const traces = (f) => `#/traces?${new URLSearchParams({ service: f.service, ...(f.rule === 'errors' ? { failed: 'true' } : {}), ...range(f) })}`;

function evidence(f) {
  const row = (name, v) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', { class: 'number nowrap' }, amount(v.value, f.unit)), h('td', { class: 'number' }, format.count(Math.round(v.lines))), h('td', { class: 'number nowrap' }, v.seconds ? format.age(v.seconds) : ''));
  return [
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Before and after' }, h('table', { class: 'grid measures' }, h('thead', {}, h('tr', {}, h('td', {}), ['amount', 'lines', 'in'].map((t) => h('th', { scope: 'col', class: 'number' }, t)))), h('tbody', {}, row('before', f.before), row('after', f.after)))),
    h('p', { class: 'dim' }, `Score ${Number(f.score.toPrecision(3))}: minus the decimal logarithm of how likely chance does so.`),
    f.template ? h('p', {}, 'Lines like ', h('code', {}, f.template)) : null,
    f.also.length ? h('p', {}, 'Also: ', f.also.join('; ')) : null,
    f.samples.length ? h('ul', { class: 'examples', 'aria-label': 'Sample lines' }, f.samples.map((s) => h('li', {}, h('time', { datetime: s.time, class: 'nowrap' }, format.clock(s.time)), ' ',
      s.id ? h('a', { class: 'to-line', href: `#/document?${new URLSearchParams({ id: s.id })}` }, s.text || 'the line') : s.text, s.trace_id ? [' ', h('a', { href: lines.traceLink(s.trace_id) }, 'its trace')] : null))) : null,
  ];
}

function amount(v, unit) {
  if (unit === 'ns') return format.duration(Math.round(v));
  if (unit === 'share') return `${Number((100 * v).toPrecision(3))} %`;
  if (unit === 's') return format.age(v);
  return `${Number(v.toPrecision(3))}/min`;
}
