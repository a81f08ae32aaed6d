// The modal in front of a person: its inputs, what is wrong with them, sending it off.

import { act, trouble } from "./acts.js";
import { blocks } from "./blocks.js";
import { button, el, iconButton, refocus } from "./dom.js";
import { words } from "./mrkdwn.js";

const REQUIRED = "Please complete this required field.";

export class Modal {
  #dialog = null;
  #fields = new Map(); // block_id -> {block, made, error}
  #shown = "";

  constructor(page) {
    this.page = page;
  }

  show() {
    const view = this.page.state.modal;
    const shown = view ? JSON.stringify([view.id, view.hash, view.errors]) : "";
    if (shown === this.#shown) return;
    const same = view && this.#dialog?.dataset.view === view.id;
    this.#shown = shown;
    if (!same) this.#leave();
    if (view) this.#draw(view, same);
  }

  #leave() {
    this.#dialog?.close();
    this.#dialog?.remove();
    this.#dialog = null;
    this.#fields.clear();
  }

  #draw(view, same) {
    const kept = same ? this.#fields : new Map();
    const focused = same && document.activeElement?.dataset.key;
    this.#fields = new Map();
    const form = this.#form(view);
    for (const [id, { made, block }] of kept) {
      const now = this.#fields.get(id);
      if (now?.block.element.action_id === block.element.action_id) now.made.write(made.read());
    }
    if (!same) this.#open(view);
    this.#dialog.replaceChildren(form);
    this.#errors(view.errors);
    if (focused) refocus(this.#dialog, focused);
  }

  #open(view) {
    this.#dialog = el("dialog", {
      class: "modal", "data-view": view.id, "aria-labelledby": `title-${view.id}`,
      oncancel: (event) => {
        event.preventDefault();
        this.#close(view);
      },
    });
    document.body.append(this.#dialog);
    this.#dialog.showModal();
  }

  #form(view) {
    const { body } = view;
    const place = {
      where: () => ({ view: view.id }),
      answers: () => this.#answers(),
      holds: (block, made, error) => this.#fields.set(block.block_id, { block, made, error }),
    };
    this.wrong = el("p", { class: "trouble", role: "alert", hidden: true });
    const close = () => this.#close(view);
    return el("form", { novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.#submit(view);
    } },
      el("header", {},
        el("span", { class: "avatar ours", "aria-hidden": "true" }),
        el("h2", { id: `title-${view.id}` }, words(body.title, this.page)),
        iconButton("close", "Close", close)),
      el("div", { class: "inner" }, blocks(body.blocks, place, this.page)),
      this.wrong,
      el("footer", {},
        button(body.close ? words(body.close, this.page) : "Cancel", close, { "data-key": "close" }),
        body.submit &&
          el("button", { class: "primary", "data-key": "submit" }, words(body.submit, this.page))),
    );
  }

  #answers() {
    return Object.fromEntries([...this.#fields].map(([id, { made }]) => [id, made.read()]));
  }

  #errors(errors) {
    let first = null;
    for (const [id, { made, error }] of this.#fields) {
      error.textContent = errors[id] ?? "";
      if (errors[id]) made.node.setAttribute("aria-invalid", "true");
      else made.node.removeAttribute("aria-invalid");
      if (errors[id]) first ??= made.node;
    }
    (first?.querySelector("input") ?? first)?.focus();
  }

  /** What Slack itself finds wrong before it tells the app. */
  #faults() {
    const found = {};
    for (const [id, { block, made }] of this.#fields) {
      if (!made.read().length) {
        if (!block.optional || made.node.validity?.badInput) found[id] = REQUIRED;
      } else if (made.node.validity && !made.node.validity.valid)
        found[id] = made.node.validationMessage;
    }
    return found;
  }

  async #submit(view) {
    const send = this.#dialog.querySelector("footer .primary");
    if (send?.hasAttribute("aria-busy")) return;
    const faults = this.#faults();
    this.#errors(faults);
    if (Object.keys(faults).length) return;
    send?.setAttribute("aria-busy", "true");
    const why = trouble(await act("submit", {
      as: this.page.state.me, view: view.id, answers: this.#answers(),
    }));
    send?.removeAttribute("aria-busy");
    this.wrong.textContent = why && `We had some trouble connecting. Try again? ${why}`;
    this.wrong.hidden = !why;
  }

  #close(view) {
    act("close", { as: this.page.state.me, view: view.id });
  }
}
