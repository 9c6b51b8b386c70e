// Tables that sort: <table data-sortable>. Each head cell without `data-plain` gets a button; aria-sort says the state.
// A cell's `data-value` is what it sorts by, else its text; numbers sort as numbers, empty cells last. Rows of the foot stay.
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

export function refresh(root = document) {
  for (const table of root.querySelectorAll("table[data-sortable]")) makeSortable(table);
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
