"""Proofs as forms. A proofs/*.toml table may say:

    base = "right" | "blank"     start from the right answer to everything, or from nothing
    [form]                       fields that replace those of the base ("" blanks one)
    verdict = "wrong"            another answer than the right one; signal = "wrong" another month
    interval = "exact"           the interval by the other method that suits
    fill = "other"               further fields as the question's truth knows them by that name (a table)
    drop_caveats, add_claims     how many right caveats to leave out, wrong ones to add
    every_choice = true          every caveat ticked, and the last offer of every list
    drop = ["bmi-mismatch"]      defects of a hunt that are not listed; only = [...] those that are
    innocents = ["bmi-mismatch"] look-alikes that are listed as well
    classes = "wrong"            every class another one; columns = "" no column
    [mistakes]                   name = points: one proof for each, the rest of the answer right
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roles.hi.analyze_data.definition import Fault, Key
from roles.hi.analyze_data.hunting import KAHN
from roles.hi.analyze_data.truth import Reading
from sandbox.activity import BadPack, Proof

_KNOWN = {"name", "base", "form", "interval", "verdict", "signal", "drop_caveats", "add_claims", "every_choice", "drop",
          "only", "innocents", "classes", "columns", "mistakes", "score", "at_most", "at_least", "mistake", "findings",
          "reading", "fill"}


def proofs(key: Key, table: Mapping[str, Any]) -> list[Proof]:
    """The table's proofs: one, or one for each of its mistakes. BadPack on an unknown word or mistake."""
    if unknown := set(table) - _KNOWN:
        raise BadPack(f"{table['name']}: a proof knows no {', '.join(sorted(unknown))}.",
                      hint=f"It knows {', '.join(sorted(_KNOWN))}.")
    if "mistakes" in table:
        return [Proof(f"mistake {name}", _mistaken(key, name), score=points, mistake=name)
                for name, points in table["mistakes"].items()]
    form = question(key, table) if key.truth else hunt(key, table)
    return [Proof(str(table["name"]), {**form, **table.get("form", {})}, table.get("score"), table.get("at_most"),
                  table.get("at_least"), table.get("mistake", ""), tuple(table.get("findings", ())))]


def question(key: Key, table: Mapping[str, Any]) -> dict[str, str]:
    """The form of a question."""
    words, asked, truth = key.params, key.asked, key.known
    form: dict[str, str] = right(key, table.get("interval", "")) if table.get("base") == "right" else {}
    if fill := table.get("fill"):
        form.update(truth.forms[fill])
    if reading := table.get("reading"):
        form.update(_read(key, next(r for r in truth.readings if r.name == reading)))
    if table.get("verdict") == "wrong":
        form["verdict"] = next(v.value for v in asked.verdicts if v.value != truth.verdict)
    if table.get("signal") == "wrong":
        form["signal"] = next(m for m in (*truth.months, "none") if m != truth.signal)
    if table.get("every_choice"):
        form |= {f"method_{p.name}": p.offers[-1].value for p in asked.methods}
        form |= {f"caveat_{name}": "on" for name in asked.caveats}
        form |= {"verdict": asked.verdicts[-1].value, "interval": asked.intervals[-1].value}
    wrong = [name for name in asked.caveats if name not in words.right_caveats]
    form |= {f"caveat_{name}": "" for name in words.right_caveats[: table.get("drop_caveats", 0)]}
    return form | {f"caveat_{name}": "on" for name in wrong[: table.get("add_claims", 0)]}


def right(key: Key, method: str = "") -> dict[str, str]:
    """The right answer to a question, its interval by one of the methods that suit."""
    truth, digits = key.known, key.asked.digits
    method = method or truth.house
    found = truth.by(method)
    return {
        **{name: f"{end:.{digits}f}" for name, end in zip(("least", "most"), truth.bounds or (), strict=False)},
        "verdict": truth.verdict, "figure": f"{found.figure:.{digits}f}", "low": f"{found.low:.{digits}f}",
        "high": f"{found.high:.{digits}f}", "interval": method, "denominator": f"{truth.denominator:.0f}",
        "signal": truth.signal, **{f"method_{name}": value for name, value in key.params.right_methods.items()},
        **{f"caveat_{name}": "on" for name in key.params.right_caveats},
        **truth.forms.get("right", {}),
    }


def _read(key: Key, reading: Reading) -> dict[str, str]:
    found = {"figure": f"{reading.figure:.{key.asked.digits}f}"}
    return found if reading.denominator is None else {**found, "denominator": f"{reading.denominator:.0f}"}


def _mistaken(key: Key, name: str) -> dict[str, str]:
    """The right answer with one mistake: another reading of the ledger, or a look-alike taken for a fault."""
    if key.truth:
        reading = next((r for r in key.truth.readings if r.name == name), None)
        if name in key.truth.forms:
            return {**right(key), **key.truth.forms[name]}
        if reading is None or name not in {m.name for m in key.params.mistakes}:
            raise BadPack(f"“{name}” is none of the task's mistakes.")
        return {**right(key), **_read(key, reading)}
    beside = name.removeprefix("innocent-")
    if beside not in {i.beside for i in key.innocents}:
        raise BadPack(f"“{name}” has no look-alike.")
    return hunt(key, {"base": "right", "innocents": [beside]})


def hunt(key: Key, table: Mapping[str, Any]) -> dict[str, str]:
    """The form of a hunt."""
    chosen = [f for f in key.faults if f.name in table.get("only", [f.name]) and f.name not in table.get("drop", ())]
    chosen = chosen if table.get("base") == "right" else []
    lines = [line for f in chosen for line in _lines(f, f.name in key.params.matters)]
    for line in lines:
        if table.get("classes") == "wrong":
            fault = next(f for f in key.faults if f.name == line["fault"])
            line["kahn"] = next(k for k in KAHN if k not in fault.kahn)
        line["column"] = table.get("columns", line["column"])
    for beside in table.get("innocents", ()):
        one = next(i for i in key.innocents if i.beside == beside and i.ids)
        fault = next(f for f in key.faults if f.name == beside)
        lines.append({"row": one.ids[0], "column": fault.rows[0].columns[0], "kahn": fault.kahn[0], "matters": ""})
    return {f"find{n}_{part}": line[part] for n, line in enumerate(lines, 1)
            for part in ("row", "column", "kahn", "matters") if line[part]}


def _lines(fault: Fault, matters: bool) -> list[dict[str, str]]:
    return [{"fault": fault.name, "row": row.ids[0], "column": row.columns[0], "kahn": fault.kahn[0],
             "matters": "on" if matters else ""} for row in fault.rows]
