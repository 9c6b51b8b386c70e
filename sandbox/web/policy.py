"""Who may do what: one function for sessions and tokens alike. A stranger gets 404, never 403."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

import flask_login
from flask import g, request, session

from sandbox import classroom, people, workspace
from sandbox.errors import NotAllowed, NotFound, SandboxError
from sandbox.people import Person
from sandbox.web import house
from sandbox.workspace import dashboard

Action = Literal["read", "write"]
_PARTED = 900  # seconds


class NeedsPerson(SandboxError):
    """Raised where somebody must be signed in or a guest; the edge leads her to the sign-in page and back."""

    status = 401


@dataclass(frozen=True)
class Visitor:
    """Who makes this request. `bad_token` says that a bearer token was sent and is not good.

    A token counts at the FHIR address alone: elsewhere it would be its owner's account, classes and other workspaces.
    """

    person: Person | None
    token_workspace: str | None = None
    bad_token: bool = False


class Member(flask_login.UserMixin):
    """A person as Flask-Login wants her; the id carries the epoch, so that "sign out everywhere" ends sessions."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def get_id(self) -> str:
        """Person id and epoch."""
        return f"{self.person.id}|{self.person.epoch}"


def visitor() -> Visitor:
    """Whoever makes this request, worked out once."""
    if "visitor" not in g:
        g.visitor = _visitor()
    found: Visitor = g.visitor
    return found


def person() -> Person | None:
    """The signed-in person or guest, or None."""
    return visitor().person


def need_person(*, make_guest: bool = False) -> Person:
    """The person here; on a POST that allows it, a new guest. NeedsPerson otherwise."""
    found = person()
    if found is not None:
        return found
    if not make_guest or request.method != "POST":
        raise NeedsPerson("Sit down first: sign in, or go on as a guest.")
    with house().db.writing() as conn:
        found = people.guest(conn)
    admit(found)
    return found


def need_instructor() -> Person:
    """The instructor here; NeedsPerson for nobody, NotFound for learners."""
    found = need_person()
    if not found.instructor:
        raise NotFound("There is nothing here.")
    return found


def admit(found: Person) -> None:
    """Begin a fresh session for this person (whatever the old one held is dropped: no fixation)."""
    session.clear()
    session.permanent = True
    session["seen"] = int(time.time())
    flask_login.login_user(Member(found))
    g.visitor = Visitor(found)


def leave() -> None:
    """End this session."""
    flask_login.logout_user()
    session.clear()
    g.visitor = Visitor(None)


def part(left: Person) -> None:
    """Let this session bring a deleted account back: a guest's for thirty days, any other for a quarter of an hour."""
    session.permanent = True
    session["parted"] = [left.id, left.epoch, int(time.time())]


def parted(conn: Any) -> Person:
    """The deleted account that this session may bring back; NotFound where there is none."""
    id, epoch, at = session.get("parted", ("", 0, 0))
    left = people.leaver(conn, id)
    if left.epoch != epoch or not (left.guest or time.time() - at < _PARTED):
        raise NotFound("That was too long ago.", hint="Sign in with the name and password of the account once more.")
    return left


def may(conn: Any, who: Visitor, info: workspace.Info, action: Action) -> bool:
    """Whether this visitor may read or write in this workspace: its owner, its token, and who teaches its owner."""
    if who.token_workspace is not None:
        return who.token_workspace == info.id
    if who.person is None:
        return False
    if who.person.id == info.owner:
        return True
    assignment = info.scenario.partition("@")[2]
    return action == "read" and bool(assignment) and classroom.teaches(conn, who.person.id, info.owner, assignment)


def enter(conn: Any, workspace_id: str, action: Action) -> workspace.Workspace:
    """The workspace, opened as this visitor. NotFound for strangers, as if it did not exist."""
    who, info = visitor(), _there(conn, workspace_id)
    if who.person is None or not may(conn, who, info, action):
        raise _stranger()
    if action == "write" and request.method in ("GET", "HEAD"):
        raise NotAllowed("Nothing is written by looking.")
    role = "client" if who.token_workspace else "instructor" if who.person.id != info.owner else "learner"
    return open_as(conn, info, who.person, role)


def look_at(conn: Any, workspace_id: str) -> tuple[workspace.Workspace, bool]:
    """The workspace of a dashboard, opened as this visitor, and whether it is hers to see only by a class.

    Shown is what its owner shows, while both of them are in that class. NotFound for everybody else.
    """
    who, info = visitor(), _there(conn, workspace_id)
    if who.person is None or who.token_workspace is not None:
        raise _stranger()
    if may(conn, who, info, "read"):
        return enter(conn, workspace_id, "read"), False
    both = {who.person.id, info.owner}
    if not any(both <= classroom.members(conn, course) for course in dashboard.shared_with(conn, info.id)):
        raise _stranger()
    return open_as(conn, info, who.person, "classmate"), True


def _there(conn: Any, workspace_id: str) -> workspace.Info:
    try:
        return workspace.info(conn, workspace_id)
    except NotFound:
        raise _stranger() from None


def _stranger() -> NotFound:
    return NotFound("There is no such workspace.", hint="Your work lists yours.")


def open_as(conn: Any, info: workspace.Info, who: Person, role: str = "learner", *,
            record: bool = True) -> workspace.Workspace:
    """A workspace in somebody's hands, with its codes and its lab."""
    rooms = house()
    agent = workspace.Agent(who.id, who.name, role)
    return workspace.Workspace(
        conn, info, agent, codes=rooms.codes, record=record,
        lab=lambda: rooms.labs.of_workspace(conn, info.ws, info.base, info.today, info.owner))


def load_member(key: str) -> Member | None:
    """Flask-Login's user loader: epoch checked, idle accounts locked, guests resumed."""
    id, _, epoch = key.partition("|")
    with house().db.reading() as conn:
        try:
            found = people.get(conn, id)
        except NotFound:
            return None
    idle = time.time() - int(session.get("seen", 0)) > house().settings.idle_minutes * 60
    if str(found.epoch) != epoch or found.id != id or (idle and not found.guest):
        return None
    return Member(found)


def greet() -> None:
    """Before each request: work out who is here, and remember once a minute that she is.

    Here and not later, because it writes: a page that holds the writers' lock would wait for itself.
    """
    if request.endpoint in (None, "static", "role_file", "healthz", "favicon", "told.here"):
        return
    found, moment = person(), int(time.time())
    if found is None or "seen" not in session or moment - int(session["seen"]) < 60:
        return
    session["seen"] = moment
    with house().db.writing(durable=False) as conn:
        people.touch(conn, found.id)


def _visitor() -> Visitor:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and request.blueprint == "fhir_api":  # a client's key opens one record, not a person
        with house().db.reading() as conn:
            token = people.by_token(conn, value.strip())
        return Visitor(token.person, token.workspace) if token else Visitor(None, bad_token=True)
    user: Any = flask_login.current_user
    return Visitor(user.person if user.is_authenticated else None)
