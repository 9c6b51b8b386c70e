"""Batch and transaction: many requests in one Bundle (FHIR R4 section 3.1.0.11).

A transaction is all or nothing: it raises at the first entry that fails, and the edge rolls everything back. A batch
answers each entry on its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson

from sandbox.errors import BadInput, BadResource, Issue, SandboxError, Stale
from sandbox.fhir import bundle, definitions, resources
from sandbox.fhir.search import Page
from sandbox.fhir.store import Stored
from sandbox.fhir.text import Resource, references, rewrite_tree

Json = dict[str, Any]

#: How many entries one Bundle may have.
MOST = 1000
_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "GET": 3, "HEAD": 3}


class Record(Protocol):
    """What a Bundle's entries are done with: a Workspace, by shape."""

    def hold(self) -> None:
        """Let no other writer in until this transaction ends."""

    def stored(self, kind: str, id: str) -> Stored:
        """The current version."""

    def page(self, kind: str, params: Sequence[tuple[str, str]] = ()) -> Page:
        """One page of a search."""

    def create(self, resource: Resource | str | bytes) -> Stored:
        """A new resource under a new id."""

    def update(self, resource: Resource | str | bytes, *, if_match: int | None = None) -> Stored:
        """The next version, or the first."""

    def delete(self, kind: str, id: str, *, if_match: int | None = None) -> Stored:
        """A deletion."""

    def refused(self, action: Any, subtype: str, kind: str, id: str, problem: SandboxError) -> None:
        """An entry of a batch that came to nothing, for the trail."""


@dataclass
class _Request:
    """One entry, understood. `tree` is its resource with numbers as they were spelled."""

    at: str  # Bundle.entry[3]
    method: str
    kind: str
    id: str
    query: list[tuple[str, str]]
    tree: Any = None
    full_url: str = ""
    if_match: int | None = None
    if_none_exist: str = ""
    there: Stored | None = None  # what a conditional create found


def run(record: Record, tree: Any, base: str) -> bytes:
    """Do a Bundle of type batch or transaction and give the answering Bundle. `tree` is made by `text.spelled`.

    `base` is the record's absolute address. Raises what the first failing entry of a transaction raised, its entry
    named; BadInput where the Bundle itself cannot be read.
    """
    kind, listed = tree.get("type"), tree.get("entry", [])
    if kind not in ("batch", "transaction"):
        raise BadInput("Bundle.type: post a batch or a transaction here.")
    if not isinstance(listed, list) or len(listed) > MOST:
        raise BadInput(f"Bundle.entry: must be a list of at most {MOST} entries.")
    if kind == "batch":
        answers = [_alone(record, entry, n, base) for n, entry in enumerate(listed)]
    else:
        answers = _together(record, [_request(entry, n, base) for n, entry in enumerate(listed)], base)
    answer = {"resourceType": "Bundle", "type": f"{kind}-response"}
    return orjson.dumps({**answer, "entry": answers} if answers else answer)


def definitions_of(bundle: Json) -> list[Json]:
    """The search parameters among a Bundle's entries that are sound, before any of it is done."""
    entries = bundle.get("entry", [])
    found = [entry.get("resource") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    mine = [one for one in found if isinstance(one, dict) and one.get("resourceType") == "SearchParameter"]
    return [one for one in mine if not resources.problems(one, typed=False)]


def match_version(value: str | None) -> int | None:
    """The version that an `If-Match` names: `W/"3"`, `"3"`; None where there is none. BadInput for another text."""
    if not value:
        return None
    text = value.strip().removeprefix("W/").strip('"')
    if not text.isdecimal() or len(text) > 9:
        raise BadInput(f"If-Match: “{value[:40]}” names no version.", hint='Write W/"1", as the ETag that you read.')
    return int(text)


def conditional(record: Record, kind: str, query: Sequence[tuple[str, str]]) -> Stored | None:
    """The one match of a conditional request, None where there is none; Stale (412) where there are several.

    What it finds stays true: no other writer comes in between looking and writing.
    """
    if not query:
        raise BadInput("A condition needs at least one search parameter.")
    record.hold()
    page = record.page(kind, [*query, ("_count", "2")])
    if len(page.matches) > 1:
        raise Stale("The condition fits more than one resource.", hint="Make it narrower, with an identifier.")
    return page.matches[0] if page.matches else None


def _alone(record: Record, entry: Any, n: int, base: str) -> Json:
    request = None
    try:
        request = _request(entry, n, base)
        _settle(record, request)
        return _do(record, request, base)
    except SandboxError as problem:
        if problem.status >= 500:
            raise
        kind, id = (request.kind, request.id) if request else ("", "")
        record.refused("E", "batch", kind, id, problem)
        return {"response": {"status": _status(problem.status), "outcome": bundle.outcome(problem)}}


def _together(record: Record, requests: list[_Request], base: str) -> list[Json]:
    addresses: dict[str, str] = {}
    targets: set[tuple[str, str]] = set()
    for request in requests:
        _named(_settle, record, request)
        if request.full_url and request.full_url in addresses:
            raise BadInput(f"{request.at}.fullUrl: {request.full_url} stands twice in this transaction.")
        if request.method in ("POST", "PUT"):
            addresses.update(dict.fromkeys(_called(request, base), f"{request.kind}/{request.id}"))
        if request.method in ("PUT", "DELETE"):
            if (request.kind, request.id) in targets:
                raise BadInput(f"{request.at}: {request.kind}/{request.id} stands twice in this transaction.")
            targets.add((request.kind, request.id))
    for request in requests:
        if request.tree is not None:
            _named(_address, record, request, addresses)
    order = sorted(range(len(requests)), key=lambda n: _ORDER[requests[n].method])
    done = {n: _named(_do, record, requests[n], base) for n in order}
    return [done[n] for n in range(len(requests))]


def _named(step: Any, record: Record, request: _Request, *more: Any) -> Any:
    """Do a step; where it fails, say which entry it was."""
    try:
        return step(record, request, *more)
    except BadResource as problem:
        at = f"{request.at}.resource."
        raise BadResource([Issue(at + i.path, i.reason, i.code) for i in problem.issues]) from None
    except SandboxError as problem:
        problem.message = f"{request.at}: {problem.message}"
        raise


def _settle(record: Record, request: _Request) -> None:
    """Find out whom a conditional request means, and give a new resource its id."""
    if request.method == "POST":
        if request.if_none_exist:
            request.there = conditional(record, request.kind, parse_qsl(request.if_none_exist))
        request.id = request.there.id if request.there else secrets.token_hex(8)
    elif request.method in ("PUT", "DELETE") and not request.id:
        found = conditional(record, request.kind, request.query)
        if found is None and request.method == "DELETE":
            request.id = "none"
            return
        own = str(request.tree.get("id", "")) if request.tree else ""
        request.id = found.id if found else own or secrets.token_hex(8)


def _address(record: Record, request: _Request, addresses: Mapping[str, str]) -> None:
    """Rewrite the resource's references to other entries and its conditional ones."""
    found = dict(addresses)
    for at, text in references(request.tree, request.kind):
        kind, asked, query = text.partition("?")
        if asked and kind in definitions.kinds() and text not in found:
            there = conditional(record, kind, parse_qsl(query))
            if there is None:
                raise Stale(f"{at}: nobody answers to {text[:120]}.")
            found[text] = f"{kind}/{there.id}"
        elif text.startswith("urn:uuid:") and text not in found:
            raise BadResource([Issue(at, f"points to {text}, which is not in this Bundle", "not-found")])
    rewrite_tree(request.tree, found)


def _do(record: Record, request: _Request, base: str) -> Json:
    if request.method == "GET":
        return _look(record, request, base)
    if request.method == "DELETE":
        if request.id != "none":
            record.delete(request.kind, request.id, if_match=request.if_match)
        return {"response": {"status": "204 No Content"}}
    if request.there is not None:
        return {"response": _response(request.there, "200 OK", base)}
    request.tree["id"] = request.id
    made = record.update(orjson.dumps(request.tree), if_match=request.if_match)
    return {"response": _response(made, "201 Created" if made.created else "200 OK", base)}


def _look(record: Record, request: _Request, base: str) -> Json:
    if request.id:
        one = record.stored(request.kind, request.id)
        return {"resource": orjson.Fragment(one.text), "response": _response(one, "200 OK", base)}
    found = bundle.searchset(record.page(request.kind, request.query), base, request.kind, request.query)
    return {"resource": orjson.Fragment(found), "response": {"status": "200 OK"}}


def _response(one: Stored, status: str, base: str) -> Json:
    return {"status": status, "location": f"{base}/{one.kind}/{one.id}/_history/{one.version}",
            "etag": bundle.etag(one), "lastModified": bundle.instant(one)}


def _request(entry: Any, n: int, base: str) -> _Request:
    at = f"Bundle.entry[{n}]"
    asked = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(asked, dict) or not isinstance(asked.get("url"), str):
        raise BadInput(f"{at}: needs a request with method and url.")
    method = asked.get("method")
    if method not in _ORDER or method == "HEAD":
        raise BadInput(f"{at}.request.method: “{method}” is not one of GET, POST, PUT, DELETE.")
    path, _, query = asked["url"].removeprefix(base).lstrip("/").partition("?")
    kind, _, id = path.partition("/")
    if kind not in definitions.kinds() or "/" in id or (method == "POST" and id):
        raise BadInput(f"{at}.request.url: “{asked['url'][:80]}” is not an address that a Bundle may ask for.")
    tree = entry.get("resource") if method in ("POST", "PUT") else None
    if method in ("POST", "PUT"):
        if not isinstance(tree, dict) or tree.get("resourceType") != kind:
            raise BadInput(f"{at}.resource: a {kind} was expected, as request.url says.")
        if method == "PUT" and id and tree.get("id", id) != id:
            raise BadInput(f"{at}.resource.id: is not the id in request.url.")
    return _Request(at, method, kind, id, parse_qsl(query), tree, _text(entry, "fullUrl"),
                    match_version(_text(asked, "ifMatch")), _text(asked, "ifNoneExist"))


def _text(holder: Json, name: str) -> str:
    value = holder.get(name, "")
    return value if isinstance(value, str) else ""


def _called(request: _Request, base: str) -> set[str]:
    """How the Bundle's other entries may refer to this one."""
    url = request.full_url
    tail = "/".join(url.split("/")[-2:])
    return {url, tail} - {""} if url.startswith("http") and tail.startswith(f"{request.kind}/") else {url} - {""}


def _status(code: int) -> str:
    return f"{code} {HTTPStatus(code).phrase}"
