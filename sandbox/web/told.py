"""What a learner is told by who teaches her: on whatever page she has open, and on a page of its own.

An open page sends word every eight seconds where it is and how it goes (`/here`); the answer is what she has not read.
It does not keep her session alive: only what she does herself does.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox import classroom, workspace
from sandbox.errors import BadInput
from sandbox.people import Person
from sandbox.web import house, policy
from sandbox.web.limits import sent_json
from sandbox.web.pages import local_path

bp = Blueprint("told", __name__)


@bp.get("/messages")
def page() -> str:
    """Everything she was sent, newest first."""
    person = policy.need_person()
    with house().db.reading() as conn:
        return render_template("messages.html", notes=classroom.notes(conn, person.id))


@bp.post("/messages/<id>/read")
def read(id: str) -> BaseResponse:
    """She has read it: it is put away, and who sent it sees that. JSON where a script asks, else back to the page."""
    person = policy.need_person()
    with house().db.writing() as conn:
        classroom.read_note(conn, person.id, id)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(read=True)
    return redirect(local_path(request.form.get("next", "")) or url_for("told.page"), code=303)


@bp.post("/here")
def here() -> Response:
    """Where she is, as JSON {path, checks}; the answer {notes: [{id, html}]} is what she has not read."""
    person, body = policy.need_person(), sent_json()
    if not isinstance(body, dict) or not isinstance(body.get("path"), str) or len(body["path"]) > 400:
        raise BadInput("Where you are is JSON with `path`, a string.")
    checks = body["checks"] if type(body.get("checks")) is int else 0
    with house().db.reading() as conn:
        notes = classroom.unread(conn, person.id)
        place = _place(conn, person, body["path"], max(0, min(checks, 99)))
    fresh = [note.id for note in notes if not note.shown]
    if place or fresh:
        with house().db.writing(durable=False) as conn:
            classroom.show(conn, person.id, fresh)
            if place:
                classroom.be_at(conn, person.id, *place)
    return jsonify(notes=[{"id": note.id, "html": render_template("told_part.html", note=note)} for note in notes])


def _place(conn: Any, person: Person, path: str, checks: int) -> tuple[str, str, str, int] | None:
    """(story key, task, page, checks) that is worth writing down; None for who is at no assignment or where she was."""
    before = classroom.presence(conn, person.id)
    first, *rest = path.strip("/").split("/")
    story, task = (before.story, before.task) if before else ("", "")
    kind = first if first in ("chart", "lab", "attempt", "encoder") else "elsewhere"
    if first in ("task", "story") and rest and "@" in rest[0]:
        kind = first
        if first == "task" and rest[0] != story and not workspace.rooms_of(conn, [person.id], rest[0]):
            return None
        if first == "task" and len(rest) > 1:
            story, task = rest[0], rest[1]
    checks = checks if kind == "task" else before.checks if before else 0
    return (story, task, kind, checks) if story and classroom.news(before, story, task, kind, checks) else None
