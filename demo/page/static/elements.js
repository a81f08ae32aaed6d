// Elements that a person uses in actions and sections: buttons, menus, choices.

import { control } from "./controls.js";
import { dispatches } from "./dispatch.js";
import { button, iconButton } from "./dom.js";
import { openMenu } from "./menu.js";
import { words } from "./mrkdwn.js";
import { image } from "./picture.js";
import { use } from "./use.js";

/** Give the node of an element of a block; `place` is the message or the view it stands in. */
export function element(one, block, place, page) {
  if (one.type === "image") return image(one, page);
  if (one.type === "button") return push(one, block, place, page);
  if (one.type === "overflow") return overflow(one, block, place, page);
  return chosen(one, block, place, page);
}

function push(one, block, place, page) {
  const node = button(words(one.text, page), async () => {
    if (one.url && /^https?:\/\//i.test(one.url)) open(one.url, "_blank", "noopener,noreferrer");
    await use(one, block, place, page, { node });
  }, {
    class: one.style ?? false,
    "aria-label": one.accessibility_label,
    "data-key": `${block.block_id} ${one.action_id}`,
  });
  return node;
}

function overflow(one, block, place, page) {
  const node = iconButton("more", "More", () => openMenu(node, one.options.map((option) => [
    words(option.text, page),
    () => use(one, block, place, page, { node, option: option.value }),
  ])), {
    class: "icon bordered", "aria-haspopup": "menu",
    "data-key": `${block.block_id} ${one.action_id}`,
  });
  return node;
}

function chosen(one, block, place, page) {
  const label = one.accessibility_label ?? one.placeholder?.text ?? "Choose";
  const made = control(one, page, { "aria-label": label, ...keys(one, block) });
  const name = block.type === "actions" ? keys(one, block)["data-key"] : block.block_id;
  place.holds(name, { element: one, made, needed: false });
  dispatches(one, block, made, place, page, name);
  return made.node;
}

/** By what an element is found again when its block was drawn anew. */
export const keys = (one, block) => ({
  "data-key": `${block.block_id} ${one.action_id}`, "data-action": one.action_id,
});
