"""The people of a class: a roster read from a file (shown first, then done), sections, and links on paper."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox import classroom
from sandbox.classroom import Course
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.web import house, policy

bp = Blueprint("roster", __name__)


def mine(conn: Any, id: str) -> Course:
    """A class that the instructor here teaches; NotFound for everybody else's."""
    person = policy.need_instructor()
    found = classroom.course(conn, id)
    if not classroom.teaches_class(conn, person.id, found):
        raise NotFound("There is no such class.")
    return found


def owned(conn: Any, id: str) -> Course:
    """A class of which the instructor here is the owner; NotFound for everybody else, who teaches it too or not."""
    found = mine(conn, id)
    if found.owner != policy.need_instructor().id:
        raise NotFound("Only the owner of this class can do that.", hint="Ask whoever started it.")
    return found


@bp.get("/<id>/people")
def people(id: str) -> str:
    """Everybody who has or had a place in the class, of one section or all."""
    return _page(id)


@bp.post("/<id>/people/preview")
def preview(id: str) -> str | tuple[str, int]:
    """What a file would do, line by line; nothing is done yet."""
    sent = request.files.get("file")
    data = sent.read() if sent else b""
    try:
        if not data:
            raise BadInput("No file was chosen, or it is empty.", hint="Choose the CSV file first.")
        return _preview(id, data)
    except BadInput as problem:
        return _page(id, problem), 400


@bp.post("/<id>/people/apply")
def apply(id: str) -> Response | tuple[str, int]:
    """Do what was shown: all of it, or nothing where the class has changed since."""
    try:
        data = base64.b64decode(request.form.get("file", "").encode(), validate=True)
        listing = classroom.read_listing(data)
    except (BadInput, binascii.Error, UnicodeEncodeError):
        return _page(id, BadInput("The roster did not come along.", hint="Choose the file again.")), 400
    try:
        with house().db.writing() as conn:
            done = classroom.apply_roster(conn, mine(conn, id).id, listing, request.form.get("mark", ""))
    except Conflict as problem:
        return _preview(id, data, problem), problem.status
    flash(f"Done: {len(done.new)} added, {len(done.changed)} changed, {len(done.gone)} no longer active.", "good")
    return redirect(url_for("teach.roster.people", id=id), code=303)


@bp.post("/<id>/people/links")
def links(id: str) -> str:
    """A sheet to cut up: a one-time link for everybody who is expected; shown once, older links open nothing more."""
    section = request.form.get("section", "")
    with house().db.writing() as conn:
        found = mine(conn, id)
        made = [(place, url_for("signin.place", value=value, _external=True))
                for place, value in classroom.sheet(conn, found.id, section)]
    return render_template("teach/links.html", course=found, made=made, section=section)


def _page(id: str, problem: BadInput | None = None) -> str:
    section = request.args.get("section", "")
    with house().db.reading() as conn:
        found = mine(conn, id)
        sections = classroom.section_names(conn, id)
        places, extra = classroom.roster(conn, id), classroom.allowances(conn, id)
        removed = classroom.removed(conn, id)
    shown = [place for place in places if section in ("", place.section)]
    return render_template("teach/people.html", course=found, places=shown, section=section, problem=problem,
                           extra=extra, sections=sections, removed=removed,
                           waiting=sum(place.active and place.expected for place in shown))


def _preview(id: str, data: bytes, problem: Conflict | None = None) -> str:
    with house().db.reading() as conn:
        found = mine(conn, id)
        listing = classroom.read_listing(data)
        made = classroom.plan_roster(conn, id, listing)
    return render_template("teach/preview.html", course=found, plan=made, listing=listing, problem=problem,
                           file=base64.b64encode(data).decode())
