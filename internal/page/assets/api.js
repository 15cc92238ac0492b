/** Failure is an answer that is none; offset is a place in the query, in characters, or -1. */
export class Failure extends Error {
  constructor(message, offset = -1) {
    super(message);
    this.offset = offset;
  }
}

/** characters turns an offset in bytes of UTF-8 into one in characters. */
export function characters(text, bytes) {
  if (!(bytes >= 0)) return -1;
  return new TextDecoder().decode(new TextEncoder().encode(text).slice(0, bytes)).length;
}

/** url is an address below /api. */
export function url(name, params) {
  const said = Object.entries(params).filter(([, v]) => v !== undefined && v !== null && v !== '');
  return `/api/${name}?${new URLSearchParams(said)}`;
}

/** ask asks the agent. */
export async function ask(name, params, signal) {
  let answer;
  try {
    answer = await fetch(url(name, params), { signal });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Failure('the agent does not answer; does it still run?');
  }
  if (answer.status === 401) location.reload();
  const body = await answer.json().catch(() => ({ error: 'the agent answers something else than JSON' }));
  if (!answer.ok) throw new Failure(body.error ?? `status ${answer.status}`, characters(params.q ?? '', body.offset));
  return body;
}
