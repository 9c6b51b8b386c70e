"""Writing to a class, and who has read it: to one learner, a section, or everybody."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox import classroom
from sandbox.errors import BadInput, Conflict
from sandbox.web import house, policy
from sandbox.web.pages import local_path
from sandbox.web.roster import mine

bp = Blueprint("messages", __name__)


@bp.get("/<id>/messages")
def page(id: str) -> str:
    """What was sent in this class, with who has read it, and a form for the next."""
    return _page(id)


@bp.post("/<id>/messages")
def send(id: str) -> Response | tuple[str, int]:
    """Send a message; `to` is "everybody", `section:NAME` or `person:ID`."""
    kind, _, who = request.form.get("to", "").partition(":")
    try:
        if kind not in ("everybody", "section", "person") or (kind != "everybody" and not who):
            raise BadInput("Choose who should read it.", hint="Nothing was sent.")
        with house().db.writing() as conn:
            found = mine(conn, id)
            made = classroom.send(conn, found.id, policy.need_instructor().id, request.form.get("words", ""),
                                  **({kind: who} if kind != "everybody" else {}))
    except (BadInput, Conflict) as problem:
        return _page(id, problem), problem.status
    flash(f"Sent to {made.label} ({made.people} {'learner' if made.people == 1 else 'learners'}).", "good")
    return redirect(local_path(request.form.get("next", "")) or url_for("teach.messages.page", id=id), code=303)


def _page(id: str, problem: BadInput | Conflict | None = None) -> str:
    with house().db.reading() as conn:
        found = mine(conn, id)
        return render_template("teach/messages.html", course=found, sent=classroom.sent(conn, id), problem=problem,
                               learners=classroom.learners(conn, id), sections=classroom.section_names(conn, id),
                               form=request.form, to=request.form.get("to", request.args.get("to", "")))
