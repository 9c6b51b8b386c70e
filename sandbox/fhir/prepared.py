"""Versions made ready for the store elsewhere: their texts as they will be kept, and the rows that a search finds
them by.

Of what storing a hospital costs, most is finding what to index. That needs no database, so whoever makes the resources
can do it beside whoever stores them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import IO, Any, NamedTuple

import orjson

from sandbox import audit
from sandbox.fhir import index
from sandbox.fhir.text import Resource, set_meta

Pair = tuple[Resource, str]


class Prepared(NamedTuple):
    """First versions that stand one after another in one hospital, the first of them in row `first`.

    `names` are kind and id of each; `indexed` is the rows of each kind of index table, as the database takes them.
    """

    first: int
    names: list[tuple[str, str]]
    texts: list[str]
    indexed: index.Rows


def prepare(ws: int, first: int, pairs: Iterable[Pair], moment: datetime) -> Prepared:
    """Resources with their texts, made ready as version 1 of `moment` (UTC) in hospital `ws`."""
    stamp = audit.stamp(moment)
    names, texts, indexed = [], [], []
    for row, (resource, text) in enumerate(pairs, first):
        kind, id = resource["resourceType"], resource["id"]
        names.append((kind, id))
        texts.append(set_meta(resource, text, version=1, last_updated=stamp))
        indexed.append((row, kind, resource))
    return Prepared(first, names, texts, index.rows(ws, indexed))


def in_steps(ws: int, first: int, pairs: Iterator[Pair], moment: datetime, size: int) -> Iterator[Prepared]:
    """All of them, so many at a time."""
    while step := list(islice(pairs, size)):
        yield prepare(ws, first, step, moment)
        first += len(step)


def write(out: IO[bytes], prepared: Prepared) -> None:
    """Put it on its way: how many bytes, the rows as JSON, then the texts, a line each."""
    head: list[Any] = [prepared.first, prepared.names, prepared.indexed]
    rows, body = orjson.dumps(head), "\n".join(prepared.texts).encode()
    out.write(b"%d %d\n" % (len(rows), len(body)) + rows)
    out.write(body)


def read(pipe: IO[bytes]) -> Iterator[Prepared]:
    """What arrives, as `write` gave it; a step that is cut off is left out."""
    while (line := pipe.readline()).endswith(b"\n"):  # else its writer has gone, perhaps within this very line
        head, body = (pipe.read(int(size)) for size in line.split())
        if len(head) + len(body) < sum(map(int, line.split())):
            return
        first, names, rows = orjson.loads(head)
        yield Prepared(first, names, body.decode().split("\n"),
                       {kind: [*map(tuple, found)] for kind, found in rows.items()})
