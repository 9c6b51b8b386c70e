"""What is hers: taken along as a zip, deleted with her account, and brought back within thirty days."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox import classroom, gradebook, people
from sandbox.errors import BadInput, Conflict, SandboxError
from sandbox.people import Person
from sandbox.web import fragment, house, policy, said
from sandbox.web.limits import against_guessing
from sandbox.web.signin import bring_along
from sandbox.web.standing import record

bp = Blueprint("leaving", __name__, url_prefix="/account")


@bp.get("/everything.zip")
def everything() -> Response:
    """All that is kept of her as one zip. A result that she may not see yet is not in it, as on her pages."""
    person, out = policy.need_person(), BytesIO()
    with house().db.reading() as conn:
        seen = {each.id for each in record(conn, person).attempts if each.report and not said.stands_before(conn, each)}
        gradebook.write_person(conn, person, out, seen)
    return Response(out.getvalue(), mimetype="application/zip",
                    headers={"Content-Disposition": 'attachment; filename="two-seats-everything.zip"'})


@bp.get("/delete")
def page() -> str:
    """What deleting an account does, and what to type."""
    return _page(policy.need_person())


@bp.post("/delete")
@against_guessing
def delete() -> BaseResponse | tuple[str, int]:
    """Delete the account whose sign-in name (of a guest: whose name) and password were typed; she is signed out."""
    person, name = policy.need_person(), request.form.get("login", "")
    try:
        if person.login:
            _knows_password(person)
        with house().db.writing() as conn:
            left = classroom.delete_account(conn, person, name)
    except (BadInput, Conflict) as problem:
        return _page(person, problem), problem.status
    fragment.forget()
    policy.leave()
    if left.guest:
        policy.part(left)  # this browser was her only key, so it is her only way back
        return redirect(url_for("leaving.back"), code=303)
    flash("Your account is deleted, and you are signed out everywhere. To bring it back, sign in once more within "
          "thirty days.", "good")
    return redirect(url_for("signin.signin"), code=303)


@bp.get("/back")
def back() -> str:
    """Until when a deleted account can come back, and the button that brings it."""
    with house().db.reading() as conn:
        return render_template("back.html", left=policy.parted(conn))


@bp.post("/back")
def come_back() -> BaseResponse:
    """Bring the account back with everything in it, and sign her in."""
    with house().db.writing() as conn:
        found = classroom.restore_account(conn, policy.parted(conn).id)
        bring_along(conn, policy.person(), found)
    policy.admit(found)
    flash("You are back, and so is everything that was yours.", "good")
    return redirect(url_for("signin.account"), code=303)


def _knows_password(person: Person) -> None:
    try:
        with house().db.reading() as conn:  # not in the writers' turn: comparing takes its time
            people.sign_in(conn, person.login or "", request.form.get("password", ""))
    except BadInput:
        raise BadInput("That is not your password.", hint="Your account was not deleted.") from None


def _page(person: Person, problem: SandboxError | None = None) -> str:
    with house().db.reading() as conn:
        own = [each for each in classroom.taught_by(conn, person.id) if each.owner == person.id]
        archived = [each for each, _ in classroom.ended_by(conn, person.id) if each.state == "archived"]
    shown: dict[str, Any] = {"own": own, "archived": archived, "problem": problem}
    return render_template("leave.html", person=person, login=request.form.get("login", ""), **shown)
