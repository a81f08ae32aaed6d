// Pictures: only those of this workspace are loaded; of others their words are shown.

import { el } from "./dom.js";
import { words } from "./mrkdwn.js";

/** Give the picture of an image element or block. */
export function image(block, page) {
  const source = address(block);
  const alt = block.alt_text;
  const picture = source
    ? el("img", { src: source, alt, loading: "lazy" })
    : el("span", { class: "elsewhere", role: "img", "aria-label": alt }, alt);
  return block.title
    ? el("figure", {}, el("figcaption", {}, words(block.title, page)), picture)
    : picture;
}

function address({ slack_file: file, image_url: url }) {
  if (file?.id) return `/page/files/${encodeURIComponent(file.id)}`;
  const wanted = file?.url ?? url;
  const at = URL.canParse(wanted ?? "") && new URL(wanted);
  const ours = at && at.origin === location.origin && at.pathname.match(/^\/files\/(\w+)$/);
  return ours ? `/page/files/${ours[1]}` : "";
}

/** Give a file of a message: a picture with its words, anything else as a link. */
export function file(row) {
  const source = `/page/files/${encodeURIComponent(row.id)}`;
  const open = { href: source, target: "_blank", rel: "noopener" };
  if (row.mimetype !== "image/png")
    return el("a", { ...open, class: "file" }, row.title, el("small", {}, size(row.size)));
  const alt = row.alt_txt || row.title;
  const picture = el("img", { src: source, alt, width: row.original_w, height: row.original_h });
  return el("figure", { class: "picture" },
    el("figcaption", {}, row.title),
    el("a", { ...open, title: "Open the picture" }, picture),
  );
}

const size = (bytes) => (bytes < 1000 ? `${bytes} B` : `${Math.round(bytes / 1000)} kB`);
