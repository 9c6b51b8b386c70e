"""Bundles that answer: what a search found, and what a resource has been. Stored text goes into them as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from sandbox.errors import BadResource, Issue, SandboxError
from sandbox.fhir.search import Page
from sandbox.fhir.store import Stored

Json = dict[str, Any]

_ISSUE_CODES = {400: "invalid", 401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported",
                406: "not-supported", 409: "conflict", 410: "deleted", 412: "conflict", 413: "too-long",
                415: "not-supported", 422: "processing", 429: "throttled", 507: "no-store"}


def searchset(page: Page, base: str, kind: str, params: Sequence[tuple[str, str]]) -> bytes:
    """The page of a search as a Bundle. `base` is the record's absolute address, without a slash at its end."""
    here = f"{base}/{kind}"
    links = [{"relation": "self", "url": _url(here, params)}]
    if page.next is not None:
        links.append({"relation": "next", "url": _url(here, page.next)})
    entry = [_found(one, base, "match") for one in page.matches]
    entry += [_found(one, base, "include") for one in page.included]
    return _bundle("searchset", entry, links, page.total)


def history(
    versions: Iterable[Stored], base: str, at: str, asked: Sequence[tuple[str, str]], total: int,
    following: Sequence[tuple[str, str]] | None,
) -> bytes:
    """A page of versions, newest first, as a Bundle; `at` is the address below `base` and `asked` its parameters.

    `total` counts the versions on all pages; `following` are the parameters of the next one.
    """
    entry = []
    for one in versions:
        method = "DELETE" if one.deleted else "POST" if one.version == 1 else "PUT"
        status = {"DELETE": "204 No Content", "POST": "201 Created", "PUT": "200 OK"}[method]
        made: Json = {"fullUrl": f"{base}/{one.kind}/{one.id}"}
        if one.text:
            made["resource"] = orjson.Fragment(one.text)
        made["request"] = {"method": method, "url": one.kind if method == "POST" else f"{one.kind}/{one.id}"}
        made["response"] = {"status": status, "etag": etag(one), "lastModified": instant(one)}
        entry.append(made)
    links = [{"relation": "self", "url": _url(f"{base}/{at}", asked)}]
    links += [{"relation": "next", "url": _url(f"{base}/{at}", following)}] if following else []
    return _bundle("history", entry, links, total)


def outcome(problem: SandboxError | None = None, *, told: str = "", remarks: Sequence[Issue] = ()) -> Json:
    """An OperationOutcome: one issue for each broken rule, for the one problem, or for `told`, which is no problem,
    and for each remark."""
    if problem is None:
        said = _issue("information", "informational", told or "All is well.")
        return _outcome([said, *(_issue(i.severity, i.code, f"{i.path}: {i.reason}", i.path) for i in remarks)])
    if isinstance(problem, BadResource):
        return _outcome([_issue("error", i.code, f"{i.path}: {i.reason}", i.path) for i in problem.issues])
    text = f"{problem.message} {problem.hint}".strip()
    return _outcome([_issue("error", _ISSUE_CODES.get(problem.status, "exception"), text)])


def etag(one: Stored) -> str:
    """A version as an entity tag: `W/"3"`."""
    return f'W/"{one.version}"'


def instant(one: Stored) -> str:
    """When a version was stored, as a FHIR instant in UTC, to the millisecond."""
    return one.updated.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def http_date(one: Stored) -> str:
    """The same as an HTTP date, for Last-Modified."""
    return format_datetime(one.updated.astimezone(UTC), usegmt=True)


def _found(one: Stored, base: str, mode: str) -> Json:
    return {"fullUrl": f"{base}/{one.kind}/{one.id}", "resource": orjson.Fragment(one.text), "search": {"mode": mode}}


def _bundle(kind: str, entry: list[Json], links: list[Json], total: int | None) -> bytes:
    made: Json = {"resourceType": "Bundle", "type": kind}
    if total is not None:
        made["total"] = total
    made["link"] = links
    if entry:
        made["entry"] = entry
    return orjson.dumps(made)


def _outcome(issues: list[Json]) -> Json:
    return {"resourceType": "OperationOutcome", "issue": issues}


def _issue(severity: str, code: str, text: str, path: str = "") -> Json:
    made: Json = {"severity": severity, "code": code, "diagnostics": text}
    if path:
        made["expression"] = [path]
    return made


def _url(here: str, params: Sequence[tuple[str, str]]) -> str:
    return f"{here}?{urlencode(params, quote_via=quote, safe='/:|,')}" if params else here
