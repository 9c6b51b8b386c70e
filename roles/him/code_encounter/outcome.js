// Procedures, disposition and queries of the coding desk, in three hidden fields:
//   procedures  [{code, title, date, spans}] in order    disposition  "03"    queries  [{kind, about, spans}]
import { step } from "/static/desk.js";
import { button, citations, make, read, say, takeHand, told } from "./page.js";

const form = document.getElementById("work");
const $ = (id) => document.getElementById(id);
const state = { procedures: read("procedures"), queries: read("queries"), prefix: "" };
let asking = 0;

function changed(words) {
  if (form.elements.procedures) form.elements.procedures.value = JSON.stringify(state.procedures);
  if (form.elements.queries) form.elements.queries.value = JSON.stringify(state.queries);
  form.dispatchEvent(new Event("input", { bubbles: true }));
  draw();
  if (words) say(words);
}

function keep(list, focus) {
  const key = document.activeElement?.dataset?.key;
  focus();
  if (key) list.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

function draw() {
  for (const place of document.querySelectorAll("[data-procedures-count]")) place.textContent = state.procedures.length;
  for (const place of document.querySelectorAll("[data-queries-count]")) place.textContent = state.queries.length;
  if ($("procedures")) keep($("procedures"), () => $("procedures").replaceChildren(...state.procedures.map(drawProcedure)));
  if ($("queries")) keep($("queries"), () => $("queries").replaceChildren(...state.queries.map(drawQuery)));
}

function drawProcedure(row, n) {
  const day = make("input", { type: "date", className: "form-control", value: row.date ?? "", dataset: { key: `day-${n}` } });
  day.setAttribute("aria-label", `Day of ${row.code}`);
  day.addEventListener("change", (event) => { event.stopPropagation(); row.date = day.value; changed(); });
  return make("li", { dataset: { code: row.code } },
    make("span", { className: "code" }, row.code), make("span", { className: "words" }, row.title ?? ""), day,
    citations(row, row.code, () => changed()),
    make("span", { className: "nowrap" },
      button(`Move ${row.code} up`, "arrow-up", () => move(n, -1), { disabled: n === 0, dataset: { key: `up-${row.code}` } }),
      button(`Move ${row.code} down`, "arrow-down", () => move(n, 1), { disabled: n === state.procedures.length - 1, dataset: { key: `down-${row.code}` } }),
      button(`Cite what is in hand for ${row.code}`, "quote", () => citeFor(row, row.code), { dataset: { key: `cite-${row.code}` } }),
      button(`Remove ${row.code}`, "x", () => { state.procedures.splice(n, 1); changed(`${row.code} removed.`); $("pcs").focus(); }, { dataset: { key: `remove-${row.code}` } })));
}

function drawQuery(row, n) {
  const words = [...$("q-kind").options].find((o) => o.value === row.kind)?.textContent ?? row.kind;
  return make("li", {}, make("span", { className: "words" }, make("b", {}, words), `: ${row.about || "no words yet"}`),
    citations(row, "the query", () => changed()),
    make("span", { className: "nowrap" },
      button("Cite what is in hand for this query", "quote", () => citeFor(row, "the query"), { dataset: { key: `qcite-${n}` } }),
      button("Remove this query", "x", () => { state.queries.splice(n, 1); changed("Query removed."); $("q-about").focus(); }, { dataset: { key: `qremove-${n}` } })));
}

function move(n, by) {
  const [row] = state.procedures.splice(n, 1);
  state.procedures.splice(n + by, 0, row);
  changed(`${row.code} is procedure ${n + by + 1} of ${state.procedures.length}.`);
}

function citeFor(row, name) {
  const more = takeHand();
  if (!more.length) return say("Nothing is in hand. Select words of the record, or press a row, first.");
  row.spans = [...(row.spans ?? []), ...more].slice(0, 8);
  changed(`${told(more)} cited for ${name}.`);
}

// ---- place by place ----

async function build(prefix, { focus = false } = {}) {
  const mine = ++asking;
  let answer;
  try { answer = await step("places", { prefix }); } catch (problem) {
    if (mine === asking) { $("pcs-path").textContent = problem.message; $("pcs-places").replaceChildren(); }
    return;
  }
  if (mine !== asking) return;
  state.prefix = answer.prefix;
  if ($("pcs").value.toUpperCase() !== answer.prefix) $("pcs").value = answer.prefix;
  $("pcs-path").textContent = answer.so_far.map((label, n) => `${answer.prefix[n]} ${label}`).join(" › ");
  const choices = answer.code ? [whole(answer)] : answer.choices.map((one) => choice(answer, one));
  if (!answer.code) $("pcs-path").append(`${answer.so_far.length ? " › " : ""}next: ${answer.place}`);
  $("pcs-places").replaceChildren(...choices);
  if (focus) choices[0]?.focus();
}

function choice({ prefix }, { value, label, means, codes }) {
  const made = make("button", { type: "button", className: "place", title: means || `${codes} codes` }, make("b", {}, value), ` ${label}`);
  made.addEventListener("click", () => build(prefix + value, { focus: true }));
  return made;
}

function whole({ code, title }) {
  const made = make("button", { type: "button", className: "btn btn-seat btn-s" }, `Add ${code}`);
  made.setAttribute("aria-label", `Add ${code}: ${title}`);
  made.addEventListener("click", () => {
    state.procedures.push({ code, title, date: "", spans: takeHand() });
    $("pcs").value = "";
    changed(`${code} added as procedure ${state.procedures.length}. Its day is still open.`);
    build("");
    $("procedures").lastElementChild?.querySelector("input")?.focus();
  });
  return make("span", { className: "whole" }, made, make("span", { className: "small" }, ` ${title}`));
}

if ($("builder")) {
  let timer = 0;
  $("pcs").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => build($("pcs").value.trim()), 250); });
  $("pcs").addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); $("pcs-places").querySelector("button")?.focus(); }
  });
  $("pcs-places").addEventListener("keydown", (event) => {
    const all = [...$("pcs-places").querySelectorAll("button")];
    const to = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!to) return;
    event.preventDefault();
    (all[all.indexOf(document.activeElement) + to] ?? $("pcs")).focus();
  });
  $("pcs-back").addEventListener("click", () => build(state.prefix.slice(0, -1), { focus: true }));
  build("");
}
if ($("where-to")) {
  $("where-to").value = form.elements.disposition.value;
  $("where-to").addEventListener("change", () => { form.elements.disposition.value = $("where-to").value; changed(); });
  $("q-add").addEventListener("click", () => {
    const about = $("q-about").value.trim();
    if (!about) { say("Say what the query is about."); return $("q-about").focus(); }
    state.queries.push({ kind: $("q-kind").value, about, spans: takeHand() });
    $("q-about").value = "";
    changed("Query added.");
  });
}
draw();
for (const row of state.procedures.filter((p) => p.code && !p.title)) {
  step("places", { prefix: row.code }).then(({ title }) => { row.title = title; draw(); }).catch(() => { /* the code alone stands */ });
}
