// Documents over time, by level. A range that is dragged over, or a column that is clicked on, becomes the range of time.
import { h, svg } from './dom.js';
import * as format from './format.js';

const width = 1200;
const height = 96;

/** histogram draws an answer of /api/histogram; choose is called with a range in milliseconds, why with a time that was clicked on with Shift. */
export function histogram(data, choose, why) {
  const most = Math.max(1, ...data.bars.map((b) => b.count));
  const x = (at) => width * (at - data.from) / Math.max(1, data.to - data.from);
  const bars = data.bars.map((bar) => {
    const left = Math.max(0, x(bar.from));
    const right = Math.min(width, x(bar.from + data.step));
    let below = height;
    const sums = {};
    for (const [word, n] of Object.entries(bar.levels)) sums[format.levelOf(word)] = (sums[format.levelOf(word)] ?? 0) + n;
    return svg('g', {}, svg('title', {}, `${format.moment(bar.from)}: ${format.count(bar.count)}` + format.levels.filter((l) => sums[l]).map((l) => `\n${l === 'none' ? 'no level' : l}: ${format.count(sums[l])}`).join('')),
      format.levels.filter((l) => sums[l]).map((level) => {
        const tall = Math.max(1, (height - 2) * sums[level] / most);
        below -= tall;
        return svg('rect', { class: `bar ${level}`, x: left + 0.5, width: Math.max(1, right - left - 1), y: Math.max(0, below), height: tall });
      }));
  });
  const chosen = svg('rect', { class: 'chosen', y: 0, height, width: 0 });
  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `${format.count(data.count)} documents over time, by level` }, bars, chosen);
  drag(picture, chosen, data, choose, why);
  const ticks = Array.from({ length: 7 }, (_, i) => data.from + (data.to - data.from) * i / 6);
  return h('figure', { class: 'histogram' }, h('div', { class: 'most', 'aria-hidden': 'true' }, format.count(most)), picture,
    h('div', { class: 'ticks', 'aria-hidden': 'true' }, ticks.map((t) => h('span', {}, tick(t, data.to - data.from)))));
}

/** tick is a moment below a chart of so many milliseconds. */
export function tick(at, length) {
  if (length > 2 * 86400e3) return format.day(at);
  return length > 300e3 ? format.clock(at).slice(0, 5) : format.clock(at).slice(0, 8);
}

function drag(picture, chosen, data, choose, why) {
  let begin = null;
  const at = (e) => {
    const box = picture.getBoundingClientRect();
    return Math.min(1, Math.max(0, (e.clientX - box.left) / box.width));
  };
  picture.addEventListener('pointerdown', (e) => {
    begin = at(e);
    picture.setPointerCapture(e.pointerId);
  });
  picture.addEventListener('pointermove', (e) => {
    if (begin === null) return;
    chosen.setAttribute('x', width * Math.min(begin, at(e)));
    chosen.setAttribute('width', width * Math.abs(at(e) - begin));
  });
  picture.addEventListener('pointerup', (e) => {
    if (begin === null) return;
    const [from, to] = [Math.min(begin, at(e)), Math.max(begin, at(e))];
    begin = null;
    const ms = (share) => data.from + share * (data.to - data.from);
    if (e.shiftKey && why) why(Math.floor(ms(from) / data.step) * data.step);
    else if (to - from > 0.004) choose(Math.floor(ms(from)), Math.ceil(ms(to)));
    else {
      const bar = Math.floor(ms(from) / data.step) * data.step;
      choose(bar, bar + data.step);
    }
  });
}
