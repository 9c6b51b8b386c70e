"""hospital stats: what a hospital of the generator holds, and whether it holds together."""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import orjson

Resource = dict[str, Any]
_SAMPLE = 12  # of each type are read by fhir.resources too; all are judged by the record's own validation
_RELEASE = date(2026, 4, 1)  # older stays are grouped as if they had ended on the first day of the code set's release


def stats(args: argparse.Namespace) -> int:
    """Print counts, then each check with how much it looked at; exit status 1 where one found a fault."""
    from fixtures import hospital
    from fixtures.hospital.checks import check
    from sandbox.cli.content import open_shared_codes
    from sandbox.config import Settings

    settings, codes = Settings.read({"seed": args.seed, "patients": args.patients}), open_shared_codes()
    resources = list(hospital.build(settings.seed, settings.patients, codes))
    _counts(resources, settings.patients, settings.seed)
    faults = 0
    for one in check(resources, codes):
        faults += _say(one.name, one.looked, one.faults)
    faults += _say("resources are valid as FHIR R4", *_valid(resources))
    faults += _say(f"{_SAMPLE} of each type are valid by fhir.resources", *_second(resources))
    faults += _groups(resources)
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

    found = [f"{one['resourceType']}/{one['id']}: {issue.path} {issue.message}"
             for one in resources for issue in problems(one, typed=False)]
    return len(resources), found


def _second(resources: list[Resource]) -> tuple[int, list[str]]:
    from sandbox.fhir.resources import problems

    kinds: dict[str, list[Resource]] = defaultdict(list)
    for one in resources:
        kinds[one["resourceType"]].append(one)
    sample = [one for of_kind in kinds.values() for one in of_kind[:: max(1, len(of_kind) // _SAMPLE)][:_SAMPLE]]
    found = [f"{one['resourceType']}/{one['id']}: {issue.path} {issue.message}"
             for one in sample for issue in problems(one, typed=True)]
    return len(sample), found


def _groups(resources: list[Resource]) -> int:
    """Both groupers on every billed stay; a difference is a fault, and no second grouper is said."""
    from sandbox.errors import NotFound
    from sandbox.terminology import open_grouper

    try:
        first, second = open_grouper("msdrg"), open_grouper("drgpy")
    except NotFound as missing:
        print(f"  not asked: whether two groupers agree. {missing.message} {missing.hint}")
        return 0
    asked, found = 0, []
    for id, claim in billed(resources):
        a, b = first.group(claim), second.group(claim)
        asked += 1
        if a.drg != b.drg:
            found.append(f"{id}: {a.drg} by msdrg, {b.drg} by drgpy")
    return _say("two groupers give the same MS-DRG v43.1", asked, found)


def _accesses(resources: list[Resource]) -> None:
    from fixtures.hospital.explaining import ORDER, Links

    links = Links(resources)
    events = [one for one in resources if one["resourceType"] == "AuditEvent"]
    counts = Counter(links.explain(one) for one in events)
    print(f"Accesses, {len(events):,}, by the first relationship that explains them:")
    for key, words in [*ORDER.items(), ("", "nothing in the record explains it")]:
        print(f"  {counts[key] / max(1, len(events)):7.2%}  {words}")


def billed(resources: Iterable[Resource]) -> Iterator[tuple[str, Any]]:
    """Each billed inpatient stay as (Encounter id, the claim as a grouper is asked)."""
    from sandbox.terminology import Claim

    kinds: dict[str, dict[str, Resource]] = defaultdict(dict)
    for one in resources:
        kinds[one["resourceType"]][f"{one['resourceType']}/{one['id']}"] = one
    for bill in kinds["Claim"].values():
        visit = kinds["Encounter"][bill["item"][0]["encounter"][0]["reference"]]
        if visit["class"]["code"] != "IMP":
            continue
        patient = kinds["Patient"][bill["patient"]["reference"]]
        coded = [(_code(row["diagnosisCodeableConcept"]), _code(row.get("onAdmission", {})).upper())
                 for row in bill["diagnosis"]]
        done = [_code(row["procedureCodeableConcept"]) for row in bill.get("procedure", [])]
        yield visit["id"], Claim.of(
            coded, done, sex=patient["gender"][0].upper(), age=_age(patient["birthDate"], visit["period"]["start"]),
            disposition=_code(visit["hospitalization"]["dischargeDisposition"]),
            discharged=max(date.fromisoformat(visit["period"]["end"][:10]), _RELEASE))


def _code(concept: Resource) -> str:
    return str(concept.get("coding", [{}])[0].get("code", ""))


def _age(born: str, day: str) -> int:
    a, b = date.fromisoformat(born), date.fromisoformat(day[:10])
    return b.year - a.year - ((b.month, b.day) < (a.month, a.day))
