// Who wrote a message: the name, the square before it, the mark of an app.

import { el } from "./dom.js";

const SHADES = 6;

/** Tell who wrote a message: {name, app}. */
export function author(row, page) {
  if (row.user === "USLACKBOT") return { name: "Slackbot", app: false };
  const user = page.state.user(row.user);
  return { name: row.username || user?.shown || "somebody", app: Boolean(row.bot_id), user };
}

/** Give the square with initials, or the app's picture; it is decoration. */
export function avatar(name, { ours = false } = {}) {
  const hidden = { "aria-hidden": "true" };
  if (ours) return el("span", { ...hidden, class: "avatar ours" });
  const sum = [...name].reduce((total, letter) => total + letter.codePointAt(0), 0);
  const parts = name.split(/[\s._-]+/).filter(Boolean);
  const initials = parts.slice(0, 2).map((part) => [...part][0]).join("");
  return el("span", { ...hidden, class: `avatar shade${sum % SHADES}` }, initials.toUpperCase());
}
