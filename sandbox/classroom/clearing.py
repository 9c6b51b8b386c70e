"""Rows taken away for good: a class, a learner's place in one, people. Which rows, their columns say.

So a table that comes later is not forgotten. Nothing here asks whether it may: who calls has kept the thirty days.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from sandbox import audit, workspace
from sandbox.db import metadata

_WHOSE = ("person", "owner", "moved_to")  # columns that say whose a row is: it goes with her
_WROTE = ("by", "sender")  # columns that say who wrote a row about somebody else: it stays, without her name
_OF_A_CLASS = ("course", "assignment", "message")
_CHUNK = 400


def clear_course(conn: sa.Connection, course: str, *, itself: bool = True) -> int:
    """Everything of a class but attempts, which are the learners'; how many rows that were. Without `itself` its own
    row stays."""
    ids = _of_course(conn, course)
    gone = _delete(conn, metadata.tables["secret"].c.workspace, [course])  # links to teach it
    for table in metadata.sorted_tables:
        if table.name == "attempt" or (table.name == "course" and not itself):
            continue
        for name in _OF_A_CLASS:
            column = table.c.id if table.name == name else table.c.get(name)
            if column is not None:
                gone += _delete(conn, column, ids[name])
    return gone


def clear_place(conn: sa.Connection, course: str, person: str) -> None:
    """What the class holds of one learner: her place, times, decisions, questions, messages. Her attempts stay hers."""
    ids, rooms = _of_course(conn, course), _ids(conn, "workspace", "id", "owner", [person])
    told = _told(conn, [person])
    for table in metadata.sorted_tables:
        for name in _OF_A_CLASS:
            if table.name == "attempt" or name not in table.c:
                continue
            if "person" in table.c:
                _delete(conn, table.c[name], ids[name], table.c.person == person)
            elif "workspace" in table.c:
                _delete(conn, table.c[name], ids[name], table.c.workspace.in_(rooms))
    presence = metadata.tables["presence"]
    for id in ids["assignment"]:
        conn.execute(presence.delete().where(presence.c.person == person, presence.c.story.endswith(f"@{id}")))
    _unread(conn, told)


def clear_people(conn: sa.Connection, people: Iterable[str]) -> int:
    """Everything of these people, and of the guests who became them; how many rows that were.

    Their classes go whole; with their workspaces goes what anybody's resets left behind and nobody can open. What they
    wrote about others stays without their name; so does what they did in others' workspaces, those trails sealed anew.
    """
    chosen = list(people)
    if not chosen:
        return 0
    chosen += _ids(conn, "person", "id", "moved_to", chosen)
    gone = sum(clear_course(conn, id) for id in _ids(conn, "course", "id", "owner", chosen))
    ids: dict[str, list[Any]] = {"workspace": _ids(conn, "workspace", "id", "owner", chosen),
                                 "attempt": _ids(conn, "attempt", "id", "person", chosen), "person": chosen}
    ids |= {"ws": workspace.left_behind(conn, chosen), "chain": ids["workspace"]}
    told = _told(conn, chosen)
    for table in metadata.sorted_tables:
        for column, values in _keys(table, ids):
            gone += _delete(conn, column, values)
        for name in _WROTE:
            if name in table.c:
                conn.execute(table.update().where(table.c[name].in_(chosen)).values({name: ""}))
    audit.unname(conn, chosen)
    return gone + _unread(conn, told)


def _keys(table: sa.Table, ids: dict[str, list[Any]]) -> list[tuple[sa.Column[Any], list[Any]]]:
    found = [(table.c[name], ids["person"]) for name in _WHOSE if name in table.c]
    found += [(table.c[name], ids[name]) for name in ("workspace", "attempt", "ws", "chain") if name in table.c]
    return found + ([(table.c.id, ids[table.name])] if table.name in ids and "id" in table.c else [])


def _of_course(conn: sa.Connection, course: str) -> dict[str, list[Any]]:
    return {"course": [course], **{name: _ids(conn, name, "id", "course", [course])
                                   for name in ("assignment", "message")}}


def _told(conn: sa.Connection, people: list[str]) -> list[Any]:
    return _ids(conn, "receipt", "message", "person", people)


def _unread(conn: sa.Connection, messages: list[Any]) -> int:
    """A message that nobody is left to have been sent says no more than her name."""
    left = set(_ids(conn, "receipt", "message", "message", messages))
    return _delete(conn, metadata.tables["message"].c.id, [id for id in messages if id not in left])


def _ids(conn: sa.Connection, table: str, wanted: str, column: str, values: list[Any]) -> list[Any]:
    columns = metadata.tables[table].c
    return [id for begin in range(0, len(values), _CHUNK) for id in conn.execute(
        sa.select(columns[wanted]).where(columns[column].in_(values[begin:begin + _CHUNK]))).scalars()]


def _delete(conn: sa.Connection, column: sa.Column[Any], values: list[Any], *where: sa.ColumnElement[bool]) -> int:
    return sum(conn.execute(column.table.delete().where(column.in_(values[begin:begin + _CHUNK]), *where)).rowcount
               for begin in range(0, len(values), _CHUNK))
