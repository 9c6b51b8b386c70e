"""The clinic that came over with defects: which rows show each, which are innocent, and what lies beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache

from fixtures.planting import Hospital, plant_defects
from fixtures.planting.defects import Defect
from fixtures.views import FOLDER
from roles.hi.analyze_data.definition import Fault, Innocent, Row
from sandbox.activity import Resource

EDITION = "2"
#: A careful reader may point at the other side of the same fault, or at the table beside: both are the fault.
ALSO = {
    "null-required": ("patient_identifier.value", "patient_identifier.system", "patient_identifier.type",
                      "observation.value_unit"),
    "duplicate-mrn": ("patient_identifier.system",),
    "orphan-reference": ("feed_row.field", "feed_row.message_id"),
    "swapped-units": ("observation.code",),
    "bad-date": ("patient.birth_date_raw", "observation.issued", "feed_row.field", "feed_row.message_id"),
    "wrong-system": ("condition.code_text",),
    "total-mismatch": ("claim_line.unit_price", "claim_line.quantity"),
    "closed-encounter-without-diagnosis": ("encounter_diagnosis.encounter_id", "encounter.encounter_id"),
    "insulin-without-diabetes": ("medication_request.code_text",),
    "end-before-start": ("location_stay.end_at", "encounter.start_at", "feed_row.field", "feed_row.message_id"),
    "one-patient-twice": ("patient.patient_id", "patient.given", "patient.mrn", "patient.sex", "patient.birth_date_raw",
                          "patient.city", "patient_identifier.value"),
}
#: Two rows that are one fault together: either of them names it.
PAIRED = ("duplicate-mrn", "exact-duplicate", "one-patient-twice")


def plant(hospital: Hospital, seed: int, names: Sequence[str]) -> tuple[
        tuple[Resource, ...], tuple[Fault, ...], tuple[Innocent, ...]]:
    """The clinic's resources; the faults; the look-alikes."""
    planted = plant_defects(hospital, seed, names)
    record = {f"{r['resourceType']}/{r['id']}": r for r in planted.resources}
    found = planted.truth.defects
    faults = tuple(Fault(d.name, d.kahn, d.why, tuple(_rows(d, record)), tuple(_near(d, record))) for d in found)
    innocents = tuple(Innocent(d.name, _ids([p.resource for p in decoy.places], record), decoy.why)
                      for d in found for decoy in d.decoys)
    return planted.resources, faults, innocents


def _rows(defect: Defect, record: dict[str, Resource]) -> Iterator[Row]:
    """One row for each place, or one for all where the fault is that there are two."""
    columns = (*defect.columns, *ALSO.get(defect.name, ()))
    places = list(dict.fromkeys(p.resource for p in defect.places))
    if defect.name in PAIRED:
        places.sort(key=lambda place: place not in record)  # the clinic's own row is the one that is told first
        yield Row(_ids(places, record), columns)
        return
    for place in places:
        ids, here = _ids([place], record), _fitting(columns, record[place])
        if defect.name == "event-after-death":  # the wrong death, or the wrong chart: her own row says it too
            ids, here = (*ids, *_ids([record[place]["subject"]["reference"]], record)), columns
        yield Row(ids, here)


def _fitting(columns: Sequence[str], resource: Resource) -> tuple[str, ...]:
    """The columns of tables that such a resource gives rows to, the one that shows the fault first."""
    kind, parts = resource["resourceType"], "component" in resource
    fits = [c for c in columns if _tables()[c.partition(".")[0]] == kind
            and (parts or not c.startswith("observation_component."))]
    return tuple(fits)


@cache
def _tables() -> dict[str, str]:
    """Each table of the lab with the resource it is made of."""
    views = (json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json"))
    return {view["name"]: view["resource"] for view in views}


def _ids(places: Sequence[str], record: dict[str, Resource]) -> tuple[str, ...]:
    """Keys of the rows; an interface message goes by its own number as well."""
    found = []
    for place in places:
        kind, _, id = place.partition("/")
        found.append(id)
        if kind == "Basic":
            found.append(record[place]["identifier"][0]["value"])
    return tuple(found)


def _near(defect: Defect, record: dict[str, Resource]) -> Iterator[str]:
    """The visit, the person and the other signs of the same visit: who names them has seen it, and not which row."""
    for place in dict.fromkeys(p.resource for p in defect.places):
        at = record.get(place, {})  # a patient of the hospital, whom the clinic knows a second time, was not planted
        refs = [at.get(part, {}).get("reference", "") for part in ("subject", "encounter", "patient")]
        refs += [ref["reference"] for line in at.get("item", ()) for ref in line.get("encounter", ())]
        yield from (ref.partition("/")[2] for ref in refs if ref)
        visit = at.get("encounter", {}).get("reference")
        yield from (r["id"] for r in record.values() if visit and r["resourceType"] == at["resourceType"]
                    and r.get("encounter", {}).get("reference") == visit and r["id"] != at["id"])
