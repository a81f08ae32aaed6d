// Slack's markup, read as Slack reads it, as DOM nodes.
// docs.slack.dev/messaging/formatting-message-text

import { button, el } from "./dom.js";
import { named, withCircles } from "./emoji.js";

const BLOCK = /```\n?([\s\S]+?)\n?```/;
const QUOTE = /^(?:&gt;|>) ?/;
const BARE = String.raw`https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"]`;
const ENDS = String.raw`(?![\p{L}\p{N}])`;
const pair = (sign) => String.raw`(?<![\p{L}\p{N}])[${sign}](?=[^\s])([^${sign}\n]*[^${sign}\s])[${sign}]${ENDS}`;
const UNDER = String.raw`(?<![\p{L}\p{N}_])_(?=[^\s])([^_\n]*[^_\s])_${ENDS}`;
const PIECE = new RegExp(
  [
    "`([^`\\n]+)`", "<([^<>\\n]+)>", pair("*"), UNDER, pair("~"),
    `(${BARE})`, String.raw`:([\w+'-]+):`,
  ].join("|"),
  "gu",
);

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

/** Decode the three entities that Slack knows, and no other. */
export const decoded = (text) => text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);

/** Give nodes for a text object of Block Kit. */
export function words(object, page) {
  if (!object) return [];
  const text = String(object.text ?? "");
  return object.type === "mrkdwn"
    ? mrkdwn(text, page, { verbatim: object.verbatim })
    : plain(text, object.emoji !== false);
}

/** Give nodes for a text without markup; names of emoji are read unless told otherwise. */
export function plain(text, emoji = true) {
  if (!emoji) return withCircles(decoded(text));
  const parts = text.split(/:([\w+'-]+):/);
  return parts.flatMap((part, at) =>
    at % 2 ? (named(part) ?? `:${part}:`) : withCircles(decoded(part)),
  );
}

/** Give nodes for a text with markup. */
export function mrkdwn(text, page, { verbatim = false } = {}) {
  const parts = text.split(BLOCK);
  return parts.flatMap((part, at) => {
    if (at % 2) return el("pre", {}, el("code", {}, decoded(part)));
    const before = at ? part.replace(/^\n/, "") : part;
    const between = at < parts.length - 1 ? before.replace(/\n$/, "") : before;
    return between ? quoted(between, page, verbatim) : [];
  });
}

function quoted(text, page, verbatim) {
  const runs = [];
  for (const line of text.split("\n")) {
    const quote = QUOTE.test(line);
    const kept = quote ? line.replace(QUOTE, "") : line;
    const last = runs.at(-1);
    if (last?.quote === quote) last.lines.push(kept);
    else runs.push({ quote, lines: [kept] });
  }
  return runs.flatMap(({ quote, lines }) => {
    const nodes = inline(lines.join("\n"), page, verbatim);
    return quote ? el("blockquote", {}, nodes) : nodes;
  });
}

function inline(text, page, verbatim) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(PIECE)) {
    nodes.push(...withCircles(decoded(text.slice(from, match.index))));
    nodes.push(...[piece(match, page, verbatim)].flat());
    from = match.index + match[0].length;
  }
  nodes.push(...withCircles(decoded(text.slice(from))));
  return nodes;
}

function piece([whole, code, angle, bold, italic, strike, bare, emoji], page, verbatim) {
  if (code) return el("code", {}, decoded(code));
  if (angle) return control(angle, page);
  if (bold) return el("strong", {}, inline(bold, page, verbatim));
  if (italic) return el("em", {}, inline(italic, page, verbatim));
  if (strike) return el("s", {}, inline(strike, page, verbatim));
  if (bare) return verbatim ? decoded(bare) : link(decoded(bare), decoded(bare), page);
  return named(emoji) ?? decoded(whole);
}

/** What stands in angle brackets: a person, a channel, a call, a link; else words. */
function control(angle, page) {
  const bar = angle.indexOf("|");
  const [what, label] = bar < 0 ? [angle, ""] : [angle.slice(0, bar), angle.slice(bar + 1)];
  if (what.startsWith("@")) return mention(what.slice(1), label, page);
  if (what.startsWith("#")) return channel(what.slice(1), label, page);
  if (what.startsWith("!")) return call(what.slice(1), label, page);
  if (/^(https?:\/\/|mailto:)/i.test(what))
    return link(decoded(what), decoded(label || what), page);
  return decoded(`<${angle}>`);
}

export function mention(id, label, page) {
  const user = page.state.user(id);
  const mine = id === page.state.me ? " mine" : "";
  return el("span", { class: `mention${mine}` }, `@${user?.name ?? (decoded(label) || id)}`);
}

export function channel(id, label, page) {
  const found = page.state.channel(id);
  if (!found) return el("span", { class: "mention" }, `#${decoded(label) || "private"}`);
  return button(`#${found.name}`, () => page.go(id), { class: "mention" });
}

function call(what, label, page) {
  const [kind, id] = what.split("^");
  const handle = kind === "subteam" && page.state.group(id)?.handle;
  if (handle) return el("span", { class: "mention" }, `@${handle}`);
  if (["channel", "here", "everyone"].includes(kind))
    return el("span", { class: "mention mine" }, `@${kind}`);
  return decoded(label || `<!${what}>`);
}

/** A link; one to a message of this workspace opens it here. */
export function link(address, label, page) {
  const props = { href: address, target: "_blank", rel: "noopener noreferrer" };
  const here = page.permalink(address);
  if (here) {
    props.onclick = (event) => {
      event.preventDefault();
      page.show(here);
    };
  }
  return el("a", props, label);
}
