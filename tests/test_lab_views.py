"""ViewDefinitions: the official SQL on FHIR v2 suite, and what this runner promises beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.lab.dictionary import ShippedView, shipped
from sandbox.lab.expressions import compile
from sandbox.lab.firsts import compile_first
from sandbox.lab.grammar import BadExpression
from sandbox.lab.straight import compile_row
from sandbox.lab.values import text
from sandbox.lab.views import View

SUITE = Path(__file__).resolve().parents[2] / "shared" / "data" / "sql-on-fhir-v2"


def _cases() -> list[tuple[str, dict, list]]:
    found = []
    for path in sorted(SUITE.glob("*.json")):
        suite = json.loads(path.read_text("utf-8"))
        found += [(f"{path.stem}: {case['title']}", case, suite["resources"]) for case in suite["tests"]]
    return found


def _passes(case: dict, resources: list) -> bool:
    try:
        view = View(case["view"])
        rows = [dict(zip([c["name"] for c in view.columns], row, strict=True)) for row in view.run(resources)]
    except BadExpression:
        return bool(case.get("expectError"))
    if case.get("expectError"):
        return False
    if "expectColumns" in case and [c["name"] for c in view.columns] != case["expectColumns"]:
        return False
    text = lambda many: sorted(json.dumps(each, sort_keys=True) for each in many)  # noqa: E731
    return text(rows) == text(case["expect"])


@pytest.mark.skipif(not SUITE.is_dir(), reason="the official suite is not beside this checkout")
def test_the_official_suite_passes() -> None:
    """All 134 cases of SQL on FHIR v2's own suite hold."""
    cases = _cases()
    failed = [name for name, case, resources in cases if not _passes(case, resources)]
    print(f"SQL on FHIR v2: {len(cases) - len(failed)} of {len(cases)}; not: {failed}")
    assert len(cases) >= 134
    assert not failed


def test_a_reference_to_another_type_gives_no_key() -> None:
    """getReferenceKey(Patient) on a reference to a Group is null, and versions and servers are cut off."""
    view = View({"resource": "Encounter", "select": [{"column": [
        {"name": "patient_id", "path": "subject.getReferenceKey(Patient)"}]}]})
    said = ["Group/1", "Patient/2", "https://h.example/fhir/Patient/3/_history/4", "#p"]
    rows = [view.rows({"resourceType": "Encounter", "subject": {"reference": each}})[0][0] for each in said]
    assert rows == [None, "2", "3", None]


def test_a_choice_is_found_without_its_type_and_a_history_is_not_a_choice() -> None:
    """`value` finds valueQuantity; `status` never finds statusHistory."""
    view = View({"resource": "Encounter", "select": [{"column": [
        {"name": "v", "path": "value.value"}, {"name": "s", "path": "status.empty()"}]}]})
    assert view.rows({"resourceType": "Encounter", "valueQuantity": {"value": 7},
                      "statusHistory": [{"status": "planned"}]}) == [(7, True)]


def test_several_values_in_one_cell_are_an_error_and_the_first_for_a_lenient_view() -> None:
    """The standard refuses; the house's own tables take the first, so that no loaded record can close the lab."""
    two = {"resource": "Patient", "select": [{"column": [{"name": "family", "path": "name.family"}]}]}
    patient = {"resourceType": "Patient", "name": [{"family": "A"}, {"family": "B"}]}
    with pytest.raises(BadExpression, match="2 values"):
        View(two).rows(patient)
    assert View(two, lenient=True).rows(patient) == [("A",)]


def test_a_view_that_breaks_the_rules_is_refused_with_its_place() -> None:
    """A bad path names itself and the character."""
    with pytest.raises(BadExpression, match="character 6"):
        View({"resource": "Patient", "select": [{"column": [{"name": "a", "path": "name.?"}]}]})


PATHS = sorted({(view.resource, column["path"]) for view in shipped().views if isinstance(view, ShippedView)
                for column in view.view.columns})


@given(data=st.data(), column=st.sampled_from(PATHS))
@settings(max_examples=150)
def test_the_short_way_to_a_first_value_says_the_same(data: st.DataObject, column: tuple[str, str]) -> None:
    """Whatever stands on a column's way (lists, several, none, text for an object), both find the same, or neither."""
    kind, path = column
    names = sorted(set(re.findall(r"[A-Za-z]+", path)) | {"valueQuantity", "effectivePeriod", "reference", "start"})
    leaves = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "Patient/1", "2026-05-01", "code"])
    nodes = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3)
                         | st.dictionaries(st.sampled_from(names), inner, max_size=5), max_leaves=20)
    node = data.draw(st.dictionaries(st.sampled_from(names), nodes, min_size=1))
    long, short = compile(path, kind, {}, [0]), compile_first(path, kind, {}, [0])
    row = compile_row([(short, None), (short, text)])
    first = _said(lambda: next(iter(long([node])), None))
    assert _said(lambda: short.first([node])) == first
    both = first if isinstance(first, type) else (first, None if first is None else text(first))
    assert _said(lambda: row([node])) == both


def _said(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except (BadExpression, AttributeError, TypeError) as problem:  # what no FHIR validator would let through
        return type(problem)
