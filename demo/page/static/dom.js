// Makes nodes. Texts become text nodes, never markup: what others wrote stays words.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element; `on...` are listeners, false and null leave an attribute out. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined)
      node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}

/** Make a button that says what it does. */
export function button(label, press, props = {}) {
  return el("button", { type: "button", onclick: press, ...props }, label);
}

/** Make a button that is a picture with a name. */
export function iconButton(name, label, press, props = {}) {
  const all = { class: "icon", "aria-label": label, title: label, ...props };
  return button(icon(name), press, all);
}

const ICONS = {
  reply: "M4 5h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H9l-4 3v-3H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z",
  more: "M10 5v.01M10 10v.01M10 15v.01",
  send: "M3 10l14-6-5 13-2.500-5.500zM9.500 11.500L17 4",
  close: "M5 5l10 10M15 5L5 15",
  menu: "M3 5h14M3 10h14M3 15h14",
  lock: "M6 9V6.500a4 4 0 0 1 8 0V9M5 9h10v8H5z",
  hash: "M8 3L6 17M14 3l-2 14M4 7.500h13M3 12.500h13",
  play: "M6 4.500v11l9-5.500z",
  home: "M3 9.500L10 4l7 5.500V16H3z",
  eyes: "M3 10c0-3 1-5 3-5s3 2 3 5-1 5-3 5-3-2-3-5zM11 10c0-3 1-5 3-5s3 2 3 5-1 5-3 5-3-2-3-5zM5 11v.01M13 11v.01",
  check: "M4 10.500l4 4 8-9",
  warning: "M10 3l8 14H2zM10 8v4M10 14.500v.01",
};

/** Draw one of our pictures; it is decoration, its name is said elsewhere. */
export function icon(name) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 20 20");
  picture.setAttribute("aria-hidden", "true");
  picture.setAttribute("class", `drawn drawn-${name}`);
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", ICONS[name]);
  picture.append(line);
  return picture;
}

/** Fill a node anew; what was focused in it is focused again, by its data-key. */
export function refill(node, ...children) {
  const key = node.contains(document.activeElement) && document.activeElement.dataset.key;
  node.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (key) refocus(node, key);
}

/** Bring a node's children into order, and touch none that stays where it is. */
export function arrange(parent, wanted) {
  const stays = new Set(wanted);
  for (const node of [...parent.children]) if (!stays.has(node)) node.remove();
  let at = parent.firstChild;
  for (const node of wanted) {
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
}

/** Focus what has that key, if it is there. */
export function refocus(node, key) {
  node.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

let last = 0;

/** Give an id that no other element has. */
export function fresh(name) {
  last += 1;
  return `${name}-${last}`;
}
