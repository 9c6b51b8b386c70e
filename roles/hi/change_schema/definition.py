"""What a request asks and what is right, as its task.toml says it; `[params]` a learner may read, `[key]` nobody.

What it asks of the record, `Search` or `Structure`, is in `asking`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from roles.hi.change_schema.asking import Case, Search, Structure
from sandbox.activity import BadPack

When = Literal["after", "written", "since", "record"]
#: same: a SELECT gives what the exemplar's gives; part: how many of its rows are there; rows: the same, credited by
#: pattern; within: no row that the exemplar's has not; kept: it gives what it gave before; refused, accepted: a
#: statement that is tried and rolled back; finds: of the record, the searches in `sql`, one a line, find what they find
#: by the exemplar's definition; takes: of the record, the cases that `sql` names are taken or refused as by it.
Kind = Literal["same", "part", "rows", "within", "kept", "refused", "accepted", "finds", "takes"]
AXES = ("Applies", "Schema", "Rows", "Old readers and writers", "Second run", "Way back")
#: What every request is asked, beside its own checks; points of 100.
BUILT_IN: Mapping[str, float] = {"applies": 10, "again": 6, "rollback": 3, "back": 5, "reapplies": 2}


@dataclass(frozen=True)
class Script:
    """A query or a statement that the house has today, or will have: shown on the page."""

    name: str
    title: str
    sql: str


@dataclass(frozen=True)
class Check:
    """One check. `does`: it asks that something be done (the others ask that something stay whole); `dirty`: it only
    means something where the patterns stand. `why` is written to the learner where it fails."""

    name: str
    when: When
    kind: Kind
    axis: str
    points: float
    title: str
    why: str
    sql: str = ""
    then: str = ""
    reader: str = ""  # instead of `sql`: one of the request's readers, run as it is
    does: bool = False
    dirty: bool = False
    cap: float = 100  # the most that the whole can come to where this is broken in any hospital
    harm: str = ""  # and why, for beside the score


@dataclass(frozen=True)
class Mistake:
    """A known mistake: the exemplar's scripts with edits ({script, from, to}), and what is said to who made it. The
    definition is a script of that name.

    `breaks` are the checks that it breaks in any hospital: only where just those are broken is it tried at all.
    """

    name: str
    title: str
    why: str
    edits: tuple[Mapping[str, str], ...] = ()
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pattern:
    """People who test one clause: `people` are short descriptions (see `people`), `inserts` what is said of them in the
    request's own tables, `{a}` standing for the id of person a."""

    name: str
    people: tuple[Mapping[str, Any], ...]
    inserts: tuple[str, ...] = ()
    why: str = ""  # what a row of it is there for, said where it came out wrong


class Texts(NamedTuple):
    """What she wrote, or the exemplar's: two scripts, and the definition where the request asks for one."""

    forward: str
    rollback: str
    definition: str = ""


@dataclass(frozen=True)
class Params:
    """One task.toml. `setup` makes the request's own tables; `tables` are the ones the page shows first."""

    asked_by: str
    tables: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    setup: str = ""
    contract: tuple[str, ...] = ()
    readers: tuple[Script, ...] = ()
    writers: tuple[Script, ...] = ()
    search: Search | None = None
    structure: Structure | None = None
    # the key
    cases: tuple[Case, ...] = ()  # what is sent to the record beside those that the structure shows
    forward: str = ""
    rollback: str = ""
    definition: str = ""
    checks: tuple[Check, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    may_stay: tuple[str, ...] = ("archive_",)  # what a table's name may begin with that is left after the way back


@dataclass(frozen=True)
class Shown:
    """What the page may know: the request without its key, and the request's own tables as her copy has them."""

    today: date
    asked_by: str
    tables: tuple[str, ...]
    setup: tuple[str, ...]
    contract: tuple[str, ...]
    readers: tuple[Script, ...]
    writers: tuple[Script, ...]
    seed: int = 0
    search: Search | None = None
    structure: Structure | None = None


@dataclass(frozen=True)
class Key:
    """What judging needs."""

    params: Params
    today: date


@dataclass(frozen=True)
class Evidence:
    """Nothing of the record: both scripts are run again on hospitals that nobody has seen."""

    copied: bool = field(default=False)


def asked(check: Check, params: Params) -> str:
    """The SQL of a check: its own, or that of the reader it names."""
    return next((r.sql for r in params.readers if r.name == check.reader), "") if check.reader else check.sql


def edited(params: Params, edits: Sequence[Mapping[str, str]]) -> Texts:
    """The exemplar's texts with the edits made; BadPack where one does not fit exactly once."""
    scripts = {"forward": params.forward, "rollback": params.rollback, "definition": params.definition}
    for edit in edits:
        name, old, new = edit["script"], edit.get("from", ""), edit["to"]
        if name not in scripts or (old and scripts[name].count(old) != 1):
            raise BadPack(f"An edit of “{name}” does not fit: {old!r} must stand there once.")
        scripts[name] = scripts[name].replace(old, new) if old else new
    return Texts(*(scripts[name].strip() for name in ("forward", "rollback", "definition")))


def whole(params: Params) -> Params:
    """The params, or BadPack where their points are not a hundred or a check's axis is unknown."""
    total = sum(BUILT_IN.values()) + sum(check.points for check in params.checks)
    if abs(total - 100) > 1e-6:
        raise BadPack(f"The checks come to {total:g} points with the {sum(BUILT_IN.values()):g} of every request.")
    if silent := [check.name for check in params.checks if not asked(check, params)]:
        raise BadPack(f"The check “{silent[0]}” has no SQL.")
    known = {case.name for case in (*params.cases, *(params.structure.cases if params.structure else ()))}
    if missing := {line for check in params.checks if check.kind == "takes" for line in check.sql.split()} - known:
        raise BadPack(f"No case is called {min(missing)}.")
    if strange := {check.axis for check in params.checks} - set(AXES):
        raise BadPack(f"No axis is called {min(strange)}.")
    return params
