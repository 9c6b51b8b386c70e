"""The terms on which the FHIR API speaks: media types, sizes, and refusals with any status."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import request

from sandbox.errors import BadInput, SandboxError
from sandbox.fhir import values

MEDIA_TYPE = "application/fhir+json; charset=utf-8"
_READ = frozenset({"application/fhir+json", "application/json", "text/json", "application/json+fhir"})
#: What Accept may name: JSON, and what a browser or a client without a wish sends.
_SPOKEN = _READ | {"text/html", "*/*", "application/*", "text/*"}
_FORMATS = _READ | {"json"}
_FORM = "application/x-www-form-urlencoded"
#: `_totalMethod` is what fhirpy sends to count (an Aidbox word): the total is exact here in any case.
_MANNERS = frozenset({"_format", "_pretty", "_totalMethod"})


def refuse(status: int, message: str, hint: str = "") -> SandboxError:
    """An error with a status of its own, to be raised: 401, 405, 406, 413, 415."""
    problem = SandboxError(message, hint=hint)
    problem.status = status
    return problem


def readable() -> None:
    """406 where the client wants another format than JSON, by `_format` or by Accept."""
    asked = request.args.get("_format", "").replace(" ", "+").partition(";")[0].strip().lower()
    if asked and asked not in _FORMATS:
        raise refuse(406, f"_format: “{asked[:40]}” is not offered.", "Ask for json.")
    wanted = {media.partition(";")[0].strip().lower() for media, weight in request.accept_mimetypes if weight > 0}
    if not asked and request.headers.get("Accept") and not wanted & _SPOKEN:  # fhirVersion=4.0 is what is given anyway
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


def form() -> list[tuple[str, str]]:
    """The parameters in a posted form; 415 where something else was posted, which would ask for everything."""
    if request.mimetype != _FORM and (request.mimetype or request.content_length):
        raise refuse(415, f"“{request.mimetype[:60]}” is not read here.", f"Send {_FORM}.")
    return list(request.form.items(multi=True))


@dataclass(frozen=True)
class Past:
    """What of a history is asked: `_count`, `_offset`, `_since` (milliseconds after 1970), and these as they came."""

    count: int
    offset: int
    since: int
    asked: list[tuple[str, str]]

    def following(self, total: int) -> list[tuple[str, str]] | None:
        """The parameters that ask for the next page; None on the last."""
        after = self.offset + self.count
        rest = [(name, value) for name, value in self.asked if name != "_offset"]
        return [*rest, ("_offset", str(after))] if self.count and after < total else None


def past(*, usual: int, most: int) -> Past:
    """Read what of a history is asked; BadInput where it cannot be."""
    given = dict(without_manners(list(request.args.items(multi=True))))
    used = {name: given.pop(name) for name in ("_count", "_offset", "_since") if name in given}
    if given and not _lenient():
        raise BadInput(f"A history is not asked by “{next(iter(given))[:40]}”.", hint="Use _count and _since.")
    for name in ("_count", "_offset"):
        text = used.get(name, "0")
        if not text.isdecimal() or len(text) > 9:
            raise BadInput(f"{name} must be a whole number, not “{text[:40]}”.")
    count = min(int(used.get("_count", usual)), most)
    return Past(count, int(used.get("_offset", 0)), _instant(used.get("_since", "")), list(used.items()))


def condition() -> list[tuple[str, str]]:
    """What must not be there yet for a create: `If-None-Exist`, or parameters in the address, as fhirpy asks; or [].

    BadInput where the header is there and holds none.
    """
    text = request.headers.get("If-None-Exist", "")
    if not text:
        return without_manners(list(request.args.items(multi=True)))
    pairs = parse_qsl(text.partition("?")[2] or text)
    if not pairs:
        raise BadInput("If-None-Exist: give search parameters, such as identifier=system|value.")
    return pairs


def asked(params: Sequence[tuple[str, str]], base: str) -> list[tuple[str, str]]:
    """What a search asks, without how to write it. A reference into this record may be written as its whole address."""
    return [(name, value.replace(f"{base}/", "")) for name, value in without_manners(params)]


def understood(params: list[tuple[str, str]], knows: Callable[[str], bool]) -> list[tuple[str, str]]:
    """`Prefer: handling=lenient` leaves out parameters that are not known here; the answer's self link says what was
    used."""
    return [(name, value) for name, value in params if knows(name)] if _lenient() else params


def without_manners(params: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The parameters that say what to find, without those that say how to write it."""
    return [(name, value) for name, value in params if name not in _MANNERS]


def _lenient() -> bool:
    return "handling=lenient" in request.headers.get("Prefer", "").replace(" ", "")


def _instant(written: str) -> int:
    try:
        return values.instant_range(written.replace(" ", "+")).low if written else values.EARLIEST
    except (ValueError, OverflowError):
        raise BadInput(f"_since: “{written[:40]}” is not an instant.", hint="Write 2026-06-30T08:00:00Z.") from None
