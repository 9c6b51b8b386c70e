// Vega and Vega-Lite with the interpreter that needs no eval, so that the content security policy can forbid it.
export { parse, View, loader, Error as ErrorLevel, Warn as WarnLevel, None as NoneLevel } from "vega";
export { compile } from "vega-lite";
export { expressionInterpreter } from "vega-interpreter";
