// A dashboard's charts, drawn from what each card carries; on paper every table is open.
import { draw } from "./chart.js";
import { specOf, words } from "./report_chart.js";

for (const here of document.querySelectorAll("[data-chart]")) {
  const { columns, rows, ...choice } = JSON.parse(here.dataset.chart);
  const named = rows.map((row) => Object.fromEntries(columns.map((name, n) => [name, row[n] === null && name === choice.x ? "NULL" : row[n]])));
  const label = `${here.dataset.label}: ${words(choice.y)} by ${words(choice.x)}. The figures are in the table below it.`;
  draw(here, specOf(choice, named), named, { label }).catch(() => { here.textContent = "These choices cannot be drawn on what the record holds now. The table below has the figures."; });
}
const closed = [];
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll(".behind:not([open], .no-print)")) { each.open = true; closed.push(each); }
});
addEventListener("afterprint", () => { while (closed.length) closed.pop().open = false; });
document.querySelector("[data-print]")?.addEventListener("click", () => print());
