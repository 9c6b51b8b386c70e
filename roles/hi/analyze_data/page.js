// The analysis desk: cells that come and go, a chart of each cell's result, and the lines of a hunt.
import { draw } from "/static/chart.js";
import { panes, schema } from "/static/sql.js";

const form = document.getElementById("work");
const field = (name) => form.elements[name]?.value ?? "";
const changed = () => form.dispatchEvent(new Event("input", { bubbles: true }));
const words = (text) => text.replaceAll("_", " ").replace(/^./, (c) => c.toUpperCase());
const say = (text) => { document.getElementById("notebook-says").textContent = text; };
const tables = new Map(); // cell number → what its last run gave

// The rows with plain values: a date as its day, of the first of each month as its month.
function rowsOf(table, names) {
  const at = (name) => table.columns.indexOf(name);
  const firsts = Object.fromEntries(names.map((name) => [name, table.rows.every((row) => /^\d{4}-\d{2}-01$/.test(String(row[at(name)])))]));
  return table.rows.map((row) => Object.fromEntries(names.map((name) => {
    const value = row[at(name)];
    return [name, value !== null && firsts[name] ? String(value).slice(0, 7) : typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value];
  })));
}

// A Vega-Lite specification from the choices: nothing that she did not choose.
function specOf({ mark, x, y, centre, low, high }, rows) {
  const number = (name) => rows.every((row) => row[name] === null || typeof row[name] === "number");
  const across = { field: x, type: number(x) ? "quantitative" : "ordinal", title: words(x), axis: { labelAngle: 0, labelOverlap: true } };
  const up = (name) => ({ field: name, type: number(name) ? "quantitative" : "nominal", title: words(y), scale: number(name) ? { zero: true } : undefined });
  if (mark !== "control") return { height: 240, mark: mark === "line" ? { type: "line", point: true } : mark === "point" ? { type: "point", filled: true, size: 60 } : mark, encoding: { x: across, y: up(y) } };
  const out = [high && `datum[${JSON.stringify(high)}] !== null && datum[${JSON.stringify(y)}] > datum[${JSON.stringify(high)}]`, low && `datum[${JSON.stringify(low)}] !== null && datum[${JSON.stringify(y)}] < datum[${JSON.stringify(low)}]`].filter(Boolean).join(" || ");
  const css = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  const line = (name, dash) => ({ mark: { type: "line", interpolate: "step", strokeDash: dash, color: css("--text-3"), strokeWidth: 1.5 }, encoding: { x: across, y: up(name) } });
  const layer = [[low, [4, 3]], [high, [4, 3]], [centre, [1, 0]]].filter(([name]) => name).map(([name, dash]) => line(name, dash));
  layer.push({ mark: { type: "line" }, encoding: { x: across, y: up(y) } });
  layer.push({ mark: { type: "point", filled: true, size: 60, opacity: 1 }, encoding: { x: across, y: up(y), ...(out ? { color: { condition: { test: out, value: css("--stop") }, value: css("--seat") }, shape: { condition: { test: out, value: "diamond" }, value: "circle" } } : {}) } });
  return { height: 260, layer };
}

async function chart(n) {
  const cell = document.querySelector(`[data-cell="${n}"]`);
  const here = cell.querySelector("[data-drawn]");
  const choice = Object.fromEntries(["mark", "x", "y", "centre", "low", "high"].map((part) => [part, field(`cell${n}_${part}`)]));
  cell.querySelectorAll("[data-control]").forEach((part) => { part.hidden = choice.mark !== "control"; });
  const table = tables.get(n);
  const none = (text) => { here.chart?.finalize(); here.replaceChildren(Object.assign(document.createElement("p"), { className: "quiet small", textContent: text })); };
  if (!choice.mark) return none("Choose a mark to see the result as a chart.");
  if (!table) return none("Run the cell to see its chart.");
  const names = [...new Set([choice.x, choice.y, ...(choice.mark === "control" ? [choice.centre, choice.low, choice.high] : [])].filter(Boolean))];
  if (!choice.x || !choice.y) return none("Choose what goes across and what goes up.");
  if (names.some((name) => !table.columns.includes(name))) return none("The result has another set of columns now. Choose again.");
  const rows = rowsOf(table, names);
  const beyond = choice.mark === "control" && choice.high ? rows.filter((row) => row[choice.high] !== null && row[choice.y] > row[choice.high]).map((row) => row[choice.x]) : [];
  const told = `${words(choice.y)} by ${words(choice.x)}, ${rows.length} points${beyond.length ? `; above the upper limit: ${beyond.join(", ")}` : choice.mark === "control" && choice.high ? "; none above the upper limit" : ""}.`;
  try {
    if (!here.querySelector("svg")) here.replaceChildren();
    await draw(here, specOf(choice, rows), rows, { label: `${told} The figures are in the result above it.` });
  } catch { none("These choices cannot be drawn together. Choose another column."); }
}

function offer(n, columns) {
  for (const select of document.querySelectorAll(`[data-cell="${n}"] [data-columns]`)) {
    const now = select.value;
    const option = (value, text) => Object.assign(document.createElement("option"), { value, textContent: text });
    select.replaceChildren(option("", "None"), ...columns.map((name) => option(name, name)));
    if (columns.includes(now)) select.value = now;
    else if (!now) { // the plain names choose themselves
      const part = select.name.replace(/^cell\d+_/, "");
      const usual = { x: ["month", "day", "date"], y: ["rate", "u"], centre: ["centre", "center", "mean"], low: ["lower", "low", "lcl"], high: ["upper", "high", "ucl"] }[part];
      select.value = columns.find((name) => usual.includes(name.toLowerCase())) ?? "";
    }
  }
}

document.addEventListener("sql:result", ({ detail }) => {
  const n = Number(/^cell(\d+)_sql$/.exec(detail.name)?.[1]);
  if (!n) return;
  tables.set(n, detail.table);
  offer(n, detail.table.columns);
  chart(n);
});
form.addEventListener("change", ({ target }) => {
  const cell = target.closest(".cell-chart")?.closest("[data-cell]");
  if (cell) chart(Number(cell.dataset.cell));
});
form.addEventListener("toggle", ({ target }) => { if (target.matches?.(".cell-chart") && target.open) chart(Number(target.closest("[data-cell]").dataset.cell)); }, true);

const cells = [...document.querySelectorAll("[data-cell]")];
document.getElementById("add-cell").addEventListener("click", () => {
  const next = cells.find((cell) => cell.hidden);
  if (!next) { say("A notebook has eight cells. Remove one to add another."); return; }
  next.hidden = false;
  next.parentNode.insertBefore(next, document.getElementById("notebook-says")); // a new cell comes last
  say(`Cell ${next.dataset.cell} was added.`);
  next.scrollIntoView({ block: "nearest" });
  (next.querySelector(".cm-content") ?? next.querySelector("textarea")).focus();
});
for (const cell of cells) {
  const result = cell.querySelector("[data-sql-result]"); // eight parts of one page cannot all be called "Result"
  result.removeAttribute("aria-labelledby");
  result.setAttribute("aria-label", `Cell ${cell.dataset.cell}, its result`);
  cell.querySelectorAll("[data-control]").forEach((part) => { part.hidden = field(`cell${cell.dataset.cell}_mark`) !== "control"; });
  cell.querySelector("[data-remove]").addEventListener("click", () => {
    const n = Number(cell.dataset.cell);
    if (cells.filter((each) => !each.hidden).length > 1) cell.hidden = true;
    panes.get(`cell${n}_sql`).value = "";
    form.elements[`cell${n}_note`].value = "";
    form.elements[`cell${n}_mark`].value = "";
    tables.delete(n);
    chart(n);
    changed();
    say(`Cell ${n} was removed. Its query is still in the history.`);
    document.getElementById("add-cell").focus();
  });
}

const finds = [...document.querySelectorAll("[data-line]")];
if (finds.length) {
  const named = (find) => find.querySelector("[name$=_row]").value.trim();
  const count = () => {
    const rows = new Set(finds.map(named).filter(Boolean)).size;
    document.getElementById("found-count").textContent = rows === 1 ? "1 row" : `${rows} rows`;
  };
  document.getElementById("add-find").addEventListener("click", () => {
    const next = finds.find((find) => find.hidden);
    if (!next) return;
    next.hidden = false;
    next.parentNode.append(next);
    next.querySelector("input").focus();
  });
  for (const find of finds) {
    find.querySelector("[data-drop]").addEventListener("click", () => {
      for (const part of find.querySelectorAll("input, select")) { if (part.type === "checkbox") part.checked = false; else part.value = ""; }
      if (finds.filter((each) => !each.hidden).length > 1) find.hidden = true;
      changed();
      count();
      document.getElementById("add-find").focus();
    });
  }
  form.addEventListener("input", count);
  count();
  schema(form.dataset.workspace).then(({ tables: known }) => {
    const list = document.getElementById("columns");
    for (const table of known) for (const column of table.columns) list.append(Object.assign(document.createElement("option"), { value: `${table.name}.${column.name ?? column}` }));
  });
}

const fill = document.getElementById("grid-fill");
if (fill) { // a result with a row for each race and site, totals as All or null, becomes the table: 120 (12.5)
  const boxes = [...document.querySelectorAll(".grid-table input")];
  const tell = (text) => { document.getElementById("grid-says").textContent = text; };
  const plain = (text) => String(text ?? "All").toLowerCase().replace(/[^a-z0-9]+/g, " ").trim().replace(/ clinic$/, "");
  fill.addEventListener("click", () => {
    const wanted = ["race", "site", "patients", "percent"];
    const table = [...tables].reverse().map(([, each]) => each).find((each) => each && wanted.slice(0, 3).every((name) => each.columns.includes(name)));
    if (!table) { tell("Run a query whose columns are called race, site, patients and percent. A total has All, or null."); return; }
    const at = Object.fromEntries(wanted.map((name) => [name, table.columns.indexOf(name)]));
    const rows = new Map(table.rows.map((row) => [`${plain(row[at.race])}|${plain(row[at.site])}`, row]));
    let found = 0;
    for (const box of boxes) {
      const row = rows.get(`${plain(box.dataset.row)}|${plain(box.dataset.column)}`);
      if (!row) continue;
      found += 1;
      const share = at.percent < 0 || row[at.percent] === null ? null : Number(row[at.percent]).toFixed(1);
      box.value = share === null || Number.isNaN(Number(share)) ? `${row[at.patients]}` : `${row[at.patients]} (${share})`;
    }
    changed();
    tell(`${found} of ${boxes.length} cells were filled in${found && found < boxes.length ? "; the others have no row, so nobody is there: 0" : ""}. Now hold back what must be.`);
  });
}

const first = panes.get("cell1_sql");
if (first?.value.trim()) first.run();
