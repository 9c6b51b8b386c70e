"""What the page sends, read once: the notebook's cells, and the answer or the list of what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.activity import BadWork, Form

CELLS, FINDS = 8, 24
_SQL, _TEXT = 20_000, 2_000
CHART = ("mark", "x", "y", "centre", "low", "high")


@dataclass(frozen=True)
class Cell:
    """One cell: a query, the choices of its chart, a note. Never scored: it is how she came to the answer."""

    sql: str = ""
    note: str = ""
    chart: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Find:
    """One thing found: the row's key, the column ("observation.value_number"), its class, and if the report changes."""

    row: str
    column: str = ""
    kahn: str = ""
    matters: bool = False


@dataclass(frozen=True)
class Work:
    """A submitted analysis. Numbers are None where she left them blank; "" is not chosen."""

    cells: tuple[Cell, ...] = ()
    verdict: str = ""
    figure: float | None = None
    low: float | None = None
    high: float | None = None
    interval: str = ""
    denominator: float | None = None
    signal: str = ""
    least: float | None = None
    most: float | None = None
    methods: Mapping[str, str] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    finds: tuple[Find, ...] = ()
    table: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)  # "0_2" → people, per cent
    sentence: str = ""


def read(form: Form) -> Work:
    """The form as Work; BadWork names the field that cannot be read and what would be."""
    ticked = {name for name, value in form.items() if str(value).strip() not in ("", "0", "false", "off")}
    return Work(
        tuple(cell for n in range(1, CELLS + 1) if (cell := _cell(form, n)) != Cell()),
        _word(form, "verdict"),
        _number(form, "figure", "The figure"),
        _number(form, "low", "The interval's lower end"),
        _number(form, "high", "The interval's upper end"),
        _word(form, "interval"),
        _number(form, "denominator", "The denominator"),
        _word(form, "signal"),
        _number(form, "least", "The lower bound"),
        _number(form, "most", "The upper bound"),
        {n.removeprefix("method_"): _word(form, n) for n in sorted(form) if n.startswith("method_") and _word(form, n)},
        tuple(sorted(n.removeprefix("caveat_") for n in ticked if n.startswith("caveat_"))),
        tuple(find for n in range(1, FINDS + 1) if (find := _find(form, n, f"find{n}_matters" in ticked)).row),
        table=_table(form),
        sentence=_text(form, "sentence", "The sentence", _TEXT),
    )


def _table(form: Form) -> dict[str, tuple[float | None, float | None]]:
    """Each cell of a table that shows something: "120 (12.5)", "120 (*)", "* (0.0)"; a star or a blank is held back."""
    found = {}
    for name in sorted(form):
        place = re.fullmatch(r"t_(\d{1,2}_\d{1,2})", name)
        text = _text(form, name, "A cell of the table", 40) if place else ""
        if not place or not text:
            continue
        parts = re.fullmatch(r"([^()]*)(?:\(([^()]*)\))?", text)
        if not parts:
            raise BadWork(f"A cell of the table cannot be read: “{text}”.", field=name, hint="Write 120 (12.5) or *.")
        people, share = (_held(part or "", name) for part in parts.groups())
        if people is not None or share is not None:
            found[place[1]] = people, share
    return found


def _held(text: str, name: str) -> float | None:
    """A number of the table, None where a star, a dash or nothing stands for it."""
    return None if text.strip() in ("", "*", "–", "-") else _number({name: text}, name, "A cell of the table")


def _cell(form: Form, n: int) -> Cell:
    chart = {part: _word(form, f"cell{n}_{part}") for part in CHART if _word(form, f"cell{n}_{part}")}
    return Cell(_text(form, f"cell{n}_sql", f"Cell {n}", _SQL), _text(form, f"cell{n}_note", f"Note {n}", _TEXT), chart)


def _find(form: Form, n: int, matters: bool) -> Find:
    row = _word(form, f"find{n}_row").rpartition("/")[2]  # "Observation/x1" and "x1" are the same row
    column = re.sub(r"\s", "", _word(form, f"find{n}_column")).casefold()
    if not row and column:
        raise BadWork(f"Line {n} names a column and no row.", field=f"find{n}_row",
                      hint="Copy the row's key from a result, such as the observation_id.")
    return Find(row, column, _word(form, f"find{n}_kahn"), matters)


def _word(form: Form, name: str) -> str:
    return _text(form, name, f"The field “{name}”", 200)


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
    """1.73, "× 1.73", "1,73", "11,383": a comma before three digits parts thousands, else it is the decimal sign."""
    text = _text(form, name, what, 60).replace("−", "-")
    plain = re.sub(r"[\s\u00a0\u202f×]|%|times$|days?$|stays$|patients$|(percentage)?points?$", "", text)
    plain = re.sub(r",(?=\d{3}(\D|$))", "", plain).replace(",", ".")
    if not plain:
        return None
    if not re.fullmatch(r"[-+]?\d{1,12}(\.\d{0,9})?", plain):
        raise BadWork(f"{what} is not a number: “{text}”.", field=name, hint="Write it in digits, such as 1.73.")
    return float(plain)
