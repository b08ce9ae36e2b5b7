// Small helpers to make elements. Text is always set as text, never parsed.

type Value = string | number | boolean | null | undefined | ((event: never) => void);
type Child = Node | string | null | undefined | false;

/** `h("button", { class: "quiet", onclick: go }, "Go")`: attributes by name, `on…` as listeners, `false` and `null` left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value as EventListener);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

export function append(parent: Node, children: Child[]): void {
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) parent.appendChild(toNode(child));
  }
}

function toNode(child: Node | string): Node {
  return typeof child === "string" ? document.createTextNode(child) : child;
}

export function replace(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

export function find<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T | null {
  return root.querySelector<T>(selector);
}

/** Text with `code` in backticks, as messages of the server have it. */
export function prose(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  text.split(/`([^`]+)`/).forEach((part, index) => {
    if (part !== "") fragment.appendChild(index % 2 === 1 ? h("code", {}, part) : document.createTextNode(part));
  });
  return fragment;
}

/** HTML that our own server rendered from the course (hints). */
export function serverHtml(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

let last = 0;
export function freshId(prefix: string): string {
  last += 1;
  return `${prefix}-${last}`;
}

export function isNarrow(): boolean {
  return window.matchMedia("(max-width: 1099px)").matches;
}
