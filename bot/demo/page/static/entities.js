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
    parts.push(...found(text.slice(at, first.offset), doing));
    const inner = others.filter((one) => one.offset < end);
    parts.push(entity(first, text.slice(first.offset, end), within(text, first.offset, end, inner, doing), doing));
    rest = others.filter((one) => one.offset >= end);
    at = end;
  }
  parts.push(...found(text.slice(at, to), doing));
  return parts.filter((part) => part !== "");
}

// Apps find addresses and commands in any text by themselves.
const FOUND = /https?:\/\/[^\s<>"]+|(?<![\w/.:])\/[a-z_]{2,32}(?![\w/])/g;

function found(text, doing) {
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(FOUND)) {
    const type = match[0].startsWith("/") ? "bot_command" : "url";
    parts.push(text.slice(at, match.index), entity({ type }, match[0], [match[0]], doing));
    at = match.index + match[0].length;
  }
  return [...parts, text.slice(at)];
}

function entity(given, said, inner, doing) {
  if (given.type === "bot_command")
    return element("button", { type: "button", on: { click: () => doing.say(said) } }, said);
  const address = given.type === "text_link" ? given.url : given.type === "url" ? said : null;
  if (address) {
    if (doing.startPayload(address))
      return element("button", { type: "button", on: { click: () => doing.link(address) } }, said);
    return element("span", { class: "outside", title: address }, said);
  }
  const tag = TAGS[given.type];
  return tag ? element(tag, {}, ...inner) : element("span", {}, ...inner);
}
