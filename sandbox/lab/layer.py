"""What lies over a base file: her rows, and which of the base's resources are no longer seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sandbox.lab.dictionary import Dictionary
from sandbox.lab.tables import Resource
from sandbox.lab.views import Row


@dataclass(frozen=True)
class Layer:
    """What lies over a base: rows by table, and the keys of base resources, by type, that are no longer seen."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    shadow: dict[str, list[str]] = field(default_factory=dict)

    @staticmethod
    def of(resources: Iterable[Resource], shadow: Iterable[tuple[str, str]], dictionary: Dictionary) -> Layer:
        """The rows of `resources`; each hides a base resource of its own type and id, and so does `shadow`."""
        rows: dict[str, list[Row]] = {}
        hidden: dict[str, set[str]] = {}
        for kind, id in shadow:
            hidden.setdefault(kind, set()).add(id)
        for resource in resources:
            kind = resource["resourceType"]
            if "id" in resource:
                hidden.setdefault(kind, set()).add(resource["id"])
            for view in dictionary.of(kind):
                rows.setdefault(view.name, []).extend(view.rows(resource))
        return Layer({name: some for name, some in rows.items() if some},
                     {kind: sorted(ids) for kind, ids in hidden.items()})

    def reversed(self) -> Layer:
        """The same rows, last first."""
        return replace(self, rows={name: some[::-1] for name, some in self.rows.items()})
