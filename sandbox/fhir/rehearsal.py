"""A definition tried on a hospital of its own in memory, everything as in a workspace: judged, honoured or refused.

A SearchParameter: old rows, the definition, new rows, then the searches. A StructureDefinition: the value sets that the
workspace has, the definition, then resources that are sent to be written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import orjson
import sqlalchemy as sa

from sandbox import audit
from sandbox.errors import BadInput, BadResource, Issue
from sandbox.fhir import conformance, generations, index, parameters, profiles, resources, search, store
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


@dataclass(frozen=True)
class Conformance:
    """`refused` says why the definition was not taken, "" where it was; `checks` whether anything is checked by it.

    `said` has the record's remarks on it: what is not checked, and how much is. `answers` has for each resource that
    was sent why it may not be written, "" where it may.
    """

    refused: str = ""
    url: str = ""
    checks: bool = False
    said: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


T = TypeVar("T")


def rehearse(text: str, old: Sequence[Resource], new: Sequence[Resource], asked: Sequence[str],
             today: date) -> Rehearsal:
    """Post the definition to a workspace over `old`, write `new` after it, and ask: searches as `Patient?race=ASKU`.

    The same arguments give the same answer. `old` and `new` are not judged: they come from the house.
    """
    def play(memory: sa.Connection, definition: Resource) -> Rehearsal:
        return _play(memory, definition, old, new, asked, today)

    return _staged(text, parameters.KIND, play, Rehearsal)


def rehearse_structure(text: str, sets: Sequence[Resource], sent: Sequence[Resource], today: date) -> Conformance:
    """Post the StructureDefinition to a workspace that has these value sets, and send it resources, one by one.

    Nothing that is sent is written. The same arguments give the same answer.
    """
    def play(memory: sa.Connection, definition: Resource) -> Conformance:
        return _send(memory, definition, sets, sent, today)

    return _staged(text, profiles.KIND, play, Conformance)


def _staged(text: str, kind: str, play: Callable[[sa.Connection, Resource], T], refused: Callable[[str], T]) -> T:
    """What `play` finds of the definition in an empty database; where the record does not take it, why."""
    try:
        definition = resources.judge(text).resource
        if definition["resourceType"] != kind:
            return refused(f"resourceType: must be {kind}")
        engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
        try:
            with engine.connect() as memory:
                for table in _TABLES:
                    table.create(memory)
                return play(memory, definition)
        finally:
            engine.dispose()
    except BadResource as problem:
        return refused(_told(problem.issues[:3]))
    except BadInput as problem:
        return refused(problem.message)


def _told(issues: Iterable[Issue]) -> str:
    return "; ".join(f"{each.path}: {each.reason}" for each in issues)


def _opened(memory: sa.Connection, old: Sequence[Resource], today: date) -> Scope:
    """A workspace over a hospital with these resources."""
    base = store.new_hospital(memory, "rehearsal", today)
    _put(memory, base, old)
    store.publish(memory, base, default=True)
    return Scope(store.new_generation(memory, base, today), base)


def _post(memory: sa.Connection, scope: Scope, definition: Resource, today: date) -> Resource:
    """The definition as it stands in the workspace; BadResource where it is refused."""
    if found := _errors(conformance.check(memory, scope, definition, "")):
        raise BadResource(found)
    kept = {**definition, "id": "rehearsed"}
    store.update(memory, scope, kept["resourceType"], kept["id"], kept, orjson.dumps(kept).decode(),
                 at=audit.opening(today))
    return kept


def _errors(issues: Iterable[Issue]) -> list[Issue]:
    return [each for each in issues if each.severity == "error"]


def _play(memory: sa.Connection, definition: Resource, old: Sequence[Resource], new: Sequence[Resource],
          asked: Sequence[str], today: date) -> Rehearsal:
    scope = _opened(memory, old, today)
    _post(memory, scope, definition, today)
    _put(memory, scope.ws, new)
    answers = tuple(_ask(memory, scope, each) for each in asked)
    return Rehearsal("", definition["code"], tuple(sorted(definition["base"])), definition["type"], answers)


def _send(memory: sa.Connection, definition: Resource, sets: Sequence[Resource], sent: Sequence[Resource],
          today: date) -> Conformance:
    scope = _opened(memory, (), today)
    _put(memory, scope.ws, sets)
    kept = _post(memory, scope, definition, today)
    said = tuple(_told([each]) for each in conformance.told(memory, scope, kept))
    checks = bool(profiles.read(orjson.dumps(kept).decode()).rules)
    return Conformance("", kept["url"], checks, said, tuple(_answer(memory, scope, each) for each in sent))


def _answer(memory: sa.Connection, scope: Scope, one: Resource) -> str:
    found = resources.problems(one, typed=False) or _errors(conformance.check(memory, scope, one, one.get("id", "")))
    return _told(found[:2])


def _put(memory: sa.Connection, ws: int, some: Sequence[Resource]) -> None:
    store.put_many(memory, ws, ((one, orjson.dumps(one).decode()) for one in some))


def _ask(memory: sa.Connection, scope: Scope, asked: str) -> tuple[str, ...] | str:
    kind, _, query = asked.partition("?")
    pairs = [(name, value) for name, _, value in (part.partition("=") for part in query.split("&"))]
    try:
        return tuple(sorted(one.id for one in search.search(memory, scope, kind, pairs, whole=True).matches))
    except BadInput as problem:
        return problem.message
