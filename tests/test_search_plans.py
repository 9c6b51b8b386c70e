"""How SQLite answers a search: by an index for every table it touches, whatever the size of the hospital.

A plan does not depend on the machine, so this can be tested where a time cannot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from test_store import TODAY, pair

from sandbox.db import Database
from sandbox.fhir import search as searching
from sandbox.fhir import store
from sandbox.fhir.search import search
from sandbox.fhir.store import Scope

TABLES = "version|token_index|reference_index|string_index|date_index|shadow"
SCAN = re.compile(rf"\bSCAN (?:{TABLES}|d)(?:_\d+)?\b")


@pytest.fixture
def asked(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a search, get the plan of each statement that it makes, over base and workspace."""
    with sqlite_db.writing() as conn:
        base = store.new_hospital(conn, "Two Rivers", TODAY)
        store.put_many(conn, base, [pair({"resourceType": "Observation", "id": f"o{n}", "status": "final",
                                          "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-05-01"})
                                    for n in range(30)])
        store.publish(conn, base, default=True)
        scope = Scope(store.new_generation(conn, base, TODAY), base)
    with sqlite_db.reading() as conn:
        def plans(few: int, kind: str, *params: tuple[str, str]) -> list[str]:
            monkeypatch.setattr(searching, "FEW", few)
            made: list[tuple[str, Any]] = []
            listen = ("before_cursor_execute", lambda *event: made.append((event[2], event[3])))
            sa.event.listen(sqlite_db.engine, *listen)
            search(conn, scope, kind, params)
            sa.event.remove(sqlite_db.engine, *listen)
            return ["\n".join(row[-1] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values))
                    for text, values in made]

        yield plans


@pytest.mark.parametrize("few", [-1, 2000], ids=["walked", "sorted"])
@pytest.mark.parametrize("params", [
    [], [("_sort", "-date")], [("_sort", "status")], [("_id", "o1")], [("patient", "p")], [("subject", "Patient/p")],
    [("patient", "p"), ("_sort", "-date"), ("status", "final")], [("status", "final"), ("date", "ge2026-04")],
    [("status:not", "final")], [("date:missing", "true")], [("_lastUpdated", "ge2026"), ("status", "final")],
    [("date", "2026-05"), ("_sort", "date")], [("_include", "Observation:subject"), ("patient", "p")],
], ids=str)
def test_no_search_reads_a_whole_table(asked: Any, few: int, params: list[tuple[str, str]]) -> None:
    """Every table is looked up by an index that its generation, or a row number, leads."""
    for plan in asked(few, "Observation", *params):
        assert not SCAN.search(plan), plan


def test_a_walked_list_is_not_sorted_in_its_branches(asked: Any) -> None:
    """The index gives the order, so a page costs the same at any size: only the short union is sorted, once."""
    for params in ([], [("_sort", "-date")], [("_sort", "_lastUpdated"), ("status", "final")]):
        page = next(plan for plan in asked(-1, "Observation", *params) if "UNION ALL" in plan)
        assert page.count("USE TEMP B-TREE FOR ORDER BY") == 1, page
