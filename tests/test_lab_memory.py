"""What graders remember of labs that nobody changes: the same answer, run once, and never more than is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sandbox.errors import SqlProblem
from sandbox.lab import LabRooms, Table
from sandbox.lab.memory import Memory

TODAY = date(2026, 6, 30)
WARD = [{"resourceType": "Patient", "id": f"p{n}", "gender": "female"} for n in range(3)]
COUNT = "SELECT count(*) AS n FROM patient"


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[LabRooms]:
    made = LabRooms(tmp_path / "labs")
    yield made
    made.close()


def table(rows: int) -> Table:
    return Table(("n",), ("INTEGER",), tuple((n,) for n in range(rows)))


def test_a_hidden_hospital_is_asked_once_and_answers_the_same_again(
        rooms: LabRooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time no process is needed; another question, another hospital or fewer rows is another matter."""
    lab: Any = rooms.hidden("ward", lambda: WARD, TODAY)
    other = rooms.hidden("other", lambda: WARD[:1], TODAY)
    answers = [lab.run(COUNT), rooms.hidden("ward", list, TODAY).run(COUNT), other.run(COUNT)]
    assert [a.rows for a in answers] == [((3,),), ((3,),), ((1,),)]
    listed = "SELECT patient_id FROM patient ORDER BY 1"
    assert len(lab.run(listed).rows) == 3 and lab.run(listed, rows=2).truncated
    last = rooms.reversed(lab).run("SELECT first(patient_id) FROM patient")
    assert lab.run("SELECT first(patient_id) FROM patient").rows != last.rows
    monkeypatch.setattr(rooms.pool, "lease", lambda *_: pytest.fail("asked again"))
    assert lab.run(COUNT) is answers[0] and len(lab.run(listed).rows) == 3


def test_what_failed_is_tried_again(rooms: LabRooms) -> None:
    """A problem is no answer: it is never kept, and neither is a statement that answers otherwise each time."""
    lab: Any = rooms.hidden("ward", lambda: WARD, TODAY)
    for sql in ("SELECT nothing_there FROM patient", "SELECT random()"):
        for _ in range(2):
            with pytest.raises(SqlProblem):
                lab.run(sql)
        assert lab.memory.recall((lab.name, sql, 5000)) is None


def test_a_memory_lets_go_of_what_was_used_longest_ago() -> None:
    """It holds so many values and no more; a huge answer is not worth the others' place."""
    memory = Memory(most=1000)
    for name in "abcdefghi":
        memory.keep((name, COUNT, 10), table(100))
        memory.recall(("a", COUNT, 10))
    held = [name for name in "abcdefghi" if memory.recall((name, COUNT, 10))]
    assert held == ["a", "c", "d", "e", "f", "g", "h", "i"]
    memory.keep(("huge", COUNT, 10), table(200))
    assert memory.recall(("huge", COUNT, 10)) is None and memory.recall(("i", COUNT, 10))
