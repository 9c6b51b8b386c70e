"""Which stories are planted, how they stand in the list of leads, and what is right of each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from fixtures.planting import plant_violations
from fixtures.planting.violations import NAMES, AccessCase
from sandbox.activity import BadPack, Chart, Resource

from .dossier import words_of
from .key import Key, LeadKey
from .seeing import instant, of_whom, said_at, user


@dataclass(frozen=True)
class Params:
    """The stories of the task (names of `fixtures.planting.violations`); each comes with its innocent twin."""

    stories: tuple[str, ...]


@dataclass(frozen=True)
class Lead:
    """One lead as the monitor gives it: who, how many records, when. Nothing of it says what is right."""

    id: str
    who: tuple[tuple[str, str, str], ...]  # (Practitioner's id, name, role)
    patients: tuple[tuple[str, str], ...]  # (Patient's id, name), the first few
    charts: int
    acts: int
    first: str
    last: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class Drawn:
    """A planting: its resources, its leads in the order in which they are shown, and what is right of each."""

    resources: tuple[Resource, ...]
    leads: tuple[Lead, ...]
    key: Key


def draw(params: Params, seed: int, base: Chart) -> Drawn:
    """The stories of this seed. BadPack where one is unknown."""
    unknown = set(params.stories) - set(NAMES)
    if unknown or not params.stories:
        raise BadPack(f"stories: {', '.join(sorted(unknown)) or 'none'}; there are {', '.join(NAMES)}.")
    planted = plant_violations(base, seed, params.stories)
    at = {f"{one['resourceType']}/{one['id']}": one for one in planted.resources}
    cases = sorted(planted.truth.cases, key=lambda case: _mark(seed, case))
    leads = tuple(_lead(_mark(seed, case)[:10], case, at) for case in cases)
    keys = tuple(_right(lead, case, at) for lead, case in zip(leads, cases, strict=True))
    return Drawn(planted.resources, leads, Key(keys, base.today.isoformat()))


def _mark(seed: int, case: AccessCase) -> str:
    return hashlib.sha256(f"lead:{seed}:{case.name}:{sorted(case.events)[0]}".encode()).hexdigest()


def _lead(id: str, case: AccessCase, at: dict[str, Resource]) -> Lead:
    events = sorted((at[f"AuditEvent/{one}"] for one in case.events), key=lambda one: instant(one["recorded"]))
    who = {agent["who"]["reference"].split("/")[1]: (agent["name"], agent["role"][0]["text"])
           for agent in map(user, events)}
    patients = {of_whom(one): "" for one in events}
    for one in patients:
        held = at.get(f"Patient/{one}")
        patients[one] = f"{held['name'][0]['family']}, {held['name'][0]['given'][0]}" if held else one
    moments = [instant(one["recorded"]) for one in events]
    acts = {_request(one) or one["id"] for one in events}
    return Lead(id, tuple((one, *words) for one, words in who.items()), tuple(patients.items())[:4], len(patients),
                len(acts), said_at(moments[0]), said_at(moments[-1]), tuple(one["id"] for one in events))


def _request(event: Resource) -> str:
    return next((str(part["what"]["identifier"]["value"]) for part in event["entity"]
                 if "identifier" in part.get("what", {})), "")


def _right(lead: Lead, case: AccessCase, at: dict[str, Resource]) -> LeadKey:
    places = tuple(dict.fromkeys(place.resource for place in case.separators))
    facts = {f"AuditEvent/{one}" for one in case.events} | {f"Patient/{one}" for one in case.patients} | set(places)
    said = {place: words_of(at[place], case.who[0]) for place in places[:3] if place in at}
    return LeadKey(lead.id, case.name, case.guilty, case.verdict, case.breach, case.pattern, case.reason or "none",
                   places, tuple(sorted(facts)), case.why, _names(lead), case.patients,
                   tuple((place, words) for place, words in said.items() if words))


def _names(lead: Lead) -> str:
    names = [name for _, name, _ in lead.who]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


