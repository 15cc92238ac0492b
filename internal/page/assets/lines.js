// Documents as lines, which open into their fields.
import { h, fill, problem } from './dom.js';
import { ask } from './api.js';
import * as format from './format.js';
import * as clause from './clause.js';

/** Fields of a hit by name: the first value of each. */
export function valuesOf(hit) {
  const values = new Map();
  for (const f of hit.fields) if (!values.has(f.name)) values.set(f.name, f.value);
  return values;
}

/** text says what a document tells, in a line. */
export function text(values) {
  const parts = [];
  const message = values.get('message');
  const method = values.get('http.request.method');
  const path = values.get('url.path') ?? values.get('url.original');
  const status = values.get('http.response.status_code');
  if (message) parts.push(message);
  else if (method || path) parts.push([method, path, status && `→ ${status}`].filter(Boolean).join(' '));
  else if (values.has('operation')) parts.push([values.get('operation'), values.get('event.action')].filter(Boolean).join(' ')); // an OpenTracing record
  const error = values.get('error.message');
  if (error && error !== message && error !== 'true' && error !== 'false') parts.push(error); // a flag says what the level says
  return parts.join(': ') || values.get('event.original') || '';
}

const shown = 4000; // characters of a line; all of it is among its fields

/** marked is text in which a word stands out. */
export function marked(text, word) {
  if (!word) return [text];
  const parts = [];
  const low = text.toLowerCase();
  const find = word.toLowerCase();
  let at = 0;
  for (let i = low.indexOf(find); i >= 0 && parts.length < 200; i = low.indexOf(find, at)) {
    parts.push(text.slice(at, i), h('mark', {}, text.slice(i, i + find.length)));
    at = i + find.length;
  }
  parts.push(text.slice(at));
  return parts;
}

/**
 * row is a document as a line.
 * options: highlight, a word; filter(clause, without), called for a click on a value; range, of the questions about values.
 */
export function row(hit, options = {}) {
  const values = valuesOf(hit);
  const level = format.levelOf(values.get('log.level'));
  const line = text(values);
  const open = h('button', { type: 'button', class: 'toggle', 'aria-expanded': 'false', 'aria-label': `Fields of the line of ${format.clock(hit.time)}` }, '▸');
  const took = values.get('event.duration');
  const item = h('li', { class: `line ${level}`, 'data-level': level },
    h('div', { class: 'head', onclick: (e) => { if (!e.target.closest('a,button') && !String(getSelection())) toggle(); } },
      open,
      h('time', { datetime: hit.time, title: hit.time }, format.clock(hit.time)),
      h('span', { class: 'level' }, values.get('log.level') ?? ''),
      h('span', { class: 'service' }, values.get('service.name') ?? ''),
      h('span', { class: 'text' }, marked(line.slice(0, shown), options.highlight)),
      h('span', { class: 'took' }, took ? format.duration(took) : ''),
      values.get('trace.id') ? h('a', { class: 'trace', href: traceLink(values.get('trace.id')), title: 'Its trace' }, 'trace') : h('span', { class: 'trace' })));
  let fields = null;
  function toggle() {
    const opens = !fields;
    open.setAttribute('aria-expanded', String(opens));
    open.textContent = opens ? '▾' : '▸';
    if (opens) item.append(fields = details(hit, options));
    else {
      fields.remove();
      fields = null;
    }
  }
  open.addEventListener('click', toggle);
  return item;
}

/** traceLink leads to a trace. */
export const traceLink = (id) => `#/trace?${new URLSearchParams({ id })}`;

/** whyLink leads to what changed when a document, as a finding, says that something began. */
function whyLink(hit) {
  const values = valuesOf(hit);
  return `#/why?${new URLSearchParams({ at: values.get('event.start') ?? hit.time, ...(values.get('event.kind') === 'alert' && values.get('service.name') ? { service: values.get('service.name') } : {}) })}`;
}

/** details is the table of a document's fields. */
export function details(hit, options) {
  const rows = hit.fields.map((f) => {
    const values = h('div', { class: 'values' });
    return h('tr', {},
      h('th', { scope: 'row' }, f.name),
      h('td', {}, f.name === 'trace.id' ? h('a', { href: traceLink(f.value) }, f.value) : f.value,
        f.name === 'event.duration' ? h('span', { class: 'dim' }, ` ns = ${format.duration(f.value)}`) : null, values),
      h('td', { class: 'acts' }, actions(f, options, values)));
  });
  return h('div', { class: 'fields' },
    h('table', {}, h('caption', { class: 'hidden' }, 'Fields'), h('tbody', {}, rows)),
    h('p', { class: 'links' },
      h('a', { href: `#/document?${new URLSearchParams({ id: hit._id })}` }, 'Link to this document'),
      h('a', { class: 'why', href: whyLink(hit) }, 'What changed then?')));
}

function actions(f, options, values) {
  if (!options.filter || f.name === '@timestamp') return null;
  const part = clause.is(f.name, f.value, f.text);
  const able = f.text || f.value !== 'null';
  return [
    able && h('button', { type: 'button', class: 'mini', title: 'Only documents with this value', 'aria-label': `Only with this ${f.name}`, onclick: () => options.filter(part, false) }, '+'),
    able && h('button', { type: 'button', class: 'mini', title: 'Only documents without this value', 'aria-label': `Only without this ${f.name}`, onclick: () => options.filter(part, true) }, '−'),
    options.range && h('button', { type: 'button', class: 'mini', title: 'The most frequent values', 'aria-label': `Frequent values of ${f.name}`, onclick: () => top(f, options, values) }, '≡'),
  ];
}

async function top(f, options, place) {
  if (place.childElementCount) {
    fill(place);
    return;
  }
  try {
    const found = await ask('top', { ...options.range(), field: f.name, limit: 10 }, options.signal);
    const most = Math.max(1, ...found.values.map((v) => v.count));
    fill(place, h('table', { class: 'top' }, h('tbody', {}, found.values.map((v) => h('tr', {},
      h('td', {}, h('button', { type: 'button', class: 'as-link', onclick: () => options.filter(clause.is(f.name, v.value, f.text), false) }, v.value)),
      h('td', { class: 'number' }, format.count(v.count)),
      h('td', { class: 'share' }, h('div', { class: 'bar', style: { width: `${100 * v.count / most}%` } })))))),
    found.others ? h('p', { class: 'dim' }, `${format.count(found.others)} with other values`) : null);
  } catch (error) {
    if (error.name !== 'AbortError') fill(place, problem(error));
  }
}
