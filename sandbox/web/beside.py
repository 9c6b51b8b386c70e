"""What stands beside the results and never inside them: what she said, what she opened, how hard the tasks were."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

from sandbox import audit, comparison
from sandbox.comparison import Cohort, Side, Tried
from sandbox.people import Person
from sandbox.web import house
from sandbox.web.standing import Record


@dataclass(frozen=True)
class Confidence:
    """The sentence, and (title, expected of 10, met, asked) for each task that she spoke of."""

    sentence: str
    rows: tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True)
class Interest:
    """One seat: the sentence, how many answers of each of 1 to 5, and what she hoped for before (None: not said)."""

    seat: str
    sentence: str
    answers: tuple[int, int, int, int, int]
    hoped: int | None

    @property
    def before(self) -> str:
        """What she expected of this chair before, in words; empty where she did not say."""
        return comparison.say("hoped", hoped=self.hoped) if self.hoped else ""

    @property
    def high(self) -> int:
        """The tallest column, for the picture."""
        return max(self.answers)


@dataclass(frozen=True)
class Opened:
    """Charts that she opened in counted stories, and how many of them no task of the story names."""

    charts: int
    unnamed: int


def confidence(entries: Iterable[Tried]) -> Confidence:
    """What she expected beside what she met, over first attempts on counted tasks that she spoke of."""
    rows = tuple((t.title, t.expected, t.report.met, t.report.asked)
                 for t in entries if t.enters and t.expected is not None and t.report.asked)
    expected = mean(row[1] / 10 for row in rows) if rows else 0.0
    met = mean(row[2] / row[3] for row in rows) if rows else 0.0
    return Confidence(comparison.confidence(len(rows), expected, met), rows)


def interest(sides: Iterable[Side], hopes: Mapping[str, int | None]) -> list[Interest]:
    """A dot for each task against what she hoped for, seat by seat."""
    found = []
    for side in sides:
        answers = [t.more for t in side.entries if t.more is not None]
        kinds = len({t.kind for t in side.entries if t.more is not None})
        counts = Counter(answers)
        sentence = comparison.interest(side.name, len(answers), kinds, median(answers) if answers else None)
        found.append(Interest(side.name, sentence, (counts[1], counts[2], counts[3], counts[4], counts[5]),
                              hopes.get(side.name)))
    return found


def difficulties(entries: Iterable[Tried], classes: Sequence[Cohort]) -> dict[str, str]:
    """For each counted first attempt (by id): the author's word, and the class's share where it is large enough."""
    said = {}
    for entry in entries:
        shares = [figures.share for each in classes
                  if (figures := each.tasks.get((entry.story, entry.task))) and figures.share is not None]
        said[entry.id] = comparison.difficulty(entry.level, shares[0] if shares else None)
    return said


def opened(conn: Any, person: Person | None, found: Record) -> Opened:
    """Patients whose charts she read in her workspaces of counted stories; named are those that a task shows her."""
    rooms = {info.id: info for key, info in (found.rooms or {}).items()
             if (story := house().scenarios.get(key.partition("@")[0])) and story.counted}
    if person is None or not rooms:
        return Opened(0, 0)
    read = audit.charts_read(conn, rooms, person.id)
    named = {id: json.dumps(dict(info.shown), default=str) for id, info in rooms.items()}
    pairs = [(id, patient) for id, patients in read.items() for patient in patients]
    return Opened(len(pairs), sum(f'"{patient}"' not in named[id] for id, patient in pairs))
