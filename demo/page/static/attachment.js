// Attachments: the older way of tools to send a coloured bar with title, text and fields.

import { blocks } from "./blocks.js";
import { el } from "./dom.js";
import { decoded, link, mrkdwn } from "./mrkdwn.js";
import { full } from "./time.js";

const COLOURS = { __proto__: null, good: "#2f9e5f", warning: "#dda63a", danger: "#d93a3a" };

/** Give the nodes of an attachment. */
export function attachment(row, place, page) {
  const marked = (text) => text && el("div", { class: "text" }, mrkdwn(String(text), page));
  const inner = [
    row.author_name && el("div", { class: "author" }, decoded(String(row.author_name))),
    row.title && el("div", { class: "title" }, title(row, page)),
    marked(row.text),
    row.fields?.length > 0 && el("dl", { class: "fields" }, row.fields.map((one) => field(one, page))),
    blocks(row.blocks, place, page),
    (row.footer || row.ts) && el("div", { class: "footer" }, footer(row)),
  ].flat().filter(Boolean);
  const bar = el("div", { class: "attachment" },
    inner.length ? inner : marked(row.fallback));
  bar.style.borderLeftColor = colour(row.color);
  return [row.pretext && marked(row.pretext), bar];
}

function title(row, page) {
  const label = decoded(String(row.title));
  return /^https?:\/\//i.test(row.title_link ?? "") ? link(row.title_link, label, page) : label;
}

const field = ({ title: name, value, short }, page) =>
  el("div", { class: short ? "short" : false },
    el("dt", {}, decoded(String(name ?? ""))),
    el("dd", { class: "text" }, mrkdwn(String(value ?? ""), page)),
  );

const footer = ({ footer: words, ts }) =>
  [words && decoded(String(words)), ts && full(ts)].filter(Boolean).join(" · ");

function colour(name) {
  const known = COLOURS[name];
  if (known) return known;
  return /^#?[0-9a-f]{6}$/i.test(name ?? "") ? `#${name.replace("#", "")}` : "";
}
