// Elements from data. Text only ever becomes text nodes, so that nothing a person is called or writes is obeyed.

export const byId = (id) => document.getElementById(id);

export function element(name, given = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (key === "class") made.className = value;
    else if (key === "on") for (const [event, doing] of Object.entries(value)) made.addEventListener(event, doing);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

// A list that is drawn anew only where an entry differs; the focus stays on the entry that had it.
export function listed(list, entries, key, draw) {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const wanted = entries.map((entry) => {
    const name = String(key(entry));
    const sign = JSON.stringify(entry);
    const found = old.get(name);
    if (found && found.dataset.sign === sign) return found;
    const made = draw(entry);
    made.dataset.key = name;
    made.dataset.sign = sign;
    if (found) replace(found, made);
    return made;
  });
  for (const child of [...list.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, place) => {
    if (list.children[place] !== child) list.insertBefore(child, list.children[place] ?? null);
  });
}

function replace(found, made) {
  const focused = found.contains(document.activeElement) ? document.activeElement : null;
  found.replaceWith(made);
  if (!focused) return;
  const label = focused.getAttribute("data-focus");
  const same = label && [...made.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === label);
  const next = same || made.querySelector("button, a[href]") || made;
  if (next === made) made.tabIndex = -1;
  next.focus({ preventScroll: true });
}
