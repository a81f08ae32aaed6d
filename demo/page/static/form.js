// The blocks of a modal and what stands in them. Slack keeps what was typed or chosen as long as
// the block_id and the action_id are the same, whatever first value the app sends along.

import { blocks } from "./blocks.js";
import { arrange, el, refocus } from "./dom.js";

const REQUIRED = "Please complete this required field.";

export class Form {
  #drawn = new Map(); // block_id -> {signature, node, fields}
  #filling = new Map(); // the fields of the block that is being drawn

  constructor(view, page) {
    this.page = page;
    this.node = el("div", { class: "inner" });
    this.place = {
      where: () => ({ view }),
      answers: () => this.answers(),
      holds: (name, field) => this.#filling.set(name, field),
      stands: (name) => this.#fields.get(name)?.made,
    };
  }

  /** Show these blocks; what is as it was is not touched, so that one can go on typing in it. */
  show(rows) {
    const before = this.#drawn;
    const focused = spot(this.node);
    this.#drawn = new Map(rows.map((row) => [row.block_id, this.#block(row, before.get(row.block_id))]));
    arrange(this.node, [...this.#drawn.values()].map(({ node }) => node));
    if (focused && !this.node.contains(document.activeElement)) back(this.node, focused);
  }

  answers() {
    return Object.fromEntries([...this.#fields].map(([name, { made }]) => [name, made.read()]));
  }

  /** Show what is wrong, by block_id. */
  errors(found) {
    let first = null;
    for (const [name, { made, error }] of this.#fields) {
      if (!error) continue;
      error.textContent = found[name] ?? "";
      if (found[name]) made.node.setAttribute("aria-invalid", "true");
      else made.node.removeAttribute("aria-invalid");
      if (found[name]) first ??= made.node;
    }
    (first?.querySelector("input") ?? first)?.focus();
  }

  /** What Slack itself finds wrong before it tells the app. */
  faults() {
    const found = {};
    for (const [name, { made, needed }] of this.#fields) {
      if (!made.read().length) {
        if (needed || made.node.validity?.badInput) found[name] = REQUIRED;
      } else if (made.node.validity && !made.node.validity.valid)
        found[name] = made.node.validationMessage;
    }
    return found;
  }

  get #fields() {
    return new Map([...this.#drawn.values()].flatMap(({ fields }) => [...fields]));
  }

  #block(row, known) {
    const signature = JSON.stringify(row, (key, value) =>
      (key.startsWith("initial_") ? undefined : value));
    if (known?.signature === signature) return known;
    const fields = new Map();
    this.#filling = fields;
    const [node] = blocks([row], this.place, this.page);
    for (const [name, { element, made }] of fields) {
      const old = known?.fields.get(name);
      if (old?.element.action_id === element.action_id) made.write(old.made.read());
    }
    return { signature, node, fields };
  }
}

/** Tell where the focus is in a node: on which key, and on the how manieth of its action. */
function spot(node) {
  const active = document.activeElement;
  if (!node.contains(active)) return null;
  const { key = "", action = "" } = active.dataset;
  return { key, action, at: alike(node, action).indexOf(active) };
}

/** Put the focus back; into an input with another block_id if it has taken the place. */
function back(node, { key, action, at }) {
  refocus(node, key);
  if (!node.contains(document.activeElement)) alike(node, action)[at]?.focus({ preventScroll: true });
}

const alike = (node, action) => [...node.querySelectorAll(`[data-action="${CSS.escape(action)}"]`)];
