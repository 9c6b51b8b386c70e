"""The debrief's long groups: what weighs most is shown, the rest is folded, and nothing is lost or moved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sandbox.report import Finding, Report
from sandbox.web.debrief import groups

POINTS = st.lists(st.tuples(st.sampled_from(["right", "missed", "unsupported"]), st.integers(0, 9), st.integers(0, 9)),
                  max_size=40)


def report_of(rows: list[tuple[str, int, int]]) -> Report:
    """A report of findings with these groups and (earned, lost) points; numbers for criteria."""
    return Report(tuple(
        Finding(str(n), "Rows", "analytics", float(earned), float(earned + lost), f"finding {n}", "", group)  # type: ignore[arg-type]
        for n, (group, earned, lost) in enumerate(rows)))


@given(POINTS)
def test_every_finding_stands_once_in_its_group_and_in_the_reports_order(rows: list[tuple[str, int, int]]) -> None:
    """Shown and folded together are the group; each of the two keeps the order."""
    found = report_of(rows)
    for group in groups(found):
        mine = [f for f in found.findings if f.group == group.name]
        assert sorted((*group.shown, *group.folded), key=mine.index) == mine
        assert list(group.shown) == sorted(group.shown, key=mine.index)
        assert list(group.folded) == sorted(group.folded, key=mine.index)
        assert len(group.folded) != 1, "a fold for one line hides more than it saves"


def test_of_many_right_findings_the_weightiest_few_are_shown() -> None:
    """Thirty right ones, three of them heavy and late: those three are among the five shown."""
    [group] = groups(report_of([("right", 1, 0)] * 27 + [("right", 9, 0)] * 3))
    assert (len(group.shown), group.size) == (5, 30)
    assert {f.criterion for f in group.shown} >= {"27", "28", "29"}


def test_a_named_mistake_is_never_folded() -> None:
    """However little it cost: the headline speaks of it."""
    rows = [Finding(str(n), "Rows", "analytics", 0.0, 5.0, f"finding {n}", "", "missed") for n in range(20)]
    slip = Finding("slip", "Rows", "analytics", 0.0, 0.5, "the slip", "", "missed", mistake="counted ED visits")
    [group] = groups(Report((*rows, slip)))
    assert slip in group.shown
