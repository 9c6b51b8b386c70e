"""How much may be sent, and how often somebody may knock: a classroom shares one address, so right answers are free."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import RequestEntityTooLarge

from sandbox.errors import NotFound
from sandbox.fhir.text import check_depth
from sandbox.web.policy import visitor

EVERYTHING = "1200 per minute"
GUESSES = "20 per minute"  # wrong passwords for one name, from one address
SPRAYED = "200 per minute"  # wrong passwords for whatever names, from one address
JOIN = "30 per minute"  # wrong class codes, from one address
BODY = 2_000_000  # bytes of a form, or of JSON that is not a FHIR resource
BUNDLE = 10_000_000  # bytes of anything: an instructor's Bundle is the largest
FIELDS = 1_000  # of one form
Route = Callable[..., Any]


def who_and_where() -> str:
    """Person and address; strangers share their address's allowance."""
    person = visitor().person
    return f"{person.id if person else 'stranger'}@{get_remote_address()}"


def name_and_where() -> str:
    """The sign-in name that is tried, and the address: becoming another guest buys no further guesses."""
    return f"{request.form.get('login', '').strip().lower()[:60]}@{get_remote_address()}"


limiter = Limiter(key_func=who_and_where, default_limits=[EVERYTHING], storage_uri="memory://")


def _refused(response: Response) -> bool:
    return response.status_code >= 400


def against_guessing(route: Route) -> Route:
    """Wrong passwords are counted, right ones are not: thirty who sign in together at nine are no attack."""
    for limit, key in ((GUESSES, name_and_where), (SPRAYED, get_remote_address)):
        counted = limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=_refused, override_defaults=False)
        route = counted(route)
    return route


def against_trying_codes(route: Route) -> Route:
    """Wrong class codes are counted for the address, whoever sends them."""
    limit = limiter.limit(JOIN, key_func=get_remote_address, methods=["POST"], deduct_when=_refused,
                          override_defaults=False)
    return limit(route)


def measure() -> None:
    """Before anything reads a body: 413 for more than BODY or FIELDS. JSON for the FHIR API has limits of its own.

    An address with a NUL leads nowhere: no database keeps one.
    """
    if "\0" in request.path:
        raise NotFound("There is nothing at this address.")
    form = request.mimetype == "application/x-www-form-urlencoded"
    if request.blueprint == "fhir_api" and not (form or request.mimetype == "multipart/form-data"):
        return
    request.max_content_length = BODY
    if (request.content_length or 0) > BODY or (form and request.get_data(cache=True).count(b"&") >= FIELDS):
        raise RequestEntityTooLarge


def sent_json() -> Any:
    """The JSON that was sent; None where it is none. BadInput where it nests deeper than a resource may."""
    try:
        value = orjson.loads(request.get_data())
    except ValueError:  # too deep for the parser and half a surrogate pair too
        return None
    check_depth([value], 33)
    return value
