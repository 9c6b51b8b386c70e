// Panes: one at a time on a phone, resizable on a desk. What she chose is remembered in this browser.
const body = document.body;
const desk = document.querySelector(".desk");

for (const button of document.querySelectorAll(".pane-switch button")) {
  button.addEventListener("click", () => showPane(button.value));
}

export function showPane(pane) {
  body.dataset.pane = pane;
  for (const button of document.querySelectorAll(".pane-switch button")) {
    button.setAttribute("aria-pressed", String(button.value === pane));
  }
  if (matchMedia("(max-width: 899px)").matches) scrollTo(0, 0);
  document.dispatchEvent(new CustomEvent("desk:pane", { detail: { pane } }));
}

const name = [...(desk?.classList ?? [])].find((c) => c.endsWith("-desk")) ?? "desk";
const read = (key) => { try { return Number(localStorage.getItem(`pane ${name} ${key}`)) || 0; } catch { return 0; } };
const keep = (key, value) => { try { localStorage.setItem(`pane ${name} ${key}`, value); } catch { /* for this page only */ } };
const wide = matchMedia("(min-width: 900px)");

// A handle on the edge between two panes. `get` says the size now, `set` gives it one (both in pixels or shares).
function handle({ key, label, vertical, place, min, max, get, set, step }) {
  const grip = document.createElement("div");
  grip.className = `gutter ${vertical ? "gutter-col" : "gutter-row"}`;
  grip.tabIndex = 0;
  grip.setAttribute("role", "separator");
  grip.setAttribute("aria-orientation", vertical ? "vertical" : "horizontal");
  grip.setAttribute("aria-label", label);
  grip.setAttribute("aria-valuemin", min);
  grip.setAttribute("aria-valuemax", max);
  const to = (value, remember = true) => {
    const size = Math.round(Math.max(min, Math.min(max, value)));
    set(size);
    grip.setAttribute("aria-valuenow", size);
    if (remember) keep(key, size);
  };
  grip.setAttribute("aria-valuenow", Math.round(get()));
  grip.addEventListener("pointerdown", (down) => {
    const from = vertical ? down.clientX : down.clientY;
    const size = get();
    grip.setPointerCapture(down.pointerId);
    body.classList.add("resizing");
    const move = (event) => to(size + step * ((vertical ? event.clientX : event.clientY) - from));
    grip.addEventListener("pointermove", move);
    grip.addEventListener("lostpointercapture", () => { grip.removeEventListener("pointermove", move); body.classList.remove("resizing"); }, { once: true });
    down.preventDefault();
  });
  grip.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -16, ArrowUp: -16, ArrowRight: 16, ArrowDown: 16 }[event.key];
    if (event.key === "Home") to(min); else if (event.key === "End") to(max); else if (by) to(get() + step * by); else return;
    event.preventDefault();
  });
  grip.addEventListener("dblclick", () => { set(0); keep(key, ""); grip.setAttribute("aria-valuenow", Math.round(get())); });
  place.append(grip);
  if (read(key) && wide.matches) to(read(key), false);
}

if (desk) {
  const panes = [...desk.querySelectorAll(":scope > .pane")];
  if (panes.length >= 2) {
    const last = panes[panes.length - 1];
    handle({ key: "right", label: "Width of the right pane", vertical: true, place: last, min: 280, max: 900, step: -1,
      get: () => last.getBoundingClientRect().width, set: (n) => n ? desk.style.setProperty("--right", `${n}px`) : desk.style.removeProperty("--right") });
  }
  if (panes.length >= 3 && panes[0].classList.contains("rail")) {
    handle({ key: "left", label: "Width of the list", vertical: true, place: panes[1], min: 150, max: 420, step: 1,
      get: () => panes[0].getBoundingClientRect().width, set: (n) => n ? desk.style.setProperty("--left", `${n}px`) : desk.style.removeProperty("--left") });
  }
  for (const [n, split] of [...desk.querySelectorAll(".split, .work")].entries()) {
    const lower = split.lastElementChild;
    if (split.children.length < 2) continue;
    handle({ key: `rows ${n}`, label: "Height of the lower part", vertical: false, place: lower, min: 96, max: 900, step: -1,
      get: () => lower.getBoundingClientRect().height, set: (h) => h ? split.style.setProperty("--lower", `${h}px`) : split.style.removeProperty("--lower") });
  }
}
