// The desk: keeps her words as she types, shows hints and checks, switches panes, and sends the work once.
//
// A page's work is the one form #work. page.js changes named fields in it and says so with
//   form.dispatchEvent(new Event("input", { bubbles: true }))
// and may listen on document for: desk:saved {version, saved}, desk:checked (detail: the step's answer; preventDefault()
// to show it itself), desk:pane {pane}. `step(name)` posts the form to the activity's own step and gives its answer.
import "./panes.js";

const form = document.getElementById("work");
const saved = document.getElementById("saved");
const bar = document.getElementById("desk-notice");
const here = location.pathname.replace(/\/$/, "");
const copyKey = `draft ${form.dataset.workspace} ${here}`;
const QUIET = ["csrf_token", "token", "version"];
const PAUSE = 900;

let version = Number(form.dataset.version || 0);
let dirty = false;
let timer = 0;
let saving = null;
let tries = 0;
let sending = false;

const csrf = () => document.querySelector("meta[name=csrf-token]").content;
const icon = (name) => `<svg class="i" aria-hidden="true"><use href="${saved.querySelector("use").getAttribute("href").split("#")[0]}#i-${name}"/></svg>`;

export function work() {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (!QUIET.includes(name)) fields[name] = name in fields ? `${fields[name]}\n${value}` : String(value);
  }
  return fields;
}

export async function step(name, extra = {}) {
  const body = new URLSearchParams({ ...work(), ...extra });
  const answer = await fetch(`${here}/step/${name}`, {
    method: "POST", body, headers: { "X-CSRFToken": csrf(), Accept: "application/json" },
  });
  const said = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : { html: await answer.text() };
  if (!answer.ok) throw Object.assign(new Error(said.message || said.problem?.message || "The server could not do that."), { said });
  return said;
}

function say(words, name, kind) {
  saved.className = `row-f saved ${kind}`;
  saved.querySelector("use").setAttribute("href", saved.querySelector("use").getAttribute("href").replace(/#.*/, `#i-${name}`));
  saved.querySelector("[data-words]").innerHTML = words;
}

function notice(words, ...buttons) {
  bar.hidden = !words;
  bar.querySelector("[data-words]").textContent = words ?? "";
  bar.querySelectorAll("button").forEach((b) => b.remove());
  for (const [label, act] of buttons) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-line btn-s", textContent: label });
    button.addEventListener("click", act);
    bar.append(button);
  }
}

function keepHere() {
  try { localStorage.setItem(copyKey, JSON.stringify({ version, form: work(), at: Date.now() })); } catch { /* full or forbidden */ }
}
function forget() { try { localStorage.removeItem(copyKey); } catch { /* nothing was kept */ } }

async function put(fields, base) {
  return fetch(`${here}/draft`, {
    method: "PUT", keepalive: JSON.stringify(fields).length < 60000,
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf(), "If-Match": `"${base}"` },
    body: JSON.stringify({ version: base, form: fields }),
  });
}

export async function save() {
  clearTimeout(timer);
  if (!dirty || sending || "looking" in form.dataset) return saving; // who looks over her shoulder saves nothing
  if (saving) return saving.then(save);
  dirty = false;
  keepHere();
  saving = put(work(), version).then(async (answer) => {
    if (answer.status === 412) return stale();
    if (answer.status === 401) return signedOut();
    if (answer.status >= 400 && answer.status < 500) return refused(await answer.json().catch(() => ({})));
    if (!answer.ok) throw new Error(answer.status);
    const said = await answer.json();
    version = said.version;
    form.elements.version.value = version;
    tries = 0;
    if (!dirty) forget();
    say(`Saved <span class="opt-m">${new Date().toTimeString().slice(0, 8)}</span>`, "check", "ok");
    document.dispatchEvent(new CustomEvent("desk:saved", { detail: said }));
  }).catch(() => {
    dirty = true;
    tries += 1;
    say(navigator.onLine ? "Not saved yet, trying again" : "Offline: kept in this browser", "circle-alert", "warn");
    timer = setTimeout(save, Math.min(15000, 1000 * 2 ** tries));
  }).finally(() => { saving = null; });
  return saving;
}

// The page as the server has it now. Its form token replaces the one here, which ended with the session it was made for;
// but not where somebody else has signed in meanwhile: what stands here is not hers.
async function renewed() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const desk = page.getElementById("work"), token = page.querySelector("meta[name=csrf-token]")?.content;
  const own = desk?.dataset.workspace === form.dataset.workspace;
  if (own && token) {
    document.querySelector("meta[name=csrf-token]").content = token;
    document.querySelectorAll("input[name=csrf_token]").forEach((field) => { field.value = token; });
  }
  return { own, signedIn: Boolean(desk), version: Number(desk?.dataset.version ?? version) };
}

async function saveAgain() {
  const now = await renewed().catch(() => ({ own: true, signedIn: true }));
  if (!now.signedIn) return signedOut();
  if (!now.own) return notice("Somebody else is signed in in this browser now. What stands here stays here until its owner signs in again.", ["Try again", saveAgain]);
  notice("");
  return save();
}

function stale() {
  dirty = true;
  clearTimeout(timer);
  say("Changed elsewhere", "circle-alert", "warn");
  notice("This task was changed in another window. Keep what stands here, or open what the other window saved.",
    ["Keep this one", async () => {
      version = (await renewed()).version;
      notice("");
      save();
    }],
    ["Open the other", () => { forget(); dirty = false; location.reload(); }]);
}

function signedOut() {
  dirty = true;
  clearTimeout(timer);
  say("Kept in this browser", "circle-alert", "warn");
  notice("You are signed out, so this cannot be saved. What you typed is kept in this browser: sign in in a new window, then go on here.",
    ["Sign in", () => window.open("/signin", "_blank")], ["Save now", saveAgain]);
}

function refused(said) {
  dirty = true;
  clearTimeout(timer);
  say("Not saved", "circle-alert", "warn");
  notice(`${said.problem?.message ?? "This could not be saved."} ${said.problem?.hint ?? ""}`, ["Try again", saveAgain]);
}

function changed(event) {
  if (event.target.closest?.("[data-not-work]")) return;
  dirty = true;
  say("Saving", "loader-circle", "quiet");
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
}

form.addEventListener("input", changed);
form.addEventListener("change", changed);
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input:not([type=submit])")) event.preventDefault();
});
addEventListener("pagehide", () => { if (dirty && !sending) put(work(), version); });
document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
addEventListener("online", save);

// What could not be sent before a crash or a lost net: put back when nothing else happened since, else offered.
(async function recover() {
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(copyKey)); } catch { /* unreadable: as if there were none */ }
  if (!kept) return;
  const putBack = async () => {
    const answer = await put(kept.form, version);
    if (answer.ok) { forget(); location.reload(); }
  };
  const now = work();
  if (Object.keys(kept.form).every((name) => kept.form[name] === now[name])) return forget();
  if (kept.version === version) return putBack();
  notice(`You typed more here on ${new Date(kept.at).toLocaleString()} than was saved.`, ["Put it back", putBack], ["Leave it", () => { forget(); notice(""); }]);
})();

form.addEventListener("submit", () => {
  clearTimeout(timer);
  if (dirty) keepHere(); // typed a moment ago, and the session may have ended
  sending = true;
  form.elements.version.value = version;
  const button = document.getElementById("submit");
  button.setAttribute("aria-disabled", "true");
  button.classList.add("busy");
  say("Submitting", "loader-circle", "quiet");
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// The task stands open at the first visit of its page and folded from then on, or as she last left it. A cookie of this
// page's own path says so, because the server draws it: nothing jumps.
const brief = document.getElementById("brief");
const remember = (how) => { document.cookie = `brief=${how}; path=${here}; max-age=7776000; SameSite=Lax`; };
if (brief) {
  if (!/(^|; )brief=/.test(document.cookie)) remember("folded");
  brief.querySelector("summary").addEventListener("click", () => remember(brief.open ? "folded" : "open"));
  // What she says of the chair brings this page anew: still her first visit, if the task stands open.
  document.querySelector(".hope")?.addEventListener("submit", () => { if (brief.open) document.cookie = `brief=; path=${here}; max-age=0`; });
}

// Hints and checks open a sheet above the foot bar; the desk stays where it was.
function openSheet(sheet, opener) {
  for (const other of document.querySelectorAll(".foot-sheet")) other.hidden = other !== sheet;
  sheet.hidden = false;
  sheet.opener = opener;
  sheet.focus({ preventScroll: true });
}
for (const sheet of document.querySelectorAll(".foot-sheet")) {
  const close = () => { sheet.hidden = true; sheet.opener?.focus(); };
  sheet.querySelector("[data-close]").addEventListener("click", close);
  sheet.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
}

const hint = document.getElementById("hint");
const heard = []; // the hints on this page, by number

// A hint that costs points says so first; then it is hers to open.
function warn(number, cost) {
  const item = document.createElement("div");
  item.className = "hint-item prose";
  const words = item.appendChild(document.createElement("p"));
  words.textContent = `${cost} It reads “with help” in the debrief.`;
  const open = item.appendChild(document.createElement("button"));
  open.type = "button";
  open.className = "btn btn-line btn-s";
  open.textContent = "Open it";
  open.addEventListener("click", () => { item.remove(); next(number, true); });
  document.querySelector("#hints [data-list]").append(item);
  return item;
}

async function ask(number, sure = "") {
  document.querySelector("#hints [data-cost]")?.remove();
  const answer = await fetch(`${here}/hint`, {
    method: "POST", headers: { "X-CSRFToken": csrf(), Accept: "application/json" },
    body: new URLSearchParams({ number, sure }),
  });
  if (!answer.ok) throw new Error(answer.status);
  const said = await answer.json();
  if (said.cost) {
    const warned = warn(number, said.cost);
    warned.dataset.cost = "1";
    return warned;
  }
  hint.dataset.seen = Math.max(Number(hint.dataset.seen), said.number);
  const item = document.createElement("div");
  item.className = "hint-item prose";
  item.innerHTML = said.html;
  document.querySelector("#hints [data-list]").append(item);
  heard.push(said.number);
  return item;
}

// The first press shows what she has read already, if anything; each further press, the next one.
async function next(number = 0, sure = false) {
  const sheet = document.getElementById("hints");
  const of = Number(hint.dataset.of);
  const seen = Number(hint.dataset.seen);
  const again = !sure && seen > 0 && (sheet.hidden || seen >= of);
  let item = null;
  hint.disabled = true;
  try {
    for (let n = heard.length + 1; n <= seen; n += 1) item = await ask(n);
    if (!again) {
      item = await ask(number || seen + 1, sure ? "1" : "");
    }
  } catch { notice("The hint could not be fetched. Your work is kept; try again in a moment.", ["Close", () => notice("")]); }
  hint.disabled = false;
  const now = Number(hint.dataset.seen);
  const words = hint.querySelector("[data-words]");
  if (words) words.textContent = now >= of ? `s, all ${of} read` : ` ${now + 1} of ${of}`;
  if (item || heard.length) openSheet(sheet, hint);
  item?.scrollIntoView({ block: "nearest" });
}
hint?.addEventListener("click", () => next());

const MARK = { ok: ["circle-check", "ok"], good: ["circle-check", "ok"], error: ["circle-alert", "bad"], warning: ["triangle-alert", "warn"], info: ["info", "quiet"] };
export function showChecked(said, opener) {
  const sheet = document.getElementById("checked");
  const list = sheet.querySelector("[data-list]");
  const messages = said.messages ?? said.edits ?? (said.message ? [said.message] : []);
  list.innerHTML = said.html ?? "";
  const ul = list.appendChild(document.createElement("ul"));
  ul.className = "checked";
  for (const message of messages.length || said.html ? messages : ["Nothing to mend: this can be submitted. Checking says nothing about whether it is right."]) {
    const [name, kind] = MARK[message.severity ?? message.kind] ?? (messages.length ? MARK.info : MARK.ok);
    const item = ul.appendChild(document.createElement("li"));
    item.innerHTML = `<span class="${kind}">${icon(name)}</span><span></span>`;
    item.lastElementChild.textContent = typeof message === "string" ? message : [message.code, message.text ?? message.why ?? message.message].filter(Boolean).join(": ");
  }
  openSheet(sheet, opener);
}

const check = document.getElementById("check");
check?.addEventListener("click", async () => {
  try {
    const said = await step("check");
    const event = new CustomEvent("desk:checked", { detail: said, cancelable: true });
    if (document.dispatchEvent(event)) showChecked(said, check);
  } catch (problem) { showChecked({ messages: [{ severity: "error", text: problem.message }] }, check); }
});
