"""Archiving and deleting a class by its name, and bringing it back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox import classroom
from sandbox.errors import BadInput
from sandbox.web import house, policy
from sandbox.web.roster import owned

bp = Blueprint("ending", __name__)


@bp.get("/<id>/end")
def page(id: str) -> str:
    """What archiving and deleting do, and the name to type."""
    return _page(id)


@bp.post("/<id>/end")
def end(id: str) -> Response | tuple[str, int]:
    """Archive or delete the class whose name was typed."""
    how: Any = "deleted" if request.form.get("do") == "delete" else "archived"
    try:
        with house().db.writing() as conn:
            found = owned(conn, id)
            classroom.end(conn, found, how, request.form.get("name", ""))
    except BadInput as problem:
        return _page(id, problem), problem.status
    flash(f"“{found.name}” is {how}. You can bring it back on this page"
          f"{' for thirty days' if how == 'deleted' else ''}.", "good")
    return redirect(url_for("teach.classes"), code=303)


@bp.post("/<id>/restore")
def restore(id: str) -> Response:
    """Bring it back as it was."""
    person = policy.need_instructor()
    with house().db.writing() as conn:
        found = classroom.restore(conn, person.id, id)
    flash(f"“{found.name}” is back.", "good")
    return redirect(url_for("teach.course", id=id), code=303)


def _page(id: str, problem: BadInput | None = None) -> str:
    with house().db.reading() as conn:
        found = owned(conn, id)
    return render_template("teach/end.html", course=found, problem=problem, name=request.form.get("name", ""))
