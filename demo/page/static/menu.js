// A menu below a button; arrows move in it, Escape and a click elsewhere close it.

import { el } from "./dom.js";

/** Open a menu of [label nodes, run] pairs at a button. */
export function openMenu(anchor, items) {
  const entries = items.map(([label, run]) =>
    el("button", {
      type: "button", role: "menuitem",
      onclick: () => {
        menu.hidePopover();
        run();
      },
    }, label),
  );
  const menu = el("div", { class: "menu", role: "menu", popover: "auto" }, entries);
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = entries.indexOf(document.activeElement) + step;
    entries.at(at % entries.length).focus();
  });
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    if (menu.contains(document.activeElement) || document.activeElement === document.body)
      anchor.focus();
    menu.remove();
  });
  (anchor.closest("dialog") ?? document.body).append(menu);
  menu.showPopover();
  anchor.setAttribute("aria-expanded", "true");
  place(menu, anchor.getBoundingClientRect());
  entries[0].focus();
}

function place(menu, { left, right, top, bottom }) {
  const { width, height } = menu.getBoundingClientRect();
  const x = left + width > innerWidth - 8 ? right - width : left;
  const y = bottom + height > innerHeight - 8 ? top - height - 4 : bottom + 4;
  menu.style.left = `${Math.max(8, x)}px`;
  menu.style.top = `${Math.max(8, y)}px`;
}
