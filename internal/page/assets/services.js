import { h, svg, fill, note, warning } from './dom.js';
import { ask } from './api.js';
import { chart } from './chart.js';
import * as format from './format.js';
import * as clause from './clause.js';
import * as why from './why.js';

/** show draws all services, and one of them over time. */
export async function show(view) {
  const p = view.params;
  const data = await ask('services', { from: p.from, to: p.to, columns: 60 }, view.signal);
  const seconds = (data.to - data.from) / 1000;
  const hue = format.hues(data.services.map((s) => s.name));
  const name = p.service ?? data.services.find((s) => s.timed)?.name ?? data.services[0]?.name;
  const chosen = data.services.find((s) => s.name === name);
  const spark = (values) => sparkline(data, values);
  fill(view.root, h('h1', { class: 'hidden' }, 'Services'), warning(data.warning),
    data.services.length ? h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Services' }, h('table', { class: 'grid services' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'service'), ['documents', 'errors'].map((t) => h('th', { scope: 'col', class: 'number' }, t)), h('th', { scope: 'col' }, 'rate'), ['p50', 'p95', 'p99'].map((t) => h('th', { scope: 'col', class: 'number', title: 'the median of the steps' }, t)), h('th', { scope: 'col' }, 'p95 over time'), h('td', {}))),
      h('tbody', {}, data.services.map((s) => h('tr', { class: s === chosen ? 'chosen' : '' },
        h('td', {}, h('button', { type: 'button', class: 'as-link', 'aria-pressed': String(s === chosen), onclick: () => view.go({ service: s.name }) }, h('i', { class: `dot svc-${hue(s.name)}` }), h('b', {}, s.name || '(no service)'))),
        h('td', { class: 'number' }, format.count(s.count)),
        h('td', { class: `number nowrap ${s.errors ? 'bad' : ''}` }, s.errors ? `${format.count(s.errors)} (${format.percent(s.errors, s.count)})` : '0'),
        h('td', { class: 'nowrap' }, spark(s.at.map((t, i) => [t, s.counts[i]])), ` ${format.rate(s.count, seconds)}`),
        ['p50_ns', 'p95_ns', 'p99_ns'].map((k) => h('td', { class: 'number nowrap' }, typical(s[k]))),
        h('td', {}, spark(s.at.map((t, i) => [t, s.p95_ns[i]]))),
        h('td', { class: 'nowrap' }, s.errors ? h('a', { class: 'failed-traces', href: link('traces', p, { service: s.name, failed: 'true' }) }, 'failed traces') : null)))))) : note('No documents in this range of time.'));
  if (!chosen) return null;
  const choose = (from, to) => view.go({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  const each = data.step / 1000;
  const zero = (values) => Object.assign(values, { empty: 0 });
  const time = (values) => values.map((v) => v || null);
  const common = { at: chosen.at, from: data.from, to: data.to, step: data.step, choose, sync: 'services' };
  const charts = [
    chart({ ...common, title: 'Documents a second, and errors', show: (v) => format.rate(v, 1), series: [
      { label: 'documents', values: zero(chosen.counts.map((v) => v / each)), color: '--accent', fill: '--accent-soft' }, { label: 'errors', values: zero(chosen.failed.map((v) => v / each)), color: '--error' }] }),
    chart({ ...common, title: 'How long it took', show: (v) => format.duration(Math.round(v)), series: [
      { label: 'p50', values: time(chosen.p50_ns), color: '--p50' }, { label: 'p95', values: time(chosen.p95_ns), color: '--p95' }, { label: 'p99', values: time(chosen.p99_ns), color: '--p99' }] }),
  ];
  const worse = (values) => why.jump(chosen.at.map((t, i) => [t, values[i]]), chosen.at[0] ?? data.from);
  const of = clause.is('service.name', chosen.name);
  view.root.append(h('section', {}, h('h2', {}, chosen.name || '(no service)'),
    h('p', { class: 'links' }, h('a', { href: link('traces', p, { service: chosen.name }) }, 'Slowest traces'), h('a', { href: link('traces', p, { service: chosen.name, failed: 'true' }) }, 'Failed traces'),
      h('a', { href: link('search', p, { q: `${of} and (${data.failures})` }) }, 'Lines with errors'), h('a', { href: link('search', p, { q: of }) }, 'All lines'),
      h('a', { class: 'why', href: why.link(worse(chosen.errors ? chosen.failed : chosen.p95_ns), data.to - data.from, chosen.name), title: 'Where its errors or, without any, its p95 grew most' }, 'What changed?')),
    h('div', { class: 'plots' }, charts.map((c) => c.node))));
  return { close: () => charts.forEach((c) => c.close()) };
}

const link = (view, p, more) => `#/${view}?${new URLSearchParams({ ...(p.from ? { from: p.from } : {}), ...(p.to ? { to: p.to } : {}), ...more })}`;

function typical(values) {
  const all = values.filter((v) => v > 0).sort((a, b) => a - b);
  return all.length ? format.duration(all[Math.floor((all.length - 1) / 2)]) : '';
}

function sparkline(data, points) {
  const most = Math.max(1, ...points.map(([, v]) => v));
  const [width, height] = [96, 18];
  const bar = Math.max(1, width * data.step / (data.to - data.from) - 0.4);
  return svg('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' }, points.filter(([, v]) => v > 0).map(([t, v]) => {
    const tall = Math.max(1, height * v / most);
    return svg('rect', { x: Math.max(0, width * (t - data.from) / (data.to - data.from)), y: height - tall, width: bar, height: tall });
  }));
}
