"""Tables of a hospital that is still being stored: they are ready a moment after the last resource is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from sandbox.db import Database
from sandbox.errors import Gone
from sandbox.fhir import store
from sandbox.lab.base import build
from sandbox.lab.dictionary import shipped
from sandbox.lab.tables import Resource

END = "end"


def follow(db: Database, ws: int, told: Iterable[str], path: Path) -> int:
    """Write the tables of hospital `ws` to `path`; returns of how many resources.

    Each line of `told` says that more was committed, the line “end” that all was. Without that line whoever stores has
    gone: Gone, and no file.
    """
    read = [0]

    def resources() -> Iterator[Resource]:
        for line in told:
            with db.reading() as conn:
                for text in store.texts(conn, ws, read[0]):
                    read[0] += 1
                    yield orjson.loads(text)
            if line.strip() == END:
                return
        raise Gone("The hospital was not stored to its end.")

    build(path, resources(), shipped())
    return read[0]
