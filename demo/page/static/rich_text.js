// rich_text blocks: sections, lists, quotes and code, with their styles.

import { el } from "./dom.js";
import { named } from "./emoji.js";
import { channel, link, mention } from "./mrkdwn.js";

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code" };

/** Give the nodes of a rich_text block. */
export const richText = (block, page) => (block.elements ?? []).map((part) => section(part, page));

function section(part, page) {
  const inner = part.elements ?? [];
  if (part.type === "rich_text_list") {
    const tag = part.style === "ordered" ? "ol" : "ul";
    return el(tag, {}, inner.map((item) => el("li", {}, section(item, page))));
  }
  const nodes = inner.map((piece) => styled(piece, page));
  if (part.type === "rich_text_preformatted") return el("pre", {}, el("code", {}, nodes));
  if (part.type === "rich_text_quote") return el("blockquote", {}, nodes);
  return el("div", { class: "text" }, nodes);
}

function styled(piece, page) {
  const marks = Object.keys(STYLES).filter((name) => piece.style?.[name]);
  return marks.reduce((node, name) => el(STYLES[name], {}, node), leaf(piece, page));
}

function leaf(piece, page) {
  switch (piece.type) {
    case "link":
      return /^(https?:\/\/|mailto:)/i.test(piece.url)
        ? link(piece.url, piece.text || piece.url, page)
        : (piece.text ?? piece.url ?? "");
    case "user": return mention(piece.user_id, "", page);
    case "channel": return channel(piece.channel_id, "", page);
    case "usergroup":
      return el("span", { class: "mention" }, `@${page.state.group(piece.usergroup_id)?.handle}`);
    case "broadcast": return el("span", { class: "mention mine" }, `@${piece.range}`);
    case "emoji": return named(piece.name) ?? `:${piece.name}:`;
    default: return String(piece.text ?? "");
  }
}
