// Asks the server what is to be shown, draws it, and carries what is done at the page to the server.
import * as chat from "./chat.js";
import { byId, element } from "./dom.js";
import * as net from "./net.js";
import { drawClock, drawOutbox, drawPeople, drawPlan } from "./side.js";
import { drawTour } from "./tour.js";

const YOU = 990;
const LINK = /^https?:\/\/t\.me\/(\w+)\?start=([\w-]{1,64})$/;
let held = Number(sessionStorage.getItem("held")) || YOU;
let asking = new AbortController();
let tag = "";
let last = null;
let seen = new Map();

const doing = {
  act: async (kind, more) => {
    popDown();
    chat.awaitAnswer();
    try {
      const { toast, alert } = await net.act(held, kind, more);
      if (toast && alert) told(toast);
      else if (toast) popUp(toast);
    } catch (error) {
      popUp(error.message);
    }
  },
  say: (text, reply) => doing.act("say", { text, reply }),
  key: (text) => doing.act("press", { text }),
  vote: (message, option) => doing.act("vote", { message: message.id, option }),
  press: (message, button) => {
    if (button.callback_data) doing.act("tap", { message: message.id, data: button.callback_data });
    else if (button.copy) navigator.clipboard?.writeText(button.copy).then(() => popUp("Disalin"), () => told(button.copy));
    else if (doing.startPayload(button.url)) doing.link(button.url);
    else told(`Di Telegram, tombol ini membuka:\n${button.url}`);
  },
  edit: chat.editing,
  reply: chat.replying,
  fill: (text) => { view("chat"); chat.fill(text); },
  tour: (how) => doing.act("tour", { how }),
  hold: (phone) => {
    held = phone;
    sessionStorage.setItem("held", phone);
    view("chat");
    askAnew();
    // As on a desk one types at once; on a phone that would open its keyboard.
    byId(matchMedia("(hover: hover) and (pointer: fine)").matches ? "text" : "chat-name").focus({ preventScroll: true });
  },
  startPayload: (address) => {
    const found = LINK.exec(address ?? "");
    return found && found[1] === last?.bot.username ? found[2] : null;
  },
  link: (address) => {
    byId("link-text").textContent = address;
    const phones = last.people.filter((one) => one.group !== "others" || one.id === held);
    byId("link-phones").replaceChildren(...phones.map((one) => element("button", {
      type: "button", on: { click: () => { byId("link").close(); open(one.id, doing.startPayload(address)); } },
    }, one.name)));
    byId("link").showModal();
  },
};

function open(phone, payload) {
  if (phone !== held) doing.hold(phone);
  doing.act("start", { payload });
}

function told(text) {
  byId("alert-text").textContent = text;
  byId("alert").showModal();
}

let fading = 0;
function popUp(text) {
  byId("toast").textContent = text;
  byId("toast").classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(popDown, 4500);
}

function popDown() {
  byId("toast").classList.remove("shown");
  byId("toast").textContent = "";
}

function view(name) {
  document.body.dataset.view = name;
  for (const button of document.querySelectorAll(".tabs button")) button.setAttribute("aria-pressed", String(button.dataset.view === name));
  if (name === "chat") chat.toEnd();
}

function draw(state) {
  last = state;
  const stood = chat.standing();
  drawClock(state);
  drawPeople(state, held, doing);
  const newest = chat.drawChat(state, doing);
  drawPlan(state);
  drawOutbox(state);
  drawTour(state, doing);
  chat.settle(stood);
  document.body.dataset.ready = String(state.ready && state.running === null);
  note(newest);
}

// Whatever stands in a chat that is open before somebody's eyes has been read.
function note(newest) {
  if (document.hidden || newest <= (seen.get(held) ?? 0)) return;
  seen.set(held, newest);
  net.act(held, "see", { last: newest }).catch(() => seen.delete(held));
}

function askAnew() {
  tag = "";
  asking.abort();
}

async function follow() {
  for (;;) {
    asking = new AbortController();
    const phone = held;
    try {
      const found = await net.state(phone, tag, asking.signal);
      if (phone !== held) continue;
      tag = found.tag;
      draw(found.state);
    } catch (error) {
      if (error.name === "AbortError") continue;
      if (last === null || !(error instanceof TypeError)) { held = YOU; tag = ""; }
      byId("running").textContent = "Halaman ini tidak tersambung. Jalankan lagi make demo, lalu muat ulang.";
      await new Promise((resume) => setTimeout(resume, 1500));
    }
  }
}

chat.wire(doing);
for (const button of document.querySelectorAll(".tabs button")) button.addEventListener("click", () => view(button.dataset.view));
for (const button of byId("moves").children) button.addEventListener("click", () => doing.act("move", { how: button.dataset.how }));
byId("scan").addEventListener("click", () => doing.act("start", { payload: last.session.payload }));
byId("nip").addEventListener("click", () => doing.say(last.chat.nip));
for (const [id, how] of [["tour-begin", "begin"], ["tour-skip", "next"], ["tour-close", "close"]])
  byId(id).addEventListener("click", () => doing.tour(how));
view("chat");
follow();
