// Controls that hold a value: texts, numbers, dates, choices. Each is {node, read, write}.

import { el, fresh } from "./dom.js";
import { decoded, words } from "./mrkdwn.js";

const TYPES = {
  plain_text_input: "text", number_input: "number", email_text_input: "email",
  url_text_input: "url", datepicker: "date", timepicker: "time", datetimepicker: "datetime-local",
};
const UNKNOWN = "This kind of input is not shown here.";

/** Make the control of an element; `names` are attributes that give it its name. */
export function control(element, page, names = {}) {
  const kind = element.type;
  if (kind === "radio_buttons") return choices(element, page, "radio", names);
  if (kind === "checkboxes") return choices(element, page, "checkbox", names);
  if (kind.endsWith("_select") && !kind.endsWith("external_select"))
    return select(element, page, names);
  if (TYPES[kind]) return input(element, names);
  return { node: el("p", { class: "muted" }, UNKNOWN), read: () => "", write() {} };
}

const pick = (element, ...keys) => keys.map((key) => element[key]).find((one) => one !== undefined);

function input(element, names) {
  const type = TYPES[element.type];
  const first = pick(element, "initial_value", "initial_date", "initial_time") ?? "";
  const props = {
    ...names,
    maxlength: element.max_length, minlength: element.min_length,
    placeholder: element.placeholder && decoded(element.placeholder.text),
  };
  if (type === "number") {
    Object.assign(props, { min: element.min_value, max: element.max_value });
    props.step = element.is_decimal_allowed ? "any" : "1";
  }
  const node = element.multiline
    ? el("textarea", { ...props, rows: 4 })
    : el("input", { ...props, type, autocomplete: "off" });
  const seconds = type === "datetime-local";
  const write = (value) => { node.value = seconds ? moment(value) : value; };
  write(seconds ? String(element.initial_date_time ?? "") : first);
  return { node, write, read: () => (seconds ? epoch(node.value) : node.value) };
}

const moment = (value) => (value ? new Date(Number(value) * 1000).toISOString().slice(0, 16) : "");
const epoch = (value) => (value ? String(Date.parse(`${value}Z`) / 1000) : "");

function select(element, page, names) {
  const many = element.type.startsWith("multi_");
  const node = el("select", { ...names, multiple: many });
  const hint = element.placeholder ? decoded(element.placeholder.text) : "Choose...";
  if (!many) node.append(el("option", { value: "" }, hint));
  for (const group of element.option_groups ?? []) {
    const label = decoded(group.label.text);
    node.append(el("optgroup", { label }, group.options.map(option)));
  }
  node.append(...options(element, page).map(option));
  const write = (value) => {
    const wanted = [value].flat();
    for (const one of node.options) one.selected = wanted.includes(one.value);
  };
  write(initial(element));
  const chosen = () => [...node.selectedOptions].map((one) => one.value);
  return { node, write, read: () => (many ? chosen() : node.value) };
}

function options(element, page) {
  const named = (value, text) => ({ value, text: { text } });
  if (element.type.includes("users_")) {
    return page.state.people().map((user) => named(user.id, user.shown));
  }
  if (/(channels|conversations)_/.test(element.type)) {
    const channels = page.state.all("channel").filter((one) => one.kind !== "im");
    return channels.map((one) => named(one.id, `#${one.name}`));
  }
  return element.options ?? [];
}

const option = ({ value, text }) => el("option", { value }, decoded(text.text));

function initial(element) {
  if (element.initial_options) return element.initial_options.map((one) => one.value);
  const one = element.initial_option?.value;
  return one ?? pick(element, "initial_user", "initial_channel", "initial_conversation") ?? "";
}

function choices(element, page, type, { "data-key": key, "data-action": action, ...names }) {
  const name = fresh("choice");
  const boxes = element.options.map(({ value, text, description }, at) => {
    const box = el("input", {
      type, name, value, "data-key": `${key} ${at}`, "data-action": action,
    });
    const more = description && el("small", {}, words(description, page));
    return { box, label: el("label", { class: "choice" }, box, el("span", {}, words(text, page), more)) };
  });
  const role = type === "radio" ? "radiogroup" : "group";
  const node = el("div", { class: "choices", role, ...names }, boxes.map(({ label }) => label));
  const write = (value) => {
    const wanted = [value].flat();
    for (const { box } of boxes) box.checked = wanted.includes(box.value);
  };
  write(initial(element));
  const chosen = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
  return { node, write, read: () => (type === "radio" ? (chosen()[0] ?? "") : chosen()) };
}
