// Draws a Vega-Lite specification as SVG, in the page's own colours, without eval. Beside each chart stands its table.
//   import { draw } from "/static/chart.js";  const view = await draw(element, spec, rows, { label: "…" });
import { parse, View, compile, expressionInterpreter, loader, WarnLevel } from "./vendor/vega.js";

const css = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

export function look() {
  const [text, quiet, line, seat] = ["--text", "--text-3", "--line", "--seat"].map(css);
  const font = css("--font");
  return {
    background: null, font,
    view: { stroke: null },
    axis: { labelColor: css("--text-2"), titleColor: quiet, gridColor: line, domainColor: css("--control"), tickColor: line,
      labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400, labelLimit: 200, labelFont: font, titleFont: font },
    legend: { labelColor: css("--text-2"), titleColor: quiet, labelFontSize: 12, titleFontSize: 12, labelFont: font, titleFont: font },
    title: { color: text, fontSize: 14, fontWeight: 600, anchor: "start", font },
    mark: { color: seat }, text: { color: text, font, fontSize: 12 },
    range: { category: [seat, css("--caution"), css("--info"), css("--good"), css("--stop"), quiet] },
  };
}

const NOWHERE = { ...loader(), load: () => Promise.reject(new Error("A chart here draws only the rows it is given.")) };

export async function draw(element, spec, rows, { label = "Chart", width } = {}) {
  element.chart?.finalize();
  const room = width ?? Math.max(220, element.clientWidth);
  const full = { width: room, autosize: { type: "fit-x", contains: "padding" }, ...spec, data: { values: rows }, config: { ...look(), ...spec.config } };
  if (spec.width === undefined || spec.width === "container") full.width = room;
  const view = new View(parse(compile(full).spec, null, { ast: true }), { expr: expressionInterpreter, renderer: "svg", container: element, logLevel: WarnLevel, loader: NOWHERE, hover: false });
  await view.runAsync();
  const svg = element.querySelector("svg");
  svg?.setAttribute("role", "img");
  svg?.setAttribute("aria-label", label);
  element.chart = view;
  element.redraw = () => draw(element, spec, rows, { label, width });
  if (!element.watched) {
    element.watched = true;
    let last = element.clientWidth;
    new ResizeObserver(() => { if (Math.abs(element.clientWidth - last) > 8) { last = element.clientWidth; element.redraw(); } }).observe(element);
    document.addEventListener("theme:change", () => element.redraw());
  }
  return view;
}
