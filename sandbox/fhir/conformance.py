"""What a workspace's own definitions ask of a resource, and what can be said of a definition itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sandbox.errors import Issue
from sandbox.fhir import parameters
from sandbox.fhir.generations import Scope

Resource = dict[str, Any]


def check(conn: sa.Connection, scope: Scope, resource: Resource) -> list[Issue]:
    """What is to be said before this resource is written to a workspace: an Issue that is an error forbids it."""
    if scope.base is None:
        return []
    return parameters.problems(conn, scope, resource) if resource["resourceType"] == parameters.KIND else []


def told(conn: sa.Connection, scope: Scope, resource: Resource) -> list[Issue]:
    """What is to be said of a resource that has been written: of a definition, what it does here."""
    return parameters.told(conn, scope, resource) if resource["resourceType"] == parameters.KIND else []
