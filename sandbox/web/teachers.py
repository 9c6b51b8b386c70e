"""Who teaches a class: its owner appoints by sign-in name or by a one-time link, and ends it; others may leave."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox import classroom, people
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.web import house, policy
from sandbox.web.limits import against_guessing
from sandbox.web.roster import mine, owned

bp = Blueprint("teachers", __name__)


@bp.get("/<id>/teachers")
def page(id: str) -> str:
    """Who teaches the class; for its owner, the ways to change it."""
    return _page(id)


@bp.post("/<id>/teachers")
def add(id: str) -> Response | tuple[str, int]:
    """Let an instructor teach the class too, by her sign-in name."""
    try:
        with house().db.writing() as conn:
            found = owned(conn, id)
            login = request.form.get("login", "")
            if not login.strip():
                raise BadInput("Type a sign-in name.", hint="Or make a link instead.")
            try:
                person = classroom.appoint_named(conn, found, login)
            except NotFound as problem:  # a word in a form, not an address: the form comes back
                raise BadInput(problem.message, hint=problem.hint) from None
    except (BadInput, Conflict) as problem:
        return _page(id, problem), problem.status
    flash(f"{person.name} teaches this class too.", "good")
    return redirect(url_for("teach.teachers.page", id=id), code=303)


@bp.post("/<id>/teachers/link")
def link(id: str) -> str:
    """A one-time link for somebody who teaches too, shown once."""
    with house().db.writing() as conn:
        found = owned(conn, id)
        value = classroom.invite(conn, found)
    return render_template("teach/teaching_link.html", course=found,
                           address=url_for("teach.teachers.invited", value=value, _external=True))


@bp.post("/<id>/teachers/remove")
def remove(id: str) -> Response:
    """End somebody's teaching of the class (its owner), or one's own (anybody but its owner)."""
    here, chosen = policy.need_instructor(), request.form.get("person", "")
    with house().db.writing() as conn:
        found = mine(conn, id) if chosen == here.id else owned(conn, id)
        classroom.dismiss(conn, found, chosen)
    flash("You do not teach this class any more." if chosen == here.id else "Done: the class is closed to them now.",
          "good")
    return redirect(url_for("teach.classes") if chosen == here.id else url_for("teach.teachers.page", id=id), code=303)


@bp.route("/invited/<value>", methods=["GET", "POST"])
@against_guessing
def invited(value: str) -> str | tuple[str, int] | Response:
    """A link to teach a class too: a page with one button, so that a preview does not use it up."""
    with house().db.reading() as conn:
        about = people.linked(conn, "teach", value)
        if not about:
            raise NotFound("This link was used already, or is too old.", hint="Ask whoever sent it for another.")
        found = classroom.course(conn, about)
    here = policy.person()
    known = here is not None and (here.login is not None or here.instructor)
    if request.method == "GET" or here is None or not known:
        return render_template("teach/invited.html", course=found, known=known)
    try:
        with house().db.writing() as conn:
            fresh = classroom.accept(conn, found, here, value)
    except Conflict as problem:
        return render_template("teach/invited.html", course=found, known=known, problem=problem), problem.status
    policy.admit(fresh)  # she may do more from here on: a session that somebody else planted does not
    flash(f"You teach “{found.name}” too.", "good")
    return redirect(url_for("teach.course", id=found.id), code=303)


def _page(id: str, problem: BadInput | Conflict | None = None) -> str:
    with house().db.reading() as conn:
        found = mine(conn, id)
        listed = classroom.teachers(conn, found.id)
    return render_template("teach/teachers.html", course=found, listed=listed, problem=problem,
                           login=request.form.get("login", ""))
