import { h, fill, note } from './dom.js';
import { ask } from './api.js';
import * as format from './format.js';
import * as clause from './clause.js';

const verdicts = ['read', 'indexed', 'duplicate', 'dead-lettered', 'dropped'];

/** show lists the files, those that are furthest behind first, anew every two seconds. */
export async function show(view) {
  const s = await ask('status', {}, view.signal);
  const behind = s.files.filter((f) => f.lag > 0);
  fill(view.root, h('h1', { class: 'hidden' }, 'Files'),
    h('p', { class: 'said' }, `${format.count(s.files.length + s.more_files)} ${s.files.length + s.more_files === 1 ? 'file' : 'files'}, ${behind.length ? `${format.count(behind.length)} of them behind` : 'none of them behind'}`),
    s.files.length ? h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Files' }, h('table', { class: 'grid files' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'file'), h('th', { scope: 'col' }, 'pipeline'), ['size', 'delivered', 'behind', 'for', ...verdicts].map((t) => h('th', { scope: 'col', class: 'number' }, t)))),
      h('tbody', {}, s.files.map((f) => h('tr', { class: f.lag ? 'behind' : '' },
        h('td', { class: 'path' }, h('a', { href: `#/search?${new URLSearchParams({ q: clause.is('log.file.path', f.path) })}`, title: 'Its lines' }, f.path)), h('td', {}, f.pipeline),
        h('td', { class: 'number nowrap' }, format.size(f.size)), h('td', { class: 'number nowrap' }, f.size ? format.percent(Math.min(f.committed, f.size), f.size) : ''),
        h('td', { class: 'number nowrap' }, f.lag ? format.size(f.lag) : ''), h('td', { class: 'number nowrap' }, f.lag ? format.age(f.age) : ''),
        verdicts.map((_, i) => h('td', { class: `number ${i === 3 && f.lines[i] ? 'bad' : ''}` }, f.lines[i] ? format.count(f.lines[i]) : ''))))))) : note('No file is followed.'),
    s.more_files ? note(`${format.count(s.more_files)} more that are less behind are not shown.`) : null);
  return { every: 2000 };
}
