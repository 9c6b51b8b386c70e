"""Coming in and going out: sign-in, an account for a guest, one-time links, passwords, joining a class."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox import attempts, classroom, gradebook, people, workspace
from sandbox.errors import BadInput, Conflict, NotFound, SandboxError
from sandbox.people import Person
from sandbox.web import house, policy
from sandbox.web.limits import against_guessing, against_trying_codes
from sandbox.web.pages import local_path

bp = Blueprint("signin", __name__)
Answer = str | tuple[str, int] | Response


@bp.route("/signin", methods=["GET", "POST"])
@against_guessing
def signin() -> Answer:
    """Sign in; a guest's work so far goes along."""
    onward = local_path(request.values.get("next", ""))
    if request.method == "GET":
        return render_template("signin.html", next=onward, login="")
    try:
        with house().db.reading() as conn:  # a password takes its time to compare: not in the writers' turn
            account = people.sign_in(conn, request.form.get("login", ""), request.form.get("password", ""))
        if account.ended:
            policy.part(account)
            return redirect(url_for("leaving.back"), code=303)
        with house().db.writing() as conn:
            moved = bring_along(conn, policy.person(), account)
            people.touch(conn, account.id)
    except BadInput as problem:
        return render_template("signin.html", next=onward, login=request.form.get("login", ""), problem=problem), 400
    policy.admit(account)
    if moved:
        flash("What you did as a guest is now in your account.", "good")
    return redirect(onward or url_for("pages.front"), code=303)


@bp.route("/signup", methods=["GET", "POST"])
@against_guessing
def signup() -> Answer:
    """Make an account. A guest becomes the account, so that all her work is already in it; so does an instructor who
    came by a link, and needs none from then on."""
    onward = local_path(request.values.get("next", ""))
    here = policy.person()
    if here and here.login:
        return redirect(url_for("signin.account"), code=303)
    if request.method == "GET":
        return render_template("signup.html", next=onward, form={})
    form = request.form
    try:
        with house().db.writing() as conn:
            made = people.register(conn, here.id if here else None, form.get("login", ""), form.get("name", ""),
                                   form.get("password", ""))
    except (BadInput, Conflict) as problem:
        return render_template("signup.html", next=onward, form=form, problem=problem), problem.status
    policy.admit(made)
    guest = here is not None and here.guest
    flash("Your account is made. What you did as a guest is in it." if guest else "Your account is made.", "good")
    return redirect(onward or url_for("pages.front"), code=303)


def bring_along(conn: Any, guest: Person | None, account: Person) -> bool:
    """Move a guest's workspaces, drafts, attempts and classes into an account, in the same transaction."""
    if guest is None or not guest.guest or guest.id == account.id:
        return False
    for room in (workspace, attempts, classroom, gradebook):
        room.hand_over(conn, guest.id, account.id)
    people.move(conn, guest.id, account.id)
    return True


@bp.route("/signout", methods=["GET", "POST"])
def signout() -> Answer:
    """Sign out; a guest is told first that only this browser knows the way back to her work."""
    if request.method == "GET" and policy.person():
        return render_template("signout.html")
    policy.leave()
    return redirect(url_for("pages.front"), code=303)


@bp.get("/account")
def account() -> str:
    """Her name, password and sessions."""
    return _account(policy.need_person())


def _account(person: Person, problem: BadInput | None = None) -> str:
    with house().db.reading() as conn:
        classes, looks = classroom.courses_of(conn, person.id), classroom.looks_at(conn, person.id)
    return render_template("account.html", person=person, classes=classes, looks=looks, problem=problem,
                           owner=people.OWNER)


@bp.post("/account/password")
@against_guessing
def password() -> Answer:
    """Change the password; every other session ends."""
    person = policy.need_person()
    try:
        with house().db.writing() as conn:
            people.change_password(conn, person.id, request.form.get("old", ""), request.form.get("new", ""))
            fresh = people.get(conn, person.id)
    except BadInput as problem:
        return _account(person, problem), 400
    policy.admit(fresh)
    flash("Your password is changed. You are signed out everywhere else.", "good")
    return redirect(url_for("signin.account"), code=303)


@bp.post("/account/everywhere")
def everywhere() -> Response:
    """Sign out on every machine, this one too."""
    person = policy.need_person()
    with house().db.writing() as conn:
        people.sign_out_everywhere(conn, person.id)
    policy.leave()
    flash("You are signed out everywhere.", "good")
    return redirect(url_for("signin.signin"), code=303)


@bp.route("/welcome/<value>", methods=["GET", "POST"])
@against_guessing
def instructor_link(value: str) -> Answer:
    """The one-time link that `two-seats` prints: a page with one button, so that a preview does not use it up."""
    if request.method == "GET":
        with house().db.reading() as conn:
            if people.peek_link(conn, "instructor", value) is None:
                raise NotFound("This link was used already, or is too old.",
                               hint="`two-seats link` prints a fresh one.")
        return render_template("link.html")
    with house().db.writing() as conn:
        person = people.use_link(conn, "instructor", value)
        bring_along(conn, policy.person(), person)
    policy.admit(person)
    return redirect(url_for("teach.classes"), code=303)


@bp.route("/new-password/<value>", methods=["GET", "POST"])
@against_guessing
def new_password(value: str) -> Answer:
    """Set a new password by the link that an instructor made."""
    with house().db.reading() as conn:
        person = people.peek_link(conn, "reset", value)
    if person is None:
        raise NotFound("This link was used already, or is too old.", hint="Ask your instructor for another.")
    if request.method == "GET":
        return render_template("new_password.html", person=person)
    try:
        with house().db.writing() as conn:
            people.change_password(conn, person.id, None, request.form.get("new", ""))
            people.use_link(conn, "reset", value)
            fresh = people.get(conn, person.id)
            bring_along(conn, policy.person(), fresh)
    except BadInput as problem:
        return render_template("new_password.html", person=person, problem=problem), 400
    policy.admit(fresh)
    flash("Your new password is set.", "good")
    return redirect(url_for("pages.front"), code=303)


@bp.route("/place/<value>", methods=["GET", "POST"])
@against_guessing
def place(value: str) -> Answer:
    """A roster's one-time link: she makes her account in her place, or takes the place with the account she has."""
    with house().db.reading() as conn:
        expected = people.peek_link(conn, "place", value)
        classes = classroom.courses_of(conn, expected.id) if expected else []
    if expected is None or expected.login or not classes:
        raise NotFound("This link was used already, or is too old.", hint="Ask your instructor for another.")
    here, form = policy.person(), request.form
    hers = here is not None and here.login is not None and not here.instructor
    if request.method == "GET":
        return render_template("place.html", expected=expected, classes=classes, hers=hers, form={})
    try:
        with house().db.writing() as conn:
            people.use_link(conn, "place", value)
            if form.get("take") and hers and here is not None:
                classroom.hand_over(conn, expected.id, here.id)
                people.move(conn, expected.id, here.id)
                made = here
            else:
                made = people.register(conn, expected.id, form.get("login", ""), expected.name,
                                       form.get("password", ""))
                bring_along(conn, here, made)
    except (BadInput, Conflict) as problem:
        return render_template("place.html", expected=expected, classes=classes, hers=hers, form=form,
                               problem=problem), problem.status
    policy.admit(made)
    flash(f"You are in “{classes[0].name}”. What you are assigned stands first in each seat.", "good")
    return redirect(url_for("pages.front"), code=303)


@bp.route("/join", methods=["GET", "POST"])
@against_trying_codes
def join() -> Answer:
    """Join a class by its code; who is not here yet becomes a guest."""
    code = request.values.get("code", "")
    if request.method == "GET":
        return render_template("join.html", code=code)
    try:
        with house().db.writing() as conn:
            here = policy.person()
            who = here or people.guest(conn)  # in one transaction: a wrong code leaves no guest behind
            course = classroom.join(conn, who.id, code)
        if here is None:
            policy.admit(who)
    except SandboxError as problem:
        return render_template("join.html", code=code, problem=problem), problem.status
    flash(f"You are in “{course.name}”. What you are assigned stands first in each seat.", "good")
    return redirect(url_for("pages.front"), code=303)
