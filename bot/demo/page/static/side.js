// What stands beside the chat: the people, the clock, what is planned, the outbox.
import { byId, element, listed } from "./dom.js";

export function drawPeople(state, held, doing) {
  for (const group of ["you", "staff", "others"]) {
    const people = state.people.filter((one) => one.group === group).map((one) => ({ ...one, held: one.id === held }));
    listed(byId(`people-${group}`), people, (one) => one.id, (one) => person(one, doing));
  }
  byId("others-count").textContent = state.people.filter((one) => one.group === "others").length;
  const unread = state.people.filter((one) => one.group !== "others").reduce((sum, one) => sum + one.unread, 0);
  byId("tab-unread").hidden = !unread;
  byId("tab-unread").textContent = unread;
}

function person(one, doing) {
  return element("li", {}, element("button", {
    type: "button", "aria-current": one.held ? "true" : null, "data-mark": `phone:${one.id}`, "data-focus": one.id,
    on: { click: () => doing.hold(one.id) },
  },
  element("span", { class: "name" }, one.name), element("span", { class: "when" }, one.time),
  element("span", { class: "role" }, one.role),
  one.unread ? element("span", { class: "badge" }, String(one.unread), element("span", { class: "hidden" }, " belum dibaca")) : "",
  one.last ? element("span", { class: "last" }, one.last) : ""));
}

export function drawClock(state) {
  byId("day").textContent = state.day;
  byId("time").textContent = state.time;
  const said = !state.ready ? "Kota contoh sedang disiapkan: seminggu sebelum sesi dijalani."
    : state.running === null ? "" : `Waktu berjalan ${state.running}`.trim() + ".";
  if (byId("running").textContent !== said) byId("running").textContent = said;
  for (const button of byId("moves").children) button.disabled = !state.ready || state.running !== null;
}

const NONE = { at: "", what: "Belum ada." };

export function drawPlan(state) {
  byId("mine-title").textContent = `Untuk ${state.chat.name}`;
  for (const [name, entries] of Object.entries({ mine: state.planned.mine, all: state.planned.all })) {
    const rows = (entries.length ? entries : [NONE]).map((entry, place) => ({ ...entry, place }));
    listed(byId(name), rows, (entry) => entry.place, (entry) => (entry.at
      ? element("li", {}, element("span", {}, entry.at), element("span", {}, entry.what),
        entry.people ? element("span", {}, `${entry.people} orang`) : "")
      : element("li", { class: "none" }, entry.what)));
  }
}

let most = 0;

export function drawOutbox(state) {
  const { waiting, leaving, later, sent, newest } = state.outbox;
  const now = waiting + leaving;
  most = now ? Math.max(most, now) : 0;
  byId("outbox-counts").textContent =
    `${now} menunggu dikirim, ${later} dijadwalkan nanti, ${sent.toLocaleString("id-ID")} sudah terkirim.`;
  byId("outbox-bar").value = most ? (most - now) / most : 1;
  listed(byId("outbox"), newest.map((entry, place) => ({ ...entry, place })), (entry) => entry.place, (entry) =>
    element("li", {}, element("span", {}, `${entry.at} ${entry.state}`), element("span", {}, entry.to || "—"), element("span", {}, entry.what)));
}
