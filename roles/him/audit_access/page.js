// The access desk. State is two hidden fields, so drafts and reloads bring it back as it was:
//   cases    {lead: {verdict, pattern, link, cited: [ref], words: {ref: text}, factors, breach, tell, by}}
//   reasons  {patient: why}
import { step } from "/static/desk.js";
import { showPane } from "/static/panes.js";

const form = document.getElementById("work");
const leads = JSON.parse(document.getElementById("leads").textContent);
const said = document.getElementById("said");
const $ = (id) => document.getElementById(id);
const state = { cases: read("cases"), reasons: read("reasons"), lead: leads[0]?.id, view: "lead", page: 0, event: null };
let asking = 0;

function read(name) {
  try {
    const found = JSON.parse(form.elements[name].value || "{}");
    return found && typeof found === "object" && !Array.isArray(found) ? found : {};
  } catch { return {}; }
}

function make(tag, props = {}, ...inside) {
  const { dataset, ...rest } = props;
  const made = Object.assign(document.createElement(tag), rest);
  Object.assign(made.dataset, dataset);
  made.append(...inside);
  return made;
}

const say = (words) => { said.textContent = words; };
const current = () => state.cases[state.lead] ??= {};
const lead = () => leads.find((one) => one.id === state.lead);

function changed(words) {
  for (const [id, one] of Object.entries(state.cases)) if (!Object.keys(one).length && id !== state.lead) delete state.cases[id];
  form.elements.cases.value = JSON.stringify(state.cases);
  form.elements.reasons.value = JSON.stringify(state.reasons);
  form.dispatchEvent(new Event("input", { bubbles: true }));
  drawLeads();
  drawCase();
  if (words) say(words);
}

// ---- leads ----

const MARKS = { violation: "violation", explained: "explained", interview: "interview" };

function drawLeads() {
  let closed = 0;
  for (const link of document.querySelectorAll("[data-lead]")) {
    const verdict = state.cases[link.dataset.lead]?.verdict ?? "";
    closed += Boolean(verdict);
    link.querySelector("[data-mark]").textContent = MARKS[verdict] ?? "";
    if (link.dataset.lead === state.lead) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
  }
  document.querySelectorAll("[data-closed-count]").forEach((each) => { each.textContent = closed; });
  document.querySelector("[data-submit]").textContent = `${closed} case${closed === 1 ? "" : "s"}`;
}

function openLead(id) {
  state.lead = id;
  state.page = 0;
  state.event = null;
  drawLeads();
  drawCase();
  $("links").replaceChildren(make("p", { className: "quiet small none" }, "Choose an event in the table."));
  $("pair").textContent = "";
  show("lead");
}

// ---- the log ----

function show(view) {
  state.view = view;
  document.querySelectorAll("[data-view]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.view === view)));
  $("filters").hidden = view === "lead";
  for (const each of document.querySelectorAll("[data-filter]")) {
    each.closest("label").hidden = view === "heat" && each.dataset.filter !== "day";
  }
  ask();
}

function filters() {
  const found = {};
  for (const each of document.querySelectorAll("[data-filter]")) if (each.value) found[each.dataset.filter] = each.value;
  return found;
}

async function ask() {
  const mine = ++asking;
  $("counted").textContent = "…";
  try {
    const body = state.view === "lead" ? { lead: state.lead, page: state.page } : { ...filters(), page: state.page };
    const answer = await step({ lead: "lead", all: "events", heat: "heat" }[state.view], body);
    if (mine !== asking) return;
    if (state.view === "heat") drawHeat(answer); else if (answer.grouped) drawGroups(answer); else drawEvents(answer);
    const pages = state.view === "heat" ? 1 : Math.max(1, answer.pages);
    $("page-of").textContent = `Page ${state.page + 1} of ${pages}`;
    $("back").disabled = state.page === 0;
    $("next").disabled = state.page + 1 >= pages;
  } catch (problem) {
    $("counted").textContent = "";
    $("log").replaceChildren(make("p", { className: "none bad small", role: "alert" }, problem.message));
  }
}

function table(heads, rows, caption) {
  const head = make("tr", {}, ...heads.map((words) => make("th", { scope: "col" }, words)));
  return make("table", { className: "table log-table" }, make("caption", { className: "visually-hidden" }, caption),
    make("thead", {}, head), make("tbody", {}, ...rows));
}

function drawEvents({ total, rows }) {
  $("counted").textContent = `${total.toLocaleString("en-US")} event${total === 1 ? "" : "s"}`;
  const lines = rows.map((row) => {
    const pick = make("button", { type: "button", className: "pick", dataset: { event: row.id } }, row.at);
    pick.addEventListener("click", () => openEvent(row));
    const line = make("tr", { dataset: { row: row.id } }, make("td", { className: "nowrap" }, pick), make("td", {}, row.name ?? row.who, make("br"), make("span", { className: "quiet" }, row.role ?? "")),
      make("td", {}, row.action), make("td", { className: "what" }, row.what), make("td", {}, row.patient_name), make("td", {}, row.purpose ?? ""), make("td", { className: "nowrap" }, row.terminal ?? ""));
    return line;
  });
  $("log").replaceChildren(table(["Time", "Person", "Action", "What", "Patient", "Purpose", "From"], lines, "Events"));
  markEvent();
}

function drawGroups({ total, rows, grouped }) {
  $("counted").textContent = `${total.toLocaleString("en-US")} by ${grouped}`;
  const lines = rows.map((row) => make("tr", {}, make("th", { scope: "row" }, row.name ?? "–"),
    ...[row.events, row.requests, row.charts].map((n) => make("td", { className: "num" }, n.toLocaleString("en-US"))), make("td", { className: "what" }, row.requests === 1 ? row.what : "")));
  $("log").replaceChildren(table([grouped[0].toUpperCase() + grouped.slice(1), "Events", "Requests", "Charts", "What"], lines, `Events by ${grouped}`));
}

function drawHeat({ day, people, rows }) {
  $("counted").textContent = `${day}: ${rows.length} of ${people} people, requests by hour; underlined hours are rostered`;
  const hours = [...Array(24).keys()].map((h) => String(h).padStart(2, "0"));
  const level = (n) => (n >= 30 ? 5 : n >= 18 ? 4 : n >= 10 ? 3 : n >= 5 ? 2 : n ? 1 : 0);
  const lines = rows.map((row) => make("tr", {}, make("th", { scope: "row", title: `${row.name}, ${row.role}` }, row.name, " ", make("span", { className: "quiet" }, row.role)),
    ...row.hours.map((n, h) => make("td", { className: `${level(n) ? `q${level(n)}` : ""}${row.duty.includes(h) ? " on" : ""}`.trim() }, n || "")), make("td", { className: "num" }, row.hours.reduce((a, b) => a + b, 0))));
  const head = make("tr", {}, make("th", { className: "u", scope: "col" }, make("span", { className: "visually-hidden" }, "Person")), ...hours.map((h) => make("th", { scope: "col" }, h)), make("th", { scope: "col", className: "sum" }, "Total"));
  $("log").replaceChildren(make("table", { className: "heat" }, make("caption", { className: "visually-hidden" }, `Requests by person and hour on ${day}`), make("thead", {}, head), make("tbody", {}, ...lines)));
}

function markEvent() {
  for (const row of document.querySelectorAll("[data-row]")) {
    if (row.dataset.row === state.event) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
  }
}

// ---- what links them ----

async function openEvent(row) {
  state.event = row.id;
  markEvent();
  $("pair").textContent = `${row.name ?? row.who} and ${row.patient_name || "no patient"}, ${row.at}`;
  $("links").replaceChildren(make("p", { className: "quiet small none" }, "Looking …"));
  showPane(2);
  try { drawLinks(await step("links", { event: row.id })); } catch (problem) {
    $("links").replaceChildren(make("p", { className: "none bad small", role: "alert" }, problem.message));
  }
}

function drawLinks({ event, links }) {
  const own = make("section", { className: "link" }, make("ul", {}, fact({ ref: `AuditEvent/${event}`, words: "The event itself" })));
  let n = 0;
  const parts = links.map(({ key, title, facts }) => {
    const numbered = key === "staff" || key === "patient" ? title : `${++n}. ${title}`;
    const list = facts.length ? make("ul", {}, ...facts.map(fact)) : make("span", { className: "quiet small" }, "nothing on file");
    return make("section", { className: `link${facts.length ? "" : " empty"}` }, make("h3", {}, numbered), list);
  });
  $("links").replaceChildren(...parts, own);
  say(`${links.filter((one) => one.facts.length).length} of ${links.length} headings have something on file.`);
}

function fact({ ref, words }) {
  const button = make("button", { type: "button", className: "btn btn-line btn-s", dataset: { cite: ref } }, "Cite");
  button.setAttribute("aria-label", `Cite: ${words}`);
  button.addEventListener("click", () => cite(ref, words));
  return make("li", {}, make("span", {}, words), button);
}

function cite(ref, words) {
  const one = current();
  if ((one.cited ??= []).includes(ref)) return say("Cited already.");
  if (one.cited.length >= 12) return say("Twelve facts are cited. Take one away first.");
  one.cited.push(ref);
  (one.words ??= {})[ref] = words.slice(0, 160);
  changed(`Cited for lead ${lead().n}.`);
}

// ---- the case ----

function drawCase() {
  const one = state.cases[state.lead] ?? {};
  $("case-of").textContent = lead() ? `Lead ${lead().n}: ${lead().title}` : "";
  for (const part of document.querySelectorAll("[data-part]")) if (document.activeElement !== part || part.tagName === "SELECT") part.value = one[part.dataset.part] ?? "";
  $("after").hidden = one.verdict !== "violation";
  const cited = one.cited ?? [];
  $("no-cited").hidden = cited.length > 0;
  $("cited").replaceChildren(...cited.map((ref) => {
    const drop = make("button", { type: "button", className: "btn btn-bare btn-s" }, "Remove");
    drop.setAttribute("aria-label", `Remove: ${one.words?.[ref] ?? ref}`);
    drop.addEventListener("click", () => { one.cited = one.cited.filter((each) => each !== ref); changed("Removed."); });
    return make("li", {}, make("span", {}, one.words?.[ref] ?? ref), drop);
  }));
  for (const select of document.querySelectorAll("[data-factor]")) select.value = one.factors?.[select.dataset.factor]?.rating ?? "";
  for (const select of document.querySelectorAll("[data-factor-fact]")) {
    const held = one.factors?.[select.dataset.factorFact]?.cited ?? "";
    select.replaceChildren(make("option", { value: "" }, "Fact: choose one that you cited"), ...[...new Set([...cited, held].filter(Boolean))].map((ref) => make("option", { value: ref }, one.words?.[ref] ?? ref)));
    select.value = held;
  }
  for (const box of document.querySelectorAll("[data-tell]")) box.checked = (one.tell ?? []).includes(box.dataset.tell);
  $("reasons").replaceChildren(...Object.entries(state.reasons).map(([who, why]) => make("li", {}, `${who}: ${why}`)));
}

function onCase(event) {
  const { part, factor, factorFact, tell } = event.target.dataset;
  const one = current();
  if (part) { if (event.target.value) one[part] = event.target.value; else delete one[part]; }
  else if (factor || factorFact) {
    const held = ((one.factors ??= {})[factor ?? factorFact] ??= {});
    held[factor ? "rating" : "cited"] = event.target.value;
  } else if (tell) one.tell = [...document.querySelectorAll("[data-tell]")].filter((box) => box.checked).map((box) => box.dataset.tell);
  else return;
  changed();
}

document.querySelector(".case").addEventListener("change", onCase);
$("lead-list").addEventListener("click", (event) => {
  const link = event.target.closest("[data-lead]");
  if (link) { event.preventDefault(); openLead(link.dataset.lead); }
});
document.querySelectorAll("[data-view]").forEach((b) => b.addEventListener("click", () => { state.page = 0; show(b.dataset.view); }));
$("filters").addEventListener("change", () => { state.page = 0; ask(); });
$("back").addEventListener("click", () => { state.page -= 1; ask(); });
$("next").addEventListener("click", () => { state.page += 1; ask(); });
$("r-add").addEventListener("click", () => {
  const [who, why] = [$("r-who").value.trim(), $("r-why").value.trim()];
  if (!who || !why) return say("A patient's id and a reason are needed.");
  state.reasons[who] = why;
  $("r-who").value = $("r-why").value = "";
  changed("Kept.");
});
drawLeads();
drawCase();
show("lead");
