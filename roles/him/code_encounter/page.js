// The coding desk. State is two hidden fields, so drafts and reloads bring it back as it was:
//   codes  [{code, title, exempt, poa, spans: [{document, start, end, text}]}] in order
//   hand   [{document, start, end, text}]: passages in hand, for the next code
import { step } from "/static/desk.js";
import { showPane } from "/static/panes.js";

const form = document.getElementById("work");
const table = document.getElementById("codes");
const region = document.getElementById("text");
const said = document.getElementById("said");
const record = new Map(JSON.parse(document.getElementById("record").textContent).map((d) => [d.id, d]));
const asksPoa = table.dataset.poa === "yes";
const LONGEST = 8000;

const state = { codes: read("codes"), hand: read("hand") };
let shown = record.keys().next().value;
let current = null; // the sentence last gone to, for Cite when nothing is selected
let notes = {}; // what the tabular list says of each code, from the last check
let checking = 0;

export function read(name) {
  try {
    const rows = JSON.parse(form.elements[name]?.value || "[]");
    return Array.isArray(rows) ? rows.filter((r) => r && typeof r === "object") : [];
  } catch { return []; }
}

export function make(tag, props = {}, ...inside) {
  const { dataset, ...rest } = props;
  const made = Object.assign(document.createElement(tag), rest);
  Object.assign(made.dataset, dataset);
  made.append(...inside);
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "i i-s");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${table.dataset.sprite}#i-${name}`);
  svg.append(use);
  return svg;
}

export function button(label, name, act, extra = {}) {
  const made = make("button", { type: "button", className: "btn btn-bare btn-i", title: label, ...extra }, icon(name));
  made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

export const say = (words) => { said.textContent = words; };
const short = (text) => { const line = text.replace(/\s+/g, " ").trim(); return line.length > 60 ? `${line.slice(0, 57)}…` : line; };

// Every change ends here: fields, pages, and the desk that saves them.
function changed(words) {
  form.elements.codes.value = JSON.stringify(state.codes);
  form.elements.hand.value = JSON.stringify(state.hand);
  draw();
  form.dispatchEvent(new Event("input", { bubbles: true }));
  if (words) say(words);
  clearTimeout(checking);
  checking = setTimeout(check, 700);
}

function draw() {
  drawDocument();
  drawRail();
  drawHand();
  drawCodes();
  document.dispatchEvent(new CustomEvent("codes:changed", { detail: { codes: state.codes.map((c) => c.code) } }));
}

// ---- the document ----

function passages(id) {
  const found = state.hand.filter((s) => s.document === id).map((s) => ({ ...s, place: 0 }));
  state.codes.forEach((c, n) => c.spans.filter((s) => s.document === id).forEach((s) => found.push({ ...s, place: n + 1 })));
  return found;
}

function drawDocument() {
  const document_ = record.get(shown) ?? { title: sheet(shown).dataset.title };
  document.getElementById("cite").disabled = !record.has(shown);
  document.getElementById("doc").textContent = document_.title;
  document.getElementById("byline").textContent = [document_.when, document_.byline].filter(Boolean).join(", ");
  for (const article of region.querySelectorAll("article")) {
    article.hidden = article.dataset.document !== shown;
    if (!article.hidden && document_.text) drawText(article, document_);
  }
}

function drawText(article, { id, text, sentences }) {
  const focused = article.querySelector(".sentence:focus")?.dataset.n;
  const marks = passages(id);
  const paragraphs = [];
  let from = 0;
  sentences.forEach(([start, end], n) => {
    const between = text.slice(from, start);
    if (!paragraphs.length || between.includes("\n\n")) paragraphs.push(make("p"));
    else if (between) paragraphs.at(-1).append(...pieces(from, start, text, marks));
    const here = current?.start === start ? " current" : "";
    const sentence = make("span", { className: `sentence${here}`, tabIndex: n === Number(focused ?? 0) ? 0 : -1, dataset: { n, start, end } });
    sentence.append(...pieces(start, end, text, marks));
    paragraphs.at(-1).append(sentence);
    from = end;
  });
  article.replaceChildren(...paragraphs);
  if (focused !== undefined) article.querySelector(`.sentence[data-n="${focused}"]`)?.focus({ preventScroll: true });
}

// The text from start to end, cut where passages begin and end; each piece knows where it stands.
function pieces(start, end, text, marks) {
  const inside = marks.filter((m) => m.start < end && m.end > start);
  const cuts = [...new Set([start, end, ...inside.flatMap((m) => [m.start, m.end])])].filter((n) => n >= start && n <= end).sort((a, b) => a - b);
  return cuts.slice(0, -1).map((at, n) => {
    const here = inside.filter((m) => m.start < cuts[n + 1] && m.end > at);
    const piece = make("span", { dataset: { at } }, text.slice(at, cuts[n + 1]));
    if (!here.length) return piece;
    const mark = make("mark", { className: here.some((m) => !m.place) ? "cite on" : "cite" }, piece);
    const ending = [...new Set(here.filter((m) => m.end === cuts[n + 1] && m.place).map((m) => m.place))].sort((a, b) => a - b);
    if (ending.length) mark.append(make("sup", {}, ending.join(" ")));
    return mark;
  });
}

const sheet = (id) => region.querySelector(`article[data-document="${CSS.escape(id)}"]`);

function openDocument(id) {
  if (!sheet(id)) return;
  current = null;
  shown = id;
  region.scrollTop = 0;
  drawDocument();
  drawRail();
}

function drawRail() {
  for (const link of document.querySelectorAll("[data-open-document]")) {
    const id = link.dataset.openDocument;
    const count = passages(id).length;
    const badge = link.querySelector("[data-cited]");
    if (badge) {
      badge.hidden = !count;
      badge.textContent = count || "";
      badge.title = `${count} passage${count === 1 ? "" : "s"} cited`;
    }
    if (id === shown) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
}

// ---- citing ----

// What is selected in the open document, as a passage: whole words, no blanks at its ends.
function selected() {
  if (!record.has(shown)) return null;
  const selection = getSelection();
  const article = region.querySelector("article:not([hidden])");
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const held = [...article.querySelectorAll("[data-at]")].filter((p) => range.intersectsNode(p));
  if (!held.length) return null;
  const at = (piece) => Number(piece.dataset.at);
  const first = held[0];
  const last = held.at(-1);
  const start = first.contains(range.startContainer) && range.startContainer.nodeType === Node.TEXT_NODE ? at(first) + range.startOffset : at(first);
  const end = last.contains(range.endContainer) && range.endContainer.nodeType === Node.TEXT_NODE ? at(last) + range.endOffset : at(last) + last.textContent.length;
  return passage(start, end);
}

function passage(start, end) {
  const { text } = record.get(shown);
  const word = /[\p{L}\p{N}]/u;
  while (start < end && /\s/.test(text[start])) start += 1;
  while (end > start && /\s/.test(text[end - 1])) end -= 1;
  while (start > 0 && word.test(text[start - 1]) && word.test(text[start] ?? "")) start -= 1;
  while (end < text.length && word.test(text[end]) && word.test(text[end - 1] ?? "")) end += 1;
  if (end <= start || end - start > LONGEST) return null;
  return { document: shown, start, end, text: text.slice(start, end) };
}

const same = (a, b) => a.row || b.row ? a.row === b.row : a.document === b.document && a.start === b.start && a.end === b.end;

function take(found) {
  if (!found) return say("Select some words of the document first.");
  if (state.hand.some((s) => same(s, found))) {
    state.hand = state.hand.filter((s) => !same(s, found));
    return changed("Let go.");
  }
  state.hand = [...state.hand, found].slice(-8);
  current = null;
  getSelection().removeAllRanges();
  changed(`In hand: ${short(found.text)}`);
}

function citeFor(code) {
  const found = selected();
  const more = found ? [found] : state.hand;
  if (!more.length) return say("Nothing is in hand. Select words of the record first.");
  code.spans = [...code.spans, ...more.filter((s) => !code.spans.some((t) => same(s, t)))].slice(0, 8);
  if (!found) state.hand = [];
  getSelection().removeAllRanges();
  changed(`${more.length === 1 ? "Passage" : `${more.length} passages`} cited for ${code.code}.`);
}

function drawHand() {
  const bar = document.getElementById("hand");
  bar.hidden = !state.hand.length;
  bar.querySelector("[data-words]").textContent = state.hand.map((s) => `“${short(s.text)}”`).join(" and ");
  const text = state.hand.length === 1 ? "citing the passage in hand" : state.hand.length ? `citing ${state.hand.length} passages in hand` : "";
  document.dispatchEvent(new CustomEvent("encoder:note", { detail: { text } }));
}

// What is in hand, taken out of it: a selection first, as for a code.
export function takeHand() {
  const found = selected();
  const more = found ? [found] : state.hand;
  if (!found) state.hand = [];
  getSelection().removeAllRanges();
  changed();
  return more;
}

export const told = (spans) => (spans.length === 1 ? (spans[0].row ? "Row" : "Passage") : `${spans.length} passages`);

// The citations of a procedure or a query: each goes to its place, each can be taken away.
export function citations(row, name, after) {
  return drawSpans(row, name, row.code ?? "Q", after);
}

function goToRow(span) {
  const tr = region.querySelector(`tr[data-ref="${CSS.escape(span.row)}"]`);
  if (!tr) return;
  openDocument(tr.closest("article").dataset.document);
  showPane("1");
  tr.scrollIntoView({ block: "center" });
  tr.querySelector("button")?.focus();
}

function goTo(span) {
  if (span.row) return goToRow(span);
  openDocument(span.document);
  showPane("1");
  const sentence = [...region.querySelectorAll("article:not([hidden]) .sentence")].find((s) => Number(s.dataset.end) > span.start);
  if (!sentence) return;
  sentence.scrollIntoView({ block: "center" });
  rove(sentence);
  for (const mark of sentence.querySelectorAll("mark")) {
    mark.classList.add("flash");
    setTimeout(() => mark.classList.remove("flash"), 1500);
  }
}

// ---- the code list ----

async function add({ code, title }) {
  if (state.codes.some((c) => c.code === code)) return say(`${code} is on your list already.`);
  const row = { code, title, exempt: false, poa: "", spans: state.hand };
  state.codes.push(row);
  state.hand = [];
  changed(`${code} added as number ${state.codes.length}.`);
  try {
    const facts = await step("code", { asked: code });
    row.title = facts.title;
    row.exempt = facts.exempt;
    changed();
  } catch { /* the list stands as it is; the indicator stays open to choose */ }
}

function move(n, by) {
  const to = n + by;
  if (to < 0 || to >= state.codes.length) return;
  const [row] = state.codes.splice(n, 1);
  state.codes.splice(to, 0, row);
  changed(`${row.code} is number ${to + 1} of ${state.codes.length}.`);
  table.querySelector(`tr[data-code="${row.code}"] .ord button:not(:disabled)`)?.focus();
}

function remove(n) {
  const [row] = state.codes.splice(n, 1);
  changed(`${row.code} removed.`);
  (table.querySelectorAll("tbody tr")[Math.min(n, state.codes.length - 1)]?.querySelector("button:not(:disabled)") ?? document.getElementById("enc-q"))?.focus();
}

function drawCodes() {
  const count = state.codes.length;
  for (const place of document.querySelectorAll("[data-codes-count]")) place.textContent = count;
  for (const place of document.querySelectorAll("[data-submit]")) place.textContent = `${count} code${count === 1 ? "" : "s"}`;
  document.getElementById("empty").hidden = count > 0;
  table.hidden = !count;
  const focused = document.activeElement?.closest?.("#codes") ? [document.activeElement.closest("tr")?.dataset.code, document.activeElement.dataset.key] : null;
  table.tBodies[0].replaceChildren(...state.codes.map(drawRow));
  if (focused) table.querySelector(`tr[data-code="${focused[0]}"] [data-key="${focused[1]}"]`)?.focus();
}

function drawRow(row, n) {
  const last = state.codes.length - 1;
  const tr = make("tr", { dataset: { code: row.code, n } });
  const order = make("td", { className: "ord", draggable: true }, `${n + 1} `,
    button(`Move ${row.code} up`, "arrow-up", () => move(n, -1), { disabled: n === 0, dataset: { key: "up" } }),
    button(`Move ${row.code} down`, "arrow-down", () => move(n, 1), { disabled: n === last, dataset: { key: "down" } }));
  const words = make("td", {}, row.title ?? "");
  if (n === 0) words.prepend(make("span", { className: "pdx" }, table.dataset.lead));
  for (const note of notes[row.code] ?? []) {
    words.append(make("span", { className: `note-line tiny ${note.severity === "error" ? "bad" : "warn"}` }, icon("triangle-alert"), ` ${note.text}`));
  }
  tr.append(order, make("td", { className: "code" }, row.code), words, make("td", {}, drawSpans(row, row.code, n + 1, () => changed())));
  if (asksPoa) tr.append(make("td", {}, drawPoa(row)));
  tr.append(make("td", { className: "change" },
    button(`Cite what is in hand for ${row.code}`, "quote", () => citeFor(row), { dataset: { key: "cite" } }),
    button(`Remove ${row.code}`, "x", () => remove(n), { dataset: { key: "remove" } })));
  return tr;
}

function drawSpans(row, name, mark, after) {
  const list = make("span", { className: "spans" });
  (row.spans ?? []).forEach((span, k) => {
    const where = span.row ? "values and orders" : record.get(span.document)?.title ?? "document";
    const words = short(span.text ?? region.querySelector(`tr[data-ref="${CSS.escape(span.row ?? "")}"]`)?.dataset.said ?? "");
    const go = make("button", { type: "button", className: "span-ref", title: words, dataset: { key: `go${k}` } }, String(mark).length > 2 ? "¶" : String(mark));
    go.setAttribute("aria-label", `Passage ${k + 1} for ${name}, in ${where}: ${words}`);
    go.addEventListener("click", () => goTo(span));
    const drop = make("button", { type: "button", className: "drop", title: "Remove this passage", dataset: { key: `drop${k}` } }, icon("x"));
    drop.setAttribute("aria-label", `Remove passage ${k + 1} of ${name}`);
    drop.addEventListener("click", () => { row.spans = row.spans.filter((s) => s !== span); after(); say(`Passage removed from ${name}.`); });
    list.append(make("span", { className: "cited" }, go, drop));
  });
  return list;
}

function drawPoa(row) {
  if (row.exempt) return make("span", { className: "tiny quiet" }, "exempt");
  const select = make("select", { className: "form-select", dataset: { key: "poa" } });
  select.setAttribute("aria-label", `POA for ${row.code}`);
  for (const [value, words] of [["", "–"], ["Y", "Y"], ["N", "N"], ["U", "U"], ["W", "W"]]) {
    select.append(make("option", { value, selected: row.poa === value }, words));
  }
  select.addEventListener("change", (event) => { event.stopPropagation(); row.poa = select.value; changed(); });
  return select;
}

// What the tabular list itself says of the codes; it knows nothing of this record.
async function check() {
  if (state.codes.length < 2) { notes = {}; return drawCodes(); }
  try {
    const { messages } = await step("check");
    notes = {};
    for (const m of messages.filter((m) => m.rule && m.rule !== "Appendix I" && m.severity !== "info")) (notes[m.code] ??= []).push(m);
    drawCodes();
  } catch { /* the check at the foot says what is wrong */ }
}

// ---- hands and keys ----

document.addEventListener("encoder:add", (event) => add(event.detail));
document.getElementById("cite").addEventListener("click", () => take(selected() ?? focusedSentence() ?? current));
region.addEventListener("click", (event) => {
  const pick = event.target.closest("[data-take]");
  if (pick) take({ row: pick.dataset.take, text: pick.closest("tr").dataset.said });
});
document.getElementById("let-go").addEventListener("click", () => { state.hand = []; changed("Let go."); });
for (const link of document.querySelectorAll("[data-open-document]")) {
  link.addEventListener("click", (event) => { event.preventDefault(); openDocument(link.dataset.openDocument); });
}

const focusedSentence = () => {
  const sentence = document.activeElement?.closest?.(".sentence");
  return sentence ? passage(Number(sentence.dataset.start), Number(sentence.dataset.end)) : null;
};

function rove(sentence) {
  for (const other of sentence.closest("article").querySelectorAll(".sentence")) other.tabIndex = other === sentence ? 0 : -1;
  sentence.focus({ preventScroll: false });
}

region.addEventListener("focusin", (event) => {
  const sentence = event.target.closest(".sentence");
  if (!sentence) return;
  current = passage(Number(sentence.dataset.start), Number(sentence.dataset.end));
  for (const other of region.querySelectorAll(".sentence.current")) other.classList.remove("current");
  sentence.classList.add("current");
});

region.addEventListener("keydown", (event) => {
  const sentence = event.target.closest(".sentence");
  if (!sentence) return;
  const all = [...sentence.closest("article").querySelectorAll(".sentence")];
  const to = { ArrowDown: all.indexOf(sentence) + 1, ArrowUp: all.indexOf(sentence) - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to !== undefined && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    if (all[to]) rove(all[to]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    take(selected() ?? focusedSentence());
  } else if (event.key === "Escape" && state.hand.length) {
    state.hand = [];
    changed("Let go.");
  }
});

table.addEventListener("keydown", (event) => {
  const tr = event.target.closest("tr[data-n]");
  if (!tr || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  move(Number(tr.dataset.n), event.key === "ArrowUp" ? -1 : 1);
});

let held = null;
table.addEventListener("dragstart", (event) => {
  held = event.target.closest("tr[data-n]");
  held?.classList.add("held");
  event.dataTransfer.effectAllowed = "move";
});
table.addEventListener("dragover", (event) => {
  const over = event.target.closest("tr[data-n]");
  if (!held || !over) return;
  event.preventDefault();
  for (const tr of table.querySelectorAll("tr.over")) tr.classList.remove("over");
  over.classList.add("over");
});
table.addEventListener("drop", (event) => {
  const over = event.target.closest("tr[data-n]");
  if (!held || !over) return;
  event.preventDefault();
  move(Number(held.dataset.n), Number(over.dataset.n) - Number(held.dataset.n));
});
table.addEventListener("dragend", () => {
  held = null;
  for (const tr of table.querySelectorAll("tr")) tr.classList.remove("held", "over");
});

// A passage in hand, or a code to explain, stands in one document: begin there.
const begin = state.hand[0]?.document ?? (state.codes.length === 1 ? state.codes[0].spans[0]?.document : null);
if (record.has(begin)) shown = begin;
form.elements.codes.value = JSON.stringify(state.codes.map((c) => ({ ...c, spans: c.spans ?? [] })));
state.codes = read("codes");
draw();

// A list that came back with bare codes gets its words again, and what is exempt from POA.
for (const row of state.codes.filter((c) => c.code && !c.title)) {
  step("code", { asked: row.code }).then(({ title, exempt }) => { Object.assign(row, { title, exempt }); drawCodes(); }).catch(() => { /* the code alone stands */ });
}
