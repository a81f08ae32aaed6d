// The dialog that asks before an element is used.

import { button, el, fresh } from "./dom.js";
import { words } from "./mrkdwn.js";

/** Ask; gives true if the person wants it. */
export function confirmed(object, page) {
  return new Promise((resolve) => {
    const id = fresh("confirm");
    const style = object.style === "danger" ? "danger" : "primary";
    const dialog = el("dialog", { class: "confirm", "aria-labelledby": id, onclose: () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    } },
      el("h2", { id }, words(object.title, page)),
      el("div", { class: "text" }, words(object.text, page)),
      el("div", { class: "row" },
        button(words(object.deny, page), () => dialog.close("")),
        button(words(object.confirm, page), () => dialog.close("yes"), { class: style }),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
