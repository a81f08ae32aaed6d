// The box to write in: Enter sends, Shift and Enter begins a line, a slash begins a command.

import { act, trouble } from "./acts.js";
import { el, icon } from "./dom.js";

export class Composer {
  /** `row` makes the act of a text, `sent` is called when one was sent. */
  constructor(label, row, sent) {
    this.row = row;
    this.sent = sent;
    this.error = el("p", { class: "trouble", role: "alert", hidden: true });
    this.text = el("textarea", {
      rows: 1, "aria-label": label, placeholder: label, "data-key": "text",
      oninput: () => this.#fit(),
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.#send();
      },
    });
    this.node = el("form", { class: "composer", onsubmit: (event) => {
      event.preventDefault();
      this.#send();
    } },
      this.error,
      el("div", { class: "box" }, this.text,
        el("button", { class: "send", "aria-label": "Send", title: "Send" }, icon("send"))),
    );
  }

  /** Say what the box is for. */
  names(label) {
    this.text.placeholder = label;
    this.text.setAttribute("aria-label", label);
  }

  async #send() {
    const text = this.text.value.trim();
    if (!text) return;
    this.text.value = "";
    this.#fit();
    const why = trouble(await act("say", this.row(text)));
    this.error.textContent = why;
    this.error.hidden = !why;
    if (!why) this.sent();
    if (why && !this.text.value) this.text.value = text;
  }

  #fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 200)}px`;
  }
}
