"""The report: points by axis, caps, figures. Deterministic: the same work, key and evidence give the same bytes."""

from __future__ import annotations

from sandbox.activity import Cap, Figure, Finding, Report

from .admission import judge_admission
from .decisions import decide, never_first
from .facts import Evidence
from .judgement import INPATIENT, OUTPATIENT, Judgement
from .key import Key
from .paper import listed
from .principal import judge_principal
from .restraint import judge_restraint
from .secondary import judge_secondary
from .sequence import judge_sequence
from .support import judge_support
from .work import Work

SHOTGUN, WRONG_CONDITION, UNDOCUMENTED, UNASKED, NEVER_LEADS = 20.0, 50.0, 60.0, 60.0, 40.0


def grade(work: Work, key: Key, evidence: Evidence) -> Report:
    """The best report that one of the key's accepted solutions gives; on a tie the main one."""
    reports = [_grade(work, key.led_by(principal), evidence) for principal in key.principals]
    return max(reports, key=lambda r: (r.score, r.points))  # the first of equals


def _grade(work: Work, key: Key, evidence: Evidence) -> Report:
    j = Judgement(work, key, evidence, decide(work, key, evidence))
    findings: list[Finding] = []
    for judge in (judge_principal, judge_secondary, judge_restraint, judge_sequence, judge_admission, judge_support):
        findings += judge(j)
    asked = {f.axis for f in findings}
    names = (INPATIENT if key.inpatient else OUTPATIENT).values()
    axes = tuple(name for name in names if name in asked)
    return Report(tuple(findings), _caps(j), _figures(j), axes, _next_time(j, findings))


def _caps(j: Judgement) -> tuple[Cap, ...]:
    caps = []
    first = j.decisions.first
    if j.decisions.shotgun:
        caps.append(Cap(SHOTGUN, "More codes on the list lack support than have it. A list is read as a statement "
                                 "about the patient; each code has to be true."))
    if first is not None and never_first(first.code, j.evidence):
        caps.append(Cap(NEVER_LEADS, f"{first.code} stands first. External causes, manifestations and severe-sepsis "
                                     "codes describe something else that has to be named before them."))
    elif first is not None and not j.right_condition:
        caps.append(Cap(WRONG_CONDITION, f"{first.code} stands first and is another condition than the one that "
                                         f"{'led to the admission' if j.key.inpatient else 'the visit was for'}."))
    for what, at, why in (
            ("undocumented", UNDOCUMENTED, "no provider documents it, and it would make the patient look sicker than "
                                           "the record says"),
            ("query", UNASKED, "the record cannot support it; the provider would have to be asked")):
        codes = [u.coded.code for u in j.decisions.unsupported if u.cap == what]
        if codes:
            caps.append(Cap(at, f"{listed(codes)}: {why}."))
    return tuple(caps)


def _figures(j: Judgement) -> tuple[Figure, ...]:
    required = [s for s in j.decisions.standings if s.entry.required]
    right = sum(s.state == "made" for s in required)
    extra = len(j.decisions.unsupported) + sum(s.rival is not None for s in j.decisions.standings)
    note = "Right codes of those that the record requires, counted exactly."
    strict = "The same, with codes that lack support in the denominator. 95 % is a common target: an employer's custom."
    return (Figure("Code over code", f"{right} of {len(required)}", note),
            Figure("Code over code, strict", f"{right} of {len(required) + extra}", strict))


def _next_time(j: Judgement, findings: list[Finding]) -> str:
    for item in j.decisions.unsupported:
        if item.wrong and item.wrong.next:
            return item.wrong.next
    lost = sorted((s for s in j.decisions.standings if s.fraction < 1 and s.entry.next), key=lambda s: -s.entry.weight)
    if lost:
        return lost[0].entry.next
    by_axis: dict[str, float] = {}
    for f in findings:
        by_axis[f.axis] = by_axis.get(f.axis, 0.0) + f.possible - f.earned
    worst = max(by_axis, key=lambda name: by_axis[name], default="")
    return _ADVICE.get(worst, j.key.practice) if by_axis.get(worst, 0) > 0.05 else j.key.practice


_ADVICE = {
    INPATIENT["principal"]: "Before you code, ask what study showed to be the reason for this admission; then ask "
                            "whether the book has a code for it that must lead.",
    OUTPATIENT["principal"]: "Before you code, finish the sentence: this visit was for … The first code says that.",
    INPATIENT["secondary"]: "Go through the last note problem by problem and ask of each: was it looked at, treated, "
                            "or did it change the care?",
    INPATIENT["restraint"]: "For each code, put a finger on the provider's own words. No words, no code.",
    INPATIENT["sequence"]: "Open each code once in the encoder and look for code first: it says what stands before.",
    INPATIENT["admission"]: "Note when the inpatient order was given, then ask of each diagnosis: before or after?",
    INPATIENT["support"]: "Mark the sentence first and add the code after it; then every code has its passage.",
}
