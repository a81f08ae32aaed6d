// One message: who, when, what, and what can be done with it.

import { act, trouble } from "./acts.js";
import { attachment } from "./attachment.js";
import { author, avatar } from "./avatar.js";
import { blocks } from "./blocks.js";
import { button, el, icon, iconButton } from "./dom.js";
import { named } from "./emoji.js";
import { openMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { file } from "./picture.js";
import { clock, full } from "./time.js";

/** Give a message's node; `replies` are those below it, `follows` leaves its author out. */
export function message(row, page, { replies = [], follows = false, inThread = false } = {}) {
  const { name, app } = author(row, page);
  const ours = row.user === page.state.team.bot && !row.username;
  const kinds = ["message", follows && "follows", row.only_you && "only-you"].filter(Boolean);
  const gone = row.subtype === "tombstone";
  return el("li", { class: kinds.join(" "), "data-ts": row.ts },
    follows ? stamp(row, "gutter") : avatar(name, { ours }),
    el("div", { class: "body" },
      row.only_you && el("p", { class: "whisper" }, "Only visible to you"),
      !follows && el("p", { class: "who" },
        el("span", { class: "name" }, name),
        app && el("span", { class: "mark" }, "APP"),
        stamp(row),
      ),
      el("div", { class: gone ? "content muted" : "content" }, content(row, page)),
      row.reactions && el("div", { class: "reactions" }, row.reactions.map((one) => reaction(one, page))),
      replies.length > 0 && below(row, replies, page),
    ),
    !row.only_you && !gone && tools(row, page, inThread, name),
  );
}

const stamp = (row, kind = "") =>
  el("time", { class: kind || false, datetime: new Date(row.ts * 1000).toISOString(), title: full(row.ts) },
    clock(row.ts));

function content(row, page) {
  const place = {
    where: () => ({ channel: row.channel, ts: row.ts }),
    answers: () => ({}),
    holds() {},
  };
  const edited = row.edited &&
    el("span", { class: "edited", title: full(row.edited.ts) }, " (edited)");
  const shown = row.blocks?.length
    ? blocks(row.blocks, place, page)
    : row.text && el("div", { class: "text" }, mrkdwn(row.text, page), edited);
  return [
    shown,
    row.blocks?.length > 0 && edited,
    (row.attachments ?? []).flatMap((one) => attachment(one, place, page)),
    (row.files ?? []).map(file),
  ];
}

function reaction({ name, users, count }, page) {
  const who = users.map((id) => page.state.user(id)?.name ?? id).join(", ");
  const label = `${name}: ${who}`;
  return el("span", { class: "reaction", title: label },
    el("span", { class: "unseen" }, `${label} `),
    el("span", { "aria-hidden": "true" }, named(name) ?? `:${name}:`),
    el("span", { "aria-hidden": "true" }, count),
  );
}

function below(row, replies, page) {
  const last = replies.at(-1);
  const count = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  return button([
    faces(replies, page),
    el("span", { class: "count" }, count),
    el("span", { class: "muted" }, `Last reply ${clock(last.ts)}`),
  ], () => page.openThread(row.channel, row.ts), { class: "replies", "data-key": `replies ${row.ts}` });
}

function faces(replies, page) {
  const seen = new Map(replies.map((row) => [row.username || row.user, row]));
  return [...seen.values()].slice(0, 3).map((row) =>
    avatar(author(row, page).name, { ours: row.user === page.state.team.bot && !row.username }));
}

function tools(row, page, inThread, name) {
  const shortcuts = Object.entries(page.state.team.shortcuts);
  const more = iconButton("more", `More actions on the message of ${name}`, () =>
    openMenu(more, shortcuts.map(([id, label]) => [label, () => take(row, id, page, more)])),
  { "aria-haspopup": "menu", "data-key": `more ${row.ts}` });
  return el("div", { class: "tools" },
    !inThread && iconButton("reply", "Reply in thread",
      () => page.openThread(row.channel, row.thread_ts || row.ts),
      { "data-key": `reply ${row.ts}` }),
    more,
  );
}

async function take(row, callback_id, page, node) {
  const where = { as: page.state.me, channel: row.channel, ts: row.ts, callback_id };
  const why = trouble(await act("shortcut", where));
  const body = node.closest(".message")?.querySelector(".content");
  body?.querySelector(".trouble")?.remove();
  if (why) body?.append(el("p", { class: "trouble", role: "alert" }, icon("warning"), why));
}
