"""Messages of a class: from who teaches it to its learners, each with when it was on her screen and when she read it.

There is no way from one learner to another, and none to write to somebody who is not in the class.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sandbox import people
from sandbox.classroom.course import course_table, enrolment, learners, present
from sandbox.db import BINARY, alone, metadata
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.people import now, utc

message_table = sa.Table(
    "message", metadata,
    sa.Column("id", BINARY, primary_key=True),
    sa.Column("course", BINARY, nullable=False, index=True),
    sa.Column("sender", BINARY, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # nudge, message
    sa.Column("label", sa.Text, nullable=False),  # to whom, in words: a name, “section 2”, “everybody”
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
receipt = sa.Table(
    "receipt", metadata,
    sa.Column("message", BINARY, primary_key=True),
    sa.Column("person", BINARY, primary_key=True, index=True),
    sa.Column("shown", sa.DateTime(timezone=True)),  # it stood on a page of hers
    sa.Column("read", sa.DateTime(timezone=True)),  # she said so, and put it away
)
NUDGE = ("How is it going? If something is in the way, ask me; taking your time is fine too. "
         "Nothing you do here can break anything.")
LONGEST = 1000
PAUSE = timedelta(minutes=2)  # between two nudges to the same learner
MOST = 30  # messages of one class in ten minutes
_SHOWN = 50


@dataclass(frozen=True)
class Note:
    """A message as the learner has it."""

    id: str
    course: str
    sender: str
    kind: str
    words: str
    at: datetime
    shown: datetime | None
    read: datetime | None


@dataclass(frozen=True)
class Sent:
    """A message as who sent it sees it: to how many, on how many screens, read by how many."""

    id: str
    label: str
    kind: str
    words: str
    at: datetime
    people: int
    shown: int
    read: int


def send(conn: sa.Connection, course_id: str, sender: str, words: str, *, person: str = "", section: str = "") -> Sent:
    """Write to one learner, to a section, or (neither given) to everybody in the class who has not left it."""
    text = _said(words)
    if person:
        found = [each for each in learners(conn, course_id) if each.id == person]
        label = found[0].name if found else ""
    else:
        found = learners(conn, course_id, section)
        label = f"section {section}" if section else "everybody"
    if not found:
        raise NotFound("Nobody in this class is meant by that.", hint="Nothing was sent. Choose from the list.")
    alone(conn, f"messages of {course_id}")
    recent = conn.execute(sa.select(sa.func.count()).select_from(message_table).where(
        message_table.c.course == course_id, message_table.c.kind == "message",
        message_table.c.at > now() - timedelta(minutes=10))).scalar_one()
    if recent >= MOST:
        raise Conflict(f"This class was sent {MOST} messages in ten minutes.", hint="Nothing was sent. Wait a little.")
    return _file(conn, course_id, sender, "message", label, text, [each.id for each in found])


def nudge(conn: sa.Connection, course_id: str, sender: str, person: str) -> str:
    """Send a learner the ready kind line, once in two minutes; her name."""
    found = next((each for each in learners(conn, course_id) if each.id == person), None)
    if found is None:
        raise NotFound("Nobody by that id is in this class.")
    alone(conn, f"messages of {course_id}")
    last = nudged(conn, course_id, [person]).get(person)
    if last and now() - last[0] < PAUSE:
        raise Conflict(f"{found.name} was nudged less than two minutes ago.", hint="Give it a moment.")
    _file(conn, course_id, sender, "nudge", found.name, NUDGE, [person])
    return found.name


def tell(conn: sa.Connection, course_id: str, sender: str, person: str, words: str) -> None:
    """Let a learner know of something that was decided about her work; no limit holds it back."""
    found = next((each for each in learners(conn, course_id) if each.id == person), None)
    if found is not None:
        _file(conn, course_id, sender, "told", found.name, _said(words), [person])


def nudged(conn: sa.Connection, course_id: str, ids: Iterable[str]) -> dict[str, tuple[datetime, str]]:
    """Each person's newest nudge or message to her alone in this class: when, and “sent”, “on screen” or “read”."""
    rows = conn.execute(
        sa.select(receipt, message_table.c.at).join(message_table, message_table.c.id == receipt.c.message)
        .where(message_table.c.course == course_id, message_table.c.kind == "nudge", receipt.c.person.in_(list(ids)))
        .order_by(message_table.c.at))
    return {r.person: (utc(r.at), "read" if r.read else "on screen" if r.shown else "sent") for r in rows}


def unread(conn: sa.Connection, person: str) -> list[Note]:
    """What she has not put away yet, newest first, five at most."""
    return _notes(conn, receipt.c.person == person, receipt.c.read.is_(None), limit=5)


def notes(conn: sa.Connection, person: str) -> list[Note]:
    """Everything she was sent, newest first."""
    return _notes(conn, receipt.c.person == person, limit=200)


def show(conn: sa.Connection, person: str, ids: Iterable[str]) -> None:
    """These stood on her screen; the first time counts."""
    conn.execute(receipt.update().where(receipt.c.person == person, receipt.c.message.in_(list(ids)),
                                        receipt.c.shown.is_(None)).values(shown=now()))


def read_note(conn: sa.Connection, person: str, id: str) -> None:
    """She read it. NotFound where it was not sent to her."""
    where = receipt.c.person == person, receipt.c.message == id
    if conn.execute(sa.select(receipt.c.message).where(*where)).first() is None:
        raise NotFound("There is no such message.")
    moment = now()
    conn.execute(receipt.update().where(*where, receipt.c.read.is_(None)).values(
        read=moment, shown=sa.func.coalesce(receipt.c.shown, sa.bindparam("moment", moment, receipt.c.shown.type))))


def sent(conn: sa.Connection, course_id: str) -> list[Sent]:
    """What was sent in this class, newest first, with how many of its people have read it; one query."""
    rows = conn.execute(
        sa.select(message_table, *(sa.func.count(each).label(name) for name, each in (
            ("people", receipt.c.person), ("shown", receipt.c.shown), ("read", receipt.c.read))))
        .join(receipt, receipt.c.message == message_table.c.id)
        .join(enrolment, sa.and_(enrolment.c.course == message_table.c.course, enrolment.c.person == receipt.c.person))
        .where(message_table.c.course == course_id, present)
        .group_by(*message_table.c).order_by(message_table.c.at.desc()).limit(_SHOWN))
    return [Sent(r.id, r.label, r.kind, r.words, utc(r.at), r.people, r.shown, r.read) for r in rows]


def hand_over(conn: sa.Connection, old: str, new: str) -> None:
    """A guest's messages go to her account, where it was not sent the same."""
    already = list(conn.execute(sa.select(receipt.c.message).where(receipt.c.person == new)).scalars())
    conn.execute(receipt.delete().where(receipt.c.person == old, receipt.c.message.in_(already)))
    conn.execute(receipt.update().where(receipt.c.person == old).values(person=new))


def _file(conn: sa.Connection, course_id: str, sender: str, kind: str, label: str, words: str,
          ids: list[str]) -> Sent:
    id, moment = f"m-{secrets.token_hex(8)}", now()
    conn.execute(message_table.insert().values(id=id, course=course_id, sender=sender, kind=kind, label=label,
                                               words=words, at=moment))
    conn.execute(receipt.insert(), [{"message": id, "person": each} for each in ids])
    return Sent(id, label, kind, words, moment, len(ids), 0, 0)


def _notes(conn: sa.Connection, *where: sa.ColumnElement[bool], limit: int) -> list[Note]:
    rows: Any = conn.execute(
        sa.select(message_table, receipt.c.read, receipt.c.shown, course_table.c.name.label("class_name"),
                  sa.func.coalesce(people.person.c.name, "Your instructor").label("from_name"))
        .join(receipt, receipt.c.message == message_table.c.id)
        .join(course_table, course_table.c.id == message_table.c.course)
        .outerjoin(people.person, sa.and_(people.person.c.id == message_table.c.sender,
                                          people.person.c.ended.is_(None)))
        .where(*where, sa.not_(sa.exists().where(
            enrolment.c.course == message_table.c.course, enrolment.c.person == receipt.c.person,
            enrolment.c.removed.is_not(None)))).order_by(message_table.c.at.desc()).limit(limit))
    return [Note(r.id, r.class_name, r.from_name, r.kind, r.words, utc(r.at), utc(r.shown) if r.shown else None,
                 utc(r.read) if r.read else None) for r in rows]


def _said(words: str) -> str:
    text = "\n".join(people.visible(line) for line in words.strip().splitlines()).strip()
    if not text:
        raise BadInput("The message is empty.", hint="Write what they should read.")
    if len(text) > LONGEST:
        raise BadInput(f"A message has at most {LONGEST:,} characters; this has {len(text):,}.", hint="Shorten it.")
    return text
