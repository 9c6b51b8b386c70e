"""A chart's resources as papers with fields: what a reviewer reads, and can point to."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sandbox.activity import Resource

ZONE = ZoneInfo("America/Chicago")
#: Field by its key: the label on the page.
LABELS = {
    "about": "About", "answered": "Answered", "appends": "Adds to", "attending": "Attending",
    "by": "By", "changes": "Changed", "class": "Class", "custodian": "Held by", "disposition": "Left for",
    "dose": "Written dose", "end": "End", "focus": "On the ground of", "given": "Given", "how": "How given",
    "issued": "Final", "label": "Label", "link": "Linked to", "ordered": "Ordered", "owner": "Handled by",
    "period": "From and to", "purpose": "Purpose", "reason": "Reason", "received": "Received",
    "recipient": "Sent to", "recorded": "Logged", "sent": "Sent", "signed": "Signed", "start": "Incision",
    "status": "Status", "surgeon": "Surgeon", "taken": "Taken", "text": "Text", "type": "Type", "value": "Value",
    "what": "What", "written": "Written",
}
STATES = {"final": "final", "preliminary": "preliminary, not final", "amended": "amended"}
Row = tuple[str, str]  # (key, value)


@dataclass(frozen=True)
class Paper:
    """One paper of a chart: `ref` is "DocumentReference/x", `when` a local time as said, `text` its words, if any."""

    ref: str
    title: str
    when: str
    order: str  # the instant in UTC, for sorting
    rows: tuple[Row, ...]
    text: str = ""

    @property
    def fields(self) -> set[str]:
        """The keys that can be pointed to."""
        return {key for key, _ in self.rows} | ({"text"} if self.ref.split("/")[0] in WORDED else set())

    def value(self, field: str) -> str:
        """What stands in a field."""
        return self.text if field == "text" else next((value for key, value in self.rows if key == field), "")


WORDED = {"DocumentReference", "Consent"}


def local(text: str) -> datetime:
    """An instant of the record in the facility's zone."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(ZONE)


def said(text: str) -> str:
    """An instant as the desk says it, in the facility's zone: "12 May 2026 14:05"."""
    when = local(text)
    return f"{when.day} {when:%b %Y %H:%M}"


def day_said(day: date) -> str:
    """A day as the desk says it: "12 May 2026"."""
    return f"{day.day} {day:%b %Y}"


def words(resource: Resource) -> str:
    """The text of a document or form."""
    held = resource.get("sourceAttachment") or resource.get("content", [{}])[0].get("attachment", {})
    return base64.b64decode(held.get("data", "")).decode("utf-8", errors="replace")


def whole(paper: Paper, resources: Mapping[str, Resource]) -> Paper:
    """The paper with its words, from the record as it stands."""
    return replace(paper, text=words(resources[paper.ref])) if paper.ref in resources else paper
