"""Comparing tables fairly: the promises of TableShape and rows_as_multiset, for any rows."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.activity import Field, TableShape, rows_as_multiset

SHAPE = TableShape((Field("service"), Field("n", "count"), Field("mean", "number", 1)))
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Cardiology", "Surgery", None]), st.integers(0, 50), st.integers(0, 900).map(lambda n: n / 100)
    ),
    max_size=12,
)


def multiset(rows: Any, columns: tuple[str, ...] = ("service", "n", "mean")) -> Counter[Any]:
    found = rows_as_multiset(columns, rows, SHAPE)
    assert found is not None
    return found


@given(ROWS, st.randoms())
def test_order_of_rows_and_columns_is_irrelevant(rows: list[Any], dice: Any) -> None:
    """The same rows in another order, under the same names in another order, are the same table."""
    shuffled = [(mean, n, "extra", service) for service, n, mean in rows]
    dice.shuffle(shuffled)
    assert SHAPE.same(multiset(shuffled, ("MEAN", "N", "remark", "Service")), multiset(rows))


@given(ROWS)
def test_rounding_as_asked_is_the_same_and_a_whole_unit_is_not(rows: list[Any]) -> None:
    """A mean may come unrounded, to one decimal, as Decimal or text; one more is another mean."""
    rounded = [(s, Decimal(n), str(round(mean, 1))) for s, n, mean in rows]
    assert SHAPE.same(multiset(rounded), multiset(rows))
    if rows:
        off = [(rows[0][0], rows[0][1], rows[0][2] + 1), *rows[1:]]
        assert not SHAPE.same(multiset(off), multiset(rows))


@given(ROWS)
def test_each_row_counts_as_often_as_it_stands(rows: list[Any]) -> None:
    """Twice is not once; a missing row is found; nothing is missing from the same rows."""
    assert not SHAPE.missing(multiset(rows), multiset(rows))
    if rows:
        assert not SHAPE.same(multiset([*rows, rows[0]]), multiset(rows))
        assert SHAPE.missing(multiset(rows[1:]), multiset(rows)).total() == 1


def test_null_zero_and_a_missing_row_are_three_answers() -> None:
    """NULL is neither 0 nor nothing."""
    null, zero = multiset([("a", None, 1.0)]), multiset([("a", 0, 1.0)])
    assert not SHAPE.same(null, zero) and not SHAPE.same(null, Counter()) and not SHAPE.same(zero, Counter())


@pytest.mark.parametrize(
    "value", [date(2026, 3, 1), datetime(2026, 3, 31, 22, 30), "2026-03", " 2026-03-15 ", "2026-03-01T00:00:00Z"]
)
def test_a_month_may_be_given_as_any_day_in_it(value: Any) -> None:
    """YYYY-MM, a date, an instant: the same month."""
    assert Field("month", "month").cell(value) == "2026-03"


@pytest.mark.parametrize(
    ("value", "cell"),
    [(True, 1), (3.0, 3), ("3", 3), (Decimal("3.50"), 3.5), ("three", "three"), (float("nan"), "nan")],
)
def test_numbers_are_compared_by_value(value: Any, cell: Any) -> None:
    """Types of numbers do not matter; what is no number equals none."""
    assert Field("n", "count").cell(value) == cell


def test_too_few_columns_cannot_be_compared() -> None:
    """By position there must be as many as asked; by name all or none."""
    assert rows_as_multiset(("service", "n"), [("a", 1)], SHAPE) is None
    assert SHAPE.places(("x", "y", "z", "more")) == (0, 1, 2)
    assert SHAPE.places(("n", "service", "other")) == (0, 1, 2)
