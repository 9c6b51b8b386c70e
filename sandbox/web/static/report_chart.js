// A report's chart from its choices, the same at the desk and on a dashboard.
export const words = (text) => text.replaceAll("_", " ").replace(/ pct$/, ", %").replace(/^./, (c) => c.toUpperCase());

// A Vega-Lite specification from the choices: nothing that she did not choose.
export function specOf({ mark, x, y, unit, title, zero }, rows) {
  const numbers = (name) => rows.every((row) => row[name] === null || typeof row[name] === "number");
  const kind = (name) => (numbers(name) ? "quantitative" : /^\d{4}-\d{2}/.test(String(rows[0]?.[name] ?? "")) ? "ordinal" : "nominal");
  const up = { field: y, type: kind(y), title: unit || null, ...(numbers(y) ? { scale: { zero } } : {}) };
  if (mark === "arc") return { title, height: 220, mark: "arc", encoding: { theta: up, color: { field: x, type: kind(x) === "quantitative" ? "nominal" : kind(x) } } };
  if (["bar", "point"].includes(mark) && kind(x) === "nominal" && numbers(y)) { // names are read across: their bars lie down
    return { title: title || undefined, height: Math.max(120, 30 * rows.length + 40), mark: mark === "point" ? { type: "point", filled: true, size: 70 } : mark, encoding: { y: { field: x, type: "nominal", title: null, sort: null }, x: { ...up, axis: { tickCount: 6 } } } };
  }
  return {
    title: title || undefined, height: 230,
    mark: mark === "point" ? { type: "point", filled: true, size: 70 } : mark === "line" ? { type: "line", point: true } : mark,
    encoding: { x: { field: x, type: kind(x), title: words(x), sort: null, axis: { labelAngle: kind(x) === "nominal" ? -30 : 0, labelOverlap: "greedy", labelSeparation: 6 } }, y: up },
  };
}
