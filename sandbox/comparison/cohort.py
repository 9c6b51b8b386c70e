"""A class in both seats: what each task came to, what was missed, which mistakes were made. Functions of marks only.

Nothing is told of fewer than 11 learners, no difficulty of fewer than 15, no discrimination of fewer than 60.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, mean, median

from sandbox.attempts import First, Mark, Said
from sandbox.comparison.clustering import clustering
from sandbox.comparison.evidence import Tally

CLASS, DIFFICULTY, DISCRIMINATION = 11, 15, 60
Place = tuple[str, str]  # (story, task)


@dataclass(frozen=True)
class Miss:
    """A finding that `missed` of `asked` learners did not meet, in the words of the first of them.

    `learners` did the task. Fewer were asked where variants differ, or where only a wrong answer is a finding at all.
    """

    criterion: str
    label: str
    title: str
    missed: int
    asked: int
    learners: int

    @property
    def share(self) -> int | None:
        """How many in 100 of the class met it; None under 15 learners, or where not all of them were asked."""
        whole = self.asked == self.learners >= DIFFICULTY
        return round(100 * (self.asked - self.missed) / self.asked) if whole else None


@dataclass(frozen=True)
class TaskFigures:
    """One task in a class. `share` of what it asked was met (None under 15 learners); `mistakes` are (name, learners).

    `discrimination` is the correlation of a learner's share here with her share in all her other tasks, from 60
    learners on: near 0, the task sorts nobody; below 0, it deserves a second look.
    """

    story: str
    task: str
    learners: int
    met: int
    asked: int
    missed: tuple[Miss, ...]
    mistakes: tuple[tuple[str, int], ...]
    discrimination: float | None

    @property
    def share(self) -> float | None:
        """Met of asked, over the class."""
        return self.met / self.asked if self.learners >= DIFFICULTY and self.asked else None


@dataclass(frozen=True)
class Entered:
    """One first attempt that counts, without its marks."""

    person: str
    seat: str
    share: float


@dataclass(frozen=True)
class Cohort:
    """A class: its first attempts at counted tasks, by task; each learner's tally by seat; ρ as this class has it."""

    tasks: Mapping[Place, TaskFigures]
    tallies: Mapping[str, Mapping[str, Tally]]  # seat -> person -> her tally
    rho: float
    entered: Mapping[str, Entered]  # by attempt


@dataclass(frozen=True)
class Voices:
    """What at least 11 learners said of one seat; None where fewer did. Shares in 100; answers from 1 to 5."""

    seat: str
    hoped: float | None
    more: float | None
    expected: int | None
    met: int | None  # … in the same attempts


def cohort(firsts: Iterable[First], seats: Mapping[Place, str]) -> Cohort:
    """The figures of these first attempts; `seats` names the seat of each counted task, and only those enter."""
    entered = [first for first in firsts if (first.story, first.task) in seats and first.asked]
    by_task: dict[Place, list[First]] = defaultdict(list)
    by_person: dict[str, list[First]] = defaultdict(list)
    for first in entered:
        by_task[first.story, first.task].append(first)
        by_person[first.person].append(first)
    rho = clustering([(first.met, first.asked) for first in mine] for mine in by_person.values())
    tallies: dict[str, dict[str, Tally]] = {seat: {} for seat in dict.fromkeys(seats.values())}
    for person, mine in by_person.items():
        for seat in tallies:
            rows = tuple((f.met, f.asked) for f in mine if seats[f.story, f.task] == seat)
            if rows:
                tallies[seat][person] = Tally(rows, rho)
    return Cohort({place: _figures(place, found, by_person) for place, found in by_task.items()}, tallies, rho,
                  {f.id: Entered(f.person, seats[f.story, f.task], f.met / f.asked) for f in entered})


def voices(found: Cohort, said: Mapping[str, Said], hopes: Mapping[str, Mapping[str, int | None]]) -> list[Voices]:
    """What the class said, seat by seat: a middle of the learners' own middles, so that nobody speaks twice."""
    rows = []
    for seat, tallies in found.tallies.items():
        hoped = [value for mine in hopes.values() if (value := mine.get(seat)) is not None]
        more: dict[str, list[float]] = defaultdict(list)
        expected: dict[str, list[float]] = defaultdict(list)
        met: dict[str, list[float]] = defaultdict(list)
        for id, words in said.items():
            one = found.entered.get(id)
            if one is None or one.seat != seat or one.person not in tallies:
                continue
            if words.more is not None:
                more[one.person].append(words.more)
            if words.expected is not None:
                expected[one.person].append(10.0 * words.expected)
                met[one.person].append(100 * one.share)
        rows.append(Voices(seat, median(hoped) if len(hoped) >= CLASS else None, _of_class(more, median),
                           _whole(_of_class(expected, mean)), _whole(_of_class(met, mean))))
    return rows


def _of_class(answers: Mapping[str, Sequence[float]], middle: Callable[[Iterable[float]], float]) -> float | None:
    return float(middle([middle(mine) for mine in answers.values()])) if len(answers) >= CLASS else None


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _figures(place: Place, found: Sequence[First], everything: Mapping[str, Sequence[First]]) -> TaskFigures:
    named = Counter(name for first in found for name in {_mistake(mark) for mark in first.marks if mark.mistake})
    return TaskFigures(*place, len(found), sum(f.met for f in found), sum(f.asked for f in found), _missed(found),
                       tuple(sorted(named.items(), key=lambda item: (-item[1], item[0]))),
                       _discrimination(found, everything))


def _mistake(mark: Mark) -> str:
    """A known mistake in words: its name where that is words, else what its finding is called."""
    return mark.mistake if " " in mark.mistake else mark.title


def _missed(found: Sequence[First], limit: int = 3) -> tuple[Miss, ...]:
    asked: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    words: dict[str, Mark] = {}
    for mark in (mark for first in found for mark in first.marks if mark.asked):
        asked[mark.criterion] += 1
        if not mark.met:
            missed[mark.criterion] += 1
            words.setdefault(mark.criterion, mark)
    rows = [Miss(name, words[name].label, words[name].title, n, asked[name], len(found)) for name, n in missed.items()]
    return tuple(sorted(rows, key=lambda m: (-m.missed, -m.missed / m.asked, m.criterion))[:limit])


def _discrimination(found: Sequence[First], everything: Mapping[str, Sequence[First]]) -> float | None:
    here, elsewhere = [], []
    for first in found:
        rest = [other for other in everything[first.person] if other is not first]
        if rest:
            here.append(first.met / first.asked)
            elsewhere.append(sum(f.met for f in rest) / sum(f.asked for f in rest))
    if len(here) < DISCRIMINATION:
        return None
    try:
        return correlation(here, elsewhere)
    except StatisticsError:  # everybody met the same
        return None


def quarters(tallies: Iterable[Tally]) -> tuple[int, int, int] | None:
    """(Lower quarter, middle, upper quarter) of the class, in 100: its middle half; None under 11 learners."""
    shares = sorted(100 * tally.share for tally in tallies)
    if len(shares) < CLASS:
        return None
    return _at(shares, 0.25), _at(shares, 0.5), _at(shares, 0.75)


def _at(values: Sequence[float], part: float) -> int:
    place = part * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return round(values[low] + (values[high] - values[low]) * (place - low))
