"""Each error as a page that says what to do next; as JSON where a script asked."""

from __future__ import annotations

import logging
from urllib.parse import quote

from flask import Blueprint, current_app, jsonify, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from sandbox.errors import NotYet, SandboxError, SqlProblem
from sandbox.web.policy import NeedsPerson

bp = Blueprint("problems", __name__)
_log = logging.getLogger("two_seats.web")
Answer = tuple[str | Response, int] | Response

TITLES = {
    400: "That could not be read", 401: "Sit down first", 403: "Not for this seat", 404: "There is nothing here",
    405: "This page cannot do that", 409: "That met another change", 410: "This was deleted",
    412: "Changed in the meantime", 413: "That is too large", 415: "That is not a kind this page reads",
    422: "That breaks a rule of the record", 423: "You are only looking", 429: "That was very fast",
    500: "Something broke on our side", 503: "Very busy just now", 507: "The trail cannot be written",
}
NEXT = {
    400: "Go back, mend it, and send it again. Nothing was changed.",
    403: "Go back. If you should be able to do this, ask your instructor.",
    404: "Check the address, or start from your seat. Work that is not yours looks like this too.",
    405: "Go back and use the page's own buttons.",
    410: "Its history is still in the record.",
    413: "Send something smaller: a form up to 2 MB, a bundle as the FHIR page says.",
    429: "Wait a minute and try again. Nothing was lost.",
    500: "Your work was kept as it was last saved. Try again; if it happens twice, tell whoever runs this server.",
    507: "Charts stay shut until it can be, because an access that leaves no trace must not happen. "
         "Tell whoever runs this server: most often a disk is full.",
}


@bp.app_errorhandler(NeedsPerson)
def sit_first(problem: NeedsPerson) -> Answer:
    """To the sign-in page and back here; a script gets 401."""
    if wants_json():
        return answer(401, problem.message, "Sign in again in another window; what you typed is kept on this page.")
    back = request.full_path.rstrip("?") if _is_page() else ""
    return redirect(f"/signin?next={quote(back)}" if back else "/signin", code=303)


def _is_page() -> bool:
    """Whether this address is a page too, as a desk is whose form was sent, and not one for forms alone."""
    rule = request.url_rule.rule if request.url_rule else ""
    return any(each.rule == rule and "GET" in (each.methods or ()) for each in current_app.url_map.iter_rules())


@bp.app_errorhandler(SandboxError)
def ours(problem: SandboxError) -> Answer:
    """One of the house's own errors: its sentence, and what to do next."""
    if problem.status >= 500:
        _log.error("%s %s: %s", request.method, request.path, problem.message)
    extra = {}
    if isinstance(problem, SqlProblem):
        extra = {"kind": problem.kind, "line": problem.line, "column": problem.column}
    title = "Not yet" if isinstance(problem, NotYet) else ""
    return answer(problem.status, problem.message, problem.hint, title, **extra)


@bp.app_errorhandler(CSRFError)
def stale_form(problem: CSRFError) -> Answer:
    """A form that was open too long, or came from elsewhere."""
    _log.info("refused form at %s: %s", request.path, problem.description)
    return answer(400, "This form was open for too long, or did not come from this site.",
                  "Go back, reload the page, and send it again. A draft that was saved is still there.")


@bp.app_errorhandler(HTTPException)
def theirs(problem: HTTPException) -> Answer:
    """What Flask and Werkzeug raise: 404, 405, 413, 429 and their kin."""
    code = problem.code or 500
    if code < 400:
        response = problem.get_response()
        return Response(response.get_data(), code, dict(response.headers))
    made = make_response(answer(code, "", ""))
    for name, value in problem.get_headers():
        if name.lower() in ("allow", "retry-after"):
            made.headers[name] = value
    return made


@bp.app_errorhandler(Exception)
def broken(problem: Exception) -> Answer:
    """What nobody foresaw: logged whole, shown without its inside."""
    _log.exception("%s %s", request.method, request.path, exc_info=problem)
    return answer(500, "", "")


def answer(status: int, message: str, hint: str, title: str = "", **extra: object) -> Answer:
    """The page, or {"problem": {message, hint, …}} for a script."""
    title = title or TITLES.get(status, "That did not work")
    hint = hint or NEXT.get(status, "Go back and try again.")
    if wants_json():
        return jsonify(problem={"message": message or title, "hint": hint, **extra}, message=message or title), status
    return render_template("problem.html", status=status, title=title, message=message, hint=hint), status


def wants_json() -> bool:
    """Whether a script asked: it says so, or sends JSON."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/fhir+json"])
    return request.is_json or (best or "text/html") != "text/html"
