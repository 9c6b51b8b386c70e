"""Judging a change: applies 10, schema 20, rows 25, old readers and writers 15, second run 10, way back 20.

Two kinds of points. What *does* something (a column there, a rule that refuses, a row filled rightly) is paid as it is.
What keeps something whole is paid in full where four fifths of the request were done, and in proportion below, so that
an empty migration, which keeps everything whole, earns nothing; what the way back keeps is paid times how far it led
back. Somebody lost, or an answer invented, caps the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roles.hi.change_schema import comparing, recording, saying
from roles.hi.change_schema.definition import AXES, BUILT_IN, Check, Key, Mistake, Texts
from roles.hi.change_schema.naming import Judged, exemplar, fits, kept
from roles.hi.change_schema.people import PLAIN, Hospital, hidden
from roles.hi.change_schema.trial import Trial
from roles.hi.change_schema.work import Work
from sandbox.activity import Cap, Figure, Finding, Labs, Report

_ENOUGH = 0.8
_PLAIN_SHARE = 0.3  # of a check by rows: the ordinary people
_FIRST = {"applies": "Applies", "again": "Second run", **dict.fromkeys(("rollback", "back", "reapplies"), "Way back")}


def judge(work: Work, key: Key, labs: Labs) -> Report:
    """The report: her scripts on three hospitals that she has not seen. The same arguments give the same bytes."""
    judged: list[Judged] = []
    for hospital in hidden(key.params):
        last = judged[-1].verdicts["applies"] if judged else None
        judged.append(_on(work, key, hospital, labs, last.what if last and last.mark == "stopped" else ""))
    does = [c for c in key.params.checks if c.does]
    done = sum(c.points * _share(c.name, judged, c) for c in does) / max(1e-9, sum(c.points for c in does))
    named = fits(key, judged) if done or _broken("applies", judged) else ()
    ground = min(1.0, done / _ENOUGH)
    findings = (*_named(named), *_checks(key, judged, ground, ground * _share("back", judged)))
    points = sum(f.earned for f in findings)
    caps = tuple(Cap(c.cap, c.harm) for c in key.params.checks if c.cap < points and _broken(c.name, judged))
    return Report(findings, caps, tuple(_figures(judged, done)), AXES, _next(findings))


def _on(work: Work, key: Key, hospital: Hospital, labs: Labs, endless: str) -> Judged:
    """Her scripts on one hospital; what was `endless` on one before is not tried again."""
    lab = labs.hidden(hospital.name, hospital.build, key.today)
    right = exemplar(key, hospital, lab)
    texts = Texts(work.forward, work.rollback, work.definition)
    without = endless or ("" if work.forward or work.rollback else "There is no script.")
    hers = Trial(stopped=without) if without else kept(key, hospital, lab, texts)
    found = comparing.compare(hers, right, key.params, hospital, texts)
    return Judged(hospital, lab, found | recording.compare(key, hospital, work.definition))


def _share(name: str, judged: Sequence[Judged], check: Check | None = None) -> float:
    """How far a check holds, 0 to 1: by hospital, or, by rows, half by pattern and half where no row is wrong."""
    where = [each for each in judged if not (check and check.dirty) or len(each.hospital.copies) > 1]
    verdicts = [each.verdicts[name] for each in where]
    if check is None or check.kind != "rows":
        return sum(1.0 if v.state == "right" else v.share for v in verdicts) / len(verdicts)
    right: dict[str, bool] = {}
    for each in where:
        seen = each.verdicts[name].patterns or {}
        for pattern, _ in each.hospital.copies:
            right[pattern.name] = right.get(pattern.name, True) and seen.get(pattern.name, False)
    others = [ok for pattern, ok in right.items() if pattern != PLAIN]
    by_pattern = sum(others) / len(others) if others else 1.0
    part = _PLAIN_SHARE * right.get(PLAIN, True) + (1 - _PLAIN_SHARE) * by_pattern
    return 0.5 * part + 0.5 * all(v.state == "right" for v in verdicts)


def _broken(name: str, judged: Sequence[Judged]) -> bool:
    return any(each.verdicts[name].state == "wrong" for each in judged)


def _checks(key: Key, judged: Sequence[Judged], done: float, back: float) -> Iterator[Finding]:
    """Every check as a finding, axis by axis."""
    own = {c.name: c for c in key.params.checks}
    order = {axis: n for n, axis in enumerate(AXES)}
    names = sorted([*own, *BUILT_IN], key=lambda name: order[own[name].axis if name in own else _FIRST[name]])
    for name in names:
        check = own.get(name)
        possible = check.points if check else BUILT_IN[name]
        share = _share(name, judged, check)
        axis = check.axis if check else _FIRST[name]
        kept = back if axis == "Way back" and name != "back" else done
        factor = 1.0 if check and check.does else kept
        yield Finding(
            name, axis, "data-quality" if axis == "Rows" else "design-change",
            round(possible * share * factor, 6), possible,
            check.title if check else saying.TITLES[name],
            saying.why(name, check, key.params, [each.verdicts[name] for each in judged], factor),
            "right" if share * factor >= 1 - 1e-9 else "missed", label=_label(name, judged))


def _label(name: str, judged: Sequence[Judged]) -> str:
    states = [each.verdicts[name].state for each in judged]
    return "holds" if set(states) == {"right"} else "not reached" if "wrong" not in states else "does not hold"


def _named(named: Sequence[Mistake]) -> Iterator[Finding]:
    """A remark without points: the mistake, or the two or three that it could be."""
    if len(named) == 1:
        yield _remark(named[0].title, named[0].why, named[0].name)
    elif 1 < len(named) <= 3:
        either = " Or: ".join(m.why for m in named)
        yield _remark("One of these happened", f"Your scripts fit more than one explanation. Either: {either}")


def _remark(title: str, why: str, mistake: str = "") -> Finding:
    return Finding("mistake", "Rows", "design-change", 0.0, 0.0, title, why, "missed", label="what happened",
                   mistake=mistake)


def _figures(judged: Sequence[Judged], done: float) -> Iterator[Figure]:
    whole = sum(all(v.state == "right" for v in each.verdicts.values()) for each in judged)
    yield Figure("Hospitals where all holds", f"{whole} of {len(judged)}", "one clean, two untidy")
    yield Figure("Share of the request done", saying.per_cent(done), "what keeps the rest whole is paid by it")


def _next(findings: Sequence[Finding]) -> str:
    lost = [f for f in findings if f.possible and not f.met]
    if not lost:
        return "Take the same request to a table of a million rows, and say first which statement would hold it up."
    first = max(lost, key=lambda f: f.possible - f.earned)
    return f"Before the next change, write the check for this first: {first.title[0].lower()}{first.title[1:]}."
