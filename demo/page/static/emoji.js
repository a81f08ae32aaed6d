// Emoji: circles are drawn, so that they look alike everywhere; others are characters.

import { el, icon } from "./dom.js";

const CIRCLES = new Map([
  ["🔴", "red"], ["🟢", "green"], ["🟡", "yellow"], ["⚪", "grey"],
  ["🟠", "orange"], ["🔵", "blue"], ["⚫", "black"],
]);
const NAMES = new Map(Object.entries({
  red_circle: "🔴", large_green_circle: "🟢", large_yellow_circle: "🟡", white_circle: "⚪",
  large_orange_circle: "🟠", large_blue_circle: "🔵", black_circle: "⚫",
  fire: "🔥", rotating_light: "🚨", bell: "🔔", "+1": "👍", "-1": "👎", tada: "🎉",
}));
const DRAWN = new Map(Object.entries({
  eyes: "eyes", white_check_mark: "check", heavy_check_mark: "check", x: "close", warning: "warning",
  "👀": "eyes", "✅": "check", "❌": "close", "⚠": "warning",
}));
const ANY = /([🔴🟢🟡⚪🟠🔵⚫👀✅❌⚠])\uFE0F?/u;

/** Give nodes for a text in which emoji are characters. */
export function withCircles(text) {
  return text.split(ANY).map((part, at) => (at % 2 ? shown(part) : part));
}

/** Give the emoji of a name, or null if it is not known. */
export function named(name) {
  const character = NAMES.get(name) ?? (DRAWN.has(name) ? name : null);
  return character && shown(character);
}

function shown(character) {
  const colour = CIRCLES.get(character);
  if (colour)
    return el("span", { class: `circle ${colour}`, role: "img", "aria-label": `${colour} circle` });
  if (!DRAWN.has(character)) return character;
  const name = DRAWN.get(character);
  return el("span", { class: `emoji ${name}`, role: "img", "aria-label": name }, icon(name));
}
