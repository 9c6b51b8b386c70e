"""A part of a page that renews itself, made once for everybody who looks and sent only where it changed."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from threading import Lock
from time import monotonic

from flask import Response, request

from sandbox.web import house

FRESH = 1.5  # seconds for which one making serves everybody
_KEPT = 64  # parts
_turn, _made = Lock(), dict[tuple[str, ...], tuple[float, str, bytes]]()


def shared(*key: str, make: Callable[[], str]) -> Response:
    """The part by this key as an answer, 304 where the asker has it; `make` writes it, at most once in FRESH seconds.

    Whoever calls has found out already that the asker may see it, and the part holds nobody's form token.
    """
    tag, body = _kept((house().db.url.render_as_string(), *key), make)
    if request.if_none_match.contains_weak(tag):
        answer = Response(status=304)
    else:
        zipped = request.accept_encodings["gzip"] > 0
        answer = Response(body if zipped else gzip.decompress(body), mimetype="text/html")
        if zipped:
            answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.set_etag(tag, weak=True)
    return answer


def forget() -> None:
    """Make every part anew: who just did something sees it done."""
    _made.clear()


def _kept(key: tuple[str, ...], make: Callable[[], str]) -> tuple[str, bytes]:
    if (kept := _made.get(key)) and monotonic() - kept[0] < FRESH:
        return kept[1:]
    with _turn:
        kept = _made.get(key)
        if kept and monotonic() - kept[0] < FRESH:
            return kept[1:]
        text = make().encode()
        tag = hashlib.sha256(text).hexdigest()[:32]
        body = kept[2] if kept and kept[1] == tag else gzip.compress(text, 4, mtime=0)
        while len(_made) >= _KEPT:
            _made.pop(next(iter(_made)))
        _made[key] = monotonic(), tag, body
        return tag, body
