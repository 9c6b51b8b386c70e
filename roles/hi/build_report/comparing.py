"""Her rows against the key's: on plain stays, by planted pattern, and whether the report follows from its list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from roles.hi.build_report.definition import Asked, Key
from roles.hi.build_report.forms import Rows
from roles.hi.build_report.rollup import differs, rolled
from roles.hi.build_report.running import Hospital, Pair
from roles.hi.build_report.timeline import Seen
from sandbox.activity import TableShape


@dataclass(frozen=True)
class Compared:
    """One hospital: what she got, what was right, how they agree, and what her own list adds up to."""

    hospital: Hospital
    mine: Pair
    report: Rows
    lines: Rows
    report_same: bool
    lines_same: bool
    follows: Rows | None  # the report that her list gives; the key's where she gave no list; None: no numbers in it
    follows_same: bool  # her report is there and is that


@dataclass(frozen=True)
class Lens:
    """What is looked past where ordinary stays are wrong throughout, so that the rest can still be judged: one
    `column` of the list, and (`once`) how often a row stands in it."""

    column: str = ""
    once: bool = False

    def shape(self, shape: TableShape) -> TableShape:
        """The list's columns that are still looked at."""
        return TableShape(tuple(f for f in shape.fields if f.name != self.column))

    def rows(self, rows: Rows, shape: TableShape) -> Rows:
        """The rows in that shape."""
        seen: Rows = Counter()
        for row, times in rows.items():
            seen[tuple(v for v, f in zip(row, shape.fields, strict=True) if f.name != self.column)] += times
        return Counter(dict.fromkeys(seen, 1)) if self.once else seen


PLAIN = Lens()


def compare(hospital: Hospital, mine: Pair, right: tuple[Rows, Rows], key: Key) -> Compared:
    """Both results on one hospital beside the key's."""
    asked: Asked = key.asked
    lines, report = mine.lines.rows, mine.report.rows
    follows = right[0] if lines is None else rolled(lines, asked, key.params.rollup)
    return Compared(
        hospital,
        mine,
        right[0],
        right[1],
        same(report, right[0], asked.report.shape),
        same(lines, right[1], asked.lines.shape),
        follows,
        report is not None and follows is not None and not differs(report, follows, asked),
    )


def same(mine: Rows | None, right: Rows, shape: TableShape) -> bool:
    """Whether a result is there and holds the right rows."""
    return mine is not None and shape.same(mine, right)


def lens_of(compared: Sequence[Compared], traps: Collection[str], shape: TableShape) -> tuple[Lens, float]:
    """What must be looked past for nine in ten ordinary lines to be right, and the share that is right then: nothing
    where at least half are right as they stand, or where nothing helps."""
    share = plain_share(compared, traps, shape)
    if share >= 0.5:
        return PLAIN, share
    columns = [f.name for f in shape.fields[1:]]
    for lens in (Lens(once=True), *map(Lens, columns), *(Lens(c, True) for c in columns)):
        other = plain_share(compared, traps, shape, lens)
        if other >= 0.9:
            return lens, other
    return PLAIN, share


def patterns_right(compared: Sequence[Compared], shape: TableShape, lens: Lens = PLAIN) -> dict[str, bool]:
    """For each pattern, whether all lines of all its people are right in every hospital that has it."""
    right: dict[str, bool] = {}
    for c in compared:
        for seen, ok in people_right(c, shape, lens):
            right[seen.pattern] = right.get(seen.pattern, True) and ok
    return right


def people_right(c: Compared, shape: TableShape, lens: Lens = PLAIN) -> Iterator[tuple[Seen, bool]]:
    """Each planted person of one hospital, and whether all her lines are right."""
    mine = _by_encounter(lens.rows(c.mine.lines.rows or Counter(), shape))
    key = _by_encounter(lens.rows(c.lines, shape))
    for seen in c.hospital.seen:
        hers, wanted = (sum((rows[e] for e in seen.encounters if e in rows), Counter()) for rows in (mine, key))
        yield seen, c.mine.lines.rows is not None and lens.shape(shape).same(hers, wanted)


def plain_share(
    compared: Sequence[Compared], traps: Collection[str], shape: TableShape, lens: Lens = PLAIN
) -> float:
    """Of the lines that no trap touches, hers and the key's together, the share that is right (0 to 1)."""
    right = total = 0
    seen = lens.shape(shape)
    for c in compared:
        trapped = frozenset(e for s in c.hospital.seen if s.pattern in traps for e in s.encounters)
        key = Counter({r: n for r, n in lens.rows(c.lines, shape).items() if r[0] not in trapped})
        mine = lens.rows(c.mine.lines.rows or Counter(), shape)
        mine = Counter({r: n for r, n in mine.items() if r[0] not in trapped})
        good = key.total() - seen.missing(mine, key).total()
        right += good
        total += key.total() + mine.total() - good
    return right / total if total else 0.0


def report_share(compared: Sequence[Compared], shape: TableShape) -> float:
    """Of the report's rows, hers and the key's together, the share that is right (0 to 1)."""
    right = total = 0
    for c in compared:
        mine: Rows = c.mine.report.rows or Counter()
        good = c.report.total() - shape.missing(mine, c.report).total()
        right += good
        total += c.report.total() + mine.total() - good
    return right / total if total else 0.0


def groups_alone(compared: Sequence[Compared], key: Key) -> Mapping[str, bool]:
    """Patterns that have a row of the report to themselves ("Not recorded"), and whether her report has that row."""
    asked = key.asked
    place = [f.name for f in asked.lines.fields].index(asked.report.fields[0].name)
    found: dict[str, bool] = {}
    for c in compared:
        pattern = {e: s.pattern for s in c.hospital.seen for e in s.encounters}
        groups: dict[object, set[str]] = {}
        for row in c.lines:
            groups.setdefault(row[place], set()).add(pattern.get(str(row[0]), ""))
        there = {row[0] for row in c.mine.report.rows or ()}
        for group, patterns in groups.items():
            if len(patterns) == 1 and (name := next(iter(patterns))):
                found[name] = found.get(name, True) and group in there
    return found


def _by_encounter(rows: Rows) -> dict[str, Rows]:
    """The lines by their first column, the encounter."""
    found: dict[str, Rows] = {}
    for row, n in rows.items():
        found.setdefault(str(row[0]), Counter())[row] += n
    return found
