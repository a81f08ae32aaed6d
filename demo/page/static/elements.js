// Elements that a person uses in actions and sections: buttons, menus, choices.

import { act, trouble } from "./acts.js";
import { confirmed } from "./confirm.js";
import { control } from "./controls.js";
import { button, el, icon, iconButton } from "./dom.js";
import { openMenu } from "./menu.js";
import { words } from "./mrkdwn.js";
import { image } from "./picture.js";

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
  const made = control(one, page, { "aria-label": label });
  made.node.addEventListener("change", () =>
    use(one, block, place, page, { node: made.node, option: made.read() }));
  return made.node;
}

/** Use an element, after a question if it has one, and show what went wrong beside it. */
export async function use(one, block, place, page, { node, option = "" }) {
  if (node.hasAttribute("aria-busy")) return;
  if (one.confirm && !(await confirmed(one.confirm, page))) return;
  node.setAttribute("aria-busy", "true");
  const row = { as: page.state.me, action_id: one.action_id, block_id: block.block_id, option };
  const answer = await act("click", { ...row, ...place.where(), answers: place.answers() });
  node.removeAttribute("aria-busy");
  const why = trouble(answer);
  const around = node.closest(".block, .field");
  around?.querySelector(".trouble")?.remove();
  if (why) around?.append(el("p", { class: "trouble", role: "alert" }, icon("warning"), why));
}
