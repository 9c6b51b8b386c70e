"""A class taken away whole, with its invented people and all that they did: no row of any table is left of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sandbox import classroom
from sandbox.classroom import MARK
from sandbox.db import metadata

_PERSON = ("person", "owner", "sender", "agent_id", "by")
_CHUNK = 400


def remove(conn: sa.Connection, course: str, people: list[str], *, all_of_it: bool = True) -> int:
    """Delete a course and these people; how many rows that were. Without `all_of_it` the course's own row stays.

    Tables are told by their columns, so one that comes later is not forgotten. Only for a class whose people are in no
    other: whatever stands under their names goes.
    """
    classroom.alone_with_sample(conn, course)
    table = metadata.tables
    ids: dict[str, list[Any]] = {"person": people, "course": [course]}
    ids["assignment"] = _ids(conn, table["assignment"], "id", "course", [course])
    ids["workspace"] = _ids(conn, table["workspace"], "id", "owner", people)
    ids["attempt"] = _ids(conn, table["attempt"], "id", "person", people)
    ids["message"] = _ids(conn, table["message"], "id", "course", [course])
    rooms = table["workspace"]
    ids["ws"] = [ws for column in ("ws", "before") for ws in _ids(conn, rooms, column, "owner", people) if ws]
    gone = 0
    for each in metadata.sorted_tables:
        if each.name == "course" and not all_of_it:
            continue
        for column, wanted in _keys(each, ids):
            for begin in range(0, len(wanted), _CHUNK):
                gone += conn.execute(each.delete().where(column.in_(wanted[begin:begin + _CHUNK]))).rowcount
    return gone


def cast_of(conn: sa.Connection, course: str) -> list[str]:
    """Who of a sample's roster is invented. Whoever signs in, teaches or stands in another class is spared."""
    places = [place.person for place in classroom.roster(conn, course)]
    return [each.id for each in places
            if each.name.endswith(MARK) and each.login is None and not each.instructor
            and all(other.id == course for other in classroom.courses_of(conn, each.id))]


def _keys(table: sa.Table, ids: dict[str, list[Any]]) -> list[tuple[sa.Column[Any], list[Any]]]:
    """By which of its columns a table's rows belong to the class."""
    found = [(table.c[name], ids[name]) for name in ("course", "assignment", "workspace", "attempt", "message", "ws")
             if name in table.c]
    found += [(table.c[name], ids["person"]) for name in _PERSON if name in table.c]
    if table.name in ids and "id" in table.c:
        found.append((table.c.id, ids[table.name]))
    if table.name == "trail":
        found.append((table.c.chain, ids["workspace"]))
    return found


def _ids(conn: sa.Connection, table: sa.Table, wanted: str, column: str, values: list[Any]) -> list[Any]:
    return list(conn.execute(sa.select(table.c[wanted]).where(table.c[column].in_(values))).scalars())
