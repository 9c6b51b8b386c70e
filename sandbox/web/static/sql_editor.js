// One SQL editor over a textarea: CodeMirror 6 in the house's colours, completion from the lab's dictionary, errors at their place.
import {
  autocompletion, Compartment, EditorState, EditorView, HighlightStyle, indentWithTab, keymap, minimalSetup, lineNumbers,
  bracketMatching, completionKeymap, Prec, SQLDialect, setDiagnostics, sql, syntaxHighlighting, tags, indentUnit, placeholder,
} from "./vendor/codemirror.js";

const LOOK = EditorView.theme({
  "&": { height: "100%", fontSize: "var(--t-13)", backgroundColor: "var(--surface)", color: "var(--text)" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
  ".cm-content": { padding: "var(--s3) 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 var(--s4)" },
  ".cm-gutters": { backgroundColor: "var(--sunk)", color: "var(--text-3)", borderRight: "1px solid var(--line)" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 var(--s2) 0 var(--s3)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection": { backgroundColor: "var(--seat-line, var(--hi-line))" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--cite)", outline: "1px solid var(--cite-line)" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--text)", border: "1px solid var(--line-2)", borderRadius: "var(--r)", boxShadow: "var(--e2)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "var(--t-12)", maxHeight: "none" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "2px var(--s2)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--hi)", color: "var(--on-hi)" },
  ".cm-completionDetail": { color: "inherit", fontStyle: "normal", marginLeft: "1em" },
  ".cm-completionInfo": { fontFamily: "var(--font)", fontSize: "var(--t-13)", padding: "var(--s2)", maxWidth: "20rem" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
  ".cm-diagnostic": { borderLeft: "3px solid var(--stop)", padding: "var(--s1) var(--s2)" },
  ".cm-lintRange-error": { backgroundImage: "none", borderBottom: "2px solid var(--stop)", backgroundColor: "var(--stop-soft)" },
  ".cm-placeholder": { color: "var(--text-3)" },
});
const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-key)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-str)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-num)" },
  { tag: [tags.lineComment, tags.blockComment], color: "var(--code-com)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.standard(tags.name), tags.typeName], color: "var(--code-fn)" },
]);
const FUNCTIONS = {
  local_date: "the day of an instant in Chicago", local_time: "an instant on Chicago's clock", current_date: "the workspace's today",
  now: "08:00 of the workspace's today", date_diff: "date_diff('day', from, to): boundaries crossed", date_trunc: "date_trunc('month', day)",
  strftime: "strftime(day, '%Y-%m')", count: "rows, or values that are not null", sum: "", avg: "mean", median: "", min: "", max: "",
  round: "round(number, digits)", coalesce: "the first that is not null", left: "left(text, length)", arg_min: "arg_min(value, by)",
  arg_max: "arg_max(value, by)", row_number: "row_number() OVER (…)", lead: "the next row's value", lag: "the row before's value",
  string_agg: "", quantile_cont: "quantile_cont(number, 0.9)", list: "values as a list", extract: "extract(year FROM day)",
};

// DuckDB's words as the lab uses them: a column called class or status is no keyword here.
const WORDS = `select from where group by order having limit offset with recursive as on using join left right full inner outer cross
    natural lateral union all distinct except intersect and or not in is null like ilike between exists any case when then else end asc
    desc nulls first last over partition window rows range preceding following unbounded current filter within qualify values cast
    try_cast true false explain describe show tables summarize pivot unpivot exclude materialized asof semi anti at zone collate escape`;
const dialect = (words) => SQLDialect.define({
  keywords: words,
  types: "integer bigint double decimal varchar text boolean date timestamp timestamptz time interval",
  builtin: Object.keys(FUNCTIONS).join(" "),
  doubleQuotedStrings: false, hashComments: false, slashComments: true, identifierQuotes: '"', operatorChars: "+-*/<>=~!@#%^&|?",
});
const DUCKDB = dialect(WORDS);
// A script on a copy changes tables too.
const SCRIPT = dialect(`${WORDS} create replace alter drop table view index trigger add column rename to default unique set update insert
  into delete merge matched values returning begin commit rollback enum if temp`);

function word(label, type) {
  const name = label.toLowerCase();
  if (!(name in FUNCTIONS)) return { label, type, boost: -3 };
  return { label: name, type: "function", detail: FUNCTIONS[name], apply: name === "current_date" ? name : `${name}(`, boost: -1 };
}

function language(tables, changes) {
  const spoken = changes ? SCRIPT : DUCKDB;
  const known = {};
  for (const table of tables) {
    known[table.name] = {
      self: { label: table.name, type: "type", detail: `${(table.rows ?? 0).toLocaleString("en-US")} rows`, info: table.description },
      children: table.columns.map((c) => ({ label: c.name, type: "property", detail: c.type, info: c.description })),
    };
  }
  // every column too, so that SELECT can be written before FROM
  const columns = new Map();
  for (const t of tables) {
    for (const c of t.columns) {
      if (columns.has(c.name) && (!c.key || columns.get(c.name).key)) continue;
      columns.set(c.name, { label: c.name, type: "property", detail: `${t.name}, ${c.type}`, info: c.description, boost: -2, key: c.key });
    }
  }
  const anywhere = (context) => {
    const word = context.matchBefore(/\w{2,}/);
    return word && context.state.sliceDoc(word.from - 1, word.from) !== "." ? { from: word.from, options: [...columns.values()], validFor: /^\w*$/ } : null;
  };
  return [sql({ dialect: spoken, schema: known, upperCaseKeywords: true, keywordCompletion: word }),
    spoken.language.data.of({ autocomplete: anywhere })];
}

// Chrome gives text typed over a selection the look of what stood there, as a style attribute, which the page's CSP
// refuses: so that one case is written by the editor and not by the browser.
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== "insertText" || !event.data || view.composing || view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

export function editor({ textarea, parent, run, say, nonce, completion, changes = false }) {
  const words = new Compartment();
  let quiet = false;
  const leave = (view) => {
    view.setTabFocusMode(5000);
    say("Tab leaves the editor now.");
    return false;
  };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: textarea.value,
      extensions: [
        nonce ? EditorView.cspNonce.of(nonce) : [], minimalSetup, lineNumbers(), bracketMatching(), indentUnit.of("  "),
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }, { key: "Escape", run: leave }])),
        keymap.of([...completionKeymap, indentWithTab]), autocompletion({ selectOnOpen: false, interactionDelay: 0, icons: false, maxRenderedOptions: 10 }),
        words.of(language([], changes)), LOOK, typeOver, Prec.high(syntaxHighlighting(COLOURS)),
        placeholder(changes ? "ALTER TABLE …" : "SELECT …"),
        EditorView.contentAttributes.of({ "aria-label": textarea.getAttribute("aria-label"), "aria-describedby": textarea.getAttribute("aria-describedby"), tabindex: "0", spellcheck: "false", autocapitalize: "off" }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged || quiet) return;
          textarea.value = update.state.doc.toString();
          textarea.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "editor" }));
        }),
      ],
    }),
  });
  textarea.hidden = true;
  textarea.removeAttribute("aria-describedby");
  const set = (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  textarea.addEventListener("input", (event) => {
    if (event.detail === "editor" || textarea.value === view.state.doc.toString()) return;
    quiet = true;
    set(textarea.value);
    quiet = false;
  });
  textarea.form?.addEventListener("reset", () => setTimeout(() => set(textarea.value)));
  completion.then((said) => view.dispatch({ effects: words.reconfigure(language(said.tables, changes)) }));

  const place = ({ line, column }) => {
    const at = view.state.doc.line(Math.min(line, view.state.doc.lines));
    const from = Math.min(at.from + column - 1, at.to);
    const end = /^\w+/.exec(view.state.sliceDoc(from, at.to))?.[0].length || 1;
    return { from, to: Math.min(from + end, view.state.doc.length) };
  };
  return {
    get: () => view.state.doc.toString(), set, focus: () => view.focus(),
    mark: (problem) => view.dispatch(setDiagnostics(view.state, problem?.line ? [{ ...place(problem), severity: "error", message: problem.message }] : [])),
    go: (problem) => { view.dispatch({ selection: { anchor: place(problem).from }, scrollIntoView: true }); view.focus(); },
  };
}
