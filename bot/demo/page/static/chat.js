// The chat of the phone that is held: the log, the box to write in, and what stands between them.
import { byId, element, listed } from "./dom.js";
import { drawMessage } from "./message.js";
import { base64 } from "./net.js";

const log = byId("log");
const text = byId("text");
let shownPhone = null;
let left = 0; // where the log was last scrolled to by itself
let awaits = false; // whether an answer is awaited: it is brought into view, unless one scrolls on meanwhile
let aside = null; // {kind: "edit" | "reply", message}

export function drawChat(state, doing) {
  const chat = state.chat;
  const switched = shownPhone !== chat.id;
  if (switched) {
    shownPhone = chat.id;
    log.replaceChildren();
    setAside(null);
  }
  byId("chat-name").textContent = chat.name;
  byId("chat-state").textContent = chat.blocked ? "Bot diblokir" : `${chat.role} · obrolan dengan ${state.bot.name}`;
  byId("block").textContent = chat.blocked ? "Buka blokir" : "Blokir";
  byId("block").hidden = !chat.started;
  listed(log, entries(chat), (entry) => entry.key, (entry) => draw(entry, doing));
  byId("typing").textContent = chat.typing ? "Sinar mengetik" : "";
  drawCard(state);
  drawKeys(chat, doing);
  drawCommands(chat, doing);
  return chat.messages.at(-1)?.id ?? 0;
}

// Where the log stands before something is drawn, and where it goes once all is drawn and every height is known.
export function standing() {
  const end = log.scrollHeight - log.scrollTop - log.clientHeight < 90;
  return { end, follows: end || awaits || Math.abs(log.scrollTop - left) < 90, phone: shownPhone, last: log.lastElementChild?.dataset.key };
}

export function settle(stood) {
  const fresh = log.lastElementChild?.dataset.key !== stood.last;
  if (stood.phone !== shownPhone || (stood.follows && fresh)) toNewest();
  else if (stood.end) toEnd();
}

export function toEnd() {
  log.scrollTop = log.scrollHeight;
}

// As an app does: to the end, or to where reading begins when what is new does not fit.
function toNewest() {
  toEnd();
  const newest = log.querySelector(".message:last-child");
  if (newest && newest.offsetHeight > log.clientHeight) log.scrollTop = newest.offsetTop - log.offsetTop - 8;
  left = log.scrollTop;
}

function entries(chat) {
  if (!chat.messages.length) return [{ key: "empty" }];
  const found = [];
  let day = null;
  for (const message of chat.messages) {
    if (message.day !== day) found.push({ key: `day ${(day = message.day)}`, day });
    found.push({ key: `message ${message.id}`, message });
  }
  return found;
}

function draw(entry, doing) {
  if (entry.message) return drawMessage(entry.message, doing);
  if (entry.day) return element("p", { class: "day" }, entry.day);
  return element("p", { class: "empty" }, "Belum ada pesan di HP ini.");
}

function drawCard(state) {
  const { chat, session } = state;
  const newcomer = Boolean(chat.nip) && !chat.joined;
  byId("card").hidden = !newcomer || !state.ready;
  byId("scan").hidden = !session.payload;
  byId("scan").classList.toggle("main", !chat.started);
  byId("nip").hidden = !chat.started;
  // While a message asks for a press ("Setuju", "Ya"), the NIP draws no eye.
  const newest = chat.messages.findLast((message) => !message.mine);
  byId("nip").classList.toggle("main", !newest?.buttons.length);
  byId("card-say").textContent = chat.started ? `NIP pada kartu pegawai: ${chat.nip}` : "Kode itu terpampang di layar aula.";
}

function drawKeys(chat, doing) {
  const rows = chat.keyboard.map((row, place) => ({ place, row }));
  // Whoever has gone on without these buttons sees them folded, as in an app.
  const fold = chat.keyboard_aside;
  if (fold !== folds) { folds = fold; showKeys(!fold); }
  byId("keys-show").hidden = !rows.length || !fold;
  listed(byId("keys"), rows, (entry) => entry.place, (entry) => element("div", {}, ...entry.row.map((label) =>
    element("button", { type: "button", "data-mark": `button:${label}`, on: { click: () => doing.key(label) } }, label))));
}

let folds = false;

function showKeys(open) {
  byId("keys").hidden = !open;
  byId("keys-show").setAttribute("aria-expanded", String(open));
  byId("keys-show").textContent = open ? "Sembunyikan tombol" : "Tampilkan tombol";
}

function drawCommands(chat, doing) {
  byId("menu").hidden = !chat.commands.length;
  listed(byId("commands"), chat.commands, (entry) => entry.command, (entry) => element("li", {},
    element("button", { type: "button", on: { click: () => { openCommands(false); doing.say(entry.command); text.focus(); } } },
      element("b", {}, entry.command), entry.description)));
}

function openCommands(open) {
  byId("commands").hidden = !open;
  byId("menu").setAttribute("aria-expanded", String(open));
  if (open) byId("commands").querySelector("button")?.focus();
}

function setAside(given) {
  aside = given;
  const line = byId("aside");
  line.hidden = !given;
  if (!given) return;
  line.querySelector("span").textContent = `${given.kind === "edit" ? "Mengubah" : "Membalas"}: ${given.message.text || "pesan"}`;
  if (given.kind === "edit") text.value = given.message.text;
  text.focus();
}

export const editing = (message) => setAside({ kind: "edit", message });
export const replying = (message) => setAside({ kind: "reply", message });

export function fill(words) {
  text.value = words;
  text.focus();
}

export const awaitAnswer = () => { awaits = true; };

export function wire(doing) {
  for (const way of ["wheel", "touchmove"]) log.addEventListener(way, () => { awaits = false; }, { passive: true });
  const send = () => {
    const said = text.value.trim();
    if (!said) return;
    text.value = "";
    const about = aside;
    setAside(null);
    toEnd();
    if (about?.kind === "edit") doing.act("edit", { message: about.message.id, text: said });
    else doing.say(said, about?.message.id);
    text.focus();
  };
  byId("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
    if (event.key === "Escape") setAside(null);
  });
  byId("aside").querySelector("button").addEventListener("click", () => { text.value = ""; setAside(null); text.focus(); });
  byId("menu").addEventListener("click", () => openCommands(byId("commands").hidden));
  byId("commands").addEventListener("keydown", (event) => {
    if (event.key === "Escape") { openCommands(false); byId("menu").focus(); }
  });
  byId("keys-show").addEventListener("click", () => showKeys(byId("keys").hidden));
  byId("voice").addEventListener("click", () => doing.act("voice"));
  byId("attach").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", async (event) => {
    const [chosen] = event.target.files;
    event.target.value = "";
    if (chosen) doing.act("file", { name: chosen.name, body: await base64(chosen) });
  });
  byId("block").addEventListener("click", () => doing.act("block"));
}
