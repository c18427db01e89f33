/** Elements made by calls. */

type Child = Node | string;
type Value = string | number | boolean | undefined | ((event: never) => void);

/** Attributes; `true` is an empty one, `false` and undefined none; those that begin with `on` are listeners. */
export type Attributes = Record<string, Value>;

/** An HTML element with attributes, listeners and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** The same in the name space of SVG, without which nothing is drawn. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value === undefined || value === false) element.removeAttribute(name);
    else if (element.getAttribute(name) !== text(value)) element.setAttribute(name, text(value));
  }
}

/** Changes nothing where nothing changed, so that a screen reader is not disturbed. */
export function setText(element: Element, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}

function text(value: string | number | true): string {
  return value === true ? '' : String(value);
}

let lastId = 0;

/** An id that no other element has. */
export function newId(): string {
  lastId += 1;
  return `id${lastId}`;
}

/** A control below its name. */
export function labelled(name: string, control: HTMLElement): HTMLLabelElement {
  return el('label', { class: 'field' }, el('span', {}, name), control);
}

export function checkbox(name: string, checked: boolean, onChange: (on: boolean) => void, role?: 'switch') {
  const input = el('input', { type: 'checkbox', role, onchange: () => onChange(input.checked) });
  input.checked = checked;
  return { input, element: el('label', { class: 'check' }, input, el('span', {}, name)) };
}
