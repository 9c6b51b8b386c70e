"""What every page's frame says: the hospital, its today, who is here, and the seats to switch between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, has_request_context, request

from fixtures import hospital
from sandbox import classroom
from sandbox.classroom import Note
from sandbox.fhir import store
from sandbox.people import Person
from sandbox.seats import Seat
from sandbox.web import house, policy, viewing
from sandbox.web.viewing import Eyes

bp = Blueprint("frame", __name__)


@dataclass(frozen=True)
class Frame:
    """The page around a page."""

    person: Person | None
    hospital: str
    today: date
    seats: tuple[Seat, ...]
    notes: tuple[Note, ...] = ()  # what she was told and has not read
    eyes: Eyes | None = None  # of a learner, while somebody who teaches her looks


@bp.app_context_processor
def frame() -> dict[str, Any]:
    """`page` for every template. A page must come up even where the database does not."""
    person: Person | None = None
    notes: tuple[Note, ...] = ()
    eyes: Eyes | None = None
    name, today = hospital.NAME, hospital.TODAY
    try:
        if has_request_context():
            person = policy.person()
            eyes = viewing.eyes() if viewing.eyes().course else None
        with house().db.reading() as conn:
            hospital_now = store.default_hospital(conn)
            notes = _unread(conn, person)
        if hospital_now:
            name, today = hospital_now.name, hospital_now.today
    except Exception:  # noqa: S110 - the page that says what broke is drawn by this very function
        pass
    return {"page": Frame(person, name, today, tuple(house().seats.values()), notes, eyes)}


def _unread(conn: Any, person: Person | None) -> tuple[Note, ...]:
    """Not where a script brings them anyway: at the desk of a story that is no assignment; nor to who teaches."""
    if person is None or person.instructor or (request.blueprint == "desk" and "@" not in request.path):
        return ()
    return tuple(classroom.unread(conn, person.id))
