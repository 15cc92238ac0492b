// Which view is shown stands behind # in the address, with its parameters: #/search?q=log.level:error&from=now-1h
import { h, fill, problem } from './dom.js';
import { ask } from './api.js';
import * as format from './format.js';
import { show as live } from './live.js';
import { show as search } from './search.js';
import { show as traces } from './traces.js';
import { show as trace } from './trace.js';
import { show as services } from './services.js';
import { show as map } from './map.js';
import { show as why } from './why.js';
import { show as findings } from './findings.js';
import { show as files } from './files.js';
import { show as health } from './health.js';
import { show as document_ } from './document.js';

const views = { live, search, traces, services, map, findings, why, files, health, trace, document: document_ };
const tabs = { live: 'Live', search: 'Search', traces: 'Traces', services: 'Services', map: 'Map', findings: 'Findings', why: 'Why', files: 'Files', health: 'Health' };
const ranged = new Set(['search', 'traces', 'services', 'map']);
const ranges = [['now-5m', '5 minutes'], ['now-15m', '15 minutes'], ['now-1h', '1 hour'], ['now-6h', '6 hours'], ['now-24h', '24 hours'], ['now-7d', '7 days']];
const root = document.getElementById('main');
let current = { name: '', close() {} };

function parse() {
  const [path, text = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { name: views[path] ? path : 'search', params: Object.fromEntries(new URLSearchParams(text)) };
}

const address = (name, params) => {
  const said = Object.entries(params).filter(([, v]) => v !== '' && v !== undefined && v !== null);
  return `#/${name}${said.length ? `?${new URLSearchParams(said)}` : ''}`;
};

async function show() {
  if (location.hash === '#main') return; // the link that skips to the content
  const { name, params } = parse();
  current.close();
  const stop = new AbortController();
  let timer = 0;
  let result = null;
  const mine = current = { name, keys: {}, close() { stop.abort(); clearTimeout(timer); result?.close?.(); } };
  frame(name, params);
  const stage = h('div', { class: `view ${name}` });
  const view = {
    root: stage, params, signal: stop.signal,
    go: ({ view: other = name, ...change }) => { location.hash = address(other, { ...params, ...change }); },
    keep: (change) => { Object.assign(params, change); history.replaceState(null, '', address(name, params)); },
    atEnd: () => innerHeight + scrollY >= document.documentElement.scrollHeight - 60,
    toEnd: () => scrollTo(0, document.documentElement.scrollHeight),
  };
  const late = setTimeout(() => { if (current === mine && !stage.isConnected) fill(root, h('p', { class: 'note' }, 'Asking…')); }, 300);
  const draw = async () => {
    const first = !stage.isConnected;
    const drawn = views[name](view);
    if (first && (name === 'search' || name === 'live')) fill(root, stage); // they draw as answers come
    result = await drawn;
    mine.keys = result?.keys ?? {};
    if (stop.signal.aborted) result?.close?.();
    else if (first) fill(root, stage);
    if (result?.every && !stop.signal.aborted) timer = setTimeout(() => draw().catch(failed), result.every);
  };
  const failed = (error) => {
    if (error.name === 'AbortError' || stop.signal.aborted) return;
    fill(root, problem(error));
    timer = setTimeout(() => show(), 5000);
  };
  await draw().catch(failed);
  clearTimeout(late);
  if (!stop.signal.aborted) root.dataset.shown = location.hash;
}

/** frame draws what stands around a view. */
function frame(name, params) {
  delete root.dataset.shown;
  const range = { from: params.from, to: params.to };
  const under = { trace: 'traces', document: 'search' }[name] ?? name;
  document.title = `${tabs[name] ?? (name === 'trace' ? 'Trace' : 'Document')} · tailspan`;
  fill(document.getElementById('nav'), Object.entries(tabs).map(([key, title]) => h('a', { href: address(key, ranged.has(key) ? range : {}), 'aria-current': key === under ? 'page' : undefined }, title)));
  fill(document.getElementById('range'), ranged.has(name) ? picker(name, params) : null);
}

function picker(name, params) {
  const from = params.from || 'now-15m';
  const change = (range) => { location.hash = address(name, { ...params, ...range }); };
  const listed = ranges.some(([v]) => v === from) && !params.to;
  const instant = (text, back) => { // as the input of a form wants it, in local time
    const relative = /^now(?:-(\d+)([smhd]))?$/.exec(text ?? 'now');
    const at = relative ? Date.now() - Number(relative[1] ?? 0) * { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 }[relative[2] ?? 's'] : new Date(text).getTime();
    const t = new Date(Number.isNaN(at) ? Date.now() - back : at);
    return new Date(t.getTime() - t.getTimezoneOffset() * 60e3).toISOString().slice(0, 19);
  };
  const select = h('select', { 'aria-label': 'Range of time', onchange: () => select.value === 'custom' ? exact.classList.add('open') : change({ from: select.value, to: '' }) },
    ranges.map(([value, title]) => h('option', { value, selected: listed && value === from }, `last ${title}`)), h('option', { value: 'custom', selected: !listed }, 'from … to'));
  const [first, last] = [['From', from], ['To', params.to]].map(([label, v], i) => h('input', { type: 'datetime-local', step: 1, 'aria-label': label, value: instant(v, i ? 0 : 900e3) }));
  const exact = h('form', { class: `exact${listed ? '' : ' open'}`, onsubmit: (e) => { e.preventDefault(); if (first.value && last.value) change({ from: new Date(first.value).toISOString(), to: new Date(last.value).toISOString() }); } },
    first, h('span', { 'aria-hidden': 'true' }, '–'), last, h('button', { type: 'submit' }, 'Show'));
  return [exact, select, h('button', { type: 'button', class: 'quiet', 'aria-label': 'Ask again', title: 'Ask again (r)', onclick: show }, '↻')];
}

function changeTheme() {
  const dark = getComputedStyle(document.documentElement).colorScheme.includes('dark') && (document.documentElement.dataset.theme === 'dark' || !document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  try {
    localStorage.setItem('theme', document.documentElement.dataset.theme);
  } catch { /* storage is switched off: it lasts as long as the page */ }
  if (current.name === 'services') show(); // canvases have their colors from the theme
}

/** move goes from one line or span to the next. */
function move(by) {
  const toggles = [...root.querySelectorAll('.toggle')];
  const next = toggles[Math.max(0, Math.min(toggles.length - 1, toggles.indexOf(document.activeElement) + by))];
  next?.focus();
}

const keys = {
  '/': () => document.getElementById('q')?.focus(),
  r: () => show(),
  t: changeTheme,
  j: () => move(1),
  k: () => move(-1),
};

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, select, textarea')) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const number = Number(event.key);
  const does = current.keys[event.key] ?? keys[event.key] ?? (number >= 1 && number <= 9 ? () => document.querySelectorAll('#nav a')[number - 1].click() : null);
  if (does) {
    event.preventDefault();
    does();
  }
});
document.getElementById('theme').addEventListener('click', changeTheme);
addEventListener('hashchange', show);
show();
ask('about', {}).then((a) => fill(document.getElementById('source'), `tailspan ${a.version} on ${a.host}`, a.source ? `, reads ${a.source === 'local' ? 'the embedded store' : 'Elasticsearch'}` : '')).catch(() => {});
