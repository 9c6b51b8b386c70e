"""The record over HTTP, as FHIR R4: `/fhir/<workspace>/…`, by bearer token; a session of one's own may only look.

Every request is one transaction. A refusal rolls it back, answers with an OperationOutcome, and is put into the trail
in a transaction of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.errors import BadInput, NotFound, SandboxError
from sandbox.fhir import bundle, capability, definitions, parameters, resources, store, text, transaction, versions
from sandbox.fhir.resources import Judged
from sandbox.fhir.store import Stored
from sandbox.fhir.text import DEPTH, SIZE
from sandbox.web import fhir_answers, fhir_terms, house, policy
from sandbox.web.fhir_terms import Past, refuse
from sandbox.workspace import Workspace

bp = Blueprint("fhir_api", __name__, url_prefix="/fhir/<workspace>")
_log = logging.getLogger("two_seats.fhir")

#: A Bundle is a resource and the shell around it: so many more levels.
_SHELL = 4
#: How large a Bundle an instructor may post, in bytes; everybody else, and every resource: SIZE.
INSTRUCTOR_SIZE = 10_000_000
Act = Literal["C", "R", "U", "D", "E"]
T = TypeVar("T")


@bp.get("/metadata")
def metadata(workspace: str) -> Response:
    """What the server can do: the same for everybody, and what the workspace has of its own for who may read there."""
    fhir_terms.readable()
    with house().db.reading() as conn:
        found = store.default_hospital(conn)
        try:
            own = policy.enter(conn, workspace, "read").parameters()
        except NotFound:
            own = {}
    if found is None:
        raise NotFound("The hospital is still being built.", hint="Try again in a moment.")
    return fhir_answers.json(orjson.dumps(capability.statement(fhir_answers.base(workspace), found.today, own)))


@bp.get("/<kind>/<id>")
def read(workspace: str, kind: str, id: str) -> Response:
    """The current version."""
    return _do(workspace, "read", ("R", "read", kind, id), lambda chart: fhir_answers.one(chart.stored(kind, id)))


@bp.get("/<kind>/<id>/_history/<version>")
def vread(workspace: str, kind: str, id: str, version: str) -> Response:
    """One version."""
    number = int(version) if version.isdecimal() and len(version) < 10 else 0
    return _do(workspace, "read", ("R", "vread", kind, id),
               lambda chart: fhir_answers.one(chart.vread(kind, id, number)))


@bp.get("/<kind>/<id>/_history")
def history(workspace: str, kind: str, id: str) -> Response:
    """Every version of one resource, newest first, a page at a time."""
    def look(chart: Workspace, past: Past) -> tuple[list[Stored], int]:
        found = [one for one in chart.history(kind, id) if versions.milliseconds(one.updated) >= past.since]
        return found[past.offset : past.offset + past.count], len(found)

    return _history(workspace, f"{kind}/{id}", look)


@bp.get("/<kind>/_history")
def changes(workspace: str, kind: str) -> Response:
    """Every version of every resource of a type, newest first, a page at a time."""
    def look(chart: Workspace, past: Past) -> tuple[list[Stored], int]:
        return chart.changes(kind, count=past.count, offset=past.offset, since=past.since)

    return _history(workspace, kind, look)


@bp.get("/<kind>", strict_slashes=False)
def search(workspace: str, kind: str) -> Response:
    """What matches, a page at a time."""
    return _search(workspace, kind, list)


@bp.post("/<kind>/_search")
def search_by_post(workspace: str, kind: str) -> Response:
    """The same, with the parameters in a form."""
    return _search(workspace, kind, fhir_terms.form)


@bp.post("/<kind>", strict_slashes=False)
def create(workspace: str, kind: str) -> Response:
    """A new resource; with a condition, only where nothing matches yet."""
    def work(chart: Workspace, sent: Judged) -> Response:
        condition = fhir_terms.condition()
        there = transaction.conditional(chart, kind, condition) if condition else None
        return _written(workspace, chart, there or chart.create(sent), 200 if there else 201)

    return _prepared(workspace, "write", ("C", "create", kind, ""), lambda: _judged(workspace, kind), work)


@bp.put("/<kind>/<id>")
def update(workspace: str, kind: str, id: str) -> Response:
    """The next version, or the first under an id of the client's own."""
    def work(chart: Workspace, sent: Judged) -> Response:
        made = chart.update(sent, if_match=transaction.match_version(request.headers.get("If-Match")))
        return _written(workspace, chart, made, 201 if made.created else 200)

    return _prepared(workspace, "write", ("U", "update", kind, id), lambda: _judged(workspace, kind, id), work)


@bp.delete("/<kind>/<id>")
def delete(workspace: str, kind: str, id: str) -> Response:
    """A deletion as the next version."""
    def work(chart: Workspace) -> Response:
        made = chart.delete(kind, id, if_match=transaction.match_version(request.headers.get("If-Match")))
        return Response(status=204, headers={"ETag": bundle.etag(made)})

    return _do(workspace, "write", ("D", "delete", kind, id), work)


@bp.post("/", strict_slashes=False)
def many(workspace: str) -> Response:
    """A Bundle of type batch or transaction."""
    def prepare() -> object:
        who = policy.visitor().person
        size = INSTRUCTOR_SIZE if who and who.instructor else SIZE
        data = fhir_terms.body(size)
        value = text.read(data, depth=DEPTH + _SHELL, size=size)
        if value.get("resourceType") != "Bundle":
            raise BadInput("A Bundle is expected here.", hint="Post a single resource to its type's address.")
        _foresee(workspace, transaction.definitions_of(value))
        return text.spelled(data)

    def work(chart: Workspace, tree: object) -> Response:
        return fhir_answers.json(transaction.run(chart, tree, fhir_answers.base(workspace)))

    return _prepared(workspace, "write", ("E", "transaction", "", ""), prepare, work)


@bp.post("/<kind>/$validate")
def validate(workspace: str, kind: str) -> Response:
    """What would be said of a resource if it were written; nothing is."""
    def work(chart: Workspace, sent: Judged) -> Response:
        return fhir_answers.valid(chart.validate(sent))

    return _prepared(workspace, "read", ("E", "operation", kind, ""), lambda: resources.judge(_body(kind)), work)


@bp.route("/", defaults={"rest": ""}, methods=["GET", "PUT", "PATCH", "DELETE"], strict_slashes=False)
@bp.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def elsewhere(workspace: str, rest: str) -> Response:
    """Whatever else is asked: not here, or not this way."""
    if request.method == "PATCH":
        raise refuse(405, "PATCH is not offered here.", "Read the resource, change it, and PUT it back.")
    raise NotFound(f"There is nothing at {rest[:80] or '/'} for {request.method}.")


@bp.errorhandler(SandboxError)
def problem(error: SandboxError) -> Response:
    """Each of the house's errors as an OperationOutcome."""
    answer = fhir_answers.json(orjson.dumps(bundle.outcome(error)), error.status)
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Two Seats"'
    return answer


@bp.errorhandler(HTTPException)
def theirs(error: HTTPException) -> Response:
    """What Flask and Werkzeug raise, as an OperationOutcome too."""
    answer = problem(refuse(error.code or 500, error.name, error.description or ""))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            answer.headers[name] = value
    return answer


@bp.errorhandler(Exception)
def broken(error: Exception) -> Response:
    """What nobody foresaw: logged whole, told without its inside. A full disk is told as what it is."""
    _log.exception("%s %s", request.method, request.path, exc_info=error)
    if "disk is full" in str(error):
        return problem(refuse(507, "The disk is full: nothing was written.", "Tell whoever runs this server."))
    return problem(refuse(500, "Something broke on our side. Nothing was written.", "Try again."))


def _do(workspace: str, action: policy.Action, what: tuple[Act, str, str, str],
        work: Callable[[Workspace], Response]) -> Response:
    return _prepared(workspace, action, what, lambda: None, lambda chart, _: work(chart))


def _prepared(workspace: str, action: policy.Action, what: tuple[Act, str, str, str], prepare: Callable[[], T],
              work: Callable[[Workspace, T], Response]) -> Response:
    """One request: `prepare` reads and judges what was sent while nobody waits; then `work`, in one transaction."""
    fhir_terms.readable()
    _admit(action)
    try:
        if request.method not in ("GET", "HEAD"):  # a stranger learns nothing from what is said of her body
            with house().db.reading() as conn:
                policy.enter(conn, workspace, action)
        ready = prepare()
        with house().db.writing() as conn:
            return work(policy.enter(conn, workspace, action), ready)
    except SandboxError as error:
        _record(workspace, action, what, error)
        raise


def _admit(action: policy.Action) -> None:
    """401 for whoever brings no good token; a session of the same person may look, by GET alone."""
    who = policy.visitor()
    if who.token_workspace is not None:
        return
    if who.bad_token:
        raise refuse(401, "This token is not known here, or no longer good.", "“Use your own tools” gives a new one.")
    if who.person is None or action == "write" or request.method not in ("GET", "HEAD"):
        raise refuse(401, "A bearer token is needed.", "The page “Use your own tools” gives one for this workspace.")


def _record(workspace: str, action: policy.Action, what: tuple[Act, str, str, str], error: SandboxError) -> None:
    """Put a refusal into the trail, where the visitor may be in this workspace at all."""
    with house().db.writing() as conn:
        try:
            chart = policy.enter(conn, workspace, action)
        except NotFound:
            return
        chart.refused(*what, error)


def _search(workspace: str, kind: str, form: Callable[[], list[tuple[str, str]]]) -> Response:
    def work(chart: Workspace, params: list[tuple[str, str]]) -> Response:
        used = fhir_terms.understood(params, lambda name: chart.knows(kind, name))
        return fhir_answers.json(bundle.searchset(chart.page(kind, used), fhir_answers.base(workspace), kind, used))

    def read() -> list[tuple[str, str]]:
        return fhir_terms.asked([*request.args.items(multi=True), *form()], fhir_answers.base(workspace))

    return _prepared(workspace, "read", ("E", "search-type", kind, ""), read, work)


def _history(workspace: str, what: str, look: Callable[[Workspace, Past], tuple[list[Stored], int]]) -> Response:
    def work(chart: Workspace, past: Past) -> Response:
        found, total = look(chart, past)
        base = fhir_answers.base(workspace)
        return fhir_answers.json(bundle.history(found, base, f"{what}/_history", past.asked, total,
                                                past.following(total)))

    kind, _, id = what.partition("/")
    return _prepared(workspace, "read", ("R", "history-type", kind, id),
                     lambda: fhir_terms.past(usual=50, most=1000), work)


def _written(workspace: str, chart: Workspace, made: Stored, status: int) -> Response:
    return fhir_answers.written(made, status, fhir_answers.base(workspace), chart.told)


def _judged(workspace: str, kind: str, id: str = "") -> Judged:
    """What was sent, judged; what costs time is done while nobody waits."""
    sent = resources.judge(_body(kind, id))
    _foresee(workspace, [sent.resource])
    return sent


def _foresee(workspace: str, some: list[dict[str, Any]]) -> None:
    """Of search parameters, read beforehand what they find."""
    if any(one.get("resourceType") == parameters.KIND for one in some):
        with house().db.reading() as conn:
            policy.enter(conn, workspace, "write").prepare(some)


def _body(kind: str, id: str = "") -> bytes:
    """The resource that was sent, when it is one of the type (and id) in the address."""
    definitions.need_kind(kind)
    data = fhir_terms.body(SIZE)
    value = text.read(data)
    if value.get("resourceType") != kind:
        sent = str(value.get("resourceType"))[:60]
        raise BadInput(f"resourceType: must be {kind} at this address, not {sent}.")
    if id and value.get("id") != id:
        raise BadInput(f"{kind}.id: must be “{id}”, as in the address.", hint="Put the address's id into the resource.")
    return data
