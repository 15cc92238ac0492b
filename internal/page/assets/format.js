const two = (n) => String(n).padStart(2, '0');

/** clock is the local time of an RFC 3339 time, with milliseconds. */
export function clock(text) {
  const t = new Date(text);
  if (Number.isNaN(t.getTime())) return text;
  return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}.${String(t.getMilliseconds()).padStart(3, '0')}`;
}

/** day is the local day of a time. */
export function day(text) {
  const t = new Date(text);
  return Number.isNaN(t.getTime()) ? '' : `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`;
}

/** moment is day and time. */
export const moment = (text) => `${day(text)} ${clock(text)}`.trim();

/** duration writes nanoseconds for people. */
export function duration(ns) {
  const n = Number(ns);
  if (!Number.isFinite(n)) return String(ns);
  if (n === 0) return '0';
  for (const [unit, size] of [['s', 1e9], ['ms', 1e6], ['µs', 1e3]]) {
    if (Math.abs(n) >= size) return `${digits(n / size)} ${unit}`;
  }
  return `${n} ns`;
}

const digits = (v) => v >= 100 ? v.toFixed(0) : v >= 10 ? v.toFixed(1) : v.toFixed(2);

/** count writes a number with separators. */
export const count = (n) => Number(n).toLocaleString('en');

/** size writes bytes for people. */
export function size(bytes) {
  const n = Number(bytes);
  for (const [unit, s] of [['GiB', 2 ** 30], ['MiB', 2 ** 20], ['KiB', 2 ** 10]]) if (n >= s) return `${digits(n / s)} ${unit}`;
  return `${n} B`;
}

/** percent of a whole. */
export const percent = (part, whole) => whole ? `${digits(100 * part / whole)} %` : '';

/** age writes seconds for people. */
export function age(seconds) {
  const s = Number(seconds);
  if (s >= 86400) return `${digits(s / 86400)} d`;
  if (s >= 3600) return `${digits(s / 3600)} h`;
  if (s >= 60) return `${digits(s / 60)} min`;
  return `${digits(s)} s`;
}

/** rate is how many a second, a minute or an hour. */
export function rate(n, seconds) {
  if (!n) return '0';
  for (const [unit, s] of [['s', 1], ['min', 60]]) if (n * s >= seconds) return `${digits(n * s / seconds)}/${unit}`;
  return `${digits(n * 3600 / Math.max(seconds, 1))}/h`;
}

/** levels from the gravest to the least; what is none of them is "none". */
export const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'none'];

/** levelOf is which of them a word means. */
export function levelOf(word) {
  const w = String(word ?? '').toLowerCase();
  if (/^(f|ftl|fatal|c|crit|critical|alert|emerg|emergency|panic|dpanic)$/.test(w)) return 'fatal';
  if (/^(e|err|eror|error|severe|failure)$/.test(w)) return 'error';
  if (/^(w|wrn|warn|warning)$/.test(w)) return 'warn';
  if (/^(i|n|inf|info|information|notice|log|audit|config)$/.test(w)) return 'info';
  if (/^(d|dbg|debug|fine)$/.test(w)) return 'debug';
  if (/^(t|v|trc|trace|verbose|vrb|finer|finest)$/.test(w)) return 'trace';
  return 'none';
}

/** hue is the number of a colour for each name, the same for the same names. */
export function hues(names) {
  const all = [...new Set(names)].sort();
  return (name) => Math.max(0, all.indexOf(name)) % 10;
}
