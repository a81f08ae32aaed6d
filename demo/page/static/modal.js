// The modal in front of a person: opened, changed while it is open, sent off, closed.

import { act, trouble } from "./acts.js";
import { button, el, iconButton, refill } from "./dom.js";
import { Form } from "./form.js";
import { words } from "./mrkdwn.js";

export class Modal {
  #dialog = null;
  #form = null;
  #head = null;
  #foot = null;
  #wrong = null;
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
    if (!view) return;
    if (!same) this.#open(view);
    this.#wrong.hidden = true;
    this.#frame(view);
    this.#form.show(view.body.blocks);
    this.#form.errors(view.errors);
  }

  #leave() {
    this.#dialog?.close();
    this.#dialog?.remove();
    this.#dialog = null;
  }

  #open(view) {
    this.#form = new Form(view.id, this.page);
    this.#head = el("header");
    this.#foot = el("footer");
    this.#wrong = el("p", { class: "trouble", role: "alert", hidden: true });
    this.#dialog = el("dialog", {
      class: "modal", "data-view": view.id, "aria-labelledby": `title-${view.id}`,
      oncancel: (event) => {
        event.preventDefault();
        this.#close(view);
      },
    });
    document.body.append(this.#dialog);
    this.#dialog.showModal(); // empty, so that no button in it is focused
    this.#dialog.append(el("form", { novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.#submit(view);
    } }, this.#head, this.#form.node, this.#wrong, this.#foot));
  }

  /** Draw what stands above and below the blocks. */
  #frame(view) {
    const { title, close: cancel, submit } = view.body;
    const close = () => this.#close(view);
    const busy = this.#foot.querySelector(".primary")?.hasAttribute("aria-busy");
    refill(this.#head,
      el("span", { class: "avatar ours", "aria-hidden": "true" }),
      el("h2", { id: `title-${view.id}` }, words(title, this.page)),
      iconButton("close", "Close", close, { "data-key": "leave" }));
    refill(this.#foot,
      button(cancel ? words(cancel, this.page) : "Cancel", close, { "data-key": "close" }),
      submit && el("button", { class: "primary", "data-key": "submit", "aria-busy": busy && "true" },
        words(submit, this.page)));
  }

  async #submit(view) {
    const foot = this.#foot, wrong = this.#wrong;
    const send = () => foot.querySelector(".primary"); // drawn anew whenever the view is changed
    if (send()?.hasAttribute("aria-busy")) return;
    const faults = this.#form.faults();
    this.#form.errors(faults);
    if (Object.keys(faults).length) return;
    send()?.setAttribute("aria-busy", "true");
    const why = trouble(await act("submit", {
      as: this.page.state.me, view: view.id, answers: this.#form.answers(),
    }));
    send()?.removeAttribute("aria-busy");
    wrong.textContent = why && `We had some trouble connecting. Try again? ${why}`;
    wrong.hidden = !why;
  }

  #close(view) {
    act("close", { as: this.page.state.me, view: view.id });
  }
}
