// The report desk: tabs, the headline's agreement, the chart from its choices; and the starter's sentence.
import { step } from "/static/desk.js";
import { draw } from "/static/chart.js";
import { placesOf, rounded } from "/static/figures.js";
import { specOf, words } from "/static/report_chart.js";

const form = document.getElementById("work");
const field = (name) => form.elements[name]?.value ?? "";

// Columns by name, all of them, else by position: as the comparison reads them.
function placed(table, wanted) {
  const plain = (name) => name.toLowerCase().replace(/[^a-z0-9]+/g, "_");
  const have = table.columns.map(plain);
  const named = wanted.map((name) => have.indexOf(name));
  const at = named.every((n) => n >= 0) ? named : wanted.map((_, n) => n);
  if (table.columns.length < wanted.length) return null;
  const rows = table.rows.map((row) => Object.fromEntries(wanted.map((name, n) => [name, row[at[n]]])));
  return Object.assign(rows, { own: Object.fromEntries(wanted.map((name, n) => [name, table.columns[at[n]]])) });
}

function tableOf(columns, rows) {
  const table = Object.assign(document.createElement("table"), { className: "table" });
  const head = table.createTHead().insertRow();
  const numeric = columns.map((_, n) => rows.every((row) => row[n] === null || typeof row[n] === "number"));
  columns.forEach((name, n) => head.append(Object.assign(document.createElement("th"), { scope: "col", textContent: words(name), className: numeric[n] ? "num" : "" })));
  const body = table.createTBody();
  const places = columns.map((_, n) => (numeric[n] ? placesOf(rows.map((row) => row[n]), "DOUBLE") : null));
  for (const row of rows.slice(0, 100)) {
    const tr = body.insertRow();
    row.forEach((value, n) => {
      const td = tr.insertCell();
      td.textContent = value === null ? "–" : numeric[n] ? rounded(value, places[n]) : value;
      td.className = numeric[n] ? "num" : "";
      if (numeric[n] && value !== null && Number(td.textContent) !== value) td.title = String(value);
    });
  }
  return table;
}

// A saved report speaks of her own columns, whatever they are called; its headline is added up from them each time it runs.
function keep(headline, table) {
  const button = document.getElementById("keep");
  const say = (...parts) => document.querySelector("#keep-line [data-said]").replaceChildren(...parts);
  button.addEventListener("click", async () => {
    const { panes } = await import("/static/sql.js");
    const [rows, sql] = [table(), panes.get("sql_report")?.ran];
    if (!rows || !sql) { say("Run the report first: what is saved is the query that ran last."); return; }
    const { numerator, denominator, scale, digits } = headline.dataset;
    const own = (name) => rows.own[name] ?? "";
    const look = {
      mark: field("mark"), x: own(field("x")), y: own(field("y")), unit: field("unit"), zero: form.elements.zero.checked, label: button.dataset.label,
      numerator: own(numerator), denominator: own(denominator), scale: Number(scale), digits: Number(digits), note: field("sentence").trim(),
    };
    button.disabled = true;
    say("Saving…");
    try {
      const answer = await fetch(`/dashboard/${form.dataset.workspace}/save`, {
        method: "POST", body: JSON.stringify({ title: field("title").trim() || button.dataset.title, sql, look }),
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content },
      });
      const said = await answer.json();
      const problem = said.problem ?? (answer.ok ? null : said);
      if (problem) say([problem.message, problem.hint].filter(Boolean).join(" "));
      else say(said.again ? "Saved over the one of this title. " : "Saved. ", Object.assign(document.createElement("a"), { href: said.address, textContent: `See your dashboard, ${said.count} of ${said.most}` }));
    } catch { say("The server did not answer. Try again in a moment."); }
    button.disabled = false;
  });
}

function sheet() {
  const headline = document.getElementById("headline");
  const columns = headline.dataset.columns.split(" ");
  let rows = null;

  const number = (name) => { const text = field(name).replace(/[\s%]|days?$/g, "").replace(/,(?=\d{3}(\D|$))/g, "").replace(",", "."); return text === "" ? NaN : Number(text); };
  function agree() {
    const say = document.getElementById("agrees");
    const said = ["figure", "numerator", "denominator"].map(number);
    say.className = "small quiet agrees";
    if (!rows) { say.textContent = "Run the report, then say its overall figure."; return; }
    if (said.some(Number.isNaN)) { say.textContent = "The figure, and what it was divided from: they come from your table."; return; }
    const sum = (name) => rows.reduce((total, row) => total + Number(row[name]), 0);
    const [up, down] = [sum(headline.dataset.numerator), sum(headline.dataset.denominator)];
    const digits = Number(headline.dataset.digits);
    const right = Math.abs(said[1] - up) < 0.006 && Math.abs(said[2] - down) < 0.006 && Math.abs(said[0] - (Number(headline.dataset.scale) * up) / down) <= 0.5 * 10 ** -digits + 1e-9;
    say.className = `small agrees ${right ? "ok" : "warn"}`;
    say.textContent = right ? "Agrees with your table." : "Does not agree with your table yet.";
    if (right && headline.dataset.scale === "100" && up <= down) {
      const [p, n, z] = [up / down, down, 1.959964];
      const [middle, half] = [p + (z * z) / (2 * n), z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))];
      const end = (v) => ((100 * v) / (1 + (z * z) / n)).toFixed(1);
      say.textContent += ` 95 % interval ${end(middle - half)} to ${end(middle + half)} %.`;
    }
  }

  async function chart() {
    const here = document.getElementById("chart");
    const behind = document.getElementById("behind");
    const choice = { mark: field("mark"), x: field("x"), y: field("y"), unit: field("unit"), title: field("title"), zero: form.elements.zero.checked };
    behind.hidden = true;
    if (!rows || !choice.mark || !choice.x || !choice.y) return;
    try {
      const named = rows.map((row) => (row[choice.x] === null ? { ...row, [choice.x]: "NULL" } : row)); // as the result calls it
      await draw(here, specOf(choice, named), named, { label: `${choice.title || `${words(choice.y)} by ${words(choice.x)}`}. The figures are in the table below it.` });
    } catch { here.textContent = "These choices cannot be drawn together. Choose another mark or another column."; return; }
    behind.hidden = false;
    behind.querySelector("[data-table]").replaceChildren(tableOf([choice.x, choice.y], rows.map((row) => [row[choice.x], row[choice.y]])));
  }

  const tabs = [...document.querySelectorAll(".tabs [role=tab]")];
  const open = (tab) => {
    for (const each of tabs) {
      each.setAttribute("aria-selected", String(each === tab));
      each.tabIndex = each === tab ? 0 : -1;
      document.getElementById(each.getAttribute("aria-controls")).hidden = each !== tab;
    }
  };
  for (const [n, tab] of tabs.entries()) {
    tab.addEventListener("click", () => open(tab));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: n + 1, ArrowLeft: n - 1 }[event.key];
      if (tabs[to]) { open(tabs[to]); tabs[to].focus(); }
    });
  }

  const dot = (name, bad) => {
    const mark = document.querySelector(`[data-ran="${name}"]`);
    if (mark) { mark.hidden = false; mark.classList.toggle("bad", bad); mark.title = bad ? "It did not run" : "It ran"; }
  };
  document.addEventListener("sql:result", ({ detail }) => {
    dot(detail.name, false);
    if (detail.name !== "sql_report") return;
    rows = placed(detail.table, columns);
    agree();
    chart();
  });
  keep(headline, () => rows);
  document.addEventListener("sql:problem", ({ detail }) => dot(detail.name, true));
  form.addEventListener("input", (event) => {
    if (["figure", "numerator", "denominator"].includes(event.target.name)) agree();
    if (["mark", "x", "y", "unit", "title", "zero"].includes(event.target.name)) chart();
  });
  import("/static/sql.js").then(({ panes }) => { if (panes.get("sql_report")?.value.trim()) panes.get("sql_report").run(); });
}

function sentence() {
  let turn = 0;
  const here = document.getElementById("chart");
  const say = (text) => { here.chart?.finalize(); here.replaceChildren(Object.assign(document.createElement("p"), { className: "quiet small", textContent: text })); };
  async function look() {
    const asked = ++turn;
    let said;
    try { said = await step("run-menu"); } catch (problem) { say(problem.message); return; }
    if (asked !== turn) return;
    document.getElementById("sql-shown").textContent = said.sql || "Choose the rest of the sentence first.";
    const table = document.getElementById("rows");
    table.replaceChildren();
    if (!said.sql) { say("Choose the rest of the sentence, and the bars appear."); return; }
    if (said.problem) { say(said.problem); return; }
    if (!said.rows.length) { say("No visit fits this sentence."); return; }
    table.append(tableOf(said.columns, said.rows));
    const [x, y] = said.columns;
    const name = (row) => String(row[0] ?? "Not recorded");
    const mine = Object.keys(said.yours ?? {}).length > 0;
    const rows = said.rows.flatMap((row) => {
      const yours = said.yours?.[name(row)] ?? 0;
      const part = (value, who) => ({ [x]: name(row), [y]: value, who });
      return yours ? [part(yours, "coded by you"), part(row[1] - yours, "coded by others")] : [part(row[1], "coded by others")];
    });
    if (!here.querySelector("svg")) here.replaceChildren();
    const color = mine ? { color: { field: "who", type: "nominal", title: null, sort: ["coded by others", "coded by you"], legend: { orient: "top" } } } : {};
    await draw(here, { height: 34 * said.rows.length + (mine ? 90 : 50), mark: "bar", encoding: { y: { field: x, type: "nominal", sort: null, title: null }, x: { field: y, type: "quantitative", title: said.up, scale: { zero: true }, axis: { tickCount: 6 } }, ...color } }, rows, { label: `${said.up} by ${said.across}. The figures are in the table beside it.` });
    answers(said.rows.map((row) => String(row[0] ?? "Not recorded")));
  }
  function answers(names) {
    const select = document.querySelector("select.answer-rows");
    if (!select) return;
    const chosen = select.value || select.dataset.chosen;
    const option = (value, text) => Object.assign(document.createElement("option"), { value, textContent: text });
    select.replaceChildren(option("", "Choose"), ...[...new Set(names)].sort().map((n) => option(n, n)));
    if (names.includes(chosen)) select.value = chosen;
  }
  form.addEventListener("change", (event) => { if (event.target.closest(".sentence")) look(); });
  look();
}

if (document.getElementById("headline")) sheet(); else sentence();
