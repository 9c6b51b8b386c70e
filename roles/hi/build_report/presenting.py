"""Headline, chart and limits: what is said about the table. Paid only as far as there is a table to speak of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from roles.hi.build_report.definition import ChartKey, Headline, Params
from roles.hi.build_report.headline import Sums, agrees
from roles.hi.build_report.work import ChartWork, Work
from sandbox.activity import Finding

_MARKS = {"bar": "bars", "line": "a line", "point": "points", "area": "an area", "arc": "a pie", "": "nothing chosen"}


def headline(work: Work, asked: Headline, sums: Sums | None, ground: float) -> Iterator[Finding]:
    """Ten points: the figure 4, its numerator 3, its denominator 3, each against her own table."""
    parts = (
        ("figure", 4.0, asked.figure, work.figure, sums.figure if sums else None, asked.digits),
        ("numerator", 3.0, asked.numerator.label, work.numerator, sums.numerator if sums else None, 2),
        ("denominator", 3.0, asked.denominator.label, work.denominator, sums.denominator if sums else None, 2),
    )
    for name, possible, label, given, wanted, digits in parts:
        right = agrees(given, wanted, digits)
        if given is None:
            why = f"{label} was left blank. A reader sees the figure first, and asks what it was divided by."
        elif wanted is None:
            why = f"{label} cannot be checked: your report gives no table it could come from."
        elif right:
            why = f"{label} is what your own table adds up to."
        else:
            why = _unlike(given, wanted, digits, asked, sums) if name == "figure" else _apart(given, wanted, 2)
        yield Finding(
            f"headline_{name}",
            "Headline",
            "communication",
            possible * ground if right else 0.0,
            possible,
            label,
            why + paid(ground if right else 1.0),
            "right" if right and ground >= 1 else "missed",
            label="headline",
        )


def chart(work: ChartWork, key: ChartKey, ground: float) -> Iterator[Finding]:
    """Fifteen points: mark 4, across 3, up 4, unit 2, zero 2."""
    for name, possible, title, right, wrong in _chart_checks(work, key):
        why = (key.why if name == "mark" else f"{title}: this choice suits the question.") if right else wrong
        yield Finding(
            f"chart_{name}",
            "Chart",
            "communication",
            possible * ground if right else 0.0,
            possible,
            title,
            why + paid(ground if right else 1.0),
            "right" if right and ground >= 1 else "missed",
            label="chart",
        )


def limits(work: Work, params: Params, ground: float) -> Iterator[Finding]:
    """Fifteen points over the limits that matter. Each claim that does not hold cancels one that does."""
    wanted = params.right_limits
    named = [n for n in wanted if n in work.limits]
    wrong = [n for n in work.limits if n in params.limits and n not in wanted]
    counted = set(named[: max(0, len(named) - len(wrong))])
    group: Literal["right", "missed"]
    each = 15.0 / len(wanted) if wanted else 0.0
    for name in wanted:
        if name in counted:
            why, group = (
                "This matters to whoever acts on the figure, and you said it." + paid(ground),
                "right" if ground >= 1 else "missed",
            )
        elif name in named:
            why, group = (
                "You said it, beside something that does not hold: a reader cannot tell which to believe.",
                "missed",
            )
        else:
            why, group = "A reader who is not told this will read more into the figure than it says.", "missed"
        yield Finding(
            f"limit_{name}",
            "Limits",
            "communication",
            each * ground if name in counted else 0.0,
            each,
            params.limits[name],
            why,
            group,
            label="limit",
        )
    for name in wrong:
        yield _claim(name, params.limits[name])


def _claim(name: str, words: str) -> Finding:
    """A line that she ticked and that does not hold: no points of its own."""
    why = "This does not follow from the table. It cancels one limit that you named rightly."
    return Finding(f"claim_{name}", "Limits", "communication", 0.0, 0.0, words, why, "unsupported", label="limit")


def paid(ground: float) -> str:
    """Why something that holds is not paid in full: it speaks of a table whose rows do not stand yet."""
    return "" if ground >= 1 else f" It is paid as far as the rows of the table stand: {100 * ground:.0f} %."


def _digits(number: float) -> str:
    """A number as people write it: dollars of a whole hospital too, and no decimals that say nothing."""
    return f"{number:,.6f}".rstrip("0").rstrip(".")


def _apart(given: float, wanted: float, digits: int) -> str:
    whole = float(wanted).is_integer() and digits == 2
    return f"You wrote {_digits(given)}; your own table comes to {wanted:,.{0 if whole else digits}f}."


def _unlike(given: float, wanted: float, digits: int, asked: Headline, sums: Sums | None) -> str:
    """What a wrong figure is, where that can be told: a share for per cent, or a mean of the rows' own figures."""
    said = _apart(given, wanted, digits)
    if asked.scale == 100 and agrees(100 * given, wanted, 0):
        return f"{said} {_digits(given)} is that share as a fraction; the headline is asked in per cent."
    if sums and sums.mean is not None and agrees(given, sums.mean, digits):
        return f"{said} Yours is the mean of the rows' figures: the overall figure divides the sums."
    return f"{said} The overall figure is the sum of the one column divided by the sum of the other."


def _chart_checks(work: ChartWork, key: ChartKey) -> Iterator[tuple[str, float, str, bool, str]]:
    """(name, points, title, right, what is wrong) for each choice of the chart."""
    drawn = bool(work.mark and work.x and work.y)
    yield ("mark", 4.0, "The mark", work.mark in key.marks, f"You drew {_MARKS.get(work.mark, work.mark)}. {key.why}")
    yield (
        "x",
        3.0,
        "What each mark stands for",
        work.x == key.x,
        f"Each mark stands for {work.x or 'nothing'}; it is asked by {key.x}.",
    )
    yield ("y", 4.0, "What each mark shows", work.y in key.y,
           f"The marks show {work.y or 'nothing'}; the question is about {key.y[0]}.")
    unit = f"The axis says “{work.unit}”; its figures are in {key.unit}."
    none = "The axis has no unit: a reader cannot tell days from per cent."
    yield ("unit", 2.0, "The unit on the axis", work.unit == key.unit, unit if work.unit else none)
    zero = "Bars are read by their length, so their axis starts at zero."
    started = drawn and (work.zero or work.mark in ("line", "point"))
    yield ("zero", 2.0, "The axis starts at zero", started, zero if drawn else "There is no chart yet.")
