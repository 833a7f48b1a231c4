// A text with its entities (places in UTF-16 units, as JavaScript counts) as elements.
import { element } from "./dom.js";

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", spoiler: "span" };

export function words(text, entities, doing) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return within(text, 0, text.length, sorted, doing);
}

function within(text, from, to, entities, doing) {
  const parts = [];
  let at = from;
  let rest = entities;
  while (rest.length) {
    const [first, ...others] = rest;
    const end = Math.min(first.offset + first.length, to);
    if (first.offset < at || end <= first.offset) { rest = others; continue; }
    parts.push(text.slice(at, first.offset));
    const inner = others.filter((one) => one.offset < end);
    parts.push(entity(first, text.slice(first.offset, end), within(text, first.offset, end, inner, doing), doing));
    rest = others.filter((one) => one.offset >= end);
    at = end;
  }
  parts.push(text.slice(at, to));
  return parts.filter((part) => part !== "");
}

function entity(found, said, inner, doing) {
  if (found.type === "bot_command")
    return element("button", { type: "button", on: { click: () => doing.say(said) } }, ...inner);
  const address = found.type === "text_link" ? found.url : found.type === "url" ? said : null;
  if (address) {
    if (doing.startPayload(address))
      return element("button", { type: "button", on: { click: () => doing.link(address) } }, ...inner);
    return element("span", { class: "outside", title: address }, ...inner);
  }
  const tag = TAGS[found.type];
  return tag ? element(tag, {}, ...inner) : element("span", {}, ...inner);
}
