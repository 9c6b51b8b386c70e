"""What can be chosen at the desk: verdicts, links in their order, patterns, the four factors, whom to tell."""

from __future__ import annotations

from datetime import date, timedelta

from fixtures.hospital.explaining import ORDER
from fixtures.planting.violations.model import EXPLAINED, INTERVIEW, VIOLATION

VERDICTS = {
    VIOLATION: "Violation: no job reason, and the record shows it",
    EXPLAINED: "Explained: a link covers that moment",
    INTERVIEW: "Interview first: the log alone cannot tell",
}
#: The links of the resolver, in the order in which they are tried, and "none".
LINKS = {**{key: words[:1].upper() + words[1:] for key, words in ORDER.items()}, "none": "None of these holds"}
PATTERNS = {
    "family": "Family, former family or same name",
    "co-worker": "A co-worker's record",
    "public figure": "A person in the public eye",
    "one street": "Many records of one street",
    "break the glass": "Break the glass",
    "account after leaving": "An account used after leaving",
    "search without opening": "Searching names without opening a record",
    "after death": "A record long after death",
    "volume and export": "Volume, or an export",
    "sensitive section": "A sensitive section of a chart she may open",
    "disclosure to the wrong place": "A disclosure to the wrong place",
}
#: 45 CFR 164.402, definition of breach, (2)(i) to (iv).
FACTORS = {
    "nature": "What it was: how identifiable, how sensitive",
    "person": "Who used or received it",
    "acquired": "Whether it was really seen or taken",
    "mitigation": "How far the risk was mitigated",
}
RATINGS = {"raises": "speaks for compromise", "lowers": "speaks for a low probability"}
BREACH = {"yes": "Breach: no low probability is shown", "no": "Not a breach: a low probability is shown"}
TELL = {
    "patient": "The people whose records they are",
    "log": "HHS, on the yearly log (fewer than 500 people)",
    "hhs": "HHS, at the same time (500 people or more)",
    "media": "The media (more than 500 residents of one State)",
}
DAYS = 60  # calendar days from discovery, 45 CFR 164.404(b)


def last_day(discovered: date) -> date:
    """The last day on which the people may be told."""
    return discovered + timedelta(days=DAYS)
