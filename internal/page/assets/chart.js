/* global uPlot */
import { h } from './dom.js';
import * as format from './format.js';
import { tick } from './histogram.js';

/** resolve is a color of the style sheet as canvases need it: one that depends on the theme is resolved by an element that has it. */
function resolve(name) {
  const probe = h('span', { style: { color: `var(${name})`, display: 'none' } });
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/**
 * chart draws lines over time and returns {node, close}. at is milliseconds; series: {label, values, color, fill, show(value)}; a value of
 * null is a gap. choose(from, to) is called with a range that was dragged.
 */
export function chart({ title, at, from, to, step, series, show, choose, sync }) {
  const node = h('figure', { class: 'plot' }, h('figcaption', {}, title));
  const place = h('div', { class: 'canvas', role: 'img', 'aria-label': `${title}, over time` });
  node.append(place);
  const ink = resolve('--dim');
  const line = resolve('--line');
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
  const gaps = padded(at, series.map((s) => s.values), from, to, step);
  let plot = null;
  const options = (width) => ({
    width, height: 150,
    cursor: { drag: { setScale: false, x: true, y: false }, points: { size: 6 }, sync: sync ? { key: sync } : undefined, y: false },
    legend: { live: true },
    scales: { x: { time: true, range: [from / 1000, to / 1000] }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] } },
    axes: [{ ...axis, size: 26, space: 70, values: (_, splits) => splits.map((t) => tick(t * 1000, to - from)) }, { ...axis, size: 62, space: 30, values: (_, splits) => splits.map((v) => show(v)) }],
    series: [{ label: 'at', value: (_, v) => v === null ? '' : format.clock(v * 1000).slice(0, 8) },
      ...series.map((s) => ({ label: s.label, stroke: resolve(s.color), width: 1.5, fill: s.fill ? resolve(s.fill) : undefined, points: { show: false }, value: (_, v) => v === null || v === undefined ? '' : show(v) }))],
    hooks: { setSelect: [(u) => {
      if (u.select.width < 4) return;
      choose?.(Math.floor(u.posToVal(u.select.left, 'x') * 1000), Math.ceil(u.posToVal(u.select.left + u.select.width, 'x') * 1000));
    }] },
  });
  const watch = new ResizeObserver(() => {
    const width = Math.floor(place.clientWidth);
    if (!width) return;
    if (plot) plot.setSize({ width, height: 150 });
    else plot = new uPlot(options(width), gaps, place);
  });
  watch.observe(place);
  return { node, close() { watch.disconnect(); plot?.destroy(); } };
}

/** padded puts a value into every step, so that a line goes down where there was nothing, or has a gap. */
function padded(at, columns, from, to, step) {
  const index = new Map(at.map((t, i) => [t, i]));
  const first = Math.floor(from / step) * step;
  const times = [];
  for (let t = first; t < to && times.length < 1000; t += step) times.push(t);
  return [times.map((t) => t / 1000), ...columns.map((values) => times.map((t) => index.has(t) ? values[index.get(t)] : values.empty ?? null))];
}
