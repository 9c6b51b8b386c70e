"""A SearchParameter tried on a hospital of its own in memory: old rows, the definition, new rows, then the searches.

Everything as in a workspace: the resource is judged, honoured or refused, and indexed over what was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import orjson
import sqlalchemy as sa

from sandbox import audit
from sandbox.errors import BadInput, BadResource
from sandbox.fhir import generations, index, parameters, resources, search, store
from sandbox.fhir.store import Scope
from sandbox.fhir.text import Resource

_TABLES = [generations.generation, generations.shadow, store.version, *index.TABLES.values()]


@dataclass(frozen=True)
class Rehearsal:
    """`refused` says why the definition was not taken, "" where it was; `code` is what it is asked by.

    `found` has for each search the ids that it found, in order, or why it could not be asked.
    """

    refused: str = ""
    code: str = ""
    bases: tuple[str, ...] = ()
    type: str = ""
    found: tuple[tuple[str, ...] | str, ...] = ()


def rehearse(text: str, old: Sequence[Resource], new: Sequence[Resource], asked: Sequence[str],
             today: date) -> Rehearsal:
    """Post the definition to a workspace over `old`, write `new` after it, and ask: searches as `Patient?race=ASKU`.

    The same arguments give the same answer. `old` and `new` are not judged: they come from the house.
    """
    try:
        definition = resources.judge(text)
        if definition.resource["resourceType"] != parameters.KIND:
            return Rehearsal(f"resourceType: must be {parameters.KIND}")
        engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
        try:
            with engine.connect() as memory:
                return _play(memory, definition.resource, old, new, asked, today)
        finally:
            engine.dispose()
    except BadResource as problem:
        return Rehearsal("; ".join(f"{each.path}: {each.reason}" for each in problem.issues[:3]))
    except BadInput as problem:
        return Rehearsal(problem.message)


def _play(memory: sa.Connection, definition: Resource, old: Sequence[Resource], new: Sequence[Resource],
          asked: Sequence[str], today: date) -> Rehearsal:
    for table in _TABLES:
        table.create(memory)
    base = store.new_hospital(memory, "rehearsal", today)
    _put(memory, base, old)
    store.publish(memory, base, default=True)
    scope = Scope(store.new_generation(memory, base, today), base)
    if found := parameters.problems(memory, scope, definition, ""):
        raise BadResource(found)
    store.update(memory, scope, parameters.KIND, "rehearsed", definition, orjson.dumps(definition).decode(),
                 at=audit.opening(today))
    _put(memory, scope.ws, new)
    answers = tuple(_ask(memory, scope, each) for each in asked)
    return Rehearsal("", definition["code"], tuple(sorted(definition["base"])), definition["type"], answers)


def _put(memory: sa.Connection, ws: int, some: Sequence[Resource]) -> None:
    store.put_many(memory, ws, ((one, orjson.dumps(one).decode()) for one in some))


def _ask(memory: sa.Connection, scope: Scope, asked: str) -> tuple[str, ...] | str:
    kind, _, query = asked.partition("?")
    pairs = [(name, value) for name, _, value in (part.partition("=") for part in query.split("&"))]
    try:
        return tuple(sorted(one.id for one in search.search(memory, scope, kind, pairs, whole=True).matches))
    except BadInput as problem:
        return problem.message
