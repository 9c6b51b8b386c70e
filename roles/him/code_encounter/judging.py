"""The report: points by axis, caps, figures. Deterministic: the same work, key and evidence give the same bytes."""

from __future__ import annotations

from sandbox.activity import Cap, Figure, Finding, Report

from .admission import judge_admission
from .decisions import decide, never_first
from .facts import Evidence
from .grouping import judge_group, submitted
from .judgement import INPATIENT, OUTPATIENT, Judgement
from .key import Key
from .operations import judge_operations
from .outcomes import judge_outcomes
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
    for judge in (judge_principal, judge_secondary, judge_restraint, judge_sequence, judge_admission, judge_operations,
                  judge_support, judge_outcomes, judge_group):
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
    done = [c for c in j.decisions.carried if c.operation.kind == "R"]
    right = sum(s.state == "made" for s in required) + sum(c.done is not None for c in done)
    key = len(required) + len(done)
    extra = (len(j.decisions.unsupported) + sum(s.rival is not None for s in j.decisions.standings)
             + sum(c.rival is not None for c in j.decisions.carried))
    what = "codes and procedures" if done else "codes"
    note = f"Right {what} of those that the record requires, counted exactly: one wrong character is wrong."
    strict = "The same, with codes that lack support in the denominator. 95 % is a common target: an employer's custom."
    return (Figure("Code over code", f"{right} of {key}", note),
            Figure("Code over code, strict", f"{right} of {key + extra}", strict), *_local(j), *_shares(j))


def _local(j: Judgement) -> list[Figure]:
    """The group beside the record's, and which local policies held."""
    found = []
    if j.key.group is not None and "group" in j.points:
        hers = submitted(j)
        value = f"{hers.number if hers else 'none'}; the record supports {j.key.group.number}"
        title = f"{hers.title}. " if hers else ""
        found.append(Figure("MS-DRG", value, f"{title}A consequence of the codes: shown large, weighed small."))
    for policy in j.key.policies:
        whose = "set for this task" if policy.own else "as this hospital has it"
        found.append(Figure(f"Local policy: {policy.name.replace('_', ' ')}",
                            "expected" if policy.expected else "optional",
                            f"A hospital's own choice, {whose}; no regulation decides it."))
    return found


def _shares(j: Judgement) -> list[Figure]:
    """Where the points of what is not asked went, in the open."""
    moved = 100 - sum(j.asked.values()) + 10 * (j.key.inpatient and not j.key.operations)
    return [Figure("Points shared", f"{moved:g} of 100", j.shared)] if j.shared else []


def _next_time(j: Judgement, findings: list[Finding]) -> str:
    for item in j.decisions.unsupported:
        if item.wrong and item.wrong.next:
            return item.wrong.next
    unasked = [c for c in j.decisions.carried if c.fraction < 1 and c.operation.next]
    if unasked:
        return unasked[0].operation.next
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
    INPATIENT["procedures"]: "Build each procedure from the operative report, place by place: what was done, to which "
                             "part, on which side, through what, with what.",
    INPATIENT["outcome"]: "Before you close a record, ask two things: where did the patient go, and what does it leave "
                          "for the provider to say?",
    INPATIENT["support"]: "Mark the sentence first and add the code after it; then every code has its passage.",
}
