"""The words of an audit's report."""

from __future__ import annotations

from collections.abc import Iterable

from fixtures.planting.violations.model import EXPLAINED, INTERVIEW, VIOLATION

from .key import LeadKey

RESOLVER = "This hospital's order of links (local policy)"
CUSTOM = "Privacy officers' custom"
MINIMUM = "45 CFR 164.502(b), 164.514(d)"
RULE = {
    VIOLATION: "45 CFR 164.502(a), 164.502(b)",
    EXPLAINED: "45 CFR 164.506(c)",
    INTERVIEW: "45 CFR 164.530(e); asking first is privacy officers' custom",
}
BASE = "94 to 96 in 100 accesses are explained by a link"
BASE_NOTE = ("In this hospital's two weeks; a published study of a Michigan hospital found more than 94 in 100. What "
             "is left is a lead and not a finding: most of it is innocent.")
PRACTICE = "Before you close a case, say out loud which fact would have made you decide the other way."
ADVICE = {
    "found": "Ask of each lead: is there any job reason in the record for this person, this patient, this minute?",
    "spared": "Go down the list of links to its end before you suspect. Most odd accesses have a reason.",
    "link": "Check the links in their order, and hold each against the minute of the access, not only the day.",
    "pattern": "Name the pattern first; it tells you which fact to look for.",
    "factors": "Take the four factors one by one, and put a fact under each.",
    "breach": "What is not permitted is a breach unless the factors show a low probability. Start there.",
    "told": "Count 60 calendar days from the day of discovery, then ask how many people, and in how many States.",
    "own": "Type why you open a chart before you open it.",
}
_KINDS = {
    "Task": "a piece of work", "Appointment": "an appointment", "Encounter": "the visit", "CareTeam": "the care team",
    "RelatedPerson": "a relative on file", "Slot": "the roster", "PractitionerRole": "her role and its dates",
    "AuditEvent": "the log itself", "Communication": "a message", "DocumentReference": "a document",
    "MedicationRequest": "an order", "ServiceRequest": "a request", "Observation": "a measurement",
    "Patient": "the patient's own details",
}


def place(reference: str) -> str:
    """What kind of place a reference is, in words."""
    kind = reference.partition("/")[0]
    return _KINDS.get(kind, kind)


def places(lead: LeadKey) -> str:
    """What decides, in words."""
    return listed(dict.fromkeys(place(one) for one in lead.places))


def listed(words: Iterable[str]) -> str:
    """ "a, b and c"."""
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def verdict(lead: LeadKey, given: str) -> tuple[str, str, str]:
    """Title, reason and known mistake of one verdict."""
    title = {VIOLATION: "A violation", EXPLAINED: "Explained", INTERVIEW: "Interview first"}[lead.verdict]
    if given == lead.verdict:
        return title, lead.why, ""
    if not given:
        return title, f"No verdict. {lead.why}", ""
    if given == INTERVIEW:
        more = "Asking first is never wrong, and here the record already says it" if lead.verdict != INTERVIEW else ""
        return title, f"{more}: {lead.why[:1].lower()}{lead.why[1:]}", ""
    if lead.verdict == EXPLAINED:
        return title, f"The record explains it. {lead.why}", "A pattern taken for proof"
    if lead.verdict == INTERVIEW:
        return title, f"The log alone cannot tell. {lead.why}", "A verdict where only asking helps"
    return title, f"There is no link that covers it. {lead.why}", "A link that does not hold at that moment"
