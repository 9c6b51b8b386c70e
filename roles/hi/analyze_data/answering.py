"""Judging a question: figure 35, interval 15, denominator 10, method 20, caveats 20.

The interval speaks of its figure and is paid with it; what is concluded stands on the figure, or on the signal with its
denominator. Method and caveats say nothing of an analysis without a figure: they are paid by half where neither figure
nor denominator is right and her figure is that of no known reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from roles.hi.analyze_data.definition import Key, Mistake
from roles.hi.analyze_data.work import Work
from sandbox.activity import Cap, Finding, Report

AXES = ("Figure", "Interval", "Denominator", "Method", "Caveats")
_WIDTH = 0.15


@dataclass(frozen=True)
class Stand:
    """What holds of her figures: which are right, which known readings they are, and how far the rest is paid."""

    figure: bool
    denominator: bool
    signal: bool  # or both bounds
    named: tuple[Mistake, ...]

    @property
    def ground(self) -> float:
        """1, or a half where nothing shows that the data were read."""
        return 1.0 if self.figure or self.denominator or self.named else 0.5


def judge(work: Work, key: Key, more: Sequence[Finding] = (), caps: tuple[Cap, ...] = ()) -> Report:
    """The report, with what else a question judges. The same work and key give the same bytes."""
    stand = stands(work, key)
    findings = (*_named(stand), *more, *_figure(work, key, stand), *_interval(work, key, stand),
                _denominator(work, key, stand), *_methods(work, key, stand), *_caveats(work, key, stand))
    return Report(findings, caps, key.known.rates, AXES, _next(findings, key))


def stands(work: Work, key: Key) -> Stand:
    """What of her figures is right; a known reading is named where figure and denominator fit it."""
    truth, digits = key.known, key.asked.digits
    wanted = truth.by(work.interval).figure
    figure = agrees(work.figure, wanted, truth.room(wanted, digits))
    denominator = agrees(work.denominator, truth.denominator)
    fits: list[str] = []
    if not figure and work.figure is not None:
        for reading in truth.readings:
            own = truth.denominator if reading.denominator is None else reading.denominator
            if agrees(work.figure, reading.figure, 0.5 * 10.0**-digits) and (
                    work.denominator is None or agrees(work.denominator, own)):
                fits.append(reading.name)
    named = tuple(m for m in key.params.mistakes if m.name in fits)
    return Stand(figure, denominator, _beside(work, key), named)


def agrees(given: float | None, wanted: float, room: float = 0.5) -> bool:
    """Whether a figure lies within `room` of the one wanted; a count is a whole number."""
    return given is not None and abs(given - wanted) <= room + 1e-9


def _named(stand: Stand) -> Iterator[Finding]:
    """One reading that explains the figure by name; two or three as “either … or”."""
    if len(stand.named) == 1:
        (one,) = stand.named
        yield Finding(f"reading_{one.name}", "Figure", "analytics", 0.0, 0.0, one.title, one.why, "missed",
                      label="reading", mistake=one.name)
    elif stand.named:
        titles = " Or: ".join(f"{m.title}." for m in stand.named[:3])
        yield Finding("reading_either", "Figure", "analytics", 0.0, 0.0, "Your figure is that of another reading",
                      f"More than one explains it. Either: {titles}", "missed", label="reading")


def _figure(work: Work, key: Key, stand: Stand) -> Iterator[Finding]:
    truth, whys = key.known, key.params.whys
    yield _line("figure", "Figure", truth.points[0], stand.figure, key.asked.figure,
                truth.sums if stand.figure or work.figure is None else f"You wrote {work.figure:g}. {truth.sums}")
    if truth.signal:
        told = "no month of the year" if truth.signal == "none" else truth.signal
        ok = stand.signal and stand.ground == 1
        yield _line("signal", "Figure", 10.0, ok, key.asked.signal,
                    f"The chart first speaks in {told}. {whys.get('signal', '')}" + ("" if ok or not stand.signal else
                    " It is paid with a figure or a denominator that shows how you came to it."))
    yield from _bounds(work, key)
    right = work.verdict == truth.verdict
    based = stand.figure or (stand.signal and stand.denominator)
    label = next((v.label for v in key.asked.verdicts if v.value == truth.verdict), truth.verdict)
    low, high = truth.interval(work.interval)
    digits = key.asked.digits
    why = f"{whys.get(truth.verdict, '')} The interval is {low:.{digits}f} to {high:.{digits}f}."
    yield _line("verdict", "Figure", truth.points[1], right and based, f"The answer: {label[0].lower()}{label[1:]}",
                why + (" It is paid with the figure it stands on." if right and not based else ""))


def _beside(work: Work, key: Key) -> bool:
    """What stands beside the figure: the month that speaks, or how far missing values can move it."""
    truth = key.known
    if truth.bounds:
        return all(agrees(given, wanted, truth.room(wanted, key.asked.digits))
                   for given, wanted in zip((work.least, work.most), truth.bounds, strict=True))
    return bool(work.signal) and work.signal == truth.signal


def _bounds(work: Work, key: Key) -> Iterator[Finding]:
    """Two ends, each 5: a figure that says how far the missing values could move it says what it does not know."""
    truth, digits = key.known, key.asked.digits
    for name, given, wanted in zip(("least", "most"), (work.least, work.most), truth.bounds or (), strict=False):
        ok = agrees(given, wanted, truth.room(wanted, digits))
        said = "It was left blank." if given is None else "" if ok else f"You wrote {given:g}."
        yield _line(f"bound_{name}", "Figure", 5.0, ok, f"{'Lower' if name == 'least' else 'Upper'} bound",
                    f"{said} It is {wanted:.{digits}f}. {key.params.whys.get('bounds', '')}")


def _interval(work: Work, key: Key, stand: Stand) -> Iterator[Finding]:
    """Two ends, each 7.5: by the method that she names, within 15 % of that interval's width."""
    ends, suits = key.known.interval(work.interval), work.interval in key.known.estimates
    digits = key.asked.digits
    room = _WIDTH * (ends[1] - ends[0])
    for name, given, wanted in (("low", work.low, ends[0]), ("high", work.high, ends[1])):
        near = given is not None and abs(given - wanted) <= room + 1e-9
        ok = near and stand.figure and suits
        why = f"By this method the end is {wanted:.{digits}f}."
        if given is None:
            why = f"It was left blank. A figure without its interval reads as certain. {why}"
        elif not suits:
            why = f"{key.params.whys.get('interval', '')} {why}".strip()
        elif not stand.figure:
            why = f"An interval speaks of its figure, and that is another one. {why}"
        elif not near:
            why = f"You wrote {given:g}. {why}"
        title = f"95 % interval, {'lower' if name == 'low' else 'upper'} end"
        yield _line(f"interval_{name}", "Interval", 7.5, ok, title, why)


def _denominator(work: Work, key: Key, stand: Stand) -> Finding:
    days = key.known.denominator
    given = "" if work.denominator is None else f"You wrote {work.denominator:,.0f}. "
    why = f"It is {days:,.0f}: {key.params.whys.get('denominator', 'see the request')}"
    return _line("denominator", "Denominator", 10.0, stand.denominator, key.asked.denominator,
                 why if stand.denominator else given + why)


def _methods(work: Work, key: Key, stand: Stand) -> Iterator[Finding]:
    """Twenty points over the pick-lists, the first eight and the others six where there are three."""
    picks = key.asked.methods
    rest = round(20.0 / (len(picks) + 1 / 3)) if len(picks) > 1 else 0.0
    for n, pick in enumerate(picks):
        possible = 20.0 - rest * (len(picks) - 1) if n == 0 else float(rest)
        right = work.methods.get(pick.name) == key.params.right_methods[pick.name]
        why = key.params.whys.get(pick.name, "")
        yield _line(f"method_{pick.name}", "Method", possible, right, pick.title, why + _paid(right, stand),
                    stand.ground)


def _caveats(work: Work, key: Key, stand: Stand) -> Iterator[Finding]:
    """Twenty points over the caveats that matter. Each that does not hold cancels one that does."""
    words, right = key.asked.caveats, key.params.right_caveats
    named = [n for n in right if n in work.caveats]
    wrong = [n for n in work.caveats if n in words and n not in right]
    counted = set(named[: max(0, len(named) - len(wrong))])
    for name in right:
        ok = name in counted
        why = ("This matters to whoever acts on the figure, and you said it." if ok else
               "You said it, beside something that does not hold: a reader cannot tell which to believe."
               if name in named else "A reader who is not told this will read more into the figure than it says.")
        yield _line(f"caveat_{name}", "Caveats", 20.0 / len(right), ok, words[name], why + _paid(ok, stand),
                    stand.ground, competency="communication")
    for name in wrong:
        why = key.params.whys.get(name, "This does not follow from the data.")
        yield Finding(f"claim_{name}", "Caveats", "communication", 0.0, 0.0, words[name],
                      f"{why} It cancels one caveat that you named rightly.", "unsupported", label="caveat")


def _paid(ok: bool, stand: Stand) -> str:
    return " It is paid by half: no figure shows yet that the data were read." if ok and stand.ground < 1 else ""


def _line(name: str, axis: str, possible: float, ok: bool, title: str, why: str, ground: float = 1.0,
          competency: str = "analytics") -> Finding:
    earned = possible * ground if ok else 0.0
    return Finding(name, axis, competency, earned, possible, title, " ".join(why.split()),
                   "right" if ok and ground >= 1 else "missed", label=axis.lower().removesuffix("s"))


def _next(findings: Sequence[Finding], key: Key) -> str:
    lost = [f for f in findings if f.possible and not f.met]
    if not lost:
        return key.params.whys.get("next", "You said what the figure is, how sure it is, and where it ends.")
    first = max(lost, key=lambda f: f.possible - f.earned)
    return f"Next time, look first at this: {first.title[0].lower()}{first.title[1:]}."
