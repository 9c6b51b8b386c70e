"""A learner removed from a class by her name, and brought back; and what the class holds of her, as a zip.

Only the owner of a class removes from it and brings back, as only she deletes it; whoever teaches it takes copies.
"""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox import classroom, gradebook
from sandbox.errors import BadInput, Conflict
from sandbox.web import fragment, house
from sandbox.web.roster import mine, owned

bp = Blueprint("removal", __name__)


@bp.get("/<id>/people/<person>/remove")
def page(id: str, person: str) -> str:
    """What removing a learner does, and the name to type."""
    return _page(id, person)


@bp.post("/<id>/people/<person>/remove")
def remove(id: str, person: str) -> BaseResponse | tuple[str, int]:
    """Remove the learner whose name was typed."""
    try:
        with house().db.writing() as conn:
            learner = classroom.remove(conn, owned(conn, id), person, request.form.get("name", ""))
    except BadInput as problem:
        return _page(id, person, problem), problem.status
    fragment.forget()
    flash(f"{learner.name} is removed from this class. You can bring them back on this page for thirty days.", "good")
    return redirect(url_for("teach.roster.people", id=id), code=303)


@bp.post("/<id>/people/<person>/back")
def back(id: str, person: str) -> BaseResponse:
    """Put a removed learner back in her place."""
    try:
        with house().db.writing() as conn:
            learner = classroom.bring_back(conn, owned(conn, id), person)
        flash(f"{learner.name} is back in this class, with everything as it was.", "good")
    except Conflict as problem:
        flash(f"{problem.message} {problem.hint}", "caution")
    fragment.forget()
    return redirect(url_for("teach.roster.people", id=id), code=303)


@bp.get("/<id>/people/<person>/results.zip")
def learner_zip(id: str, person: str) -> Response:
    """What the class holds of one learner, to keep or to hand over."""
    out = BytesIO()
    with house().db.reading() as conn:
        found = mine(conn, id)
        learner = classroom.placed(conn, found, person)
        gradebook.write_course(conn, house().scenarios, found, out, only=learner.id)
    name = f"{found.code.lower()}-one-learner.zip"
    return Response(out.getvalue(), mimetype="application/zip",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _page(id: str, person: str, problem: BadInput | None = None) -> str:
    with house().db.reading() as conn:
        found = owned(conn, id)
        learner = classroom.placed(conn, found, person)
    return render_template("teach/remove.html", course=found, learner=learner, problem=problem,
                           name=request.form.get("name", ""))
