// What every page has: the theme switch, the menu, sortable tables, terms that explain themselves.
import "./tables.js";
import "./terms.js";

const root = document.documentElement;

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-switch]")) {
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.bsTheme); } catch { /* private window: the choice lasts for this page */ }
    document.dispatchEvent(new CustomEvent("theme:change", { detail: { theme: root.dataset.bsTheme } }));
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const copier = event.target.closest("[data-copy]");
  if (copier?.dataset.copy) copy(copier);
  if (event.target.closest("[data-print]")) print();
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

// On paper nothing can be opened: what is folded is printed open.
let folded = [];
addEventListener("beforeprint", () => { folded = [...document.querySelectorAll("details:is(.finding, .folded):not([open])")]; folded.forEach((d) => { d.open = true; }); });
addEventListener("afterprint", () => { folded.forEach((d) => { d.open = false; }); });

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? source.textContent;
  try { await navigator.clipboard.writeText(text); } catch { source.select?.(); document.execCommand("copy"); }
  const words = button.querySelector("span") ?? button;
  const before = words.textContent;
  words.textContent = "Copied";
  setTimeout(() => { words.textContent = before; }, 1600);
}

// A double click sends a form once: two classes, two assignments or two accounts were never meant.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => { delete form.dataset.sent; }, 3000);
});

// A fragment that renews itself: <div data-live="/url" data-every="5">…</div>. It keeps its place, focus and scroll, asks
// with the tag of what it has (304: nothing is sent again), and asks nothing while nobody looks.
for (const live of document.querySelectorAll("[data-live]")) {
  let last = "", tag = "";
  const stamp = document.querySelector("[data-live-stamp]");
  const draw = (text) => {
    const plain = text.replace(/name="csrf_token" value="[^"]*"/g, ""); // a fresh token is no news
    if (plain === last) return;
    const wrap = live.querySelector(".grid-wrap"), scroll = [wrap?.scrollLeft ?? 0, wrap?.scrollTop ?? 0];
    const focus = document.activeElement?.closest("[data-live] a")?.getAttribute("href");
    const pressed = document.activeElement?.closest("[data-live] button[id]")?.id;
    live.innerHTML = text;
    last = plain;
    const now = live.querySelector(".grid-wrap");
    if (now) [now.scrollLeft, now.scrollTop] = scroll;
    if (focus) live.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
    if (pressed) document.getElementById(pressed)?.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("live:renewed", { detail: { element: live } }));
  };
  const renew = async () => {
    if (document.hidden || live.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) return;
    try {
      const answer = await fetch(live.dataset.live, { cache: "no-store", headers: { "X-Requested-With": "fetch", ...(tag && { "If-None-Match": tag }) } });
      if (answer.redirected) { // to the sign-in page, which is no part of this one
        if (stamp) stamp.textContent = "Not live: you are signed out. Reload this page to sign in again.";
        return;
      }
      if (answer.status !== 304) {
        if (!answer.ok) throw new Error(answer.status);
        draw(await answer.text());
        tag = answer.headers.get("ETag") ?? "";
      }
      if (stamp) stamp.textContent = `Live, as of ${new Date().toTimeString().slice(0, 8)}`;
    } catch {
      if (stamp) stamp.textContent = "Not live: the server does not answer. This page tries again.";
    }
  };
  const every = 1000 * Number(live.dataset.every || 5); // a class of pages does not ask in step
  const round = () => setTimeout(async () => { await renew(); round(); }, every * (0.8 + 0.4 * Math.random()));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
  round();
}
