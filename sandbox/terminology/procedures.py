"""ICD-10-PCS by table: a code is built place by place, its title is looked up, its validity known.

    procedures = open_procedures()                     read on first use, a quarter of a second, then kept
    procedures.choices("0SRS")                         Place("Approach", (Choice("0", "Open", …), …))
    procedures.get("0SRS019")                          Procedure(code, title, axes=(("Section", "0", …), …))
    procedures.table("0SR").rows                       as a coder reads them: what may stand in places 4 to 7
"""

from __future__ import annotations

import lzma
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from sandbox.errors import NotFound
from sandbox.terminology import tables
from sandbox.terminology.build import rows
from sandbox.terminology.tables import Row
from sandbox.terminology.titles import apart

RELEASE = "ICD-10-PCS FY 2026, April 2026"
_PLACES = {  # what places 4 to 7 say; place 3 is a root operation where it is not said otherwise
    "0": "Body Part|Approach|Device|Qualifier", "1": "Body Part|Approach|Device|Qualifier",
    "2": "Body Region|Approach|Device|Qualifier", "3": "Body System/Region|Approach|Substance|Qualifier",
    "4": "Body System|Approach|Function/Device|Qualifier", "5": "Body System|Duration|Function|Qualifier",
    "6": "Body System|Duration|Qualifier|Qualifier", "7": "Body Region|Approach|Method|Qualifier",
    "8": "Body Region|Approach|Method|Qualifier", "9": "Body Region|Approach|Method|Qualifier",
    "B": "Body Part|Contrast|Qualifier|Qualifier", "C": "Body Part|Radionuclide|Qualifier|Qualifier",
    "D": "Treatment Site|Modality Qualifier|Isotope|Qualifier",
    "F": "Body System/Region|Type Qualifier|Equipment|Qualifier", "G": "Qualifier|Qualifier|Qualifier|Qualifier",
    "H": "Qualifier|Qualifier|Qualifier|Qualifier", "X": "Body Part|Approach|Device/Substance/Technology|Qualifier",
}
_TYPES = {"B": "Root Type", "C": "Root Type", "D": "Modality", "F": "Root Type", "G": "Root Type", "H": "Root Type"}
_APPROACHES = {
    "0": "Open", "3": "Percutaneous", "4": "Percutaneous Endoscopic", "7": "Via Natural or Artificial Opening",
    "8": "Via Natural or Artificial Opening Endoscopic", "X": "External",
}
_GROUPS = "0123456789AB"  # section X: A and B go on counting the years (fiscal years 2025 and 2026)
_NOTHING = {"Device": "No Device", "Qualifier": "No Qualifier"}


@dataclass(frozen=True)
class Choice:
    """One value of a place: what it says, what that means (for root operations), how many codes go on from it."""

    value: str
    label: str
    means: str
    codes: int


@dataclass(frozen=True)
class Place:
    """The next place of a code that is being built: its name and what may stand there; nothing behind a whole code."""

    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Procedure:
    """A valid code. `axes` are its seven places as (name, value, label); `title` is CMS's, or the labels in a row.

    `titled` says which. A label that no source gives is the place's name with its value ("Qualifier J").
    """

    code: str
    title: str
    axes: tuple[tuple[str, str, str], ...]
    titled: bool = True


@dataclass(frozen=True)
class Table:
    """All codes that share their first three characters, as rows: any combination within a row is a code."""

    prefix: str
    axes: tuple[tuple[str, str, str], ...]
    means: str
    names: tuple[str, ...]  # of places 4 to 7
    rows: tuple[Row, ...]


class Procedures:
    """The classification of April 2026: what an inpatient stay discharged from April to September 2026 is coded in."""

    release = RELEASE

    def __init__(self, titles: dict[str, str], labels: dict[tuple[str, int, str], str], means: dict[str, str]) -> None:
        self._titles = titles
        self._codes = sorted(titles)
        self._labels = labels
        self._means = means
        # Cached for each object: working out a label reads the titles of a whole table.
        self._remember = lru_cache(maxsize=20_000)(self._label)

    def valid(self, code: str) -> bool:
        """Whether it is a whole code of the release, in any case."""
        return _plain(code) in self._titles

    def whole(self) -> Sequence[str]:
        """Every valid code, in order."""
        return tuple(self._codes)

    def get(self, code: str) -> Procedure | None:
        """The code with its title and its seven places in words; None where it is not valid."""
        plain = _plain(code)
        if plain not in self._titles:
            return None
        titled = bool(self._titles[plain])
        # What older titles share says nothing of a code that is newer than they are: there only given words stand.
        axes = tuple((_name(plain, place), plain[place],
                      (self.label if titled or place < 3 else self._given)(plain[: place + 1])) for place in range(7))
        said = "; ".join(words for _, _, words in axes[2:] if words not in ("None", *_NOTHING.values()))
        return Procedure(plain, self._titles[plain] or said, axes, titled)

    def choices(self, prefix: str = "") -> Place:
        """What may stand at the next place behind these characters; NotFound where no code begins so."""
        plain = _plain(prefix)
        below = self._below(plain)
        if len(plain) >= 7:
            return Place("", ())
        counts: dict[str, int] = {}
        for code in below:
            counts[code[len(plain)]] = counts.get(code[len(plain)], 0) + 1
        return Place(_name(plain or below[0], len(plain)), tuple(
            Choice(value, self.label(plain + value), self.means(plain + value), many)
            for value, many in counts.items()))

    def table(self, prefix: str) -> Table:
        """The table of three characters with its rows; NotFound where there is none."""
        plain = _plain(prefix)[:3]
        below = self._below(plain)
        if len(plain) < 3:
            raise NotFound(f"{prefix} is not a table of {RELEASE}.", hint="A table has three characters, as 0SR.")
        axes = tuple((_name(plain, place), plain[place], self.label(plain[: place + 1])) for place in range(3))
        names = tuple(_name(plain, place) for place in range(3, 7))
        return Table(plain, axes, self.means(plain), names, tables.rows([code[3:] for code in below]))

    def find(self, phrase: str, limit: int = 12) -> list[tuple[str, str, int]]:
        """Tables in whose titles all the words stand: (prefix, its root operation and system, codes), most first."""
        words = phrase.casefold().split()
        counts: dict[str, int] = {}
        for code in self._codes if words else ():
            title = self._titles[code].casefold()
            if all(word in title for word in words):
                counts[code[:3]] = counts.get(code[:3], 0) + 1
        best = sorted(counts, key=lambda prefix: (-counts[prefix], prefix))[:limit]
        return [(prefix, f"{self.label(prefix)}, {self.label(prefix[:2])}", counts[prefix]) for prefix in best]

    def label(self, prefix: str) -> str:
        """What the last of these characters says, in the words of its table."""
        return self._remember(_plain(prefix))

    def means(self, prefix: str) -> str:
        """The definition of a root operation, by a table's three characters; "" for all else."""
        return self._means.get(prefix[0] + prefix[2], "") if len(prefix) == 3 else ""

    def _label(self, prefix: str) -> str:
        given = self._given(prefix)
        if given != _bare(prefix):
            return given
        borrowed = self._labels.get(("0", 2, prefix[2]), "") if prefix[0] == "X" and len(prefix) == 3 else ""
        return self._worked_out(prefix) or borrowed or given

    def _given(self, prefix: str) -> str:
        """The words that a source gives to the last of these characters; its name and value where none does."""
        place, value, name = len(prefix) - 1, prefix[-1], _name(prefix, len(prefix) - 1)
        for length in range(min(place + 1, 3), 0, -1):
            known = self._labels.get((prefix[:length], place, value))
            if known and (length == 3 or place < 3 or self._borne_out(prefix)):
                return known
        if name == "Approach" and value in _APPROACHES:
            return _APPROACHES[value]
        if value == "Z":
            return _NOTHING.get(name, "None")
        if prefix[0] == "X" and place == 6 and value in _GROUPS:
            return f"New Technology Group {_GROUPS.index(value)}"
        return _bare(prefix)

    def _borne_out(self, prefix: str) -> bool:
        """Whether a titled code has this value at this place of its table (a body part: of its body system).

        Words said for a whole section do not hold for a value that is new in one table: there it means another thing.
        """
        place = len(prefix) - 1
        scope = prefix[:2] if place == 3 else prefix[:3]
        return any(code[place] == prefix[-1] and self._titles[code] for code in self._below(scope))

    def _worked_out(self, prefix: str) -> str:
        """The words that all titles below say and those beside them do not."""
        own = [self._titles[code] for code in self._below(prefix) if self._titles[code]]
        beside = [self._titles[code] for code in self._below(prefix[:-1])
                  if self._titles[code] and not code.startswith(prefix)]
        said = " ".join(self.label(prefix[:length]) for length in range(3, len(prefix)))
        return apart(own, beside, said.replace(",", "").split())

    def _below(self, prefix: str) -> Sequence[str]:
        start = bisect_left(self._codes, prefix)
        end = bisect_left(self._codes, prefix + "~")
        if start == end:
            raise NotFound(f"No code of {RELEASE} begins with {prefix}.", hint="Take a character away.")
        return self._codes[start:end]


def _bare(prefix: str) -> str:
    return f"{_name(prefix, len(prefix) - 1)} {prefix[-1]}"


def _plain(code: str) -> str:
    return code.replace(".", "").strip().upper()


def _name(code: str, place: int) -> str:
    section = code[:1]
    if place < 3:
        return ("Section", "Section Qualifier" if section == "F" else "Body System",
                _TYPES.get(section, "Root Operation"))[place]
    return _PLACES.get(section, _PLACES["0"]).split("|")[place - 3]


def _lines() -> Iterator[list[str]]:
    packed = (files("fixtures") / "terminology" / "pcs.txt.xz").read_bytes()
    for line in lzma.decompress(packed).decode("utf-8").splitlines():
        yield line.split("\t")


@lru_cache(maxsize=1)
def open_procedures() -> Procedures:
    """The classification, read when first asked for and kept; it serves all threads."""
    titles: dict[str, str] = {}
    labels: dict[tuple[str, int, str], str] = {}
    means: dict[str, str] = {}
    for kind, *rest in _lines():
        if kind == "code":
            titles[rest[0]] = rest[1]
        elif kind == "label":
            labels[rest[0], int(rest[1]), rest[2]] = rest[3]
        else:
            labels[rest[0][0], 2, rest[0][1]], means[rest[0]] = rest[1], rest[2]
    for scope, words in rows("pcs_names.tsv"):
        labels[scope, len(scope) - 1, scope[-1]] = words
    return Procedures(titles, labels, means)
