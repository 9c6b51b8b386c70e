// Figures as they are shown: a long binary fraction to four decimals at most, the same number of them down a column, so that
// points stand under points. Whoever shows one so keeps the whole figure at hand: in the cell's title, in the CSV.
const PLACES = 4;
const isBinary = (type) => /^(FLOAT|DOUBLE|REAL)/.test(type);

function decimals(value) {
  const [, after = "", power = "0"] = /^-?\d*\.?(\d*)(?:e([+-]?\d+))?$/i.exec(String(value)) ?? [];
  return Math.max(0, after.length - Number(power));
}

// How many decimals a column of this type needs; null where its figures are exact and stay as they came.
export function placesOf(values, type) {
  return isBinary(type) ? Math.min(PLACES, Math.max(0, ...values.filter((v) => typeof v === "number").map(decimals))) : null;
}

export function rounded(value, places) {
  const tiny = value !== 0 && Math.abs(value) < 0.5 * 10 ** -places;
  return tiny || Math.abs(value) >= 1e15 ? String(Number(value.toPrecision(3))) : value.toFixed(places);
}

// Rows of cells as CSV. A text that a spreadsheet would run as a formula gets an apostrophe before it.
export function csvText(rows) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
    const safe = typeof value === "string" && Number.isNaN(Number(text)) && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
