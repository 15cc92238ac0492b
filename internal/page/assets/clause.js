// Parts of queries.

const quoted = (text) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
const plain = (text) => text.replace(/[\\():<>"*{}\s]/g, '\\$&');

/** is asks for a field with a value. */
export const is = (field, value, text = true) => `${plain(field)}:${text ? quoted(value) : plain(value)}`;

/** and narrows a query; without it keeps what the part does not match. */
export function narrow(query, part, without = false) {
  const added = without ? `not ${part}` : part;
  if (!query.trim()) return added;
  return `${/\bor\b/i.test(query) ? `(${query.trim()})` : query.trim()} and ${added}`;
}
