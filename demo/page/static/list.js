// A list of messages: redrawn only where it changed, at its end unless one scrolled away.

import { arrange, el, refocus } from "./dom.js";
import { message } from "./message.js";
import { day } from "./time.js";

const NEAR = 80; // pixels from the end that count as the end
const TOGETHER = 300; // seconds within which messages of one author stand together

export class MessageList {
  #drawn = new Map(); // key -> {signature, node}
  #ends = true; // whether its end is looked at

  constructor(label) {
    this.list = el("ol", { class: "messages" });
    this.node = el("div", {
      class: "scroll", tabindex: "0", role: "region", "aria-label": label,
      onscroll: () => { this.#ends = this.#atEnd; },
    }, this.list);
    const grown = new ResizeObserver(() => this.#ends && this.toEnd());
    grown.observe(this.node);
    grown.observe(this.list);
  }

  /** Show these rows; `names` is whatever of others' rows shows in them. */
  show(rows, page, { threads = new Map(), names = "", inThread = false } = {}) {
    const wanted = [];
    let before = null;
    for (const row of rows) {
      if (!inThread && (!before || day(before.ts) !== day(row.ts)))
        wanted.push(this.#kept(`day ${day(row.ts)}`, "", () => divider(row.ts)));
      const replies = threads.get(row.ts) ?? [];
      const follows = continues(before, row);
      const told = replies.length ? [replies.length, replies.at(-1).ts] : [];
      const signature = JSON.stringify([row, told, follows, names]);
      wanted.push(this.#kept(`${row.channel} ${row.ts}`, signature, () =>
        message(row, page, { replies, follows, inThread })));
      before = row;
    }
    this.#arrange(wanted);
    if (this.#ends) this.toEnd();
  }

  get #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.node;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  /** Go to the start, and stay there whatever comes. */
  toStart() {
    this.#ends = false;
    this.node.scrollTop = 0;
  }

  /** Go to the end, and follow it. */
  toEnd() {
    this.#ends = true;
    this.node.scrollTop = this.node.scrollHeight;
  }

  #kept(key, signature, draw) {
    const known = this.#drawn.get(key);
    if (known?.signature === signature) return [key, known];
    return [key, { signature, node: draw() }];
  }

  /** Bring the list's nodes into order, and touch none that stays. */
  #arrange(wanted) {
    const focused = this.list.contains(document.activeElement) && document.activeElement.dataset.key;
    arrange(this.list, wanted.map(([, { node }]) => node));
    this.#drawn = new Map(wanted);
    if (focused && !this.list.contains(document.activeElement)) refocus(this.list, focused);
  }
}

const divider = (ts) => el("li", { class: "day" }, el("span", {}, day(ts)));

function continues(before, row) {
  if (!before || row.only_you || before.only_you || row.subtype === "tombstone") return false;
  const same = before.user === row.user && before.username === row.username;
  const close = row.ts - before.ts < TOGETHER && day(before.ts) === day(row.ts);
  return same && close && !row.blocks?.length && !before.blocks?.length;
}
