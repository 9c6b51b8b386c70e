"""How the FHIR API answers: a stored version with its headers, what was written, what was said of it."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from flask import Response, request

from sandbox.errors import Issue
from sandbox.fhir import bundle, conformance
from sandbox.fhir.store import Stored
from sandbox.web import fhir_terms


def one(found: Stored) -> Response:
    """A version as it is stored."""
    answer = json(found.text.encode())
    answer.headers["ETag"] = bundle.etag(found)
    answer.headers["Last-Modified"] = bundle.http_date(found)
    return answer


def written(made: Stored, status: int, base: str, tell: Callable[[Stored], list[Issue]]) -> Response:
    """What was stored, or as little of it as the client preferred.

    Where nothing is preferred, a definition is answered with what it does here: honoured in part, it says so unasked.
    """
    prefer = request.headers.get("Prefer", "")
    unasked = made.kind in conformance.DEFINITIONS and "return=representation" not in prefer
    if "return=minimal" in prefer:
        answer = Response(status=status)
    elif "return=OperationOutcome" in prefer or unasked:
        told = f"{made.kind}/{made.id} is at version {made.version}."
        answer = json(orjson.dumps(bundle.outcome(told=told, remarks=tell(made))), status)
    else:
        answer = json(made.text.encode(), status)
    answer.headers["ETag"] = bundle.etag(made)
    answer.headers["Last-Modified"] = bundle.http_date(made)
    answer.headers["Location"] = f"{base}/{made.kind}/{made.id}/_history/{made.version}"
    return answer


def valid(remarks: list[Issue]) -> Response:
    """What `$validate` says of a resource that may be written."""
    return json(orjson.dumps(bundle.outcome(told="It keeps every rule that is checked here.", remarks=remarks)))


def json(data: bytes, status: int = 200) -> Response:
    """FHIR JSON."""
    return Response(data, status, content_type=fhir_terms.MEDIA_TYPE)


def base(workspace: str) -> str:
    """The record's absolute address, without a slash at its end."""
    return f"{request.url_root}fhir/{workspace}"
