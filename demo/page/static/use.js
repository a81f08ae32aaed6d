// Using an element: the act goes to the app, and what went wrong is shown beside it.

import { act, trouble } from "./acts.js";
import { confirmed } from "./confirm.js";
import { el, icon } from "./dom.js";

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
