"""All that is kept of one person, taken along by herself: one zip of JSON lines, NDJSON resources and CSV.

Nothing of a key is in it, and no result that she may not see yet: which ones she may, the edge says.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import IO, Any

import orjson
import sqlalchemy as sa

from sandbox import attempts, audit, classroom, workspace
from sandbox.gradebook.events import of_people
from sandbox.gradebook.leaving import as_sent
from sandbox.gradebook.results import as_csv
from sandbox.people import Person
from sandbox.workspace import dashboard

_README = """Everything that is kept of {name}

account.json      name, sign-in name, classes
attempts.csv      each submission on one line: task, when, how it went
attempts.ndjson   each submission whole: work as it was sent, and the report where its result is open
drafts.ndjson     what was typed at each desk and not handed in, or typed since
said.csv          what was said before a result: of every 10 things checked how many would be right, and more such work
hopes.csv         what was expected of each seat
messages.csv      what was sent by who teaches
decisions.ndjson  what was decided, commented, asked and answered about the work, where its result is open
workspaces.ndjson each private copy of the hospital, by its id
workspaces/ID/    its own FHIR resources (planted, and written there), one file for each type; trail.csv: who looked at
                  what in it and changed what; reports.ndjson: its saved reports

CSV is UTF-8 with a byte-order mark; a cell that a spreadsheet would run begins with an apostrophe. Instants are UTC.
"""


def write(conn: sa.Connection, person: Person, out: IO[bytes], open_: Iterable[str]) -> None:
    """Write what is hers to `out` as a zip; reports and decisions only of the attempts with the ids `open_`."""
    sent, seen = attempts.of_person(conn, person.id), set(open_)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("README.txt", _README.format(name=person.name))
        bundle.writestr("account.json", orjson.dumps({
            "name": person.name, "sign-in name": person.login,
            "classes": [each.name for each in classroom.courses_of(conn, person.id)]}, option=orjson.OPT_INDENT_2))
        for name, rows in _sheets(conn, person, sent, seen):
            bundle.writestr(name, "\ufeff" + as_csv(rows))
        bundle.writestr("attempts.ndjson", _lines(as_sent(each, told=each.id in seen) for each in sent))
        bundle.writestr("drafts.ndjson", _lines(
            {"workspace": room, "task": task, "form": dict(draft.form), "saved": draft.saved}
            for room, task, draft in attempts.drafts_of(conn, person.id)))
        bundle.writestr("decisions.ndjson", _lines(_decisions(conn, person, sent, seen)))
        rooms = workspace.of_owner(conn, person.id)
        bundle.writestr("workspaces.ndjson", _lines(
            {"id": each.id, "story": each.scenario, "today": each.today, "opened": each.opened} for each in rooms))
        for each in rooms:
            _room(conn, bundle, each)


def _sheets(conn: sa.Connection, person: Person, sent: list[attempts.Attempt],
            seen: set[str]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    heads = ("attempt", "story", "task", "number", "submitted", "minutes at work", "hints", "met", "asked", "score")
    yield "attempts.csv", [heads, *(
        (each.id, each.story, each.task, each.number, each.submitted.isoformat(), round(each.active / 60, 1),
         each.hints,
         *((report.met, report.asked, report.score) if (report := each.report) and each.id in seen else ("", "", "")))
        for each in sent)]
    yield "said.csv", [("attempt", "expected of 10", "more like this, 1 to 5"), *(
        (id, said.expected, said.more) for id, said in attempts.said_of(conn, [person.id]).items())]
    yield "hopes.csv", [("seat", "I expect to like this work, 1 to 5"),
                        *attempts.hopes_of(conn, [person.id]).get(person.id, {}).items()]
    yield "messages.csv", [("at", "class", "from", "words", "read"), *(
        (each.at.isoformat(), each.course, each.sender, each.words, each.read.isoformat() if each.read else "")
        for each in classroom.notes(conn, person.id))]


def _decisions(conn: sa.Connection, person: Person, sent: list[attempts.Attempt],
               seen: set[str]) -> Iterator[dict[str, Any]]:
    done = [each for each in sent if each.assignment and each.id in seen]
    for assignment in dict.fromkeys(each.assignment for each in done):
        tasks = {each.task for each in done if each.assignment == assignment}
        for (_, task), events in sorted(of_people(conn, assignment, [person.id]).items()):
            for each in events if task in tasks else ():
                yield {"assignment": assignment, "task": task, "kind": each.kind, "at": each.at, "value": each.value,
                       "words": each.words, "criterion": each.criterion}


def _room(conn: sa.Connection, bundle: zipfile.ZipFile, room: workspace.Info) -> None:
    folder = f"workspaces/{room.id}"
    for kind, texts in groupby(sorted(workspace.texts(conn, room)), key=lambda pair: pair[0]):
        bundle.writestr(f"{folder}/{kind}.ndjson", "".join(f"{text}\n" for _, text in texts))
    rows = [("at", "real", "who", "as", "action", "kind", "id", "asked", "note"), *(
        (each.at.isoformat(), each.real.isoformat(), each.agent.name, each.agent.role, each.subtype, each.kind, each.id,
         each.query, each.note) for each in audit.read(conn, room.id))]
    bundle.writestr(f"{folder}/trail.csv", "\ufeff" + as_csv(rows))
    if reports := dashboard.saved(conn, room.id):
        bundle.writestr(f"{folder}/reports.ndjson", _lines(
            {"title": each.title, "sql": each.sql, "look": vars(each.look), "saved": each.saved} for each in reports))


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
