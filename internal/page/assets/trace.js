// One trace as a waterfall: a row for each span, the critical path as a dark line below the bars, and below a span what is known of it.
import { h, fill, note, warning } from './dom.js';
import { ask } from './api.js';
import * as format from './format.js';
import * as clause from './clause.js';

/** show draws a trace. */
export async function show(view) {
  const t = await ask('trace', { id: view.params.id }, view.signal);
  const hue = format.hues(t.spans.map((s) => s.service));
  const start = new Date(t.start).getTime();
  const around = { from: new Date(start - 60e3).toISOString(), to: new Date(start + t.duration_ns / 1e6 + 60e3).toISOString() };
  const search = (q) => `#/search?${new URLSearchParams({ q, ...around })}`;
  const failed = t.spans.filter((s) => s.failed);
  const root = t.spans[0];
  fill(view.root,
    h('h1', {}, root ? `${root.service}: ${root.name}` : 'Trace'),
    h('dl', { class: 'facts' },
      fact('Trace', h('code', {}, t.trace_id)), fact('Began', format.moment(t.start)), fact('Took', format.duration(t.duration_ns)),
      fact('Spans', `${format.count(t.spans.length)} in ${t.services.length} ${t.services.length === 1 ? 'service' : 'services'}`),
      failed.length ? fact('Failed', h('span', { class: 'bad' }, causes(t))) : null,
      t.bottleneck.critical_ns ? fact('Waited most for', h('span', {}, h('strong', {}, `${t.bottleneck.service}: ${t.bottleneck.name}`), ` ${format.duration(t.bottleneck.critical_ns)}, ${format.percent(t.bottleneck.critical_ns, t.duration_ns)}`)) : null),
    warning(t.warning), t.more_spans ? warning(`${format.count(t.more_spans)} more spans are not shown`) : null,
    t.clocks.map((c) => warning(`The clock of ${c.host} was ${format.duration(Math.abs(c.ahead_ns))} ${c.ahead_ns > 0 ? 'ahead' : 'behind'}; that is corrected here.`)),
    h('p', { class: 'links' }, h('a', { href: search(clause.is('trace.id', t.trace_id)) }, 'All lines of this trace')),
    h('div', { class: 'shares' }, t.services.map((s) => h('span', {}, h('i', { class: `dot svc-${hue(s.service)}` }), s.service || '(no service)', h('b', {}, ` ${format.percent(s.critical_ns, t.duration_ns) || '0 %'}`)))),
    t.spans.length ? waterfall(t, hue, search) : note('None of its lines tells how long something took, so there is nothing to draw.'),
    t.lines.length ? h('section', {}, h('h2', {}, 'Lines of no known span'), linesOf(t.lines, hue)) : null);
}

const fact = (name, value) => h('div', {}, h('dt', {}, name), h('dd', {}, value));

const causes = (t) => t.spans.filter((s) => s.cause).slice(0, 3).map((s) => `${s.service}: ${s.name}${s.reason ? `: ${s.reason}` : ''}`).join('; ') || 'yes';

function waterfall(t, hue, search) {
  const whole = Math.max(1, t.duration_ns);
  const share = (ns) => `${100 * ns / whole}%`;
  const ticks = h('div', { class: 'scale', 'aria-hidden': 'true' }, h('span', { class: 'name' }, 'service and operation'), h('span', { class: 'area' }, [0, 0.25, 0.5, 0.75, 1].map((f) => h('span', { class: f === 1 ? 'tick last' : 'tick', style: { left: `${100 * f}%` } }, format.duration(whole * f)))), h('span', { class: 'time' }, 'took'), h('span', { class: 'time self' }, 'self'));
  const rows = t.spans.map((s) => {
    const id = `span-${s.span_id}`;
    const open = h('button', { type: 'button', class: 'toggle', 'aria-expanded': 'false', 'aria-label': `${s.service} ${s.name}, ${format.duration(s.duration_ns)}${s.failed ? ', failed' : ''}: details` }, '▸');
    const row = h('li', { class: `span${s.failed ? ' failed' : ''}${s.on_path ? ' critical' : ''}`, id },
      h('div', { class: 'head', onclick: (e) => { if (!e.target.closest('a,button') && !String(getSelection())) toggle(); } },
        h('span', { class: 'name', style: { 'padding-inline-start': `${Math.min(s.depth, 20) * 14}px` } }, open, h('i', { class: `dot svc-${hue(s.service)}` }),
          h('span', { class: 'who' }, h('b', {}, s.service), ' ', s.name, s.async ? h('span', { class: 'tag' }, 'async') : null, s.missing_parent ? h('span', { class: 'tag', title: 'It names a parent of which no line is there' }, 'no parent') : null)),
        h('span', { class: 'area' },
          h('span', { class: `bar svc-${hue(s.service)}`, style: { left: share(s.from_ns), width: share(s.duration_ns) } }),
          s.path.map(([from, to]) => h('span', { class: 'path', style: { left: share(from), width: share(to - from) } })),
          s.lines.map((l) => h('span', { class: 'at', style: { left: share(l.at_ns) } }))),
        h('span', { class: 'time' }, format.duration(s.duration_ns)), h('span', { class: 'time self' }, format.duration(s.self_ns))));
    let below = null;
    function toggle() {
      open.setAttribute('aria-expanded', String(!below));
      open.textContent = below ? '▸' : '▾';
      if (below) {
        below.remove();
        below = null;
      } else row.append(below = spanDetails(s, hue, search));
    }
    open.addEventListener('click', toggle);
    if (s.cause) toggle();
    return row;
  });
  return h('section', { class: 'waterfall', 'aria-label': 'Waterfall' }, ticks, h('ol', {}, rows));
}

function spanDetails(s, hue, search) {
  return h('div', { class: 'details' },
    s.reason ? h('p', { class: 'bad' }, s.reason) : null,
    h('p', { class: 'links' },
      h('a', { class: 'to-line', href: `#/document?${new URLSearchParams({ id: s.document })}` }, 'The line that tells of it'),
      h('a', { href: search(clause.is('span.id', s.span_id)) }, 'Lines of this span'),
      s.service ? h('a', { href: search(clause.is('service.name', s.service)) }, 'All lines of the service at that time') : null),
    s.lines.length ? linesOf(s.lines, hue) : null,
    h('table', { class: 'attributes' }, h('caption', { class: 'hidden' }, 'Attributes'), h('tbody', {},
      [['begins at', `+${format.duration(s.from_ns)}`], ['on the critical path', format.duration(s.critical_ns)], ['kind', s.kind], ['host', s.host], ['span.id', s.span_id], ...s.attributes]
        .filter(([, v]) => v).map(([k, v]) => h('tr', {}, h('th', { scope: 'row' }, k), h('td', {}, v))))));
}

function linesOf(all, hue) {
  return h('ol', { class: 'span-lines', 'aria-label': 'Lines' }, all.map((l) => h('li', {}, h('span', { class: 'time' }, `${l.at_ns < 0 ? '−' : '+'}${format.duration(Math.abs(l.at_ns))}`),
    l.service ? h('span', { class: 'service' }, h('i', { class: `dot svc-${hue(l.service)}` }), l.service) : null, h('span', { class: 'text' }, l.message))));
}
