// Who calls whom: services in columns, from those that nobody calls to those that call nobody.
import { h, svg, fill, note, warning } from './dom.js';
import { ask } from './api.js';
import * as format from './format.js';

const box = { width: 168, height: 46, gapX: 150, gapY: 26, edge: 16 };

/** show draws the service map. */
export async function show(view) {
  const p = view.params;
  const data = await ask('map', { from: p.from, to: p.to }, view.signal);
  const shownCalls = data.calls.slice(0, 300);
  const names = [...new Set(shownCalls.flatMap((c) => [c.from, c.to]))];
  const hue = format.hues([...names, ...data.operations.map((o) => o.service)]);
  const link = (name, params) => `#/${name}?${new URLSearchParams({ ...(p.from ? { from: p.from } : {}), ...(p.to ? { to: p.to } : {}), ...params })}`;
  fill(view.root, h('h1', { class: 'hidden' }, 'Service map'), warning(data.warning),
    names.length ? h('div', { class: 'scroll map', tabindex: 0, role: 'region', 'aria-label': 'Service map' }, drawing(data, shownCalls, names, hue, link)) : note('No service called another in this range of time, as far as traces tell.'),
    data.calls.length ? section('Calls', ['from', 'to', 'calls', 'rate', 'failed', 'p50', 'p95'], data.calls.slice(0, 200).map((c) => [c.from, c.to, format.count(c.count), format.rate(c.count, (data.to - data.from) / 1000),
      c.failed ? `${format.count(c.failed)} (${format.percent(c.failed, c.count)})` : '', format.duration(c.p50_ns), format.duration(c.p95_ns)]), 2) : null,
    data.operations.length ? section('What traces waited for', ['service', 'operation', 'of all waiting', 'self time', 'spans', 'failed'], data.operations.slice(0, 50).map((o) => [o.service, o.name, format.percent(o.share, 1), format.duration(o.self_ns), format.count(o.count), o.failed ? format.count(o.failed) : '']), 2) : null);
}

function section(title, names, rows, firstNumber) {
  return h('section', {}, h('h2', {}, title), h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title }, h('table', { class: 'grid' },
    h('thead', {}, h('tr', {}, names.map((n, i) => h('th', { scope: 'col', class: i >= firstNumber ? 'number' : '' }, n)))),
    h('tbody', {}, rows.map((cells) => h('tr', {}, cells.map((c, i) => h('td', { class: `${i >= firstNumber ? 'number nowrap' : ''} ${names[i] === 'failed' ? 'bad' : ''}` }, c))))))));
}

/** columns puts every service one further right than the furthest that calls it; circles are cut where they close. */
function columns(names, calls) {
  const column = new Map(names.map((n) => [n, 0]));
  const below = new Map(names.map((n) => [n, calls.filter((c) => c.from === n && c.to !== n).map((c) => c.to)]));
  const state = new Map();
  const order = [];
  const visit = (n) => {
    state.set(n, 1);
    below.set(n, below.get(n).filter((to) => state.get(to) !== 1));
    for (const to of below.get(n)) if (!state.get(to)) visit(to);
    state.set(n, 2);
    order.unshift(n);
  };
  const called = new Set(calls.filter((c) => c.from !== c.to).map((c) => c.to));
  for (const n of [...names.filter((n) => !called.has(n)), ...names]) if (!state.get(n)) visit(n);
  for (const n of order) for (const to of below.get(n)) column.set(to, Math.max(column.get(to), column.get(n) + 1));
  return column;
}

function drawing(data, calls, names, hue, link) {
  const column = columns(names, calls);
  const stacks = [];
  for (const n of names) (stacks[column.get(n)] ??= []).push(n);
  const tallest = Math.max(...stacks.map((s) => s.length));
  const place = new Map();
  stacks.forEach((stack, x) => {
    const middle = (n) => {
      const ys = calls.filter((c) => c.to === n && place.has(c.from)).map((c) => place.get(c.from).y);
      return ys.length ? ys.reduce((a, b) => a + b) / ys.length : 0;
    };
    stack.sort((a, b) => middle(a) - middle(b) || (a < b ? -1 : 1));
    const top = (tallest - stack.length) * (box.height + box.gapY) / 2;
    stack.forEach((n, y) => place.set(n, { x: box.edge + x * (box.width + box.gapX), y: box.edge + top + y * (box.height + box.gapY) }));
  });
  const width = 2 * box.edge + stacks.length * box.width + (stacks.length - 1) * box.gapX;
  const height = 2 * box.edge + tallest * box.height + (tallest - 1) * box.gapY;
  const most = Math.max(...calls.map((c) => c.count));
  const edges = calls.filter((c) => c.from !== c.to).map((c) => edge(c, place, most, data));
  const nodes = names.map((n) => {
    const { x, y } = place.get(n);
    const own = data.operations.filter((o) => o.service === n);
    const sum = (key) => own.reduce((total, o) => total + o[key], 0);
    const told = own.length ? `${format.count(sum('count'))} spans${sum('failed') ? `, ${format.percent(sum('failed'), sum('count'))} failed` : ''}` : 'no lines of its own';
    return svg('a', { href: own.length ? link('services', { service: n }) : link('traces', {}) }, svg('g', { class: `node ${sum('failed') ? 'failed' : ''}`, transform: `translate(${x} ${y})` },
      svg('rect', { width: box.width, height: box.height, rx: 5 }), svg('rect', { class: `svc-${hue(n)}`, width: 4, height: box.height, rx: 2 }),
      svg('text', { x: 14, y: 19, class: 'title' }, n.length > 21 ? `${n.slice(0, 20)}…` : n), svg('text', { x: 14, y: 36 }, told)));
  });
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': `${names.length} services` },
    svg('defs', {}, svg('marker', { id: 'tip', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, markerUnits: 'userSpaceOnUse', orient: 'auto' }, svg('path', { d: 'M0 0L8 4L0 8z' }))), edges, nodes);
}

function edge(c, place, most, data) {
  const [a, b] = [place.get(c.from), place.get(c.to)];
  const back = b.x <= a.x;
  const x1 = a.x + box.width;
  const y1 = a.y + box.height / 2;
  const x2 = b.x;
  const y2 = b.y + box.height / 2;
  const bend = back ? 90 : Math.max(40, (x2 - x1) / 2);
  const failed = c.failed > 0;
  const text = `${format.rate(c.count, (data.to - data.from) / 1000)} · p95 ${format.duration(c.p95_ns)}`;
  return svg('g', { class: `edge ${failed ? 'failed' : ''}` }, svg('title', {}, `${c.from} calls ${c.to}: ${format.count(c.count)}, p95 ${format.duration(c.p95_ns)}, ${format.count(c.failed)} failed`),
    svg('path', { d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 1} ${y2}`, 'stroke-width': 1 + 2 * c.count / most, 'marker-end': 'url(#tip)' }),
    svg('text', { x: (x1 + x2) / 2, y: (y1 + y2) / 2 - 6, 'text-anchor': 'middle' }, text),
    failed ? svg('text', { class: 'bad', x: (x1 + x2) / 2, y: (y1 + y2) / 2 + 12, 'text-anchor': 'middle' }, `${format.percent(c.failed, c.count)} failed`) : null);
}
