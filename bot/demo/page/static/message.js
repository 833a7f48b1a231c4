// One message as an element: bubble, attachments, quiz, buttons.
import { element } from "./dom.js";
import { words } from "./entities.js";

export function drawMessage(message, doing) {
  const bubble = element("div", { class: "bubble" }, ...inside(message, doing), meta(message, doing));
  const has = ["buttons", "poll", "photo"].filter((kind) => (kind === "buttons" ? message.buttons.length : message[kind]));
  const kinds = ["message", message.mine ? "mine" : "", ...has.map((kind) => `has-${kind}`)].filter(Boolean).join(" ");
  const who = message.mine ? "Anda" : "Sinar";
  return element("article", { class: kinds, "aria-label": `${who}, ${message.time}` }, bubble, rows(message, doing));
}

function* inside(message, doing) {
  if (message.reply) yield element("div", { class: "reply" }, message.reply);
  if (message.photo) yield picture(message.photo, message.text);
  if (message.document) yield file(message.document);
  if (message.voice) yield element("div", { class: "file" }, `🎤 Pesan suara, ${message.voice.seconds} detik`);
  if (message.contact) yield element("div", { class: "file" }, `👤 ${message.contact.name}, ${message.contact.phone}`);
  if (message.sticker) yield element("div", { class: "words" }, message.sticker.emoji);
  if (message.poll) yield poll(message, doing);
  if (message.text) yield element("div", { class: "words" }, ...words(message.text, message.entities, doing));
}

function picture(photo, text) {
  const image = element("img", {
    src: photo.url, width: photo.width, height: photo.height,
    alt: text ? "Gambar dari Sinar; isinya dengan kata-kata ada di bawahnya" : "Gambar dari Sinar",
  });
  return element("a", { class: "picture", href: photo.url, target: "_blank", rel: "noopener" }, image);
}

function file(document) {
  return element("a", { class: "file", href: `${document.url}?download=1`, download: document.name },
    `📄 ${document.name}`, element("span", {}, document.size));
}

function meta(message, doing) {
  const tools = [];
  if (message.editable)
    tools.push(element("button", { type: "button", "aria-label": "Ubah pesan ini", title: "Ubah", "data-focus": "edit",
      on: { click: () => doing.edit(message) } }, "✎"));
  if (!message.mine)
    tools.push(element("button", { type: "button", "aria-label": "Balas pesan ini", title: "Balas", "data-focus": "reply",
      on: { click: () => doing.reply(message) } }, "↩"));
  return element("div", { class: "meta" }, ...tools, message.edited ? "diedit" : "",
    element("time", { datetime: message.at }, message.time), message.mine ? element("span", { "aria-hidden": "true" }, "✓✓") : "");
}

function rows(message, doing) {
  if (!message.buttons.length) return null;
  return element("div", { class: "rows" }, ...message.buttons.map((row) => element("div", {},
    ...row.map((button) => element("button", {
      type: "button", "data-mark": `button:${button.text}`, "data-focus": button.callback_data ?? button.text,
      on: { click: () => doing.press(message, button) },
    }, button.url ? `${button.text} ↗` : button.text)))));
}

function poll(message, doing) {
  const shown = message.poll;
  const kind = shown.over ? (shown.closed ? "Kuis sudah ditutup" : "Kuis, sudah dijawab") : "Kuis: pilih satu";
  return element("fieldset", { class: "poll", "data-mark": shown.over ? null : "poll" },
    element("legend", {}, shown.description ? element("div", { class: "described" }, shown.description) : "", shown.question),
    element("p", { class: "kind" }, shown.quiz ? kind : "Jajak pendapat"),
    ...shown.options.map((option, place) => (shown.over ? answered(option) : open(message, option, place, doing))),
    shown.explanation ? element("p", { class: "explanation" }, `💡 ${shown.explanation}`) : "");
}

function open(message, option, place, doing) {
  return element("button", { type: "button", class: "option", "data-focus": `option-${place}`,
    on: { click: () => doing.vote(message, place) } }, element("span", { class: "dot", "aria-hidden": "true" }), option.text);
}

function answered(option) {
  const state = option.right ? "is-right" : option.chosen ? "is-wrong" : "";
  const said = [option.chosen ? "pilihan Anda" : "", option.right ? "benar" : option.chosen ? "keliru" : ""].filter(Boolean).join(", ");
  const votes = option.votes ? ` · ${option.votes} suara` : "";
  return element("div", { class: `option ${state}` },
    element("span", { class: "dot", "aria-hidden": "true" }, option.right ? "✓" : option.chosen ? "✗" : ""),
    element("span", {}, option.text, said ? element("small", {}, ` (${said}${votes})`) : ""));
}
