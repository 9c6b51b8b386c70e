// The SQL pane: each [data-sql] section's textarea becomes an editor with completion, runs on Ctrl-Enter, shows its rows.
// For page.js: `panes.get(name)` has value, run(), table; document hears sql:result {name, table} and sql:problem {name, problem}.
import { csvText, placesOf, rounded } from "./figures.js";
import { refresh } from "./tables.js";
import { editor } from "./sql_editor.js";
import { builder, sample } from "./sql_dialog.js";

const SHOWN = 500;
const KEPT = 30;
const csrf = () => document.querySelector("meta[name=csrf-token]")?.content ?? "";
export const panes = new Map();
const schemas = new Map();

export function schema(workspace) {
  if (!schemas.has(workspace)) {
    schemas.set(workspace, fetch(`/lab/${workspace}/schema`, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : { tables: [] })).catch(() => ({ tables: [] })));
  }
  return schemas.get(workspace);
}

async function ask(workspace, what, sql) {
  try {
    const answer = await fetch(`/lab/${workspace}/${what}`, {
      method: "POST", body: JSON.stringify({ sql }),
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
    });
    if ((answer.headers.get("Content-Disposition") || "").startsWith("attachment")) return { file: await answer.blob() };
    const said = await answer.json();
    if (answer.ok) return said;
    return { problem: { message: said.message || said.problem?.message || "The server could not run this.", hint: said.hint || "" } };
  } catch {
    return { problem: { message: "The server did not answer.", hint: "Your query is still here. Try again in a moment." } };
  }
}

const numeric = (type) => /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U\w*INT\w*|FLOAT|DOUBLE|DECIMAL)/.test(type) && !type.endsWith("]");

export function shown(value, type) {
  if (value === null) return "NULL";
  if (typeof value === "number") {
    const scale = /^DECIMAL\(\d+,(\d+)\)/.exec(type);
    return scale ? value.toFixed(Number(scale[1])) : String(value);
  }
  if (type.startsWith("TIMESTAMP WITH")) return String(value).replace("+00:00", " UTC");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function save(blob, download) {
  const link = Object.assign(document.createElement("a"), { download, href: URL.createObjectURL(blob) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const csvOf = (table) => csvText([table.columns, ...table.rows]);

export function grid(table, label) {
  const made = document.createElement("table");
  made.className = "table sticky";
  made.dataset.sortable = "";
  made.setAttribute("aria-label", label);
  const head = made.createTHead().insertRow();
  table.columns.forEach((name, at) => {
    const th = Object.assign(document.createElement("th"), { scope: "col", textContent: name, title: table.types[at] });
    if (numeric(table.types[at])) th.className = "num";
    head.append(th);
  });
  const body = made.createTBody();
  const rows = table.rows.slice(0, SHOWN);
  const places = table.types.map((type, at) => placesOf(rows.map((row) => row[at]), type));
  for (const row of rows) {
    const tr = body.insertRow();
    row.forEach((value, at) => {
      const td = tr.insertCell();
      const whole = shown(value, table.types[at]);
      const short = places[at] !== null && typeof value === "number" ? rounded(value, places[at]) : whole;
      td.textContent = short;
      if (short !== whole) td.dataset.value = whole;
      if (Number(short) !== Number(whole)) td.title = whole;
      td.className = [numeric(table.types[at]) ? "num" : "", value === null ? "null" : ""].join(" ").trim();
      if (value === null) td.dataset.value = "";
      if (td.textContent.length > 60) td.title = td.textContent;
    });
  }
  return made;
}

export function tell(table) {
  const rows = `${table.rows.length.toLocaleString("en-US")}${table.truncated ? "+" : ""} row${table.rows.length === 1 ? "" : "s"}`;
  const some = table.rows.length > SHOWN ? `, the first ${SHOWN} shown` : "";
  return `${rows}, ${Math.max(1, Math.round(table.milliseconds))} ms${table.truncated ? ", cut off: there were more" : some}`;
}

function history(workspace, name, sql) {
  const key = `sql ${workspace} ${name}`;
  let kept = [];
  try { kept = JSON.parse(localStorage.getItem(key) || "[]"); } catch { /* start again */ }
  if (sql?.trim()) {
    kept = [sql, ...kept.filter((each) => each !== sql)].slice(0, KEPT);
    try { localStorage.setItem(key, JSON.stringify(kept)); } catch { /* for this page only */ }
  }
  return kept;
}

function pane(section) {
  const { sql: name, workspace } = section.dataset;
  const part = (what, root = section) => root.querySelector(`[data-${what}]`);
  const result = document.querySelector(`[data-sql-result="${CSS.escape(name)}"]`);
  const textarea = section.querySelector("textarea");
  const made = { name, table: null, busy: false };
  const edit = editor({
    textarea, parent: part("editor"), run: () => made.run(), say: (words) => { part("say").textContent = words; },
    nonce: document.querySelector("meta[name=csp-nonce]")?.content ?? "", completion: schema(workspace),
  });
  Object.defineProperty(made, "value", { get: edit.get, set: edit.set });

  const recall = (sql) => {
    const kept = history(workspace, name, sql);
    part("history").hidden = !kept.length;
    part("history").querySelector("[data-list]").replaceChildren(...kept.map((each) => {
      const button = Object.assign(document.createElement("button"), { type: "button", title: each, textContent: each.replace(/\s+/g, " ").slice(0, 90) });
      button.addEventListener("click", () => { edit.set(each); part("history").open = false; edit.focus(); });
      return button;
    }));
  };

  const complain = (problem) => {
    part("problem").hidden = !problem;
    edit.mark(problem);
    if (!problem) return;
    part("message").textContent = (problem.line ? `Line ${problem.line}, column ${problem.column}: ` : "") + problem.message;
    part("hint").textContent = problem.hint || "";
    part("go").hidden = !problem.line;
    part("go").onclick = () => edit.go(problem);
  };

  made.run = async () => {
    if (made.busy) return null;
    const sql = edit.get();
    made.busy = true;
    part("run").disabled = true;
    part("count", result).textContent = "Running…";
    part("table", result).setAttribute("aria-busy", "true");
    const said = await ask(workspace, "run", sql);
    made.busy = false;
    part("run").disabled = false;
    part("table", result).removeAttribute("aria-busy");
    complain(said.problem);
    recall(sql);
    made.table = said.problem ? null : said;
    made.ran = sql;
    for (const what of ["copy", "download", "parquet"]) part(what, result).disabled = !made.table;
    if (said.problem) {
      part("count", result).textContent = "no rows";
      part("table", result).replaceChildren(Object.assign(document.createElement("p"), { className: "sql-empty quiet", textContent: "The query did not run. What is wrong stands below it." }));
      document.dispatchEvent(new CustomEvent("sql:problem", { detail: { name, problem: said.problem } }));
      return null;
    }
    part("count", result).textContent = tell(said);
    part("table", result).replaceChildren(grid(said, part("table", result).getAttribute("aria-label")));
    refresh(part("table", result));
    document.dispatchEvent(new CustomEvent("sql:result", { detail: { name, table: said } }));
    return said;
  };

  part("run").addEventListener("click", () => made.run());
  part("build")?.addEventListener("click", () => builder(workspace, (sql) => {
    edit.set(sql);
    edit.focus();
    part("say").textContent = "The query is in the editor. Control and Z brings back what stood there.";
  }));
  part("explain").addEventListener("click", async () => {
    const sql = edit.get();
    const before = /^\s*explain\b/i.test(sql) ? "" : "EXPLAIN ";
    const said = await ask(workspace, "run", before + sql);
    complain(said.problem && { ...said.problem, column: said.problem.column - (said.problem.line === 1 ? before.length : 0) });
    if (said.problem) return;
    const plan = Object.assign(document.createElement("pre"), { className: "sql-plan", textContent: said.rows.map((row) => row[1]).join("\n") });
    part("count", result).textContent = "the plan: read it from the bottom up";
    part("table", result).replaceChildren(plan);
  });
  part("copy", result).addEventListener("click", async (event) => {
    const words = event.currentTarget.querySelector("span");
    try { await navigator.clipboard.writeText(csvOf(made.table)); words.textContent = "Copied"; } catch { words.textContent = "Could not copy"; }
    setTimeout(() => { words.textContent = "Copy as CSV"; }, 2000);
  });
  part("download", result).addEventListener("click", () => save(new Blob([csvOf(made.table)], { type: "text/csv" }), `${name}.csv`));
  part("parquet", result).addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    const said = await ask(workspace, "parquet", made.ran);
    button.disabled = !made.table;
    if (said.file) save(said.file, `${name}.parquet`); else complain(said.problem);
  });
  for (const what of ["run", "build", "explain"]) if (part(what)) part(what).disabled = false;
  recall();
  panes.set(name, made);
}

// The rail of tables: fetched as a part of the page, filtered by table or column name.
async function rail(nav) {
  const list = nav.querySelector("[data-list]");
  const find = nav.querySelector("[data-find]");
  const answer = await fetch(`/lab/${nav.dataset.labSchema}/tables`).catch(() => null);
  if (!answer?.ok) {
    list.querySelector("p").textContent = "The tables could not be listed. Reload the page to try again.";
    return;
  }
  list.innerHTML = await answer.text();
  const tables = [...list.querySelectorAll("details")];
  nav.querySelector(".pane-head [data-count]").textContent = tables.length;
  for (const name of (nav.dataset.first || "").split(" ").filter(Boolean)) {
    list.querySelector(`details[data-name="${CSS.escape(name)}"]`)?.setAttribute("open", "");
  }
  list.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-sample]");
    if (asked) sample(nav.dataset.labSchema, asked.dataset.sample);
  });
  find.addEventListener("input", () => {
    const asked = find.value.trim().toLowerCase();
    let seen = 0;
    for (const table of tables) {
      const columns = [...table.querySelectorAll(".col")];
      const hits = asked ? columns.filter((c) => c.firstElementChild.textContent.includes(asked)) : [];
      const here = !asked || table.dataset.name.includes(asked) || hits.length > 0;
      columns.forEach((c) => c.classList.toggle("found", hits.includes(c)));
      table.hidden = !here;
      if (asked && hits.length) table.open = true;
      seen += here;
    }
    list.querySelector("[data-none]").hidden = seen > 0;
  });
}

document.querySelectorAll("[data-sql]").forEach(pane);
document.querySelectorAll("[data-lab-schema]").forEach(rail);
document.dispatchEvent(new CustomEvent("sql:ready"));
