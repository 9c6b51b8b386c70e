"""Pages, sorted or walked, are slices of one list; and dates compare as FHIR's sentences say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_store import TODAY, pair

from sandbox.db import Database
from sandbox.fhir import search as searching
from sandbox.fhir import store
from sandbox.fhir.search import search
from sandbox.fhir.store import Scope

AT = datetime(2026, 6, 30, 14, tzinfo=UTC)
DAYS = st.dates(date(2026, 2, 20), date(2026, 3, 20))  # clocks change in Chicago on 8 March
CODES = ["a", "b", "c"]
QUIET = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def observation(number: int, code: str, day: date | None) -> dict[str, Any]:
    """An Observation with a code, perhaps dated."""
    codings = [{"code": code}, {"code": "every"}]
    made: dict[str, Any] = {"resourceType": "Observation", "id": f"o{number:02}", "status": "final",
                            "code": {"coding": codings}, "subject": {"reference": "Patient/p"}}
    return {**made, "effectiveDateTime": day.isoformat()} if day else made


def workspace(conn: sa.Connection, resources: list[dict[str, Any]], touched: list[int]) -> Scope:
    """A workspace over these resources; of those touched, each third is deleted and the others stored again."""
    base = store.new_hospital(conn, "Two Rivers", TODAY)
    store.put_many(conn, base, map(pair, resources))
    store.publish(conn, base, default=True)
    scope = Scope(store.new_generation(conn, base, TODAY), base)
    for number in touched:
        if number % 3 == 0:
            store.delete(conn, scope, "Observation", f"o{number:02}", at=AT)
        elif number < len(resources):
            store.update(conn, scope, "Observation", f"o{number:02}", *pair(resources[number]), at=AT)
    return scope


@pytest.mark.parametrize("few", [-1, 2000], ids=["walked", "sorted"])
def test_pages_are_slices_of_the_whole(db: Database, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """Following `next` gives each match once, in the order of the whole, whether sorted or walked."""
    monkeypatch.setattr(searching, "FEW", few)

    @QUIET
    @given(
        rows=st.lists(st.tuples(st.sampled_from(CODES), st.one_of(st.none(), DAYS)), min_size=1, max_size=14),
        touched=st.sets(st.integers(0, 13)), count=st.integers(1, 5),
        sort=st.sampled_from(["", "date", "-date", "code", "-code", "_id", "-_id", "-_lastUpdated", "subject"]),
        asked=st.sampled_from([[], [("code", "a")], [("code:not", "b")], [("code", "every"), ("status", "final")],
                               [("date:missing", "true")], [("patient", "p")], [("date", "ge2026-03-01")]]),
    )
    def holds(rows: Any, touched: set[int], count: int, sort: str, asked: list[tuple[str, str]]) -> None:
        with db.engine.connect().execution_options(write=True) as conn:
            scope = workspace(conn, [observation(n, *row) for n, row in enumerate(rows)],
                              [n for n in sorted(touched) if n < len(rows)])
            params = [*asked, *([("_sort", sort)] if sort else [])]
            whole = [one.id for one in search(conn, scope, "Observation", params, whole=True).matches]
            page, paged = search(conn, scope, "Observation", [*params, ("_count", str(count))]), []
            while True:
                assert page.total == len(whole)
                paged += [one.id for one in page.matches]
                if page.next is None:
                    break
                assert len(page.matches) == count
                page = search(conn, scope, "Observation", page.next)
            conn.rollback()
        assert paged == whole
        assert len(set(whole)) == len(whole)
        if not asked:
            present = {f"o{n:02}" for n in range(len(rows)) if n not in touched or n % 3}
            assert set(whole) == present
        if sort in ("date", "-date"):
            kept = {f"o{n:02}": row[1] for n, row in enumerate(rows)}
            days = [kept[id] for id in whole]
            assert [day for day in days if day] == sorted((day for day in days if day), reverse=sort == "-date")
            assert None not in days[: sum(day is not None for day in days)]

    holds()


Days = set[int]


def _days(first: date, last: date) -> Days:
    return set(range(first.toordinal(), last.toordinal() + 1))


def _matches(prefix: str, asked: Days, target: Days) -> bool:
    """FHIR R4 3.1.1.4.7, sentence by sentence, on sets of days."""
    below, above = min(target) < min(asked), max(target) > max(asked)
    sentences = {
        "": target <= asked, "eq": target <= asked, "ne": not target <= asked, "gt": above, "lt": below,
        "ge": above or target <= asked, "le": below or target <= asked,
        "sa": min(target) > max(asked), "eb": max(target) < min(asked),
    }
    return sentences[prefix]


def test_dates_compare_as_fhir_says(sqlite_db: Database) -> None:
    """A day or a month asked, against a day or a period kept, for every prefix, over a change of clocks."""
    with sqlite_db.writing() as conn:
        ws = store.new_hospital(conn, "Two Rivers", TODAY)
        targets: dict[str, Days] = {}
        starts = [date(2026, 2, 20) + timedelta(days=3 * n) for n in range(10)]
        for number, start in enumerate(starts):
            for length in (0, 1, 9, 40):
                end = start + timedelta(days=length)
                id = f"e{number}-{length}"
                period = {"start": start.isoformat(), "end": end.isoformat()}
                store.put_many(conn, ws, [pair({"resourceType": "Encounter", "id": id, "period": period})])
                targets[id] = _days(start, end)
        store.publish(conn, ws, default=True)

    @settings(max_examples=120, deadline=None)
    @given(prefix=st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"]), day=DAYS, month=st.booleans())
    def holds(prefix: str, day: date, month: bool) -> None:
        written = day.isoformat()[:7] if month else day.isoformat()
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        asked = _days(day.replace(day=1), last) if month else _days(day, day)
        with sqlite_db.reading() as conn:
            page = search(conn, Scope(ws), "Encounter", [("date", prefix + written), ("_count", "1000")])
        found = {one.id for one in page.matches}
        assert found == {id for id, target in targets.items() if _matches(prefix, asked, target)}

    holds()
