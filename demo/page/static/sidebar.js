// The side: workspace, who I am, channels, the app, the stories to play.

import { play, trouble } from "./acts.js";
import { avatar } from "./avatar.js";
import { button, el, icon, refill } from "./dom.js";

export class Sidebar {
  #shown = "";

  constructor(node, page) {
    this.node = node;
    this.page = page;
  }

  show() {
    const { state, place } = this.page;
    const channels = state.all("channel");
    const unread = Object.fromEntries(channels.map(({ id }) => [id, this.page.unread(id)]));
    const parts = [state.team, state.people(), channels, unread, place, state.all("story")];
    const shown = JSON.stringify(parts);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const scrolled = this.node.querySelector(".stories")?.scrollTop ?? 0;
    refill(this.node,
      el("header", {}, el("p", { class: "workspace" }, state.team.name), this.#who()),
      el("h2", {}, "Channels"),
      el("ul", {}, channels.filter(({ kind }) => kind !== "im").map((one) => this.#channel(one, unread))),
      el("h2", {}, "Apps"),
      el("ul", {}, this.#app(unread)),
      state.all("story").length > 0 && [
        el("h2", { class: "first-story" }, "Stories to play"),
        el("ul", { class: "stories" }, state.all("story").map((story) => this.#story(story))),
      ],
    );
    const stories = this.node.querySelector(".stories");
    if (stories) stories.scrollTop = scrolled;
  }

  #who() {
    const { state } = this.page;
    const me = state.user(state.me);
    const options = state.people().map(({ id, shown }) =>
      el("option", { value: id, selected: id === state.me }, shown));
    return el("label", { class: "me" },
      avatar(me?.shown ?? "?"),
      el("span", {}, "You are"),
      el("select", { "data-key": "me", onchange: ({ target }) => this.page.become(target.value) }, options),
    );
  }

  #entry(place, here, label, signs, unread) {
    const count = unread > 0 && el("span", { class: "badge" }, unread,
      el("span", { class: "unseen" }, " unread"));
    return el("li", {}, button([signs, el("span", { class: "label" }, label), count],
      () => this.page.go(place), {
        class: unread ? "entry unread" : "entry",
        "aria-current": here ? "page" : false, "data-key": `place ${place}`,
      }));
  }

  #channel({ id, name, kind }, unread) {
    const sign = icon(kind === "group" ? "lock" : "hash");
    return this.#entry(id, this.page.place === id, name, sign, unread[id]);
  }

  #app(unread) {
    const { direct } = this.page.state.team;
    const here = ["home", direct].includes(this.page.place);
    const place = unread[direct] ? direct : "home";
    return this.#entry(place, here, "stuncheck", avatar("stuncheck", { ours: true }), unread[direct]);
  }

  #story({ key, title, told, state }) {
    const playing = state === "playing";
    const words = { playing: "playing...", failed: "It ended early. Play it again?" }[state] ?? told;
    const node = button([
      icon("play"),
      el("span", {}, el("strong", {}, title), el("small", {}, words)),
    ], async () => {
      if (playing) return;
      this.page.drawer(false);
      const why = trouble(await play(key));
      if (why) node.querySelector("small").textContent = why;
    }, { class: `story ${state}`, "aria-busy": playing ? "true" : false, "data-key": `story ${key}` });
    return el("li", {}, node);
  }
}
