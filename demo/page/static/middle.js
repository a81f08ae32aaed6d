// The middle: a channel, or the app with its home tab and its messages.

import { avatar } from "./avatar.js";
import { blocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { button, el, icon, iconButton, refill } from "./dom.js";
import { MessageList } from "./list.js";

const TURNED_OFF = "Sending messages to this app has been turned off.";

export class Middle {
  #shown = "";
  #home = "";

  constructor(node, page) {
    this.page = page;
    this.head = el("header", { class: "head" });
    this.list = new MessageList("Messages");
    this.home = el("div", { class: "home", hidden: true });
    this.off = el("p", { class: "off muted", hidden: true }, TURNED_OFF);
    this.composer = new Composer("Message", (text) =>
      ({ as: page.state.me, channel: page.channel, text }), () => this.list.toEnd());
    node.append(this.head, this.home, this.list.node, this.off, this.composer.node);
  }

  show() {
    const { page } = this;
    const home = page.place === "home";
    const channel = page.state.channel(page.channel);
    this.#head(channel, home);
    this.home.hidden = !home;
    this.list.node.hidden = home;
    const direct = channel?.kind === "im";
    const silent = direct && !page.state.team.hears_direct;
    this.off.hidden = home || !silent;
    this.composer.node.hidden = home || silent || !channel;
    if (home) this.#fillHome();
    else if (channel) this.#fillList(channel);
  }

  #fillList(channel) {
    const { state } = this.page;
    const moved = this.#shown !== `${state.me} ${channel.id}`;
    this.#shown = `${state.me} ${channel.id}`;
    const label = channel.kind === "im" ? "Message stuncheck" : `Message #${channel.name}`;
    this.composer.names(label);
    const threads = state.threads(channel.id);
    this.list.show(state.roots(channel.id), this.page, { threads, names: this.page.names() });
    if (moved) this.list.toEnd();
  }

  #fillHome() {
    const view = this.page.state.home;
    const key = view ? `${this.page.state.me} ${view.hash}` : `${this.page.state.me}`;
    if (key === this.#home) return;
    this.#home = key;
    const place = { where: () => ({ view: view.id }), answers: () => ({}), holds() {} };
    const nothing = el("p", { class: "muted" }, "stuncheck has put nothing here yet.");
    refill(this.home, el("div", { class: "inner" },
      view ? blocks(view.body.blocks, place, this.page) : nothing));
  }

  #head(channel, home) {
    const { page } = this;
    const app = home || channel?.kind === "im";
    const shown = JSON.stringify([channel, home]);
    if (this.head.dataset.shown === shown) return;
    this.head.dataset.shown = shown;
    const tab = (label, place, on) => button(label, () => page.go(place), {
      "data-key": label, "aria-current": on ? "page" : false });
    const sign = channel && icon(channel.kind === "group" ? "lock" : "hash");
    const people = channel && (channel.members === 1 ? "1 member" : `${channel.members} members`);
    refill(this.head,
      iconButton("menu", "Channels, apps and stories", () => page.drawer(), { class: "icon drawer" }),
      app
        ? [avatar("stuncheck", { ours: true }), el("h1", {}, "stuncheck"),
          el("span", { class: "mark" }, "APP"),
          el("div", { class: "tabs" },
            tab("Home", "home", home), tab("Messages", page.state.team.direct, !home))]
        : [el("h1", {}, sign, channel?.name ?? "No channel"),
          people && el("span", { class: "muted" }, people)],
    );
  }
}
