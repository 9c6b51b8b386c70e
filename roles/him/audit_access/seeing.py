"""How an AuditEvent is read: who asked, about whom, when, in the facility's zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.activity import Resource

ZONE = ZoneInfo("America/Chicago")


def instant(text: str) -> datetime:
    """A FHIR instant on the facility's wall clock; a bare day is its midnight."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.astimezone(ZONE) if moment.tzinfo else moment.replace(tzinfo=ZONE)


def said_at(moment: datetime) -> str:
    """ "Thu 18 Jun 02:10"."""
    return f"{moment:%a} {moment.day} {moment:%b %H:%M}"


def said(text: str) -> str:
    """The same for an instant as written; a day alone stays a day."""
    moment = instant(text)
    return said_at(moment) if "T" in text else f"{moment.day} {moment:%b %Y}"


def user(event: Resource) -> Resource:
    """The agent who asked."""
    found: Resource = next(agent for agent in event["agent"] if agent["requestor"])
    return found


def of_whom(event: Resource) -> str:
    """The id of the patient that an event is about."""
    return next((part["what"]["reference"].split("/")[1] for part in event["entity"]
                 if part.get("role", {}).get("code") == "1"), "")
