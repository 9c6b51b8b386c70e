"""The four factors, what they come to, and who is told by when: 45 CFR 164.402 to 164.408.

Each gives (share earned, title, why, rule, mistake).
"""

from __future__ import annotations

from datetime import date

from fixtures.planting.violations.model import VIOLATION

from .key import LeadKey
from .menus import FACTORS
from .work import Case

Told = tuple[float, str, str, str, str]
FOUR, CLOCK = "45 CFR 164.402, breach, (2)(i)-(iv)", "45 CFR 164.404(b), 164.408(c)"
_NOT_REACHED = "Not reached: this lead was not called a violation."


def judge_factors(lead: LeadKey, case: Case) -> Told:
    """One fifth for each factor that is rated and rests on a fact of the case, one for a conclusion that follows."""
    if case.verdict != VIOLATION:
        return 0.0, "The four factors", _NOT_REACHED, FOUR, ""
    rated = [one for one in case.factors if one.cited in lead.facts]
    share = 0.2 * len(rated) + 0.2 * (len(case.factors) == len(FACTORS) and _follows(case))
    done = {one.name for one in rated}
    missing = [words.split(":")[0].lower() for name, words in FACTORS.items() if name not in done]
    why = ("All four rated, each on a fact." if not missing else
           f"Without a rating that rests on a fact of this case: {'; '.join(missing)}.")
    if case.breach and len(case.factors) == len(FACTORS) and not _follows(case):
        why += " The conclusion does not follow from the ratings."
    return min(1.0, share), "The four factors", why, FOUR, ""


def _follows(case: Case) -> bool:
    """Four that point one way leave one conclusion; a mixed four is hers to weigh."""
    ratings = {one.rating for one in case.factors}
    return bool(case.breach) and (len(ratings) > 1 or (case.breach == "yes") == (ratings == {"raises"}))


def judge_breach(lead: LeadKey, case: Case) -> Told:
    """Breach or not, as the case is built."""
    if case.verdict != VIOLATION:
        return 0.0, "Breach or not", _NOT_REACHED, FOUR, ""
    right = case.breach == ("yes" if lead.breach else "no")
    words = ("What is not permitted is presumed a breach; here nothing shows a low probability of compromise."
             if lead.breach else
             "Not permitted, and yet a low probability: it went to somebody bound by the same rules, unread, and was "
             "destroyed. The assessment is kept: the burden of proof is the hospital's (45 CFR 164.414).")
    return float(right), "Breach or not", words, FOUR, ""


def judge_told(lead: LeadKey, case: Case, last: str) -> Told:
    """Half for whom, half for the last day. An earlier day than the last is half of that half: sooner is allowed."""
    if case.verdict != VIOLATION:
        return 0.0, "Who is told, by when", _NOT_REACHED, CLOCK, ""
    if not lead.breach:
        right = not case.tell and case.breach == "no"
        return float(right), "Who is told, by when", "Nobody has to be told where it is no breach; the assessment is " \
            "kept for six years.", "45 CFR 164.414(b), 164.530(j)", ""
    whom = set(case.tell) == {"patient", "log"}
    day = 1.0 if case.by == last else 0.5 if case.by and case.by < last else 0.0
    late = bool(case.by) and case.by > last
    said = f"{date.fromisoformat(last):%d %B %Y}".lstrip("0")
    why = (f"Fewer than 500 people: each of them without unreasonable delay and by {said} at the latest, 60 calendar "
           "days from the day it was discovered; HHS by the yearly log, within 60 days after the year's end. No media.")
    mistake = "The clock counts calendar days from discovery" if late else ""
    return 0.5 * whom + 0.5 * day, "Who is told, by when", why, CLOCK, mistake
