"""What each check found on one hospital: right, wrong or not reached, against the exemplar's trial there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from roles.hi.change_schema.definition import Check, Params, Texts
from roles.hi.change_schema.people import PLAIN, Hospital
from roles.hi.change_schema.trial import Rows, Seen, Trial, shape
from sandbox.activity import Standing

State = Literal["right", "wrong", "unreached"]


@dataclass(frozen=True)
class Verdict:
    """One check on one hospital. `what` says in a few words what was seen; `mark` is equal where two were wrong alike;
    `patterns` which patterns' rows came out right, of a check by rows; `rows` up to three that did not."""

    state: State
    what: str = ""
    mark: object = ""
    patterns: Mapping[str, bool] | None = None
    rows: tuple[tuple[str, str, str], ...] = ()  # (pattern, hers, asked)
    share: float = 0.0  # how much of it is there all the same


RIGHT, UNREACHED = Verdict("right"), Verdict("unreached")


def compare(trial: Trial, right: Trial, params: Params, hospital: Hospital, texts: Texts) -> dict[str, Verdict]:
    """The verdict of every check of the scripts by name; `texts` has her two scripts."""
    own = [c.name for c in params.checks if c.when != "record"]
    names = ["applies", *own, "again", "rollback", "back", "reapplies"]
    found = dict.fromkeys(names, UNREACHED)
    if trial.stopped:
        return {**found, "applies": Verdict("wrong", trial.stopped, "stopped")}
    found["applies"] = _ran(trial, 0, texts[0], "There is no forward script.")
    if found["applies"].state != "right":
        return found
    before = dict(zip((c.name for c in params.checks if c.kind == "kept"), trial.before, strict=True))
    for name, verdict in _part(params, hospital, "after", trial.after, right.after, before):
        found[name] = verdict
    found["again"] = _again(trial, params)
    if not trial.runs[2].trouble:
        found.update(_part(params, hospital, "written", trial.written, right.written, before))
    found["rollback"] = _ran(trial, 3, texts[1], "There is no rollback script.")
    if found["rollback"].state == "right":
        found["back"] = _back(trial, params)
        found.update(_part(params, hospital, "since", trial.since, right.since, before))
        found["reapplies"] = _ran(trial, 4, texts[0], "")
    return found


def _ran(trial: Trial, n: int, text: str, without: str) -> Verdict:
    run = trial.runs[n]
    if run.trouble:
        place = f"statement {run.trouble.statement}: " if run.trouble.statement else ""
        return Verdict("wrong", f"{place}{run.trouble.message}", shape(run.trouble))
    return RIGHT if run.of else Verdict("wrong", without, "empty")


def _part(params: Params, hospital: Hospital, when: str, hers: tuple[Seen, ...], asked: tuple[Seen, ...],
          before: Mapping[str, Seen]) -> Iterator[tuple[str, Verdict]]:
    checks = [c for c in params.checks if c.when == when]
    for check, mine, right in zip(checks, hers, asked, strict=True):
        yield check.name, _one(check, mine, right, before.get(check.name), hospital)


def _one(check: Check, mine: Seen, right: Seen, before: Seen | None, hospital: Hospital) -> Verdict:
    if check.kind == "refused":
        went = mine.trouble.message if mine.trouble else "it went through"
        return RIGHT if mine.refused else Verdict("wrong", went, shape(mine.trouble))
    if mine.trouble:
        return Verdict("wrong", mine.trouble.message, shape(mine.trouble), {} if check.kind == "rows" else None)
    if check.kind == "accepted":
        same = not check.then or mine.rows == right.rows
        return RIGHT if same else Verdict("wrong", "what it wrote does not read as it should", mine.rows)
    if check.kind == "rows":
        return _by_row(mine.rows, right.rows, hospital)
    if check.kind == "part" and mine.rows != right.rows:
        lack = [row for row in right.rows if row not in mine.rows]
        return Verdict("wrong", f"not so: {_said(('', *lack[0]))}" if lack else "more than asked", mine.rows,
                       share=1 - len(lack) / len(right.rows))
    if check.kind == "within":
        more = tuple(row for row in mine.rows if row not in set(right.rows))
        return Verdict("wrong", f"{len(more)} rows that nothing speaks for", more) if more else RIGHT
    wanted = before.rows if check.kind == "kept" and before else right.rows
    return RIGHT if mine.rows == wanted else Verdict("wrong", _differs(mine.rows, wanted), mine.rows)


def _by_row(mine: Rows, right: Rows, hospital: Hospital) -> Verdict:
    """Each pattern is right where all rows of its people are; a row that belongs to nobody spoils the plain ones."""
    wrong = set(mine) ^ set(right)
    spoilt = {hospital.pattern_of.get(str(row[0]), PLAIN) for row in wrong}
    if len(mine) != len(right) and not wrong:
        spoilt.add(PLAIN)
    patterns = {pattern.name: pattern.name not in spoilt for pattern, _ in hospital.copies}
    if not spoilt:
        return Verdict("right", patterns=patterns)
    hers = {str(row[0]): row for row in mine}
    shown = [(hospital.pattern_of.get(str(row[0]), PLAIN), _said(hers.get(str(row[0]))), _said(row))
             for row in right if row in wrong]
    first = {pattern: (pattern, mine_, asked) for pattern, mine_, asked in reversed(shown)}
    return Verdict("wrong", "", mine, patterns, tuple(list(first.values())[::-1][:3]))


def _said(row: tuple[object, ...] | None) -> str:
    return "no row" if row is None else ", ".join(map(_value, row[1:]))


def _value(cell: object) -> str:
    return "NULL" if cell is None else f"{cell:.12g}" if isinstance(cell, float) else str(cell)


def _differs(mine: Rows, wanted: Rows) -> str:
    if len(mine) != len(wanted):
        return f"{len(mine)} {'row' if len(mine) == 1 else 'rows'}, where {len(wanted)} are right"
    mine_, asked = next((a, b) for a, b in zip(mine, wanted, strict=True) if a != b)
    return f"{_said(('', *mine_))} where {_said(('', *asked))} is right"


def _again(trial: Trial, params: Params) -> Verdict:
    run = trial.runs[1]
    if run.trouble:
        return Verdict("wrong", f"statement {run.trouble.statement}: {run.trouble.message}", shape(run.trouble))
    same = all(getattr(trial.changed, part) == getattr(trial.repeated, part) for part in ("columns", "indexes"))
    same &= all(trial.changed.tables.get(t) == trial.repeated.tables.get(t) for t in params.tables)
    same &= [s.rows for s in trial.after] == [s.rows for s in trial.again]
    return RIGHT if same else Verdict("wrong", "It runs, and changes what the first run left.", "changed")


def _back(trial: Trial, params: Params) -> Verdict:
    """Right where nothing is left; else what is, and how much of what was changed has been taken back."""
    left = sorted(_left(trial.first, trial.returned, params))
    made = len(list(_left(trial.first, trial.changed, params)))
    mark = tuple(each.split(" ")[0] for each in left)
    return Verdict("wrong", "; ".join(left[:3]), mark, share=max(0.0, 1 - len(left) / max(1, made))) if left else RIGHT


def _left(first: Standing, last: Standing, params: Params) -> Iterator[str]:
    """What is otherwise after the way back: a few words each."""
    stay = tuple(params.may_stay)
    had, has = set(first.columns), {c for c in last.columns if not c[0].startswith(stay)}
    for table, column, *_ in sorted(has - had):
        yield f"column {table}.{column} is new or otherwise" if table in first.tables else f"table {table} is left"
    for table, column, *_ in sorted(had - has):
        if not any(c[:2] == (table, column) for c in has):
            yield f"column {table}.{column} is gone"
    for part, word in (("indexes", "index"), ("constraints", "constraint"), ("triggers", "trigger")):
        for each in getattr(last, part):
            if each not in getattr(first, part) and not each[0].startswith(stay):
                yield f"{word} {each[1]} is left on {each[0]}"
    for part, word in (("views", "view"), ("types", "type")):
        yield from (f"{word} {each} is left" for each in getattr(last, part)
                    if each not in getattr(first, part) and not each.startswith(stay))
        yield from (f"{word} {each} is gone" for each in getattr(first, part) if each not in getattr(last, part))
