"""Her rows against the key's: on plain stays, by planted pattern, and whether the report follows from its list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roles.hi.build_report.definition import Asked
from roles.hi.build_report.running import Hospital, Pair, Rows
from sandbox.activity import TableShape


@dataclass(frozen=True)
class Compared:
    """One hospital: what she got, what was right, and how they agree."""

    hospital: Hospital
    mine: Pair
    report: Rows
    lines: Rows
    report_same: bool
    lines_same: bool


def compare(hospital: Hospital, mine: Pair, right: tuple[Rows, Rows], asked: Asked) -> Compared:
    """Both results on one hospital beside the key's."""
    return Compared(
        hospital,
        mine,
        right[0],
        right[1],
        same(mine.report.rows, right[0], asked.report.shape),
        same(mine.lines.rows, right[1], asked.lines.shape),
    )


def same(mine: Rows | None, right: Rows, shape: TableShape) -> bool:
    """Whether a result is there and holds the right rows."""
    return mine is not None and shape.same(mine, right)


def by_encounter(rows: Rows) -> dict[str, Rows]:
    """The lines by their first column, the encounter."""
    found: dict[str, Rows] = {}
    for row, n in rows.items():
        found.setdefault(str(row[0]), Counter())[row] += n
    return found


def patterns_right(compared: Sequence[Compared], shape: TableShape) -> dict[str, bool]:
    """For each pattern, whether all lines of all its people are right in every hospital that has it."""
    right: dict[str, bool] = {}
    for c in compared:
        mine, key = by_encounter(c.mine.lines.rows or Counter()), by_encounter(c.lines)
        for seen in c.hospital.seen:
            hers, wanted = (sum((rows[e] for e in seen.encounters if e in rows), Counter()) for rows in (mine, key))
            ok = c.mine.lines.rows is not None and shape.same(hers, wanted)
            right[seen.pattern] = right.get(seen.pattern, True) and ok
    return right


def plain_share(compared: Sequence[Compared], traps: Mapping[str, object], shape: TableShape) -> float:
    """Of the lines that no trap touches, hers and the key's together, the share that is right (0 to 1)."""
    right = total = 0
    for c in compared:
        trapped = frozenset(e for s in c.hospital.seen if s.pattern in traps for e in s.encounters)
        key = Counter({r: n for r, n in c.lines.items() if r[0] not in trapped})
        mine = Counter({r: n for r, n in (c.mine.lines.rows or Counter()).items() if r[0] not in trapped})
        good = key.total() - shape.missing(mine, key).total()
        right += good
        total += key.total() + mine.total() - good
    return right / total if total else 0.0


def report_share(compared: Sequence[Compared], shape: TableShape, *, only: Sequence[bool] = ()) -> float:
    """Of the report's rows, hers and the key's together, the share that is right; `only` picks hospitals."""
    right = total = 0
    for n, c in enumerate(compared):
        if only and not only[n]:
            continue
        mine: Rows = c.mine.report.rows or Counter()
        good = c.report.total() - shape.missing(mine, c.report).total()
        right += good
        total += c.report.total() + mine.total() - good
    return right / total if total else 0.0
