// The parts of CodeMirror 6 that the SQL pane uses, as one module: import { EditorView, … } from "./vendor/codemirror.js".
export { EditorView, basicSetup, minimalSetup } from "codemirror";
export { EditorState, Compartment, Prec, StateField, StateEffect, RangeSetBuilder } from "@codemirror/state";
export { keymap, placeholder, lineNumbers, Decoration, hoverTooltip, drawSelection } from "@codemirror/view";
export { defaultKeymap, indentWithTab, history, historyKeymap } from "@codemirror/commands";
export { autocompletion, completionKeymap, acceptCompletion, startCompletion } from "@codemirror/autocomplete";
export { setDiagnostics, lintGutter } from "@codemirror/lint";
export { syntaxHighlighting, HighlightStyle, bracketMatching, indentUnit } from "@codemirror/language";
export { sql, PostgreSQL, SQLDialect, schemaCompletionSource, keywordCompletionSource } from "@codemirror/lang-sql";
export { tags } from "@lezer/highlight";
