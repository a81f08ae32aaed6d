// Elements that tell the app what they hold: when something is chosen, a text as it is typed.

import { use } from "./use.js";

const REST = 300; // milliseconds without another character
const TYPED = new Set(["plain_text_input", "number_input", "email_text_input", "url_text_input"]);

/** Let an element tell the app; of a text Slack tells on Enter unless the element says when. */
export function dispatches(element, block, made, place, page, name = block.block_id) {
  const tell = new Teller(() => {
    const now = place.stands ? place.stands(name) : made; // it may have been drawn anew
    return now && use(element, block, place, page, { node: now.node, option: now.read() });
  });
  if (!TYPED.has(element.type)) {
    made.node.addEventListener("change", () => tell.now());
    return;
  }
  const on = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  if (on.includes("on_character_entered")) made.node.addEventListener("input", () => tell.soon());
  if (on.includes("on_enter_pressed")) {
    made.node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      tell.now();
    });
  }
}

/** Tells one thing at a time; what comes meanwhile is told once afterwards, as it is then. */
class Teller {
  #timer = 0;
  #telling = false;
  #again = false;

  constructor(tell) {
    this.tell = tell;
  }

  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), REST);
  }

  async now() {
    clearTimeout(this.#timer);
    this.#again = this.#telling;
    if (this.#telling) return;
    this.#telling = true;
    do {
      this.#again = false;
      await this.tell();
    } while (this.#again);
    this.#telling = false;
  }
}
