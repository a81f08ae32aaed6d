// Block Kit as a person sees it. A block that is not known here says so.

import { control } from "./controls.js";
import { dispatches } from "./dispatch.js";
import { el, fresh } from "./dom.js";
import { element, keys } from "./elements.js";
import { plain, words } from "./mrkdwn.js";
import { image } from "./picture.js";
import { richText } from "./rich_text.js";

/**
 * Give the nodes of blocks. `place` is what they stand in: where() names it for an act,
 * answers() gives what stands in it by name, holds(name, field) takes another field into account:
 * {element, made, needed}, and `error` where there is room for what is wrong. stands(name), if it
 * is there, gives what holds a value now, should it have been drawn anew.
 */
export const blocks = (rows, place, page) =>
  (rows ?? []).map((block) => (KINDS[block.type] ?? unknown)(block, place, page));

const text = (object, page) => el("div", { class: "text" }, words(object, page));

const KINDS = {
  __proto__: null,
  header: (block, _place, page) => el("h3", { class: "block header" }, words(block.text, page)),
  divider: () => el("hr", { class: "block" }),
  image: (block, _place, page) => el("div", { class: "block" }, image(block, page)),
  rich_text: (block, _place, page) => el("div", { class: "block rich" }, richText(block, page)),
  markdown: (block) => el("div", { class: "block text" }, plain(block.text, false)),
  section, context, actions, input, table,
};

function section(block, place, page) {
  const fields = block.fields?.map((field) => text(field, page));
  return el("div", { class: "block section" },
    el("div", { class: "told" },
      block.text && text(block.text, page),
      fields && el("div", { class: "fields" }, fields),
    ),
    block.accessory &&
      el("div", { class: "accessory" }, element(block.accessory, block, place, page)),
  );
}

function context(block, _place, page) {
  const parts = block.elements.map((one) =>
    one.type === "image" ? image(one, page) : el("span", { class: "text" }, words(one, page)));
  return el("div", { class: "block context" }, parts);
}

function actions(block, place, page) {
  const made = block.elements.map((one) => element(one, block, place, page));
  return el("div", { class: "block actions" }, made);
}

function input(block, place, page) {
  const id = fresh("input");
  const names = {
    "aria-labelledby": id, "aria-describedby": `${id}-more`, ...keys(block.element, block),
  };
  const made = control(block.element, page, names);
  const error = el("p", { class: "error", role: "alert" });
  const optional = block.optional && el("span", { class: "muted" }, " (optional)");
  const field = el("div", { class: "field", "data-block": block.block_id },
    el("div", { class: "label", id }, words(block.label, page), optional),
    made.node,
    el("div", { id: `${id}-more` },
      block.hint && el("p", { class: "muted" }, words(block.hint, page)), error),
  );
  const { element: one, optional: free } = block;
  place.holds(block.block_id, { element: one, made, error, needed: !free });
  if (block.dispatch_action) dispatches(one, block, made, place, page);
  return field;
}

function table(block, _place, page) {
  const cell = (one) => (one.type === "rich_text" ? richText(one, page) : String(one.text ?? ""));
  const [head, ...rest] = block.rows.map((row) => row.map(cell));
  return el("div", { class: "block scrolls" }, el("table", {},
    el("thead", {}, el("tr", {}, head.map((one) => el("th", { scope: "col" }, one)))),
    el("tbody", {}, rest.map((row) => el("tr", {}, row.map((one) => el("td", {}, one))))),
  ));
}

const unknown = (block) =>
  el("p", { class: "block muted" }, `A block of the kind ${block.type} is not shown here.`);
