"""The one door to a record: every read, search and write of every visitor, each with its entry in the trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
import sqlalchemy as sa

from sandbox import audit
from sandbox.audit import Action, Agent, Entry, Outcome
from sandbox.errors import BadInput, BadResource, Issue, NotAllowed, SandboxError
from sandbox.fhir import changes, conformance, parameters, question, resources, search, store
from sandbox.fhir.resources import Judged
from sandbox.fhir.search import Page
from sandbox.fhir.store import Stored
from sandbox.fhir.text import Resource
from sandbox.fhir.values import EARLIEST
from sandbox.workspace import events
from sandbox.workspace.keeping import Info

if TYPE_CHECKING:
    from sandbox.lab import Lab
    from sandbox.terminology import Codes

Params = Mapping[str, str] | Sequence[tuple[str, str]]


class Workspace:
    """One workspace as one agent sees it, on one connection. Satisfies `activity.Chart`.

    With `record` (the default) each access adds to the trail, in the same transaction, so the connection must be one
    that writes; graders read without a trace.
    """

    def __init__(
        self, conn: sa.Connection, info: Info, agent: Agent, *, codes: Codes | None = None,
        lab: Callable[[], Lab] | None = None, record: bool = True,
    ) -> None:
        self.info = info
        self.agent = agent
        self._conn = conn
        self._codes = codes
        self._lab = lab
        self._record = record

    @property
    def today(self) -> date:
        """The workspace's fixed day, in the facility's zone."""
        return self.info.today

    @property
    def now(self) -> datetime:
        """Workspace time (UTC): 08:00 of its day plus active time."""
        return audit.now(self._conn, self.info.id, self.today)

    @property
    def codes(self) -> Codes:
        """The classification."""
        assert self._codes is not None, "this workspace was opened without codes"
        return self._codes

    @property
    def lab(self) -> Lab:
        """The record as tables, as it stands now."""
        assert self._lab is not None, "this workspace was opened without a lab"
        return self._lab()

    def read(self, kind: str, id: str) -> Resource:
        """One resource, a dict of your own; NotFound where there is none, Gone where it was deleted."""
        return self.stored(kind, id).resource

    def stored(self, kind: str, id: str) -> Stored:
        """The same with its version and text, as the API serves it."""
        if events.is_own(kind, id):
            found = events.read(self._conn, self.info.id, id)
        else:
            found = store.read(self._conn, self.info.scope, kind, id)
        self._note("R", "read", found)
        return found

    def vread(self, kind: str, id: str, version: int) -> Stored:
        """One version; NotFound where there is none, Gone where that version is the deletion."""
        found = store.vread(self._conn, self.info.scope, kind, id, version)
        self._note("R", "vread", found)
        return found

    def history(self, kind: str, id: str) -> list[Stored]:
        """Every version, newest first, deletions among them."""
        found = store.history(self._conn, self.info.scope, kind, id)
        self._note("R", "history-type", found[0])
        return found

    def changes(self, kind: str, *, count: int, offset: int = 0, since: int = EARLIEST) -> tuple[list[Stored], int]:
        """Up to `count` versions of a type, newest first, after the first `offset`; and how many there are in all.

        Only those stored at `since` (milliseconds after 1970) or later.
        """
        found = changes.recent(self._conn, self.info.scope, kind, count=count, offset=offset, since=since)
        self._append("R", "history-type", kind)
        return found

    def search(self, kind: str, params: Params = ()) -> list[Resource]:
        """All matches of a FHIR search, without paging, then what was included; BadInput on an unknown parameter."""
        page = self._find(kind, params, whole=True)
        return [found.resource for found in (*page.matches, *page.included)]

    def page(self, kind: str, params: Params = ()) -> Page:
        """One page of a FHIR search, with its total and the parameters of the next page."""
        return self._find(kind, params, whole=False)

    def hold(self) -> None:
        """Queue behind other writers to this workspace: until the transaction ends, none of them comes in between."""
        audit.hold(self._conn, self.info.id)

    def create(self, resource: Resource | str | bytes | Judged) -> Stored:
        """Store a new resource under a new id: a dict, text, or judged already. BadResource names what is wrong."""
        value, text = self._accept(resource)
        real, at = self._hold()
        self._honour(value, "")
        made = store.create(self._conn, self.info.scope, value, text, at=at)
        self._note("C", "create", made, value, real=real)
        return made

    def update(self, resource: Resource | str | bytes | Judged, *, if_match: int | None = None) -> Stored:
        """Store the next version of the resource with this type and id; creates it where there was none.

        Raises Stale when `if_match` is not the newest version.
        """
        value, text = self._accept(resource)
        if not isinstance(value.get("id"), str):
            raise BadInput("An update needs the resource's id.", hint="Put it in the resource as `id`.")
        _changeable(value["resourceType"], value["id"])
        real, at = self._hold()
        self._honour(value, value["id"])
        made = store.update(self._conn, self.info.scope, value["resourceType"], value["id"], value, text, at=at,
                            if_match=if_match)
        self._note("C" if made.created else "U", "create" if made.version == 1 else "update", made, value, real=real)
        return made

    def prepare(self, some: Sequence[Resource]) -> None:
        """Do beforehand what would make other writers wait: read what search parameters will find in the base."""
        found = [one for one in some if one.get("resourceType") == parameters.KIND]
        parameters.draw(self._conn, self.info.scope, found)

    def validate(self, resource: Judged) -> list[Issue]:
        """What is to be said of a resource that would be written: BadResource where it could not be."""
        return self._honour(resource.resource, str(resource.resource.get("id", "")))

    def told(self, made: Stored) -> list[Issue]:
        """What is to be said of a resource that was written: of a definition, what it does here."""
        return conformance.told(self._conn, self.info.scope, made.resource)

    def knows(self, kind: str, name: str) -> bool:
        """Whether a search of the type may ask by this name."""
        return question.knows(kind, name, parameters.known(self._conn, self.info.scope))

    def parameters(self) -> parameters.Own:
        """The search parameters that this workspace has of its own, by type and name."""
        return parameters.own(self._conn, self.info.scope)

    def delete(self, kind: str, id: str, *, if_match: int | None = None) -> Stored:
        """Delete a resource; its history stays. Deleting again changes nothing."""
        _changeable(kind, id)
        real, at = self._hold()
        made = store.delete(self._conn, self.info.scope, kind, id, at=at, if_match=if_match)
        self._note("D", "delete", made, real=real)
        return made

    def refused(self, action: Action, subtype: str, kind: str, id: str, problem: SandboxError) -> None:
        """Record a request that came to nothing. Called by the edge, in a transaction of its own."""
        outcome: Outcome = "8" if problem.status >= 500 else "4"
        self._append(action, subtype, kind, id, outcome=outcome, note=problem.message)

    def exported(self, what: str) -> None:
        """Record that a copy of the record left it: `what` says which."""
        self._append("R", "export", note=what)

    def queried(self, sql: str) -> None:
        """Record that a statement was run on the record as tables: `sql` is what was asked, its beginning if long."""
        self._append("E", "operation", query=sql[:2000], note="SQL in the lab")

    def trail(self) -> list[Entry]:
        """Who touched what in this workspace, oldest first."""
        return audit.read(self._conn, self.info.id)

    def _find(self, kind: str, params: Params, *, whole: bool) -> Page:
        pairs = list(params.items()) if isinstance(params, Mapping) else list(params)
        if kind == events.KIND:
            page = events.page(self._conn, self.info.scope, self.info.id, pairs, whole=whole)
        else:
            page = search.search(self._conn, self.info.scope, kind, pairs, whole=whole)
        asked = {value.removeprefix("Patient/") for name, value in pairs if name in ("patient", "subject")}
        patients = asked or {_patient(found.resource) for found in page.matches} if self._record else asked
        self._append("E", "search-type", kind, query=f"{kind}?{urlencode(pairs)}".rstrip("?"),
                     patient=patients.pop() if len(patients) == 1 else "")
        return page

    def _accept(self, resource: Resource | str | bytes | Judged) -> tuple[Resource, str]:
        if isinstance(resource, dict):
            resource = orjson.dumps(resource)
        judged = resource if isinstance(resource, Judged) else resources.judge(resource)
        return judged.resource, judged.text

    def _honour(self, resource: Resource, id: str) -> list[Issue]:
        """The remarks of the workspace's own definitions; BadResource where they forbid it."""
        said = conformance.check(self._conn, self.info.scope, resource, id)
        if errors := [issue for issue in said if issue.severity == "error"]:
            raise BadResource(errors[:resources.MOST])
        return said

    def _hold(self) -> tuple[datetime, datetime]:
        """Queue behind other writers to this workspace; the real instant and workspace time."""
        self.hold()
        real = datetime.now(UTC)
        return real, audit.now(self._conn, self.info.id, self.today, real)

    def _note(
        self, action: Action, subtype: str, found: Stored, resource: Resource | None = None,
        real: datetime | None = None,
    ) -> None:
        if not self._record:
            return
        if found.deleted:  # whom it was about, the version before the deletion tells
            resource = store.vread(self._conn, self.info.scope, found.kind, found.id, found.version - 1).resource
        self._append(action, subtype, found.kind, found.id, version=found.version,
                     patient=found.id if found.kind == "Patient" else _patient(resource or found.resource), real=real)

    def _append(self, action: Action, subtype: str, kind: str = "", id: str = "", **more: Any) -> None:
        if self._record:
            audit.append(self._conn, self.info.id, today=self.today, agent=self.agent, action=action, subtype=subtype,
                         kind=kind, id=id, **more)


def base_chart(
    conn: sa.Connection, base: int, codes: Codes | None = None, lab: Callable[[], Lab] | None = None,
) -> Workspace:
    """The untouched hospital as a chart: read only, and leaving no trail."""
    today = store.hospital(conn, base).today
    info = Info(id=f"base-{base}", owner="", ws=base, base=base, today=today, opened=audit.opening(today), seed=0,
                scenario="", shown={})
    return Workspace(conn, info, Agent("house", "Two Seats", "house"), codes=codes, lab=lab, record=False)


def _changeable(kind: str, id: str) -> None:
    if events.is_own(kind, id):
        raise NotAllowed("The trail cannot be changed.", hint="It tells what happened, whatever it was.")


def _patient(resource: Resource) -> str:
    """The id of the patient whom a resource is about, or ""."""
    if resource.get("resourceType") == "Patient":
        return str(resource.get("id", ""))
    for name in ("subject", "patient", "beneficiary", "individual", "for"):
        reference = (resource.get(name) or {}).get("reference") if isinstance(resource.get(name), dict) else None
        if isinstance(reference, str) and reference.startswith("Patient/"):
            return reference.removeprefix("Patient/")
    return ""
