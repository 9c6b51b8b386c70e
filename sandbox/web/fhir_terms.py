"""The terms on which the FHIR API speaks: media types, sizes, and refusals with any status."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

from flask import request

from sandbox.errors import BadInput, SandboxError

MEDIA_TYPE = "application/fhir+json; charset=utf-8"
_READ = frozenset({"application/fhir+json", "application/json", "text/json", "application/json+fhir"})
_SPOKEN = ["application/fhir+json", "application/json", "text/json", "text/html"]
_FORMATS = _READ | {"json"}
#: `_totalMethod` is what fhirpy sends to count (an Aidbox word): the total is exact here in any case.
_MANNERS = frozenset({"_format", "_pretty", "_totalMethod"})


def refuse(status: int, message: str, hint: str = "") -> SandboxError:
    """An error with a status of its own, to be raised: 401, 405, 406, 413, 415."""
    problem = SandboxError(message, hint=hint)
    problem.status = status
    return problem


def readable() -> None:
    """406 where the client wants another format than JSON, by `_format` or by Accept."""
    asked = request.args.get("_format", "").replace(" ", "+").partition(";")[0]
    if asked and asked not in _FORMATS:
        raise refuse(406, f"_format: “{asked[:40]}” is not offered.", "Ask for json.")
    if not asked and request.headers.get("Accept") and request.accept_mimetypes.best_match(_SPOKEN) is None:
        raise refuse(406, "None of the formats in Accept is offered.", "Ask for application/fhir+json.")


def body(size: int) -> bytes:
    """What was sent: JSON, as it came, not compressed. 413 and 415 say otherwise."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise refuse(415, "Compressed bodies are not read.", "Send the JSON as it is.")
    if request.mimetype not in _READ:
        raise refuse(415, f"“{request.mimetype[:60]}” is not read here.", "Send application/fhir+json.")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise refuse(415, "Only UTF-8 is read.", "Send application/fhir+json; charset=utf-8.")
    if request.content_length is not None and request.content_length > size:
        raise refuse(413, f"This is larger than {size // 1_000_000} MB.", "Send it in smaller parts.")
    data = request.get_data(cache=True)
    if len(data) > size:
        raise refuse(413, f"This is larger than {size // 1_000_000} MB.", "Send it in smaller parts.")
    return data


def page(*, usual: int, most: int) -> tuple[int, int]:
    """`_count` and `_offset` of the address; BadInput where one is not a whole number."""
    found = []
    for name, default in (("_count", usual), ("_offset", 0)):
        text = request.args.get(name, str(default))
        if not text.isdecimal() or len(text) > 9:
            raise BadInput(f"{name} must be a whole number, not “{text[:40]}”.")
        found.append(int(text))
    return min(found[0], most), found[1]


def query(text: str) -> list[tuple[str, str]]:
    """The parameters of `If-None-Exist`; BadInput where there are none."""
    pairs = parse_qsl(text.partition("?")[2] or text)
    if not pairs:
        raise BadInput("If-None-Exist: give search parameters, such as identifier=system|value.")
    return pairs


def without_manners(params: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The parameters that say what to find, without those that say how to write it."""
    return [(name, value) for name, value in params if name not in _MANNERS]
