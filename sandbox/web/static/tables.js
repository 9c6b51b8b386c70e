// Tables that sort: <table data-sortable>. Each head cell without `data-plain` gets a button; aria-sort says the state.
// A cell's `data-value` is what it sorts by, else its text; numbers sort as numbers, empty cells last. Rows of the foot stay.
import { csvText } from "./figures.js";

const FEW = 3; // rows that are sooner read than copied

const SPRITE = () => document.querySelector("use[href*='sprite.svg']")?.getAttribute("href").split("#")[0] ?? "";

function keyOf(row, column) {
  const cell = row.cells[column];
  if (!cell) return "";
  const raw = (cell.dataset.value ?? cell.textContent).trim();
  if (raw === "" || raw === "–" || raw === "·") return "";
  const number = Number(raw.replace(/[, ]/g, "").replace(/ ?%$/, ""));
  return Number.isNaN(number) ? raw.toLocaleLowerCase() : number;
}

function compare(a, b) {
  if (a === "" || b === "") return (a === "") - (b === "") || 0;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

export function sortBy(table, column, direction) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row, place) => ({ row, place, key: keyOf(row, column) }));
  rows.sort((a, b) => {
    if (a.key === "" || b.key === "") return compare(a.key, b.key) || a.place - b.place;
    return (direction === "descending" ? -1 : 1) * compare(a.key, b.key) || a.place - b.place;
  });
  body.append(...rows.map((r) => r.row));
  for (const head of heads(table)) {
    const here = head.cellIndex === column;
    if (here) head.setAttribute("aria-sort", direction); else head.removeAttribute("aria-sort");
    head.querySelector("use")?.setAttribute("href", `${SPRITE()}#i-${here ? (direction === "ascending" ? "arrow-up" : "arrow-down") : "arrow-up-down"}`);
  }
}

const heads = (table) => [...(table.tHead?.rows[table.tHead.rows.length - 1]?.cells ?? [])].filter((c) => c.tagName === "TH");

export function makeSortable(table) {
  if (table.dataset.ready) return;
  table.dataset.ready = "1";
  for (const head of heads(table)) {
    if ("plain" in head.dataset || !head.textContent.trim() || head.querySelector("a, button")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    button.insertAdjacentHTML("beforeend", ` <svg class="i" aria-hidden="true"><use href="${SPRITE()}#i-arrow-up-down"/></svg>`);
    button.addEventListener("click", () => {
      sortBy(table, head.cellIndex, head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending");
      table.dataset.sorted = `${head.cellIndex} ${head.getAttribute("aria-sort")}`;
    });
    head.append(button);
  }
}

// A head above a table offers it as CSV, as it stands now: its order, its rows, no buttons. What has its own file is left.
function makeCopied(table) {
  const sheet = table.closest("section, .sheet");
  const head = sheet?.querySelector(".pane-head");
  if (!head || (table.tBodies[0]?.rows.length ?? 0) < FEW || head.querySelector("[data-copy], [data-copy-table], a[href$='.csv']")) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-bare btn-s copy-table no-print", title: "Copy this table as CSV" });
  button.dataset.copyTable = "";
  button.innerHTML = `<svg class="i i-s" aria-hidden="true"><use href="${SPRITE()}#i-copy"/></svg><span>Copy as CSV</span>`;
  button.addEventListener("click", async () => {
    const words = button.querySelector("span");
    try { await navigator.clipboard.writeText(csvOf(sheet.querySelector("table[data-sortable], table[data-csv]"))); words.textContent = "Copied"; } catch { words.textContent = "Could not copy"; }
    setTimeout(() => { words.textContent = "Copy as CSV"; }, 2000);
  });
  head.append(button);
}

export function csvOf(table) {
  const columns = heads(table).filter((head) => !("plain" in head.dataset)).map((head) => head.cellIndex);
  const words = (cell) => (cell?.dataset.csv ?? cell?.textContent ?? "").replace(/\s+/g, " ").trim();
  return csvText([heads(table)[0].parentElement, ...table.tBodies[0].rows].map((row) => columns.map((n) => words(row.cells[n]))));
}

export function refresh(root = document) {
  for (const table of root.querySelectorAll("table[data-sortable]")) makeSortable(table);
  for (const table of root.querySelectorAll("table[data-sortable], table[data-csv]")) makeCopied(table);
}

let remembered = "";
document.addEventListener("click", (event) => {
  const table = event.target.closest?.("[data-live] table[data-sortable]");
  if (table?.dataset.sorted) remembered = table.dataset.sorted;
});
document.addEventListener("live:renewed", (event) => {
  refresh(event.detail.element);
  const table = event.detail.element.querySelector("table[data-sortable]");
  if (table && remembered) {
    const [column, direction] = remembered.split(" ");
    sortBy(table, Number(column), direction);
    table.dataset.sorted = remembered;
  }
});
refresh();
