import { h, fill } from './dom.js';
import { ask } from './api.js';
import * as lines from './lines.js';
import * as format from './format.js';
import * as clause from './clause.js';

/** show draws one document. */
export async function show(view) {
  const hit = await ask('document', { id: view.params.id }, view.signal);
  const values = lines.valuesOf(hit);
  const at = new Date(hit.time).getTime();
  const around = { from: new Date(at - 30e3).toISOString(), to: new Date(at + 30e3).toISOString() };
  const search = (q) => `#/search?${new URLSearchParams({ q, ...around })}`;
  fill(view.root, h('h1', {}, lines.text(values) || 'Document'),
    h('p', { class: 'links' }, h('time', { datetime: hit.time }, format.moment(hit.time)),
      values.get('trace.id') ? h('a', { href: lines.traceLink(values.get('trace.id')) }, 'Its trace') : null,
      values.get('log.file.path') ? h('a', { href: search(clause.is('log.file.path', values.get('log.file.path'))) }, 'Lines around it in the file') : null,
      values.get('service.name') ? h('a', { href: search(clause.is('service.name', values.get('service.name'))) }, 'Lines around it of the service') : null),
    lines.details(hit, { filter: (part, without) => view.go({ view: 'search', q: clause.narrow('', part, without), id: '' }) }));
}
