"""The account of a stay that waits for its codes: what was charged to it, and how far its bill has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from fixtures.hospital.accounts import HOLD, STATUS
from fixtures.hospital.charges import PRICES
from fixtures.hospital.clock import at, stamp
from fixtures.hospital.codings import HOUSE, concept, local, ref
from fixtures.hospital.places import HOSPITAL, NAME
from fixtures.notes import Variant
from sandbox.activity import BadPack, Chart, Resource

from .desk import Shown
from .work import Work

Charge = tuple[str, datetime, datetime, int]  # a key of PRICES, given, posted (wall clock), how many


def opened(variant: Variant, mark: str, resources: list[Resource]) -> list[Resource]:
    """The planted stay with its Account, held since the discharge, and a ChargeItem for each line posted to it by the
    house's own prices. BadPack where it is no inpatient stay."""
    if variant.table["setting"] != "inpatient":
        raise BadPack(f"account: “{variant.case}” is no inpatient stay, and only such a stay has one here.")
    named = {"account": [{"reference": f"Account/ac-{mark}"}]}
    charges = sorted(_charges(variant), key=lambda one: (one[2], one[0]))
    return [*(one | named if one["resourceType"] == "Encounter" else one for one in resources),
            _account(variant, mark), *(_item(mark, number, charge) for number, charge in enumerate(charges, 1))]


def carried(work: Work, shown: Shown, chart: Chart) -> list[Resource]:
    """The account as the work leaves it: a final bill this morning once there are codes and no question is open, else
    held as before. Its charges become billed with it. Nothing where nothing changes, or where it was deleted."""
    found = chart.search("Account", {"_id": shown.account})
    billed = bool(work.codes) and not work.queries
    if not found or billed == (found[0]["status"] == "inactive"):
        return []
    said = [part for one in found[0].get("extension", ()) if one["url"] == STATUS for part in one["extension"]]
    dates = [(part["url"], part["valueDateTime"]) for part in said if part["url"] == "billHold"]
    if billed:
        dates.append(("finalBilled", stamp(at(chart.today, 8))))
    after = _own(found[0]) | {"status": "inactive" if billed else "active",
                              "extension": [_stage("finalBilled" if billed else "billHold", dates)]}
    before, state = ("billable", "billed") if billed else ("billed", "billable")
    charges = chart.search("ChargeItem", {"_id": ",".join(shown.charges)})
    return [after, *(_own(one) | {"status": state} for one in charges if one["status"] == before)]


def _account(variant: Variant, mark: str) -> Resource:
    row = variant.table["encounter"]
    end = datetime.fromisoformat(row["end"])
    return {
        "resourceType": "Account", "id": f"ac-{mark}", "status": "active",
        "identifier": [{"system": f"{HOUSE}/account", "value": f"A{mark.upper()}"}],
        "subject": [{"reference": f"Patient/pt-{mark}"}], "owner": ref("Organization", HOSPITAL, NAME),
        "servicePeriod": {"start": stamp(datetime.fromisoformat(row["start"])), "end": stamp(end)},
        "extension": [_stage("billHold", [("billHold", stamp(at(end.date() + timedelta(days=HOLD["IMP"]), 23, 59)))])],
    }


def _charges(variant: Variant) -> Iterator[Charge]:
    """Emergency visit, bed and pharmacy for each night, the laboratory for each day on which blood was taken."""
    row = variant.table["encounter"]
    start, end = (datetime.fromisoformat(row[name]) for name in ("start", "end"))
    drawn = {datetime.fromisoformat(when).date() for lab in variant.table.get("lab", [])
             for when, value in lab["values"] if value}
    yield "emergency", start, _posted(start.date()), 1
    for night in range((end.date() - start.date()).days):
        when = start if night == 0 else at(start.date() + timedelta(days=night), 0, 5)
        for code in ("room", "pharmacy"):
            yield code, when, _posted(when.date()), 1
    for day in sorted(drawn):
        yield "lab", at(day, 6), _posted(day), 1


def _posted(day: date) -> datetime:
    """The posting run after midnight."""
    return at(day + timedelta(days=1), 2, 15)


def _item(mark: str, number: int, charge: Charge) -> Resource:
    code, given, posted, count = charge
    words, price, _ = PRICES[code]
    return {
        "resourceType": "ChargeItem", "id": f"ch-{mark}-{number}", "status": "billable",
        "code": concept(local("charge"), code, words, words), "subject": {"reference": f"Patient/pt-{mark}"},
        "context": {"reference": f"Encounter/en-{mark}"}, "occurrenceDateTime": stamp(given),
        "performingOrganization": ref("Organization", HOSPITAL, NAME), "quantity": {"value": count},
        "priceOverride": {"value": price * count, "currency": "USD"}, "enteredDate": stamp(posted),
        "account": [{"reference": f"Account/ac-{mark}"}],
    }


def _stage(stage: str, dates: list[tuple[str, str]]) -> Resource:
    parts: list[Resource] = [{"url": "stage", "valueCode": stage}]
    return {"url": STATUS, "extension": parts + [{"url": name, "valueDateTime": when} for name, when in dates]}


def _own(one: Resource) -> Resource:
    return {name: value for name, value in one.items() if name != "meta"}
