// The guided tour's panel: what to do next, why it is worth a look, and a mark on what is meant.
import { byId, element } from "./dom.js";

let sign = "";
let place = "";

export function drawTour(state, doing) {
  const tour = state.tour;
  byId("tour").hidden = !tour;
  byId("tour-begin").hidden = !state.ready;
  if (tour) drawPanel(tour, state, doing);
  mark(tour?.goal?.mark ?? null);
}

function drawPanel(tour, state, doing) {
  const now = JSON.stringify([tour, state.running]);
  if (now === sign) return;
  sign = now;
  if (tour.over) {
    set("Tur selesai", "Silakan lanjutkan sendiri: ambil HP siapa pun, majukan waktu, coba /progres atau “Mengapa?”.", "");
  } else {
    const say = tour.done ? "Selesai. Perhatikan sebentar, lalu lanjut." : tour.goal.say;
    set(`Tur ${tour.number}/${tour.of}: ${tour.title}`, say, tour.why);
  }
  byId("tour").classList.toggle("done", Boolean(tour.done));
  byId("tour-skip").hidden = tour.over || tour.done;
  const focused = byId("tour-buttons").contains(document.activeElement);
  byId("tour-buttons").replaceChildren(...buttons(tour, state, doing));
  if (focused) (byId("tour-buttons").querySelector("button:not(:disabled)") ?? byId("tour-title")).focus({ preventScroll: true });
}

function set(title, say, why) {
  for (const [id, text] of [["tour-title", title], ["tour-say", say], ["tour-why", why]])
    if (byId(id).textContent !== text) byId(id).textContent = text;
}

function* buttons(tour, state, doing) {
  const make = (label, click, kind = "main", more = {}) =>
    element("button", { type: "button", class: kind, ...more, on: { click } }, label);
  if (tour.over) return;
  const goal = tour.goal;
  if (tour.done) yield make(tour.number === tour.of ? "Selesai" : "Lanjut", () => doing.tour("next"));
  else if (goal.move) yield make(`Majukan waktu ${goal.move}`, () => doing.tour("move"), "main",
    { "data-mark": "tour-move", disabled: state.running !== null });
  else if (goal.mark.startsWith("phone:")) yield make("Ambil HP itu", () => doing.hold(Number(goal.mark.slice(6))));
  else if (goal.fill) yield make("Isikan contoh", () => doing.fill(goal.fill));
}

// The newest element that bears the name is marked; when the mark moves on, it is brought into view.
function mark(name) {
  const found = name ? [...document.querySelectorAll(`[data-mark="${CSS.escape(name)}"]`)].filter((one) => !one.hidden).at(-1) : null;
  for (const one of document.querySelectorAll(".marked")) {
    if (one === found) continue;
    one.classList.remove("marked");
    one.removeAttribute("aria-describedby");
  }
  if (!found) { place = ""; return; }
  found.classList.add("marked");
  found.setAttribute("aria-describedby", "tour-say");
  // A message higher than the chat is read from its top: its buttons come into view by scrolling.
  const message = found.closest(".message");
  const key = `${name} ${message?.dataset.key ?? ""}`;
  if (key !== place && message && message.offsetHeight < byId("log").clientHeight) found.scrollIntoView({ block: "nearest" });
  place = key;
}
