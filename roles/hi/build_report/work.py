"""What the page sends, read once: her two queries, the headline, the chart's choices, the limits, the sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.activity import BadWork, Form

_SQL = 20_000
_TEXT = 2_000
PARTS = ("measure", "visits", "reason", "by")


@dataclass(frozen=True)
class ChartWork:
    """The chart as she chose it; "" is not chosen. `zero`: the value axis starts at zero."""

    mark: str = ""
    x: str = ""
    y: str = ""
    unit: str = ""
    title: str = ""
    zero: bool = False


@dataclass(frozen=True)
class Work:
    """A submitted report. Numbers are None where she left them blank; `menus` are the starter's choices."""

    sql_report: str = ""
    sql_lines: str = ""
    figure: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    chart: ChartWork = field(default_factory=ChartWork)
    limits: tuple[str, ...] = ()
    sentence: str = ""
    menus: Mapping[str, str] = field(default_factory=dict)
    answer: str = ""


def read(form: Form) -> Work:
    """The form as Work; BadWork names the field that cannot be read and what would be."""
    chart = ChartWork(
        _word(form, "mark"),
        _word(form, "x"),
        _word(form, "y"),
        _word(form, "unit"),
        _text(form, "title", "The chart's title", _TEXT),
        form.get("zero", "").strip() in ("on", "1", "true"),
    )
    limits = sorted(
        name.removeprefix("limit_")
        for name, value in form.items()
        if name.startswith("limit_") and value.strip() not in ("", "0", "false", "off")
    )
    return Work(
        _text(form, "sql_report", "The report query", _SQL),
        _text(form, "sql_lines", "The lines query", _SQL),
        _number(form, "figure", "The figure"),
        _number(form, "numerator", "The numerator"),
        _number(form, "denominator", "The denominator"),
        chart,
        tuple(limits),
        _text(form, "sentence", "The sentence", _TEXT),
        {part: _word(form, part) for part in PARTS if _word(form, part)},
        _word(form, "answer"),
    )


def _word(form: Form, name: str) -> str:
    return _text(form, name, f"The choice “{name}”", 200)


def _text(form: Form, name: str, what: str, limit: int) -> str:
    value = form.get(name, "")
    if not isinstance(value, str):
        raise BadWork(f"{what} did not arrive as text.", field=name)
    value = value.strip().replace("\r\n", "\n")
    if "\x00" in value:
        raise BadWork(f"{what} holds a character that no text has.", field=name, hint="Type it again.")
    if len(value) > limit:
        raise BadWork(f"{what} is longer than {limit:,} characters.", field=name, hint="Shorten it.")
    return value


def _number(form: Form, name: str, what: str) -> float | None:
    """12.3, "12.3 %", "1,378", "12,3": a comma before three digits parts thousands, else it is the decimal sign."""
    text = _text(form, name, what, 60)
    plain = re.sub(r"[\s  ]|%|days?$", "", text)
    plain = re.sub(r",(?=\d{3}(\D|$))", "", plain).replace(",", ".")
    if not plain:
        return None
    if not re.fullmatch(r"[-+]?\d{1,12}(\.\d{0,6})?", plain):
        raise BadWork(f"{what} is not a number: “{text}”.", field=name, hint="Write it in digits, such as 12.3.")
    return float(plain)
