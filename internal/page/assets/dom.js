// Everything gets into the page through here, as text: there is no way to make HTML of a string.

function build(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'style') for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else if (name === 'value') node.value = value;
    else if (name === 'href' && !String(value).startsWith('#')) throw new Error('links lead to views of this page only');
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(node, child);
    else if (child !== undefined && child !== null && child !== false) node.append(child instanceof Node ? child : String(child));
  }
}

/** h makes an element: h('a', {href: '#/live'}, 'text', other). */
export const h = (tag, props, ...children) => build(document.createElement(tag), props, children);

/** svg makes an element of a drawing. */
export const svg = (tag, props, ...children) => build(document.createElementNS('http://www.w3.org/2000/svg', tag), props, children);

/** fill replaces what is in a node. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

/** note is a sentence in place of what there is not. */
export const note = (...text) => h('p', { class: 'note' }, ...text);

/** problem says what went wrong. */
export const problem = (error) => h('p', { class: 'problem', role: 'alert' }, error.message ?? String(error));

/** warning stands above an answer that lacks something. */
export const warning = (text) => text ? h('p', { class: 'warning', role: 'status' }, text) : null;
