"""Both scripts on one hospital, in the order of a real change: what each check found.

forward · (schema, rows, readers, writers) · forward again · old and new writers add rows · forward a third time ·
rollback · (what was there, what was said since) · forward once more. All in one go on a fresh copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from roles.hi.change_schema.definition import Check, Params, asked
from roles.hi.change_schema.people import Hospital
from sandbox.activity import Applied, Lab, SqlProblem, Standing, Step, Table, Trouble

Rows = tuple[tuple[object, ...], ...]
SECONDS = 10.0
#: Words of an error that say that the statement could not even be tried.
_UNTRIED = ("Binder", "Catalog", "Parser", "Refused", "NotImplemented", "Open")


@dataclass(frozen=True)
class Seen:
    """What one read or probe gave: rows, or the trouble in its place."""

    rows: Rows = ()
    trouble: Trouble | None = None

    @property
    def refused(self) -> bool:
        """Whether the database itself refused it (and not: it could not be tried)."""
        return self.trouble is not None and self.trouble.type not in _UNTRIED


@dataclass(frozen=True)
class Trial:
    """One hospital's story. `stopped` is a sentence where time or memory ran out, and nothing else is known then."""

    stopped: str = ""
    runs: tuple[Applied, ...] = ()  # forward, again, third, rollback, once more
    before: tuple[Seen, ...] = ()
    after: tuple[Seen, ...] = ()
    again: tuple[Seen, ...] = ()
    written: tuple[Seen, ...] = ()
    since: tuple[Seen, ...] = ()
    writers: tuple[Applied, ...] = ()
    first: Standing = field(default_factory=Standing)
    changed: Standing = field(default_factory=Standing)
    repeated: Standing = field(default_factory=Standing)
    returned: Standing = field(default_factory=Standing)


def setup_of(params: Params, hospital: Hospital) -> tuple[str, ...]:
    """What a copy gets before anything else: the request's own tables."""
    return tuple(filter(None, (params.setup, *hospital.setup)))


def run(lab: Lab, params: Params, hospital: Hospital, forward: str, rollback: str) -> Trial:
    """Play the story on a fresh copy of the hospital. SqlProblem where the lab is busy, off or broken."""
    copy = lab.scratch(setup=setup_of(params, hospital))
    steps = list(_story(params, forward, rollback))
    try:
        played = copy.play([step for _, step in steps], seconds=SECONDS)
    except SqlProblem as problem:
        if problem.kind not in ("time", "memory"):
            raise
        return Trial(stopped=problem.message)
    found: dict[str, list[Any]] = {}
    for (part, _), each in zip(steps, played, strict=False):
        raw = part in ("run", "writer") or isinstance(each, Standing)
        found.setdefault(part, []).append(each if raw else _seen(each))
    before, after, again, written, since, runs, writers = (tuple(found.get(part, ())) for part in (
        "before", "after", "again", "written", "since", "run", "writer"))
    looks = (found.get(f"look{n}", [Standing()])[0] for n in range(4))
    return Trial("", runs, before, after, again, written, since, writers, *looks)


def _story(params: Params, forward: str, rollback: str) -> Iterator[tuple[str, Step]]:
    def checks(part: str, when: str) -> Iterator[tuple[str, Step]]:
        for check in params.checks:
            if check.when == when:
                yield part, _step(check, params)

    for check in params.checks:
        if check.kind == "kept":
            yield "before", _step(check, params)
    yield "touch", Step("probe", f"SELECT 1 /* {' '.join(params.tables)} */")  # so that `look` tells of them all along
    yield "look0", Step("look")
    yield "run", Step("script", forward, must=True)
    yield "look1", Step("look")
    yield from checks("after", "after")
    yield "run", Step("script", forward)
    yield "look2", Step("look")
    yield from checks("again", "after")
    for writer in params.writers:
        yield "writer", Step("script", writer.sql)
    yield "run", Step("script", forward)
    yield from checks("written", "written")
    yield "run", Step("script", rollback)
    yield "look3", Step("look")
    yield from checks("since", "since")
    yield "run", Step("script", forward)


def _step(check: Check, params: Params) -> Step:
    sql = asked(check, params)
    return Step("probe", sql, check.then) if check.kind in ("refused", "accepted") else Step("read", sql)


def _seen(each: object) -> Seen:
    if isinstance(each, Table):
        return Seen(_plain(each))
    if isinstance(each, SqlProblem):
        return Seen(trouble=Trouble(each.message, each.kind, "Binder"))
    assert isinstance(each, Applied)
    return Seen(_plain(each.table) if each.table else (), each.trouble)


def _plain(table: Table) -> Rows:
    """Rows in an order of their own; 70, 70.0 and DECIMAL 70.00 are one number, text is as it is."""
    return tuple(sorted((tuple(map(_cell, row)) for row in table.rows), key=repr))


def _cell(value: object) -> object:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return round(float(value), 9)
    return value


def shape(trouble: Trouble | None) -> str:
    """What two troubles of the same cause have in common: names and numbers left out."""
    if trouble is None:
        return ""
    return f"{trouble.type}: " + re.sub(r"\"[^\"]*\"|'[^']*'|\b\w+\.\w+\b|\d+", "…", trouble.message.partition("\n")[0])
