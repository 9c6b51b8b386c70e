// The review desk. State is three hidden fields, so drafts and reloads bring it back as it was:
//   verdicts  {chart: {verdict, ask}}
//   findings  [{chart, rule, document, field, kind, actor, due}]; due is an ISO date, "none" or ""
//   pencil    {chart, rule, document, field, kind, actor, due}: the deficiency being written
import { showPane } from "/static/panes.js";

const form = document.getElementById("work");
const board = document.getElementById("board");
const region = document.getElementById("papers");
const pencilBox = document.getElementById("writing");
const said = document.getElementById("said");
const problem = document.getElementById("file-problem");
const labels = JSON.parse(document.getElementById("labels").textContent);
const charts = new Map(JSON.parse(document.getElementById("charts").textContent).map((c) => [c.id, c]));
const WORDS = { none: ["circle-check", "No deficiency", "ok"], deficiency: ["circle-alert", "Deficiency", "mid"], ask: ["circle-help", "Cannot determine", "quiet"] };
const WORDED = ["DocumentReference", "Consent"];

const state = { verdicts: read("verdicts", {}), findings: read("findings", []), pencil: read("pencil", {}) };
let shown = charts.has(state.pencil.chart) ? state.pencil.chart : charts.keys().next().value;

function read(name, empty) {
  try {
    const found = JSON.parse(form.elements[name].value || "null");
    if (Array.isArray(empty)) return Array.isArray(found) ? found.filter((r) => r && typeof r === "object") : empty;
    return found && typeof found === "object" && !Array.isArray(found) ? found : empty;
  } catch { return empty; }
}

function make(tag, props = {}, ...inside) {
  const { dataset, ...rest } = props;
  const made = Object.assign(document.createElement(tag), rest);
  Object.assign(made.dataset, dataset);
  made.append(...inside);
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "i i-s");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${board.dataset.sprite}#i-${name}`);
  svg.append(use);
  return svg;
}

function button(label, name, act) {
  const made = make("button", { type: "button", className: "btn btn-bare btn-i", title: label }, icon(name));
  made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

const say = (words) => { said.textContent = words; };
const ruleTitle = (key) => document.querySelector(`#p-rule option[value="${CSS.escape(key)}"]`)?.textContent ?? key;
const day = (text) => new Date(`${text}T12:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const verdictOf = (id) => state.findings.some((f) => f.chart === id) ? "deficiency" : state.verdicts[id]?.verdict ?? "";

// Every change ends here: fields, page, and the desk that saves them.
function changed(words) {
  for (const name of ["verdicts", "findings", "pencil"]) form.elements[name].value = JSON.stringify(state[name]);
  draw();
  form.dispatchEvent(new Event("input", { bubbles: true }));
  if (words) say(words);
}

function draw() {
  drawList();
  drawVerdict();
  drawFields();
  drawPencil();
  drawBoard();
}

// ---- the list of charts ----

function drawList() {
  const words = document.getElementById("chart-q").value.trim().toLowerCase();
  const wanted = document.getElementById("chart-f").value;
  let any = false;
  let given = 0;
  for (const link of document.querySelectorAll("[data-chart]")) {
    const verdict = verdictOf(link.dataset.chart);
    given += Boolean(verdict);
    const fits = link.dataset.find.includes(words) && (!wanted || (wanted === "open" ? !verdict : verdict === wanted));
    link.parentElement.hidden = !fits;
    any ||= fits;
    const mark = link.querySelector("[data-mark]");
    const [name, label, tone] = WORDS[verdict] ?? [];
    mark.className = `given ${tone ?? ""}`;
    mark.replaceChildren(...(name ? [icon(name), make("span", { className: "visually-hidden" }, label)] : []));
    mark.title = label ?? "";
    if (link.dataset.chart === shown) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  document.getElementById("chart-none").hidden = any;
  for (const place of document.querySelectorAll("[data-submit]")) place.textContent = `${given} verdict${given === 1 ? "" : "s"}`;
}

function open(id, focus) {
  if (!charts.has(id)) return;
  shown = id;
  if (state.pencil.chart !== id) {  // another chart has other papers and people; the rule may go with her
    state.pencil = { chart: id, rule: state.pencil.rule ?? "", kind: state.pencil.kind ?? "" };
    form.elements.pencil.value = JSON.stringify(state.pencil);
  }
  problem.textContent = "";
  drawChart();
  draw();
  region.scrollTop = 0;
  if (focus) document.querySelector(`[data-chart="${CSS.escape(id)}"]`)?.focus();
}

// ---- the chart ----

function drawChart() {
  const c = charts.get(shown);
  document.getElementById("who").textContent = `${c.number}. ${c.name}`;
  for (const [name, words] of [["mrn", c.mrn], ["born", day(c.born)], ["sex", c.sex], ["stay", [c.stay, c.service].filter(Boolean).join(", ")]]) {
    document.querySelector(`[data-${name}]`).textContent = words;
  }
  const people = () => c.people.map((p) => make("option", { value: p.ref }, p.what ? `${p.name} (${p.what})` : p.name));
  document.getElementById("ask-whom").replaceChildren(make("option", { value: "" }, "Choose whom"), ...people());
  document.getElementById("p-actor").replaceChildren(make("option", { value: "" }, "Choose"), ...people());
  document.getElementById("p-document").replaceChildren(make("option", { value: "" }, "Choose, or press a field"),
    ...c.papers.map((p) => make("option", { value: p.ref }, [p.title, p.when].filter(Boolean).join(", "))));
  region.replaceChildren(...c.papers.map(drawPaper));
  region.querySelector(".point")?.setAttribute("tabindex", "0");
}

function drawPaper(paper) {
  const head = make("h3", {}, paper.title, make("span", { className: "quiet" }, paper.when ? ` ${paper.when}` : ""));
  const fields = paper.rows.map(([key, value]) => field(paper, key, [make("span", { className: "name" }, labels[key]), make("span", {}, value)]));
  if (WORDED.includes(paper.ref.split("/")[0])) fields.push(field(paper, "text", [make("span", { className: "name" }, labels.text), make("span", { className: "words" }, paper.text)]));
  return make("section", { className: "paper", dataset: { ref: paper.ref } }, head, ...fields);
}

function field(paper, key, inside) {
  const made = make("button", { type: "button", className: "point", tabIndex: -1, dataset: { field: key } }, ...inside);
  made.addEventListener("click", () => point(paper, key));
  return made;
}

function point(paper, key) {
  const same = state.pencil.document === paper.ref && state.pencil.field === key;
  Object.assign(state.pencil, { chart: shown, document: same ? "" : paper.ref, field: same ? "" : key });
  changed(same ? "Let go." : `Pointing to ${labels[key]} of ${paper.title}.`);
}

function drawFields() {
  for (const one of region.querySelectorAll(".point")) {
    const ref = one.parentElement.dataset.ref;
    const here = state.pencil.document === ref && state.pencil.field === one.dataset.field;
    const filed = state.findings.some((f) => f.chart === shown && f.document === ref && f.field === one.dataset.field);
    one.setAttribute("aria-pressed", String(here));
    one.classList.toggle("filed", filed);
  }
}

function drawVerdict() {
  const verdict = verdictOf(shown);
  for (const one of document.querySelectorAll("[data-verdict]")) one.setAttribute("aria-pressed", String(one.dataset.verdict === verdict));
  document.querySelector("[data-ask]").hidden = verdict !== "ask";
  document.getElementById("ask-whom").value = state.verdicts[shown]?.ask ?? "";
}

function give(verdict) {
  const filed = state.findings.filter((f) => f.chart === shown).length;
  problem.textContent = filed && verdict !== "deficiency" ? "A deficiency is filed for this chart. Remove it from the board first." : "";
  if (filed) return;
  if (state.verdicts[shown]?.verdict === verdict) delete state.verdicts[shown];
  else state.verdicts[shown] = { verdict, ask: verdict === "ask" ? state.verdicts[shown]?.ask ?? "" : "" };
  changed(state.verdicts[shown] ? `${WORDS[verdict][1]}: ${charts.get(shown).name}.` : "Verdict taken back.");
}

// ---- writing a deficiency ----

function drawPencil() {
  const p = state.pencil;
  const paper = charts.get(shown).papers.find((one) => one.ref === p.document);
  const keys = paper ? [...paper.rows.map(([key]) => key), ...(WORDED.includes(paper.ref.split("/")[0]) ? ["text"] : [])] : [];
  document.getElementById("p-field").replaceChildren(make("option", { value: "" }, paper ? "Choose" : "Choose a paper first"),
    ...keys.map((key) => make("option", { value: key }, labels[key])));
  for (const one of pencilBox.querySelectorAll("[data-part]")) one.value = one.dataset.part === "due" && p.due === "none" ? "" : p[one.dataset.part] ?? "";
  document.getElementById("p-none").checked = p.due === "none";
  document.getElementById("p-due").disabled = p.due === "none";
  document.querySelector("[data-current]").textContent = `chart ${charts.get(shown).number}`;
}

function use(rule) {
  state.pencil = { ...state.pencil, chart: shown, rule };
  showPane("3");
  changed(`Rule: ${ruleTitle(rule)}.`);
  document.getElementById("p-document").focus();
}

function file() {
  const p = { chart: shown, rule: "", document: "", field: "", kind: "", actor: "", due: "", ...state.pencil };
  if (!p.rule) { problem.textContent = "Choose the rule first."; return document.getElementById("p-rule").focus(); }
  if (state.findings.some((f) => f.chart === p.chart && f.rule === p.rule)) { problem.textContent = "This rule is filed for this chart already."; return undefined; }
  if (state.findings.length >= Number(board.dataset.most)) { problem.textContent = `At most ${board.dataset.most} can be filed. Remove one first.`; return undefined; }
  problem.textContent = "";
  state.findings.push(p);
  state.verdicts[shown] = { verdict: "deficiency", ask: "" };
  state.pencil = { chart: shown };
  changed(`Filed: ${ruleTitle(p.rule)}, chart ${charts.get(shown).number}.`);
  return document.querySelector(`[data-chart="${CSS.escape(shown)}"]`)?.focus();
}

// ---- the board ----

function person(finding) {
  return charts.get(finding.chart)?.people.find((p) => p.ref === finding.actor)?.name ?? "Nobody named yet";
}

function since(due) {
  return due && due !== "none" ? Math.round((Date.parse(board.dataset.asOf) - Date.parse(due)) / 86400000) : null;
}

function drawBoard() {
  for (const place of document.querySelectorAll("[data-filed-count]")) place.textContent = state.findings.length;
  document.getElementById("empty").hidden = state.findings.length > 0;
  board.hidden = !state.findings.length;
  const groups = Map.groupBy ? Map.groupBy(state.findings, person) : state.findings.reduce((m, f) => m.set(person(f), [...(m.get(person(f)) ?? []), f]), new Map());
  const age = (f) => since(f.due) ?? -Infinity;
  const bodies = [...groups].sort((a, b) => Math.max(...b[1].map(age)) - Math.max(...a[1].map(age)) || a[0].localeCompare(b[0])).map(([name, list]) => make("tbody", {},
    make("tr", { className: "grp" }, Object.assign(make("th", { colSpan: 5 }, `${name} `, make("span", { className: "count" }, String(list.length))), { scope: "rowgroup" })),
    ...list.sort((a, b) => age(b) - age(a)).map(drawFiled)));
  for (const old of [...board.tBodies]) old.remove();
  board.append(...bodies);
}

function drawFiled(finding) {
  const days = since(finding.due);
  const c = charts.get(finding.chart);
  const title = ruleTitle(finding.rule);
  const where = c?.papers.find((p) => p.ref === finding.document);
  const small = [where && `${where.title}${finding.field ? `: ${labels[finding.field].toLowerCase()}` : ""}`, document.querySelector(`#p-kind option[value="${finding.kind}"]`)?.textContent].filter((t) => t && t !== "Choose").join(" · ");
  const go = make("button", { type: "button", className: "btn btn-bare btn-s" }, String(c?.number ?? "?"));
  go.setAttribute("aria-label", `Open chart ${c?.number}, ${c?.name}`);
  go.addEventListener("click", () => { open(finding.chart); showPane("1"); });
  return make("tr", {}, make("td", {}, go), make("td", {}, title, small ? make("small", { className: "quiet" }, small) : ""),
    make("td", { className: "nowrap" }, finding.due === "none" ? "no date" : finding.due ? day(finding.due) : "–"),
    make("td", { className: "num" }, days === null ? "–" : String(days)),
    make("td", { className: "change" }, button(`Change ${title}, chart ${c?.number}`, "pencil", () => change(finding)), button(`Remove ${title}, chart ${c?.number}`, "x", () => remove(finding))));
}

function change(finding) {
  state.findings = state.findings.filter((f) => f !== finding);
  state.pencil = { ...finding };
  shown = finding.chart;
  drawChart();
  changed("Taken up again: file it when it is right.");
  document.getElementById("p-rule").focus();
}

function remove(finding) {
  state.findings = state.findings.filter((f) => f !== finding);
  if (!state.findings.some((f) => f.chart === finding.chart)) delete state.verdicts[finding.chart];
  changed("Removed, with its verdict.");
  const back = make("button", { type: "button", className: "btn btn-line btn-s" }, "Put it back");
  back.addEventListener("click", () => {
    state.findings.push(finding);
    problem.textContent = "";
    changed("Put back.");
  });
  problem.replaceChildren("Removed. ", back);
  back.focus();
}

// ---- the rule book ----

function drawBook() {
  const words = document.getElementById("book-q").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const kind = document.getElementById("book-k").value;
  let any = false;
  for (const rule of document.querySelectorAll("#book > li")) {
    const text = rule.textContent.toLowerCase();
    rule.hidden = Boolean(kind && rule.dataset.kind !== kind) || !words.every((w) => text.includes(w));
    any ||= !rule.hidden;
  }
  document.getElementById("book-none").hidden = any;
}

// ---- hands and keys ----

for (const id of ["chart-q", "chart-f"]) document.getElementById(id).addEventListener("input", drawList);
for (const id of ["book-q", "book-k"]) document.getElementById(id).addEventListener("input", drawBook);
for (const link of document.querySelectorAll("[data-chart]")) link.addEventListener("click", (event) => { event.preventDefault(); open(link.dataset.chart, true); });
for (const one of document.querySelectorAll("[data-verdict]")) one.addEventListener("click", () => give(one.dataset.verdict));
for (const one of document.querySelectorAll("[data-use]")) one.addEventListener("click", () => use(one.dataset.use));
document.getElementById("ask-whom").addEventListener("input", (event) => { event.stopPropagation(); state.verdicts[shown] = { verdict: "ask", ask: event.target.value }; changed(); });
document.getElementById("file").addEventListener("click", file);
document.getElementById("next").addEventListener("click", () => {
  const ids = [...charts.keys()];
  const after = [...ids.slice(ids.indexOf(shown) + 1), ...ids.slice(0, ids.indexOf(shown))].find((id) => !verdictOf(id));
  if (!after) return say("Every other chart has a verdict.");
  open(after);
  return say(`Chart ${charts.get(after).number}, ${charts.get(after).name}.`);
});
document.getElementById("clear").addEventListener("click", () => { state.pencil = { chart: shown }; problem.textContent = ""; changed("Cleared."); });
document.getElementById("p-none").addEventListener("input", (event) => { event.stopPropagation(); state.pencil.due = event.target.checked ? "none" : ""; changed(); });
for (const one of pencilBox.querySelectorAll("[data-part]")) {
  one.addEventListener(one.type === "date" ? "change" : "input", (event) => {
    event.stopPropagation();
    state.pencil = { ...state.pencil, chart: shown, [one.dataset.part]: one.value, ...(one.dataset.part === "document" ? { field: "" } : {}) };
    changed();
  });
}
region.addEventListener("keydown", (event) => {
  const here = event.target.closest(".point");
  const all = [...region.querySelectorAll(".point")];
  const to = { ArrowDown: all.indexOf(here) + 1, ArrowUp: all.indexOf(here) - 1, Home: 0, End: all.length - 1 }[event.key];
  if (!here || to === undefined) return;
  event.preventDefault();
  if (all[to]) { here.tabIndex = -1; all[to].tabIndex = 0; all[to].focus(); }
});
region.addEventListener("focusin", (event) => {
  const here = event.target.closest(".point");
  if (here) for (const one of region.querySelectorAll(".point")) one.tabIndex = one === here ? 0 : -1;
});

drawChart();
draw();
