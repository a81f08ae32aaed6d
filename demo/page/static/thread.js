// The pane on the right: one message and what was answered to it.

import { Composer } from "./composer.js";
import { el, iconButton } from "./dom.js";
import { MessageList } from "./list.js";

export class Thread {
  #shown = "";

  constructor(node, page) {
    this.node = node;
    this.page = page;
    this.under = el("span", { class: "muted" });
    this.list = new MessageList("Messages of the thread");
    this.composer = new Composer("Reply", (text) =>
      ({ as: page.state.me, channel: page.thread.channel, thread: page.thread.ts, text }), () => this.list.toEnd());
    node.append(
      el("header", { class: "head" }, el("h2", {}, "Thread"), this.under,
        iconButton("close", "Close the thread", () => page.closeThread())),
      this.list.node,
      this.composer.node,
    );
    node.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) page.closeThread();
    });
  }

  show() {
    const { state, thread } = this.page;
    const root = thread && state.message(thread.channel, thread.ts);
    this.node.hidden = !root;
    document.body.classList.toggle("with-thread", Boolean(root));
    if (!root) {
      this.#shown = "";
      return;
    }
    const channel = state.channel(thread.channel);
    this.under.textContent = channel.kind === "im" ? "stuncheck" : `#${channel.name}`;
    this.composer.node.hidden = channel.kind === "im" && !state.team.hears_direct;
    const rows = state.thread(thread.channel, thread.ts);
    this.list.show(rows, this.page, { names: this.page.names(), inThread: true });
    const key = `${state.me} ${thread.channel} ${thread.ts}`;
    if (key !== this.#shown) this.list.toStart();
    this.#shown = key;
  }
}
