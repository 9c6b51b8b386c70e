"""Makes the classification's database: one SQLite file, named after the digest of what it was made of."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from importlib.resources import files
from pathlib import Path

from filelock import FileLock

from sandbox.errors import NotFound
from sandbox.terminology import folding, tabular
from sandbox.terminology.patterns import codes_in, dotted
from sandbox.terminology.words import tokens

RELEASE = "ICD-10-CM FY2026, April 2026"
Progress = Callable[[int, int], None]  # done, total
_READERS = ("build.py", "folding.py", "patterns.py", "tabular.py", "words.py")

_TABLES = """
CREATE TABLE code (n INTEGER PRIMARY KEY, code TEXT UNIQUE NOT NULL, title TEXT NOT NULL, level INTEGER NOT NULL,
  billable INTEGER NOT NULL, parent INTEGER, seventh TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE note (n INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, codes TEXT NOT NULL);
CREATE TABLE phrase (phrase TEXT NOT NULL, n INTEGER NOT NULL, place INTEGER NOT NULL, shown TEXT NOT NULL);
CREATE TABLE word (word TEXT PRIMARY KEY, entries INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE line (n INTEGER PRIMARY KEY, words TEXT NOT NULL, above TEXT NOT NULL,
  differs TEXT NOT NULL);
CREATE VIRTUAL TABLE find USING fts5(own, terms, above, tokenize="unicode61", content="", detail=full);
"""
_INDEXES = """
CREATE INDEX code_parent ON code(parent);
CREATE INDEX note_n ON note(n);
CREATE INDEX phrase_phrase ON phrase(phrase);
"""


def source() -> Path:
    """The NCHS tabular list that the package simple-icd-10-cm carries (its code is not used: it is slow to start)."""
    spec = importlib.util.find_spec("simple_icd_10_cm")
    places = list(spec.submodule_search_locations or []) if spec else []
    found = sorted(Path(places[0], "data").glob("icd10c*-tabular-*.xml")) if places else []
    if not found:
        raise NotFound("The ICD-10-CM tabular list is not installed.", hint="pip install 'simple-icd-10-cm>=1.5,<2'")
    return found[-1]


def fixture(name: str) -> str:
    """The text of one of the project's own lists, `fixtures/terminology/<name>`."""
    return (files("fixtures") / "terminology" / name).read_text(encoding="utf-8")


def rows(name: str) -> list[list[str]]:
    """The rows of such a list below its heading; comments (#) and blank lines left out."""
    lines = [line for line in fixture(name).splitlines() if line.strip() and not line.startswith("#")]
    return [line.split("\t") for line in lines[1:]]


def digest() -> str:
    """Says everything that determines the database: the tabular list, the synonyms, and the code that reads them."""
    summed = hashlib.sha256(source().read_bytes())
    for name in _READERS:
        summed.update(Path(__file__).with_name(name).read_bytes())
    summed.update(fixture("synonyms.tsv").encode())
    return summed.hexdigest()[:20]


def ensure(folder: Path, progress: Progress | None = None) -> tuple[Path, str]:
    """The database for the present sources, made when it is missing. Safe for several processes at once."""
    name = digest()
    path = folder / f"icd10cm-{name}.sqlite"
    if path.exists():
        return path, name
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(str(folder / "icd10cm.lock")):
        if not path.exists():
            unready = folder / f"icd10cm-{name}.{os.getpid()}.part"
            unready.unlink(missing_ok=True)
            _write(unready, progress or (lambda done, total: None))
            unready.replace(path)
    return path, name


def _write(path: Path, progress: Progress) -> None:
    progress(0, 4)
    entries = list(tabular.read(source()))
    number = {entry.code: n for n, entry in enumerate(entries)}
    kinds = folding.kinds(entries)
    progress(1, 4)
    with sqlite3.connect(path, isolation_level=None) as db:
        db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _TABLES)
        db.execute("BEGIN")
        db.executemany("INSERT INTO code VALUES (?,?,?,?,?,?,?,?)", (
            (n, entry.code, entry.title, entry.level, entry.billable, number.get(entry.parent or ""), entry.seventh,
             kinds.get(entry.code, "")) for n, entry in enumerate(entries)))
        db.executemany("INSERT INTO note VALUES (?,?,?,?)", (
            (n, kind, text, json.dumps(codes_in(text)))
            for n, entry in enumerate(entries) for kind, text in entry.notes))
        progress(2, 4)
        phrases = _phrases(number)
        db.executemany("INSERT INTO phrase VALUES (?,?,?,?)", phrases)
        _index(db, entries, number, phrases)
        progress(3, 4)
        db.execute("COMMIT")
        db.executescript(_INDEXES + "ANALYZE;")
    db.close()
    progress(4, 4)


def _phrases(number: dict[str, int]) -> list[tuple[str, int, int, str]]:
    """The project's everyday phrases with their default codes: (words, entry, place in its list, as written)."""
    found = []
    for phrase, codes, *_ in rows("synonyms.tsv"):
        for place, code in enumerate(codes.split()):
            if dotted(code) not in number:
                raise NotFound(f"synonyms.tsv: {phrase!r} names {code}, which is not in {RELEASE}")
            found.append((" ".join(tokens(phrase)), number[dotted(code)], place, phrase))
    return found


def _index(db: sqlite3.Connection, entries: list[tabular.Entry], number: dict[str, int],
           phrases: Iterable[tuple[str, int, int, str]]) -> None:
    """Words of each category and code, its inclusion terms and synonyms, and of what stands above it."""
    said: dict[int, list[str]] = defaultdict(list)
    for _, n, _, shown in phrases:
        said[n].append(shown)
    differs = folding.differing(entries)
    seen: Counter[str] = Counter()
    above: dict[str, list[str]] = {}
    for n, entry in enumerate(entries):
        own = tokens(entry.title)
        higher = above.get(entry.parent or "", [])
        extra = [text for kind, text in entry.notes if kind in ("inclusion", "includes") and not text.endswith(":")]
        lines = [entry.title, *extra[:60], *said[n]]
        split = [own, *(tokens(line) for line in lines[1:])]
        above[entry.code] = (higher + [word for words in split for word in words]) if entry.level >= 1 else []
        if entry.level < 2 or "-" in entry.code or entry.seventh:
            continue
        terms = [word for words in split[1:] for word in words]
        seen.update({*own, *terms, *higher})
        db.execute("INSERT INTO line VALUES (?,?,?,?)", (
            n, "\n".join(" ".join(words) + "\t" + line for words, line in zip(split, lines, strict=True)),
            " ".join(dict.fromkeys(higher)), differs.get(entry.code, "")))
        db.execute("INSERT INTO find(rowid, own, terms, above) VALUES (?,?,?,?)",
                   (n, " ".join(own), " ".join(terms), " ".join(dict.fromkeys(higher))))
    db.executemany("INSERT INTO word VALUES (?,?)", seen.items())
