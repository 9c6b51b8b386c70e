"""The starter's sentence, "[Average stay] of [inpatient stays] [for any reason] by [service]", and its SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from roles.hi.build_report.definition import Choice, Key, Menus, MenusKey
from roles.hi.build_report.evidence import Evidence
from roles.hi.build_report.running import Frozen
from roles.hi.build_report.work import PARTS, Work
from sandbox.activity import BadPack, BadWork, Finding, Report

_DAYS = "greatest(local_date(e.end_at) - local_date(e.start_at), 1)"
_SETTING = """CASE WHEN e.class IN ('IMP', 'ACUTE') THEN 'Inpatient' WHEN e.class = 'EMER' THEN 'Emergency'
            WHEN e.class = 'OBSENC' THEN 'Observation' ELSE 'Office' END"""
_MEASURES = {
    "average": ("Average stay", "average_days", f"round(avg({_DAYS}), 1)", "Average stay, days"),
    "count": ("Number", "visits", "count(*)", "Visits"),
    "longest": ("Longest stay", "longest_days", f"max({_DAYS})", "Longest stay, days"),
}
_VISITS = {
    "all": ("all visits", ""),
    "inpatient": ("inpatient stays", "e.class IN ('IMP', 'ACUTE')"),
    "emergency": ("emergency visits", "e.class = 'EMER'"),
    "office": ("office visits", "e.class = 'AMB'"),
    "observation": ("nights in observation", "e.class = 'OBSENC'"),
}
_CODED = (
    "EXISTS (SELECT 1 FROM encounter_dx d\n              WHERE d.encounter_id = e.encounter_id AND d.code BETWEEN {})"
)
_REASONS = {
    "any": ("for any reason", ""),
    "pneumonia": ("for pneumonia", _CODED.format("'J12' AND 'J18.9'")),
    "diabetes": ("for diabetes", _CODED.format("'E08' AND 'E13.9'")),
}
_BY = {
    "service": ("service", "service", "coalesce(e.service, 'Not recorded')"),
    "setting": ("setting", "setting", _SETTING),
    "month": ("month", "month", "strftime(local_date(e.start_at), '%Y-%m')"),
}
_WORDS = {"measure": "what to measure", "visits": "which visits", "reason": "for what reason", "by": "by what"}
AXES = ("The sentence", "Reading it")
PNEUMONIA = ("J12", "J13", "J14", "J15", "J16", "J17", "J18")


def offers() -> dict[str, tuple[Choice, ...]]:
    """Each menu's choices, in order."""
    return {
        "measure": tuple(Choice(k, v[0]) for k, v in _MEASURES.items()),
        "visits": tuple(Choice(k, v[0]) for k, v in _VISITS.items()),
        "reason": tuple(Choice(k, v[0]) for k, v in _REASONS.items()),
        "by": tuple(Choice(k, v[0]) for k, v in _BY.items()),
    }


def chosen(menus: Menus, form: Mapping[str, str]) -> dict[str, str]:
    """What the sentence says: what is given, and what she chose for the rest. BadWork names what is still open."""
    return known({part: menus.given.get(part) or form.get(part, "") for part in PARTS})


def known(said: dict[str, str]) -> dict[str, str]:
    """The same; BadWork where a part says what its menu does not offer."""
    for part, values in offers().items():
        if said.get(part) and said[part] not in {c.value for c in values}:
            raise BadWork(f"The menu “{_WORDS[part]}” has no choice “{said[part][:40]}”.", field=part)
    return said


def sql(said: Mapping[str, str], only: Sequence[str] = ()) -> str:
    """The sentence as SQL that she can read and take over; "" while something is open. `only` these encounters."""
    if not all(said.get(part) for part in PARTS):
        return ""
    _, name, value, _ = _MEASURES[said["measure"]]
    _, by, group = _BY[said["by"]]
    where = ["e.status = 'finished'", _VISITS[said["visits"]][1], _REASONS[said["reason"]][1]]
    if only:
        where.append("e.encounter_id IN ({})".format(", ".join("'" + i.replace("'", "''") + "'" for i in only)))
    counted = "" if said["measure"] == "count" else ", count(*) AS visits"
    order = "1" if said["by"] == "month" else "2 DESC, 1"
    conditions = "\n  AND ".join(w for w in where if w)
    return (
        f"SELECT {group} AS {by}, {value} AS {name}{counted}\nFROM encounter e\nWHERE {conditions}\n"
        f"GROUP BY 1\nORDER BY {order}"
    )


def labels(said: Mapping[str, str]) -> tuple[str, str]:
    """The axis titles of the result: across, and up with its unit."""
    by = _BY.get(said.get("by", ""), ("", "", ""))[0]
    return by.capitalize(), _MEASURES.get(said.get("measure", ""), ("", "", "", ""))[3]


def judge(work: Work, key: Key, evidence: Evidence) -> Report:
    """Sixty points for the sentence's open parts, forty for reading the result; with nothing open, all for reading."""
    menus, right = key.params.menus, key.params.menus_key
    if menus is None or right is None:
        raise BadPack("A task with menus needs menus and menus_key.")
    findings = [*_sentence(work, menus, right), _reading(work, menus, right, evidence)]
    return Report(
        tuple(findings), (), (), AXES, "Change one word of the sentence, guess which bars will move, then look."
    )


def _sentence(work: Work, menus: Menus, key: MenusKey) -> Iterator[Finding]:
    still_open = [p for p in PARTS if p not in menus.given]
    for part in still_open:
        possible = 60.0 / len(still_open)
        right = work.menus.get(part, "") == key.right[part]
        yield Finding(
            part,
            AXES[0],
            "analytics",
            possible if right else 0.0,
            possible,
            f"The sentence: {_WORDS[part]}",
            key.why[part],
            "right" if right else "missed",
            rule="The request",
            label=part,
        )


def _reading(work: Work, menus: Menus, key: MenusKey, evidence: Evidence) -> Finding:
    sentence = all(work.menus.get(p, "") == key.right[p] for p in PARTS if p not in menus.given)
    wanted = (
        {key.answer} if key.answer not in ("", "top") else top(evidence.report) if key.answer else {effect(evidence)}
    )
    possible = 40.0 if len(menus.given) < len(PARTS) else 100.0
    right = bool(work.answer) and work.answer.casefold() in {w.casefold() for w in wanted}
    said = f"You answered “{_label(menus, work.answer)}”. " if work.answer else "The question was left open. "
    why = key.answer_why if right else said + key.answer_why
    return Finding(
        "answer",
        AXES[1],
        "data-quality",
        possible if right and sentence else 0.0,
        possible,
        menus.question,
        why if sentence or not right else f"{why} It is paid once the sentence asks for the right rows.",
        "right" if right and sentence else "missed",
    )


def _label(menus: Menus, answer: str) -> str:
    return next((a.label for a in menus.answers if a.value == answer), answer)


def top(table: Frozen) -> set[str]:
    """The names in the first column that share the highest value of the second."""
    values = [row[1] for row in table.rows if isinstance(row[1], int | float)]
    return {str(row[0]) for row in table.rows if values and row[1] == max(values)}


def effect(evidence: Evidence) -> str:
    """What her own codes did to the pneumonia bars: added, kept out, or none yet."""
    if any(code.startswith(PNEUMONIA) for code in evidence.coded):
        return "added"
    return "kept_out" if evidence.coded else "none"
