"""Search: the one driving table is asked for both generations, and everything else joins on the row number alone.

Where few resources can answer (an id, a reference, an identifier, or a probe says so), they are found first and then
sorted. Where many can, the sort's own index is walked instead, one limited branch for each generation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from sandbox.errors import BadInput
from sandbox.fhir import generations, parameters
from sandbox.fhir.generations import Scope, shadow
from sandbox.fhir.index import reference_index
from sandbox.fhir.question import Criterion, Include, Order, Question, understand
from sandbox.fhir.store import Stored, as_stored, version

#: A driver that finds no more than this is quicker sorted than walked past.
FEW = 2000
_CHUNK = 500
#: The most that one answer may include in reverse: a page of patients has tens of thousands of results.
MOST_REVERSED = 5000


@dataclass(frozen=True)
class Page:
    """What a search found. `total` counts all matches (None when `_total=none`); `included` are not matches.

    `next` are the parameters that ask for the next page, None on the last.
    """

    total: int | None
    matches: list[Stored]
    included: list[Stored] = field(default_factory=list)
    next: list[tuple[str, str]] | None = None

    @property
    def resources(self) -> list[dict[str, Any]]:
        """Matches, then what was included, as dicts."""
        return [found.resource for found in (*self.matches, *self.included)]


def search(
    conn: sa.Connection, scope: Scope, kind: str, params: Sequence[tuple[str, str]], *, whole: bool = False,
) -> Page:
    """One page of what matches, or with `whole` everything. BadInput names a parameter that cannot be used."""
    question = understand(kind, params, parameters.known(conn, scope))
    driver = _driver(conn, scope, question)
    if whole:
        question = replace(question, count=10**9, offset=0, total=False)
    if driver is not None or whole or len(question.orders) > 1:
        rows = _sorted(conn, scope, question, driver)
    else:
        rows = _walked(conn, scope, question)
    more, rows = len(rows) > question.count, rows[: question.count]
    matches = [as_stored(row) for row in rows]
    total = len(matches) if whole else _total(conn, scope, question, driver) if question.total else None
    numbers = [row.row for row in rows]
    included = [one for include in question.includes for one in _include(conn, scope, numbers, include)]
    included += _reverse(conn, scope, [f"{one.kind}/{one.id}" for one in matches], question.reverse)
    seen = {(found.kind, found.id) for found in matches}
    extra = {(one.kind, one.id): one for one in included if (one.kind, one.id) not in seen}
    rest = [(name, value) for name, value in question.asked if name != "_offset"]
    following = [*rest, ("_offset", str(question.offset + question.count))] if more and question.count else None
    return Page(total, matches, list(extra.values()), following)


def _driver(conn: sa.Connection, scope: Scope, question: Question) -> Criterion | None:
    """The criterion to look up first, or None where many resources answer each."""
    present = [criterion for criterion in question.criteria if not criterion.absent]
    for table in (version, reference_index):
        for criterion in present:
            if criterion.table is table and criterion.selective:
                return criterion
    best, fewest = None, FEW + 1
    for criterion in present:
        if criterion.table is version:
            continue
        rows = criterion.table.alias()
        probe = sa.select(sa.literal(1)).where(rows.c.ws.in_(scope.both), criterion.test(rows.c)).limit(fewest)
        count = conn.execute(sa.select(sa.func.count()).select_from(probe.subquery())).scalar_one()
        if count < fewest:
            best, fewest = criterion, count
    return best


def _hits(scope: Scope, question: Question, driver: Criterion | None) -> sa.Select[Any]:
    """The row numbers of all matches, each once."""
    rows = (version if driver is None else driver.table).alias("d")
    query = sa.select(rows.c.row).where(rows.c.ws.in_(scope.both))
    if driver is None or driver.table is version:
        query = query.where(rows.c.kind == question.kind, rows.c.current)
    else:
        query = query.distinct()
    if driver is not None:
        query = query.where(driver.test(rows.c))
    return _narrowed(query, rows.c.row, scope, [c for c in question.criteria if c is not driver])


def _narrowed(query: sa.Select[Any], row: Any, scope: Scope, criteria: list[Criterion]) -> sa.Select[Any]:
    if scope.base is not None:
        query = query.where(~sa.exists().where(shadow.c.ws == scope.ws, shadow.c.row == row))
    return query.where(*(criterion.holds(row) for criterion in criteria))


def _sorted(conn: sa.Connection, scope: Scope, question: Question, driver: Criterion | None) -> list[Any]:
    """Find all, sort them, cut out the page (and one more, to know of a next)."""
    hits = _hits(scope, question, driver).subquery("hits")
    query = sa.select(version).join(hits, version.c.row == hits.c.row)
    for order in question.orders or [Order("_lastUpdated", False)]:
        value = _sort_value(order, hits.c.row)
        query = query.order_by(value.is_(None), value.desc() if order.down else value)
    query = query.order_by(hits.c.row).limit(question.count + 1).offset(question.offset)
    return list(conn.execute(query))


def _sort_value(order: Order, row: Any) -> Any:
    if order.table is None:
        return version.c[order.column]
    rows = order.table.alias()
    best = sa.func.max if order.down else sa.func.min
    chosen = sa.select(best(rows.c[order.column])).where(rows.c.row == row, rows.c.param == order.number)
    return chosen.scalar_subquery()


def _walked(conn: sa.Connection, scope: Scope, question: Question) -> list[Any]:
    """Walk the sort's index in each generation until the page is full; what has no value there comes last."""
    order = question.orders[0] if question.orders else Order("_lastUpdated", False)
    wanted = question.count + 1
    branches = [_branch(scope, ws, question, order, question.offset + wanted).subquery() for ws in scope.both]
    found = sa.union_all(*(sa.select(branch) for branch in branches)).subquery()
    query = sa.select(version).join(found, version.c.row == found.c.row)
    query = query.order_by(found.c.value.desc() if order.down else found.c.value, found.c.row)
    rows = list(conn.execute(query.limit(wanted).offset(question.offset)))
    if order.table is None or len(rows) == wanted:
        return rows
    valued = question.offset + len(rows)
    if question.offset and not rows:
        valued = conn.execute(sa.select(sa.func.count()).select_from(found)).scalar_one()
    skip = max(0, question.offset - valued)
    return rows + _valueless(conn, scope, question, order, wanted - len(rows), skip)


def _branch(scope: Scope, ws: int, question: Question, order: Order, need: int) -> sa.Select[Any]:
    rows = (version if order.table is None else order.table).alias()
    value = rows.c[order.column]
    query: sa.Select[Any] = sa.select(rows.c.row, value.label("value")).where(rows.c.ws == ws)
    if order.table is None:
        query = query.where(rows.c.kind == question.kind, rows.c.current)
    else:
        other = order.table.alias()  # of several values only the one that sorts first counts
        sooner = other.c[order.column] > value if order.down else other.c[order.column] < value
        twin = sa.exists().where(other.c.row == rows.c.row, other.c.param == order.number, sooner)
        query = query.where(rows.c.param == order.number, ~twin).distinct()
    query = _narrowed(query, rows.c.row, scope, question.criteria)
    return query.order_by(value.desc() if order.down else value, rows.c.row).limit(need)


def _valueless(
    conn: sa.Connection, scope: Scope, question: Question, order: Order, need: int, skip: int,
) -> list[Any]:
    assert order.table is not None
    number, table = order.number, order.table
    none = Criterion(order.name, table, lambda c: c.param == number, absent=True)
    asked = replace(question, criteria=[*question.criteria, none])
    hits = _hits(scope, asked, None).subquery()
    query = sa.select(version).join(hits, version.c.row == hits.c.row).order_by(hits.c.row)
    return list(conn.execute(query.limit(need).offset(skip)))


def _total(conn: sa.Connection, scope: Scope, question: Question, driver: Criterion | None) -> int:
    if not question.criteria and scope.base is not None:
        return _all(conn, scope, question.kind)
    hits = _hits(scope, question, driver).subquery()
    return int(conn.execute(sa.select(sa.func.count()).select_from(hits)).scalar_one())


def _all(conn: sa.Connection, scope: Scope, kind: str) -> int:
    """How many of a type there are: the hospital's own count, less the shadow, and what the workspace added."""
    assert scope.base is not None
    own = sa.select(sa.func.count()).where(version.c.ws == scope.ws, version.c.kind == kind, version.c.current)
    hidden = (sa.select(sa.func.count()).select_from(shadow).join(version, version.c.row == shadow.c.row)
              .where(shadow.c.ws == scope.ws, version.c.kind == kind))
    base = generations.hospital(conn, scope.base).counts.get(kind, 0)
    return base + int(conn.execute(own).scalar_one()) - int(conn.execute(hidden).scalar_one())


def _include(conn: sa.Connection, scope: Scope, numbers: list[int], include: Include) -> list[Stored]:
    """What the matches' references point to, as far as it is here."""
    wanted: dict[str, set[str]] = {}
    for start in range(0, len(numbers), _CHUNK):
        query = sa.select(reference_index.c.target).distinct().where(
            reference_index.c.row.in_(numbers[start : start + _CHUNK]), reference_index.c.param == include.number)
        for target in conn.execute(query).scalars():
            kind, _, id = target.partition("/")
            if id and (not include.target or kind == include.target):
                wanted.setdefault(kind, set()).add(id)
    found: list[Stored] = []
    for kind, ids in sorted(wanted.items()):
        listed = sorted(ids)
        for start in range(0, len(listed), _CHUNK):
            rows = version.alias()
            hits = sa.select(rows).where(rows.c.ws.in_(scope.both), rows.c.kind == kind, rows.c.current,
                                         rows.c.id.in_(listed[start : start + _CHUNK]))
            found += [as_stored(row) for row in conn.execute(_narrowed(hits, rows.c.row, scope, []))]
    return found


def _reverse(conn: sa.Connection, scope: Scope, targets: list[str], numbers: list[int]) -> list[Stored]:
    """What points to the matches by one of these parameters, in the order of storing; all of them in one query."""
    found: dict[int, Stored] = {}
    for start in range(0, len(targets) if numbers else 0, _CHUNK):
        pointing = sa.select(reference_index.c.row).distinct().where(
            reference_index.c.ws.in_(scope.both), reference_index.c.param.in_(numbers),
            reference_index.c.target.in_(targets[start : start + _CHUNK]))
        hits = _narrowed(pointing, reference_index.c.row, scope, []).limit(MOST_REVERSED + 1).subquery()
        for row in conn.execute(sa.select(version).join(hits, version.c.row == hits.c.row).order_by(version.c.row)):
            found[row.row] = as_stored(row)
        if len(found) > MOST_REVERSED:
            raise BadInput(f"More than {MOST_REVERSED:,} resources point to what was found (_revinclude).",
                           hint="Ask for fewer matches at a time (_count).")
    return list(found.values())
