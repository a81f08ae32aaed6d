// The page: what is looked at, by whom, and what happens when something changes.

import { act } from "./acts.js";
import { author } from "./avatar.js";
import { Middle } from "./middle.js";
import { decoded } from "./mrkdwn.js";
import { Modal } from "./modal.js";
import { Sidebar } from "./sidebar.js";
import { State, isReply } from "./state.js";
import { Stream } from "./stream.js";
import { Thread } from "./thread.js";

const at = (id) => document.getElementById(id);
const LINK = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/;
const ANNOUNCED = 200; // characters of a new message that are read out

class Page {
  state = new State();
  place = ""; // a channel's id, or "home"
  thread = null; // {channel, ts} of the root
  #read = new Map(); // person and channel -> ts up to which it was read
  #began = "";
  #wanted = null; // a message to show as soon as it is there

  constructor() {
    this.side = new Sidebar(at("side"), this);
    this.middle = new Middle(at("middle"), this);
    this.pane = new Thread(at("thread"), this);
    this.modal = new Modal(this);
    this.stream = new Stream((frame) => this.#heard(frame), () => this.#status("Reconnecting..."));
    this.#wanted = this.permalink(location.href);
    this.place = location.hash.slice(1);
    addEventListener("hashchange", () => this.go(location.hash.slice(1)));
    this.stream.connect(sessionStorage.getItem("me") ?? "");
  }

  /** The channel that is looked at, or nothing. */
  get channel() { return this.place === "home" ? "" : this.place; }

  /** Look at a channel, or at the app's home tab. */
  go(place) {
    this.drawer(false);
    if (place === this.place || (place !== "home" && !this.state.channel(place))) return;
    this.place = place;
    if (this.thread && this.thread.channel !== this.channel) this.thread = null;
    history.replaceState(null, "", `/#${place}`);
    if (place === "home") act("home", { as: this.state.me });
    this.draw();
  }

  openThread(channel, ts) {
    this.thread = { channel, ts };
    this.draw();
    this.pane.composer.text.focus();
  }

  closeThread() {
    const { ts } = this.thread ?? {};
    this.thread = null;
    this.draw();
    const back = document.querySelector(`[data-key="replies ${ts}"], [data-key="reply ${ts}"]`);
    back?.focus({ preventScroll: true });
  }

  /** Look with another person's eyes. */
  become(user) {
    sessionStorage.setItem("me", user);
    this.stream.connect(user);
  }

  /** Open or close the side on a narrow window. */
  drawer(open = !document.body.classList.contains("with-side")) {
    document.body.classList.toggle("with-side", open);
    if (open) at("side").querySelector("button, select")?.focus();
  }

  /** Tell which message of this workspace an address leads to, or null. */
  permalink(address) {
    const url = URL.canParse(address) && new URL(address);
    const ours = url && [location.origin, this.state.team?.url].includes(url.origin);
    const match = ours && url.pathname.match(LINK);
    return match ? { channel: match[1], ts: `${match[2]}.${match[3]}` } : null;
  }

  /** Show a message, in its thread if it is a reply. */
  show({ channel, ts }) {
    const row = this.state.message(channel, ts);
    if (!row) return;
    this.go(channel);
    if (isReply(row)) this.openThread(channel, row.thread_ts);
    const node = document.querySelector(`[data-ts="${ts}"]`);
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("found");
  }

  /** How many messages of a channel I have not seen. */
  unread(channel) {
    const since = this.#read.get(`${this.state.me} ${channel}`) ?? this.#began;
    const news = this.state.roots(channel).filter(
      (row) => row.ts > since && row.user !== this.state.me && !row.only_you);
    return news.length;
  }

  /** Names of people, groups and channels, which show in others' messages. */
  names() {
    const users = this.state.all("user").map(({ id, shown }) => [id, shown]);
    const groups = this.state.all("group").map(({ id, handle }) => [id, handle]);
    const channels = this.state.all("channel").map(({ name }) => name);
    return JSON.stringify([this.state.me, users, groups, channels]);
  }

  draw() {
    if (!this.state.team) return;
    this.#see();
    this.side.show();
    this.middle.show();
    this.pane.show();
    this.modal.show();
    const name = this.state.channel(this.channel)?.name || "stuncheck";
    document.title = `${name} - ${this.state.team.name}`;
  }

  #heard(frame) {
    this.state.apply(frame);
    this.#status("");
    if (frame.fresh) this.#arrive();
    else this.#announce(Object.values(frame.set));
    this.draw();
    if (this.#wanted && this.state.message(this.#wanted.channel, this.#wanted.ts)) {
      this.show(this.#wanted);
      this.#wanted = null;
    }
  }

  /** Begin to look: what is there already counts as read. */
  #arrive() {
    const channels = this.state.all("channel");
    const newest = channels.flatMap(({ id }) => this.state.messages(id)).map(({ ts }) => ts);
    this.#began ||= newest.sort().at(-1) ?? "0";
    sessionStorage.setItem("me", this.state.me);
    const known = this.place === "home" || this.state.channel(this.place);
    if (!known) this.place = channels.find(({ kind }) => kind !== "im")?.id ?? "home";
    if (this.thread && !this.state.message(this.thread.channel, this.thread.ts)) this.thread = null;
    if (this.place === "home") act("home", { as: this.state.me });
  }

  /** Remember what is seen now as read. */
  #see() {
    if (!this.channel || document.hidden) return;
    const last = this.state.roots(this.channel).at(-1);
    if (last) this.#read.set(`${this.state.me} ${this.channel}`, last.ts);
  }

  /** Have new messages of the channel read out. */
  #announce(rows) {
    const seen = this.#read.get(`${this.state.me} ${this.channel}`) ?? this.#began;
    const news = rows.filter((row) =>
      row.channel === this.channel && row.ts > seen && row.user !== this.state.me);
    const said = news.map((row) =>
      `${author(row, this).name}: ${decoded(row.text || row.attachments?.[0]?.title || "a message").slice(0, ANNOUNCED)}`);
    if (said.length) at("heard").textContent = said.join(" ");
  }

  #status(words) {
    at("status").textContent = words;
    at("status").hidden = !words;
  }
}

const page = new Page();
document.addEventListener("visibilitychange", () => page.draw());
at("middle").addEventListener("pointerdown", () => page.drawer(false));
at("side").addEventListener("keydown", ({ key }) => key === "Escape" && page.drawer(false));
