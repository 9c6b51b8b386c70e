// The schema desk: two scripts and a query on a copy of one's own, what they did, how the copy differs, its journal.
import { step } from "/static/desk.js";
import { grid, schema, tell } from "/static/sql.js";
import { editor } from "/static/sql_editor.js";

const form = document.getElementById("work");
const workspace = form.dataset.workspace;
const make = (tag, more = {}, ...inside) => { const made = Object.assign(document.createElement(tag), more); made.append(...inside); return made; };
const plural = (n, one) => `${n.toLocaleString("en-US")} ${one}${n === 1 ? "" : "s"}`;
let busy = false;

const tabs = [...document.querySelectorAll(".tabs [role=tab]")];
function open(tab) {
  for (const each of tabs) {
    each.setAttribute("aria-selected", String(each === tab));
    each.tabIndex = each === tab ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = each !== tab;
  }
}
for (const [n, tab] of tabs.entries()) {
  tab.addEventListener("click", () => open(tab));
  tab.addEventListener("keydown", (event) => {
    const to = { ArrowRight: n + 1, ArrowLeft: n - 1 }[event.key];
    if (tabs[to]) { open(tabs[to]); tabs[to].focus(); }
  });
}

// Her copy beside the untouched one: table by table, signs before words so that colour is never alone.
const SIGN = { "+": ["plus", "added"], "-": ["minus", "gone"], "~": ["other", "otherwise"] };
function marks(list) {
  return make("ul", {}, ...list.map(([sign, words]) => make("li", { className: SIGN[sign][0] }, make("span", { textContent: sign, title: SIGN[sign][1] }), make("span", { textContent: words }))));
}
function facts({ rows: [was, now], same, sums }) {
  const count = was === null ? `${plural(now, "row")}, a new table` : now === null ? `gone, with ${plural(was, "row")}` : was === now ? plural(now, "row") : `${was.toLocaleString("en-US")} → ${plural(now, "row")}`;
  const check = same ? "the same, row by row" : was === null || now === null ? "" : `checksum ${sums[0]} → ${sums[1]}`;
  return make("p", { className: "facts" }, make("span", { textContent: count }), make("span", { textContent: check }));
}
function state(said) {
  document.getElementById("own").replaceChildren(...Object.entries(said.own).map(([table, columns]) => make("li", {}, make("code", { textContent: `${table}(${columns.join(", ")})` }))));
  document.getElementById("own-block").hidden = !Object.keys(said.own).length;
  const changed = said.difference.filter((each) => !each.same);
  document.getElementById("copy-state").textContent = said.runs === 0 ? "Fresh: nothing has been run on it."
    : `${plural(said.runs, "run")} so far. ${changed.length ? "It differs from the untouched tables:" : "It is as the untouched tables are."}`;
  const shown = said.runs === 0 ? [] : said.difference.filter((each) => !each.same || each.marks.length || each.rows[0] !== null);
  document.getElementById("difference").replaceChildren(...shown.map((each) => make("div", {}, make("h3", { textContent: each.table || "beside the tables" }), ...(each.table ? [facts(each)] : []), ...(each.marks.length ? [marks(each.marks)] : []))));
  const journal = document.getElementById("journal");
  journal.hidden = !said.journal.length;
  const list = journal.querySelector("[data-list]");
  list.start = said.journal[0]?.n ?? 1;
  list.replaceChildren(...said.journal.map(({ sql, done, of }) => make("li", {}, `${done} of ${plural(of, "statement")}: `, make("code", { textContent: sql.replace(/\s+/g, " ").trim().slice(0, 90) }))));
}

function told(said) {
  const { done, of, rows, trouble } = said;
  const lines = rows.map((n, at) => make("li", { textContent: n < 0 ? "done" : plural(n, "row"), value: at + 1 }));
  if (trouble && trouble.statement) lines[trouble.statement - 1]?.remove();
  const head = trouble ? (done ? `${done} of ${plural(of, "statement")} went through; then it stopped.` : "Nothing went through.") : `All ${plural(of, "statement")} went through.`;
  return make("div", { className: "ran" }, make("p", { className: trouble ? "bad" : "", textContent: head }), make("ol", {}, ...lines));
}

function pane(section) {
  const name = section.dataset.script;
  const part = (what, root = section) => root.querySelector(`[data-${what}]`);
  const result = document.querySelector(`[data-result="${name}"]`);
  const out = part("out", result), count = part("count", result), dot = document.querySelector(`[data-ran="${name}"]`);
  const edit = editor({
    textarea: section.querySelector("textarea"), parent: part("editor"), run: () => run(), say: (words) => { part("say").textContent = words; },
    nonce: document.querySelector("meta[name=csp-nonce]")?.content ?? "", completion: schema(workspace), changes: name !== "query",
  });
  const complain = (problem) => {
    part("problem").hidden = !problem;
    edit.mark(problem);
    if (!problem) return;
    part("message").textContent = (problem.statement ? `Statement ${problem.statement}, ` : "") + (problem.line ? `line ${problem.line}: ` : "") + problem.message;
    part("hint").textContent = problem.hint || "";
    part("go").hidden = !problem.line;
    part("go").onclick = () => edit.go(problem);
  };
  async function run() {
    if (busy) return;
    busy = true;
    count.textContent = "Running…";
    out.setAttribute("aria-busy", "true");
    let said;
    try { said = await step(name === "query" ? "look" : name); } catch (problem) { said = { problem: { message: problem.message, hint: "" } }; }
    busy = false;
    out.removeAttribute("aria-busy");
    const problem = said.problem ?? said.trouble;
    complain(problem);
    if (dot) { dot.hidden = false; dot.classList.toggle("bad", Boolean(problem)); dot.title = problem ? "It did not run to its end" : "It ran"; }
    if (said.columns) { out.replaceChildren(grid(said, out.getAttribute("aria-label"))); count.textContent = tell(said); return; }
    if (said.difference) state(said);
    count.textContent = problem ? "stopped" : "ran to its end";
    out.replaceChildren(said.difference ? told(said) : make("p", { className: "sql-empty quiet", textContent: "It did not run. What is wrong stands above." }));
  }
  part("run").addEventListener("click", run);
  part("run").disabled = false;
}

document.querySelectorAll("[data-script]").forEach(pane);
// The record's part: one definition, tried on her own patients.
const attempt = document.getElementById("try-definition");
attempt?.addEventListener("click", async () => {
  const list = document.getElementById("tried"), dot = document.querySelector("[data-ran=definition]");
  attempt.disabled = true;
  list.replaceChildren(make("li", { textContent: "Asking the record…" }));
  let said;
  try { said = (await step("definition")).messages; } catch (problem) { said = [{ severity: "error", text: problem.message }]; }
  attempt.disabled = false;
  const bad = said.some(({ severity }) => severity === "error");
  list.replaceChildren(...said.map(({ severity, text }) => make("li", { className: severity === "error" ? "bad" : "", textContent: text })));
  dot.hidden = false;
  dot.classList.toggle("bad", bad);
  dot.title = bad ? "The record could not use it" : "The record took it";
});

document.getElementById("reset").addEventListener("click", async () => {
  document.getElementById("copy-state").textContent = "Making a fresh copy…";
  try {
    state(await step("reset"));
    document.getElementById("copy-state").textContent = "A fresh copy: nothing has been run on it.";
  } catch (problem) { document.getElementById("copy-state").textContent = problem.message; }
});
step("state").then(state).catch((problem) => { document.getElementById("copy-state").textContent = problem.message; });
