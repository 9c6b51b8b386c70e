"""Results and orders beside the notes: laboratory values, drugs and orders as tables, each row by its reference."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.activity import Resource

from .planting import short, when

#: What stands beside the notes, as a search asks for it with its encounter.
OF_ENCOUNTER = ("Observation:encounter", "MedicationRequest:encounter", "ServiceRequest:encounter")


@dataclass(frozen=True)
class Sheet:
    """One table of the record: `id` names it on the page, `rows` are cells as text under `columns`.

    `references` names each row as a citation does ("Observation/ob-1").
    """

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    references: tuple[str, ...] = ()


def sheets(record: list[Resource]) -> list[Sheet]:
    """An encounter's laboratory values by test and time, its drugs and its other orders; none that is empty."""
    def of(kind: str) -> list[Resource]:
        return [one for one in record if one["resourceType"] == kind]

    labs = sorted(of("Observation"), key=lambda o: (_name(o), o.get("effectiveDateTime", "")))
    drugs = sorted(of("MedicationRequest"), key=lambda m: (m.get("authoredOn", ""), m["id"]))
    orders = sorted(of("ServiceRequest"), key=lambda o: (o.get("authoredOn", ""), o["id"]))
    found = [
        Sheet("sheet-laboratory", "Laboratory", ("Test", "When", "Value"), tuple(_lab(o) for o in labs), _named(labs)),
        Sheet("sheet-medications", "Medications ordered", ("Drug", "Ordered"), tuple(_drug(m) for m in drugs),
              _named(drugs)),
        Sheet("sheet-orders", "Orders", ("Order", "Written"), tuple(_order(o) for o in orders), _named(orders)),
    ]
    return [sheet for sheet in found if sheet.rows]


def _named(resources: list[Resource]) -> tuple[str, ...]:
    return tuple(f"{r['resourceType']}/{r['id']}" for r in resources)


def _order(request: Resource) -> tuple[str, ...]:
    return str(request.get("code", {}).get("text", "")), _at(request.get("authoredOn", ""))


def _lab(observation: Resource) -> tuple[str, ...]:
    value = observation.get("valueQuantity", {})
    told = f"{value.get('value', '')} {value.get('unit', '')}".strip()
    return _name(observation), _at(observation.get("effectiveDateTime", "")), told


def _drug(request: Resource) -> tuple[str, ...]:
    return str(request.get("medicationCodeableConcept", {}).get("text", "")), _at(request.get("authoredOn", ""))


def _name(observation: Resource) -> str:
    code = observation.get("code", {})
    return str(code.get("text") or code.get("coding", [{}])[0].get("display", ""))


def _at(text: str) -> str:
    return short(when(text)) if text else ""
