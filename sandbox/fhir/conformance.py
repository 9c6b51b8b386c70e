"""What a workspace's own definitions ask of a resource, and what can be said of a definition itself.

The definitions are the current SearchParameters, StructureDefinitions and ValueSets that were posted to the workspace;
its base's are kept, and not followed.
"""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from sandbox.errors import Issue
from sandbox.fhir import claims, parameters, profiles
from sandbox.fhir.claims import Known
from sandbox.fhir.generations import Scope
from sandbox.fhir.versions import version

Resource = dict[str, Any]

#: The types whose writing is answered with what they do here.
DEFINITIONS = frozenset({parameters.KIND, profiles.KIND})


def check(conn: sa.Connection, scope: Scope, resource: Resource, id: str) -> list[Issue]:
    """What is to be said before this resource is written to a workspace, under this id ("": a new one).

    An Issue that is an error forbids it.
    """
    if scope.base is None:
        return []
    if resource["resourceType"] == parameters.KIND:
        return parameters.problems(conn, scope, resource, id)
    known = _known(conn, scope, id)
    if resource["resourceType"] == profiles.KIND:
        return _definition(resource, known)
    return claims.check(resource, known)


def told(conn: sa.Connection, scope: Scope, resource: Resource) -> list[Issue]:
    """What is to be said of a resource that has been written: of a definition, what it does here."""
    if resource["resourceType"] == parameters.KIND:
        return parameters.told(conn, scope, resource)
    return check(conn, scope, resource, resource["id"])


def _definition(resource: Resource, known: Known) -> list[Issue]:
    """What is wrong in a StructureDefinition, and what of it is not honoured."""
    if resource.get("status") == "retired":
        return [Issue(profiles.KIND, "is retired: it is kept, and nothing is checked by it", "informational",
                      "information")]
    profile = profiles.read(orjson.dumps(resource).decode())
    said = [*profile.said, *claims.unknown_sets(profile, known)]
    if resource["url"] in known.profiles:
        said.append(Issue(f"{profiles.KIND}.url", "another definition here has this url: update that one", "duplicate"))
    place = "wherever its url is used" if profile.type == "Extension" else "in what claims it in meta.profile"
    rules = sum(bool(rule.steps or rule.constraints) for rule in profile.rules)
    many = "1 element of it is" if rules == 1 else f"{rules} elements of it are"
    said.append(Issue(profiles.KIND, f"{many} checked {place}", "informational", "information"))
    return said


def _known(conn: sa.Connection, scope: Scope, without: str) -> Known:
    """The definitions that count, but for the one with this id, which is about to be replaced."""
    query = sa.select(version.c.kind, version.c.id, version.c.text).where(
        version.c.ws == scope.ws, version.c.kind.in_([profiles.KIND, "ValueSet"]), version.c.current)
    found, sets = {}, {}
    for kind, id, text in conn.execute(query.order_by(version.c.row)):
        if kind == "ValueSet":
            value_set = orjson.loads(text)
            if value_set.get("status") != "retired" and "url" in value_set:
                sets[value_set["url"]] = value_set
        elif id != without:
            profile = profiles.read(text)
            if not profile.retired:
                found[profile.url] = profile
    return Known(found, sets)
