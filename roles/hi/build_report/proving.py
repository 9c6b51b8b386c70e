"""Proofs as forms. A proofs/*.toml table may say:

    base = "right" | "blank"     start from the right answer to everything, or from nothing
    [form]                       fields that replace those of the base ("" blanks one)
    drop_limits, add_claims      how many right limits to leave out, wrong claims to add
    every_choice = true          every limit ticked
    [mistakes]                   name = points: one proof for each, the rest of the answer right

Figures that only the record knows are written FROM_TABLE and put in by `figures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roles.hi.build_report import menus
from roles.hi.build_report.definition import Key, Mistake, Params
from roles.hi.build_report.evidence import Evidence
from roles.hi.build_report.headline import sums
from roles.hi.build_report.running import frozen
from roles.hi.build_report.work import PARTS
from sandbox.activity import BadPack, Chart, Form, Proof

FROM_TABLE = "(from my table)"
_KNOWN = {
    "name",
    "base",
    "form",
    "drop_limits",
    "add_claims",
    "every_choice",
    "mistakes",
    "score",
    "at_most",
    "at_least",
    "mistake",
    "findings",
}


def proofs(params: Params, key: Key, table: Mapping[str, Any]) -> list[Proof]:
    """The table's proofs: one, or one for each of its mistakes. BadPack on an unknown word or mistake."""
    if unknown := set(table) - _KNOWN:
        raise BadPack(
            f"{table['name']}: a proof knows no {', '.join(sorted(unknown))}.",
            hint=f"It knows {', '.join(sorted(_KNOWN))}.",
        )
    if "mistakes" in table:
        named = {m.name: m for m in params.mistakes}
        if set(table["mistakes"]) != set(named):
            raise BadPack(
                f"{table['name']}: its mistakes are not the task's: {sorted(set(named) ^ set(table['mistakes']))}."
            )
        return [
            Proof(f"mistake {name}", right(params, key, named[name]), score=points, mistake=name, findings=())
            for name, points in table["mistakes"].items()
        ]
    form = dict(right(params, key) if table.get("base") == "right" else {})
    form = {**form, **_limits(params, table, form), **table.get("form", {})}
    return [
        Proof(
            str(table["name"]),
            form,
            table.get("score"),
            table.get("at_most"),
            table.get("at_least"),
            table.get("mistake", ""),
            tuple(table.get("findings", ())),
        )
    ]


def right(params: Params, key: Key, mistake: Mistake | None = None) -> dict[str, str]:
    """A form that is right in everything, but for the one mistake in its queries."""
    if params.menus and params.menus_key:
        chosen = {part: params.menus.given.get(part) or params.menus_key.right[part] for part in PARTS}
        answer = params.menus_key.answer
        return {**chosen, "answer": FROM_TABLE if answer in ("", "top") else answer}
    report, lines = key.sql(mistake)
    rule = key.asked.chart
    return {
        "sql_report": report,
        "sql_lines": lines,
        "figure": FROM_TABLE,
        "numerator": FROM_TABLE,
        "denominator": FROM_TABLE,
        "mark": rule.marks[0],
        "x": rule.x,
        "y": rule.y[0],
        "unit": rule.unit,
        "zero": "on",
        "title": "As asked",
        **{f"limit_{name}": "on" for name in params.right_limits},
    }


def figures(form: Form, params: Params, chart: Chart) -> Form:
    """FROM_TABLE replaced by what the form's own query comes to in this record."""
    if FROM_TABLE not in form.values():
        return form
    said = dict(form)
    if params.menus and params.menus_key:
        report = frozen(chart.lab, menus.sql(form))
        top = params.menus_key.answer == "top"
        said["answer"] = min(menus.top(report), default="") if top else menus.effect(Evidence(report))
        return said
    assert params.report and params.headline
    total = sums(frozen(chart.lab, form.get("sql_report", "")), params.report, params.headline)
    found = {
        "figure": total and total.figure,
        "numerator": total and total.numerator,
        "denominator": total and total.denominator,
    }
    for name, value in found.items():
        if said.get(name) == FROM_TABLE:
            digits = params.headline.digits if name == "figure" else 4
            said[name] = _written(value, digits, whole=name != "figure") if isinstance(value, float | int) else ""
    return said


def _limits(params: Params, table: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, str]:
    wrong = [name for name in params.limits if name not in params.right_limits]
    said = {f"limit_{name}": "" for name in params.right_limits[: table.get("drop_limits", 0)]}
    said.update({f"limit_{name}": "on" for name in wrong[: table.get("add_claims", 0)]})
    if table.get("every_choice"):
        said.update({f"limit_{name}": "on" for name in params.limits})
    return said


def _written(value: float, digits: int, *, whole: bool) -> str:
    return f"{value:.0f}" if whole and value == int(value) else f"{value:.{digits}f}"
