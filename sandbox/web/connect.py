"""Use your own tools: a workspace's tables as files, its FHIR address, and a bearer token for it, shown once."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox import people, scenario, workspace
from sandbox.errors import NotFound
from sandbox.web import house, policy

bp = Blueprint("connect", __name__)


@bp.get("/connect")
def connect() -> str:
    """Her workspaces with their FHIR addresses, and the tokens that open them."""
    return _page()


@bp.post("/connect")
def token() -> str:
    """Make a token for one of her workspaces. It is on this answer and nowhere else."""
    person = policy.need_person()
    chosen = request.form.get("workspace", "")
    with house().db.writing() as conn:
        if chosen not in {info.id for info in workspace.of_owner(conn, person.id)}:
            raise NotFound("There is no such workspace.", hint="Sit down to a story first; it gets a workspace.")
        value = people.new_token(conn, person.id, chosen, request.form.get("label", "").strip() or "A client")
    return _page(value, chosen)


@bp.post("/connect/revoke")
def revoke() -> Response:
    """Take a token back: from now on it opens nothing."""
    person = policy.need_person()
    with house().db.writing() as conn:
        people.revoke(conn, person.id, request.form.get("token", ""))
    flash("The token is taken back.", "good")
    return redirect(url_for("connect.connect"), code=303)


def _page(value: str = "", chosen: str = "") -> str:
    person = policy.need_person()
    with house().db.reading() as conn:
        rooms = workspace.of_owner(conn, person.id)
        tokens = people.tokens(conn, person.id)
    titles = {info.id: title_of(info) for info in rooms}
    base = request.url_root.rstrip("/")
    return render_template("connect.html", rooms=rooms, titles=titles, tokens=tokens, base=base, value=value,
                           chosen=chosen)


def title_of(info: workspace.Info) -> str:
    """What a workspace is called: its story, and whether that was assigned."""
    found = house().scenarios.get(scenario.opened(info))
    return (found.title if found else info.scenario) + (" (assigned)" if "@" in info.scenario else "")
