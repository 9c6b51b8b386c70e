"""Charges, accounts and bills agree, so that what is discharged and not yet billed can be reckoned."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hospital_rounds import MORNING, Resource, Wards, default_by_kind

from sandbox.lab.base import build
from sandbox.lab.dictionary import shipped


@pytest.fixture(scope="module")
def by_kind() -> Wards:
    """The default hospital by resource type."""
    return default_by_kind()


def _stages(account: Resource) -> dict[str, str]:
    return {part["url"]: part.get("valueDateTime", part.get("valueCode"))
            for part in account["extension"][0]["extension"]}


def test_each_line_of_a_bill_is_the_sum_of_what_was_posted(by_kind: Wards) -> None:
    """By charge code: quantity and dollars; the total is the sum of the lines; all was posted before the bill."""
    posted: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    last: dict[str, str] = defaultdict(str)
    for one in by_kind["ChargeItem"]:
        cell = posted[one["context"]["reference"]][one["code"]["coding"][0]["code"]]
        cell[0] += one["quantity"]["value"]
        cell[1] += one["priceOverride"]["value"]
        last[one["context"]["reference"]] = max(last[one["context"]["reference"]], one["enteredDate"])
        assert one["occurrenceDateTime"] < one["enteredDate"] < MORNING
    billed = set()
    for claim in by_kind["Claim"]:
        encounter = claim["item"][0]["encounter"][0]["reference"]
        billed.add(encounter)
        lines = {one["productOrService"]["coding"][0]["code"]: [one["quantity"]["value"], one["net"]["value"]]
                 for one in claim["item"]}
        assert lines == posted[encounter], claim["id"]
        assert claim["total"]["value"] == sum(one["net"]["value"] for one in claim["item"])
        assert last[encounter] < claim["created"]
    assert {one["status"] for one in by_kind["ChargeItem"] if one["context"]["reference"] in billed} == {"billed"}
    assert "billable" in {one["status"] for one in by_kind["ChargeItem"]}


def test_an_account_says_how_far_its_bill_has_come(by_kind: Wards) -> None:
    """In house, held, final, handed in: each with its time, in this order; a final bill is a claim."""
    claims = {one["item"][0]["encounter"][0]["reference"]: one["created"] for one in by_kind["Claim"]}
    stages = Counter()
    for one in by_kind["Encounter"]:
        if one["status"] == "cancelled":
            continue
        account = next(each for each in by_kind["Account"] if f"Account/{each['id']}" == one["account"][0]["reference"])
        found = _stages(account)
        stages[found["stage"]] += 1
        assert ("billHold" in found) == ("end" in one["period"])
        assert found.get("finalBilled") == claims.get(f"Encounter/{one['id']}")
        if "submitted" in found:
            assert found["finalBilled"] < found["submitted"] < MORNING
    assert set(stages) == {"inHouse", "billHold", "finalBilled", "submitted"}


def test_discharged_and_not_final_billed_is_a_few_days_of_revenue(by_kind: Wards) -> None:
    """Unbilled gross of those who left, over the average gross posted a day: as a hospital would report it."""
    left = {f"Account/{one['id']}" for one in by_kind["Account"]
            if "end" in one["servicePeriod"] and "finalBilled" not in _stages(one)}
    first = (date(2026, 6, 30) - timedelta(days=90)).isoformat()
    unbilled, daily = 0.0, 0.0
    for one in by_kind["ChargeItem"]:
        unbilled += one["priceOverride"]["value"] * (one["account"][0]["reference"] in left)
        daily += one["priceOverride"]["value"] / 90 * (first <= one["enteredDate"][:10] < "2026-06-30")
    assert 2 <= unbilled / daily <= 9


def test_what_was_done_is_charged(by_kind: Wards) -> None:
    """An operation has its room, a new joint its implant, an emergency visit its visit, a night its bed."""
    codes = defaultdict(Counter)
    for one in by_kind["ChargeItem"]:
        codes[one["context"]["reference"]][one["code"]["coding"][0]["code"]] += 1
    for note in by_kind["DocumentReference"]:
        if note["type"]["coding"][0]["code"] == "11504-8" and note["date"] < "2026-06-26":
            assert codes[note["context"]["encounter"][0]["reference"]]["operation"] == 1
    for one in by_kind["Encounter"]:
        if one["class"]["code"] == "IMP" and one["status"] == "finished":
            nights = date.fromisoformat(one["period"]["end"][:10]) - date.fromisoformat(one["period"]["start"][:10])
            assert codes[f"Encounter/{one['id']}"]["room"] == max(1, nights.days)
        if one["class"]["code"] == "EMER":
            assert codes[f"Encounter/{one['id']}"]["emergency"] == 1


def test_the_labs_tables_find_what_the_record_holds(by_kind: Wards, tmp_path: Path) -> None:
    """No column of the tables about money, work and accesses is empty because its path misses the record."""
    kinds = {"Account": "account", "ChargeItem": "charge_item", "Task": "task", "Appointment": "appointment",
             "AdverseEvent": "adverse_event", "MeasureReport": "unit_month", "AuditEvent": "audit_event",
             "ServiceRequest": "service_request", "Claim": "claim"}
    build(tmp_path / "lab.duckdb", [one for kind in kinds for one in by_kind[kind][:400]], shipped())
    with duckdb.connect(str(tmp_path / "lab.duckdb"), read_only=True) as con:
        for table in (*kinds.values(), "claim_line"):
            columns = {row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()} - {"version_id", "last_updated"}
            found = con.execute(f"SELECT {', '.join(f'count({one})' for one in columns)} FROM {table}").fetchone()
            missing = {one for one, count in zip(columns, found or (), strict=True) if not count}
            assert not missing, table


def test_a_hospitals_bill_names_its_group_and_the_departments_and_a_clinics_names_neither(by_kind: Wards) -> None:
    """A stay's bill has the MS-DRG with its version; each line of a hospital's bill a revenue code of four digits."""
    classes = {f"Encounter/{one['id']}": one["class"]["code"] for one in by_kind["Encounter"]}
    for one in by_kind["Claim"]:
        cls = classes[one["item"][0]["encounter"][0]["reference"]]
        groups = [row["code"]["coding"][0] for row in one.get("supportingInfo", ())]
        assert [(len(group["code"]), group["version"]) for group in groups] == ([(3, "43.1")] if cls == "IMP" else [])
        assert not any(group["code"] in ("998", "999") for group in groups)
        for line in one["item"]:
            assert (cls == "AMB") == ("revenue" not in line)
            assert cls == "AMB" or len(line["revenue"]["coding"][0]["code"]) == 4
