"""What a published table gives away: for each number that was held back, all that it can still be.

A table with its row, column and grand totals is a circulation: every row's inner numbers flow from its total, every
column's into its own. What one held-back number can be is then a flow along the others that are held back, and its
least and greatest value are exact for whole numbers. Two such tables stand one above the other, people and events
(events ≤ people); a published share ties them together, and what each says bounds the other until nothing changes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Place = tuple[int, int]  # row and column; the last row and the last column are the totals
Range = tuple[int, int]
SMALL = range(1, 11)
_ROUNDS = 6


@dataclass(frozen=True)
class Board:
    """A whole table: people `n` and events `k` of each place, totals among them; shares to one decimal, in per cent."""

    rows: int  # with the total
    columns: int
    n: Mapping[Place, int]
    k: Mapping[Place, int]

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place, row by row."""
        return tuple((r, c) for r in range(self.rows) for c in range(self.columns))

    def share(self, place: Place) -> float | None:
        """The share that would be published, or None where there is nobody."""
        return round(100 * self.k[place] / self.n[place], 1) if self.n[place] else None


def board(people: Sequence[Sequence[int]], events: Sequence[Sequence[int]]) -> Board:
    """The table of these inner numbers, with its totals."""
    def whole(inner: Sequence[Sequence[int]]) -> dict[Place, int]:
        rows = [[*row, sum(row)] for row in inner]
        rows.append([sum(column) for column in zip(*rows, strict=True)])
        return {(r, c): value for r, row in enumerate(rows) for c, value in enumerate(row)}

    n = whole(people)
    return Board(len(people) + 1, len(people[0]) + 1, n, whole(events))


def gives_away(table: Board, people: frozenset[Place], shares: frozenset[Place]) -> tuple[
        frozenset[Place], frozenset[Place]]:
    """The places whose people, and whose events, are from 1 to 10 and can be worked out by whoever reads the table.

    `people` are the places whose number of people is printed, `shares` those whose percentage is. A reader knows that
    nothing is below zero, that nobody misses who is not there, how the totals add up, and how percentages were rounded.
    """
    most = max(table.n.values())
    n: dict[Place, Range] = {p: (table.n[p], table.n[p]) if p in people else (0, most) for p in table.places}
    k: dict[Place, Range] = dict.fromkeys(table.places, (0, most))
    for _ in range(_ROUNDS):
        before = dict(n), dict(k)
        n = _narrowed(table, table.n, n)
        for place in table.places:
            n[place], k[place] = _tied(table, place, n[place], k[place], place in shares)
        k = _narrowed(table, table.k, k)
        if (n, k) == before:
            break
    return _told(table.n, n), _told(table.k, k)


def _told(true: Mapping[Place, int], found: Mapping[Place, Range]) -> frozenset[Place]:
    return frozenset(p for p, (low, high) in found.items() if low == high and true[p] in SMALL)


def _tied(table: Board, place: Place, n: Range, k: Range, shown: bool) -> tuple[Range, Range]:
    """What a place's people and events can be together: events are no more than people, and a share fits both."""
    share = table.share(place)
    if not shown or share is None:
        return (max(n[0], k[0]), n[1]), (k[0], min(k[1], n[1]))
    pairs = [(people, events) for people in range(max(n[0], 1), n[1] + 1)
             for events in _events(share, people) if k[0] <= events <= k[1]]
    return ((min(p for p, _ in pairs), max(p for p, _ in pairs)), (min(e for _, e in pairs), max(e for _, e in pairs)))


def _events(share: float, people: int) -> list[int]:
    """The whole numbers of events that give this share, rounded, among so many people."""
    near = round(share * people / 100)
    return [e for e in range(max(0, near - 2), min(people, near + 2) + 1) if round(100 * e / people, 1) == share]


def _narrowed(table: Board, true: Mapping[Place, int], bounds: Mapping[Place, Range]) -> dict[Place, Range]:
    """Each range cut to what the totals allow: as far as a flow along the other places can move that number."""
    arcs = {p: _arc(table, p) for p in table.places}
    room = {p: (true[p] - bounds[p][0], bounds[p][1] - true[p]) for p in table.places}
    out = dict(bounds)
    for place in table.places:
        down, up = room[place]
        tail, head = arcs[place]
        if up:
            up = _flow(arcs, room, place, head, tail, up)
        if down:
            down = _flow(arcs, room, place, tail, head, down)
        out[place] = true[place] - down, true[place] + up
    return out


def _arc(table: Board, place: Place) -> tuple[str, str]:
    """From where to where a place's number flows: total → row → column → total."""
    r, c = place
    row, column = f"r{r}", f"c{c}"
    inner = r < table.rows - 1, c < table.columns - 1
    return (row, column) if inner in ((True, True), (False, False)) else (column, row)


def _flow(arcs: Mapping[Place, tuple[str, str]], room: Mapping[Place, Range], but: Place, start: str, end: str,
          most: int) -> int:
    """How much can flow from start to end over all places but one, at most `most` (Edmonds and Karp)."""
    left: dict[str, dict[str, int]] = {}
    for place, (tail, head) in arcs.items():
        if place != but and any(room[place]):
            left.setdefault(tail, {})[head] = room[place][1]
            left.setdefault(head, {})[tail] = room[place][0]
    sent = 0
    while sent < most and (path := _path(left, start, end)):
        step = min(most - sent, *(left[tail][head] for tail, head in path))
        for tail, head in path:
            left[tail][head] -= step
            left[head][tail] += step
        sent += step
    return sent


def _path(left: Mapping[str, Mapping[str, int]], start: str, end: str) -> list[tuple[str, str]]:
    came: dict[str, str] = {start: ""}
    queue = deque([start])
    while queue and end not in came:
        here = queue.popleft()
        for head, room in left.get(here, {}).items():
            if room > 0 and head not in came:
                came[head] = here
                queue.append(head)
    if end not in came:
        return []
    path, here = [], end
    while came[here]:
        path.append((came[here], here))
        here = came[here]
    return path
