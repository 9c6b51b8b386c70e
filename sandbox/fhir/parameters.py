"""A workspace's own search parameters: SearchParameters that were posted to it, and their index over what was there.

Their rows name the workspace's generation and, as the versions they find, the base's as well as its own; their
numbers are the workspace's, so nobody else's search meets them. The record itself says which there are: a reset
begins without, and what a reset left behind has them still. What is drawn from a base, which never changes, is kept
in memory for the next learner who posts the same.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from sandbox.db import insert
from sandbox.errors import BadResource, Issue
from sandbox.fhir import definitions, expressions, index, values
from sandbox.fhir.definitions import SearchParameter
from sandbox.fhir.generations import Scope, generation, shadow
from sandbox.fhir.versions import version

Resource = dict[str, Any]
Known = Callable[[str], Mapping[str, SearchParameter]]
Own = dict[str, dict[str, SearchParameter]]

KIND = "SearchParameter"
#: How many a workspace may have, for how many types each; over how many resources of a type, in how many seconds.
MOST_POSTED, MOST_BASES, MOST_RESOURCES, SECONDS = 50, 5, 100_000, 5.0
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_REMEMBERED = 200_000  # index rows
_drawn: OrderedDict[tuple[str, ...], list[tuple[int, tuple[Any, ...]]]] = OrderedDict()
_drawing = threading.Lock()


def known(conn: sa.Connection, scope: Scope) -> Known:
    """By name, the parameters that a type can be asked for in a workspace; its own are read when first asked for."""
    found: list[Own] = []

    def of(kind: str) -> Mapping[str, SearchParameter]:
        if not found:
            found.append(own(conn, scope))
        return {**index.kept(kind), **found[0].get(kind, {})}

    return of


def own(conn: sa.Connection, scope: Scope) -> Own:
    """The parameters that were posted to this workspace, by type and name."""
    found: Own = {}
    for resource in _posted(conn, scope) if scope.base is not None else ():
        for kind, parameter in _each(resource, scope.ws):
            found.setdefault(kind, {})[parameter.name] = parameter
    return found


def problems(conn: sa.Connection, scope: Scope, resource: Resource, id: str) -> list[Issue]:
    """Why this SearchParameter cannot be honoured in the workspace under this id; [] where it can, or is retired."""
    if resource.get("status") == "retired":
        return []
    found = list(_unusable(resource))
    others = [one for one in _posted(conn, scope) if one.get("id") != id]
    if len(others) >= MOST_POSTED:
        found.append(Issue(KIND, f"there are {MOST_POSTED} in this workspace already: delete one first", "too-costly"))
    for other in others:
        both = set(other.get("base", ())) & set(resource["base"])
        if both and other.get("code") == resource["code"] and other.get("status") != "retired":
            reason = f"“{resource['code']}” for {min(both)} is SearchParameter/{other['id']} already: update that one"
            found.append(Issue(f"{KIND}.code", reason, "duplicate"))
    return found


def told(conn: sa.Connection, scope: Scope, resource: Resource) -> list[Issue]:
    """What there is to say of a stored SearchParameter: how many resources of each type it finds now."""
    if resource.get("status") == "retired":
        return [Issue(KIND, "is retired: kept, and no search by it is answered", "informational", "information")]
    found = []
    for kind, one in _each(resource, scope.ws):
        table = index.TABLES[one.type]
        hidden = sa.exists().where(shadow.c.ws == scope.ws, shadow.c.row == table.c.row)
        rows = sa.select(table.c.row).distinct().where(table.c.ws == scope.ws, table.c.param == one.number, ~hidden)
        count = conn.execute(sa.select(sa.func.count()).select_from(rows.subquery())).scalar_one()
        said = f"{kind} can be searched by “{one.name}” ({one.type}): {count:,} resources have a value"
        more = "" if count else ". If some should, look at expression and type again"
        found.append(Issue(KIND, said + more, "informational", "information"))
    return found


def follow(
    conn: sa.Connection, scope: Scope, written: Sequence[tuple[int, str, Resource]], before: str = "",
) -> None:
    """Keep the workspace's own index true to a write: `written` as (row, kind, resource); `before` is the text of a
    version that went. A SearchParameter among them is indexed anew over all that the workspace has.
    """
    if scope.base is None:
        return
    mine = own(conn, scope)
    batches: dict[tuple[str, int], list[tuple[Any, ...]]] = {}
    for row, kind, resource in written:
        for one in mine.get(kind, {}).values():
            batches.setdefault((one.type, one.number), []).extend(
                (scope.ws, one.number, *columns, row) for columns in _reader(kind, one)(resource))
    for (type_, _), batch in batches.items():
        insert(conn, index.TABLES[type_], batch)
    if before:
        for _, one in _each(orjson.loads(before), scope.ws):
            _clear(conn, scope.ws, one.number)
    for _, kind, resource in written:
        for base, one in _each(resource, scope.ws) if kind == KIND else ():
            _clear(conn, scope.ws, one.number)
            _fill(conn, scope, base, one)


def draw(conn: sa.Connection, scope: Scope, some: Sequence[Resource]) -> None:
    """Read what SearchParameters find in the base, before anybody has to wait for the write. BadResource as there, and
    where it takes too long for all of them together.
    """
    end = time.monotonic() + SECONDS
    for resource in some if scope.base is not None else ():
        for kind, one in _each(resource, scope.ws):
            if time.monotonic() > end:
                raise _costly(f"indexing {len(some)} parameters at once takes longer than {SECONDS:g} seconds")
            _from_base(conn, scope.base or 0, kind, one)


def _posted(conn: sa.Connection, scope: Scope) -> list[Resource]:
    query = sa.select(version.c.text).where(version.c.ws == scope.ws, version.c.kind == KIND, version.c.current)
    return [orjson.loads(text) for text in conn.execute(query.order_by(version.c.row)).scalars()]


def _each(resource: Resource, ws: int) -> list[tuple[str, SearchParameter]]:
    """The resource as one parameter for each type that it is for; none where it is retired or of no use."""
    if resource.get("status") == "retired" or list(_unusable(resource)):
        return []
    code, type_, targets = resource["code"], resource["type"], tuple(resource.get("target", ()))
    return [(kind, SearchParameter(code, type_, resource["expression"], targets or _any(type_),
                                   ws << 32 | values.parameter_number(kind, code))) for kind in resource["base"]]


def _any(type_: str) -> tuple[str, ...]:
    return tuple(sorted(definitions.kinds())) if type_ == "reference" else ()


def _unusable(resource: Resource) -> list[Issue]:
    """What of the definition itself cannot be honoured here."""
    code, type_, expression = resource.get("code", ""), resource.get("type"), resource.get("expression")
    found = []
    if not _CODE.fullmatch(code):
        found.append(Issue(f"{KIND}.code", "must be letters, digits and hyphens, a letter first", "value"))
    if type_ not in index.TABLES:
        good = ", ".join(sorted(index.TABLES))
        found.append(Issue(f"{KIND}.type", f"“{type_}” is not indexed here: use one of {good}", "not-supported"))
    if not isinstance(expression, str):
        return [*found, Issue(f"{KIND}.expression", "is needed to index what is there", "required")]
    if len(resource.get("base", ())) > MOST_BASES:
        return [*found, Issue(f"{KIND}.base", f"names more than {MOST_BASES} types: post several", "too-costly")]
    for n, kind in enumerate(resource.get("base", ())):
        at = f"{KIND}.base[{n}]"
        if kind not in definitions.kinds():
            found.append(Issue(at, f"“{kind}” is not a resource type that is kept here", "not-supported"))
        elif kind == "AuditEvent":
            found.append(Issue(at, "part of the trail is not stored, so it cannot be indexed", "not-supported"))
        elif code in index.kept(kind):
            reason = f"“{code}” is asked of {kind} already, as FHIR R4 has it: choose another code"
            found.append(Issue(f"{KIND}.code", reason, "duplicate"))
        elif reason := expressions.trouble(expression, kind) or expressions.of_type(expression, kind):
            found.append(Issue(f"{KIND}.expression", reason, "invalid"))
    return found


def _reader(kind: str, parameter: SearchParameter) -> Callable[[Resource], list[tuple[Any, ...]]]:
    find, read = expressions.compiled(parameter.expression, kind), index.READ[parameter.type]
    return lambda resource: list(dict.fromkeys(tuple(row) for value in find(resource) for row in read(value)))


def _clear(conn: sa.Connection, ws: int, number: int) -> None:
    for table in index.TABLES.values():
        conn.execute(sa.delete(table).where(table.c.ws == ws, table.c.param == number))


def _fill(conn: sa.Connection, scope: Scope, kind: str, parameter: SearchParameter) -> None:
    assert scope.base is not None
    found = [*_from_base(conn, scope.base, kind, parameter), *_read(conn, scope.ws, kind, parameter)]
    rows = [(scope.ws, parameter.number, *columns, row) for row, columns in found]
    insert(conn, index.TABLES[parameter.type], rows)


def _from_base(conn: sa.Connection, base: int, kind: str, one: SearchParameter) -> list[tuple[int, tuple[Any, ...]]]:
    made = conn.execute(sa.select(generation.c.made, generation.c.digest).where(generation.c.ws == base)).one()
    key = (str(base), *made, kind, one.type, one.expression)
    with _drawing:
        if key not in _drawn:
            _drawn[key] = _read(conn, base, kind, one)
            while len(_drawn) > 1 and sum(map(len, _drawn.values())) > _REMEMBERED:
                _drawn.popitem(last=False)
        _drawn.move_to_end(key)
        return _drawn[key]


def _read(conn: sa.Connection, ws: int, kind: str, one: SearchParameter) -> list[tuple[int, tuple[Any, ...]]]:
    """(row, value columns) of what a generation's current versions of a type have; BadResource past the bounds."""
    there = (version.c.ws == ws, version.c.kind == kind, version.c.current)
    count = conn.execute(sa.select(sa.func.count()).select_from(version).where(*there)).scalar_one()
    if count > MOST_RESOURCES:
        raise _costly(f"there are {count:,} of {kind}, and at most {MOST_RESOURCES:,} are indexed")
    read, end, found = _reader(kind, one), time.monotonic() + SECONDS, []
    query = sa.select(version.c.row, version.c.text).where(*there).execution_options(yield_per=500)
    for n, (row, text) in enumerate(conn.execute(query)):
        if n % 50 == 0 and time.monotonic() > end:
            raise _costly(f"indexing {count:,} of {kind} by this expression takes longer than {SECONDS:g} seconds")
        found += [(row, columns) for columns in read(orjson.loads(text))]
    return found


def _costly(reason: str) -> BadResource:
    return BadResource([Issue(f"{KIND}.expression", f"{reason}. A plain path is quicker.", "too-costly")])
