"""What can go wrong, and how it looks to a person.

    SandboxError                 anything below; the edge turns it into a page or an OperationOutcome
    ├── BadInput                 400: what was sent cannot be read; says what, where and what to do
    │   ├── BadWork              a submission cannot be read; the desk comes back with her words still in it
    │   ├── BadResource          a FHIR resource breaks a rule: path and reason (422 on the API)
    │   └── BadPack              a scenario folder breaks a rule: file and reason
    ├── NotFound                 404: also what a stranger sees of another's workspace
    ├── Gone                     410: it was here and was deleted
    ├── Conflict                 409: the change met another one
    │   └── Stale                412: an edit was made on an older version
    ├── NotAllowed               403: signed in, but not for this
    │   └── NotYet               it will be open to her later; says when
    ├── SqlProblem               a statement was refused, failed, or was stopped; shown at its place in the editor
    ├── TrailUnwritten           507: the trail cannot be written, so charts stay shut
    └── NewerDatabase            at start: the data directory was written by a newer Two Seats
"""

from __future__ import annotations

from dataclasses import dataclass


class SandboxError(Exception):
    """The root: carries one plain sentence for a person and, where it helps, what to do next."""

    status = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadInput(SandboxError):
    """Raised when what was sent cannot be read. Shown as a 400 page or an OperationOutcome."""

    status = 400


class BadWork(BadInput):
    """Raised by `Activity.parse`. The desk returns with the message above her own words; nothing is lost."""

    def __init__(self, message: str, *, field: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field


@dataclass(frozen=True)
class Issue:
    """One broken rule of a resource: `path` is FHIRPath-like (`Patient.name[0].family`), `code` an issue-type.

    With the severity `warning` or `information` it is a remark, and breaks nothing.
    """

    path: str
    reason: str
    code: str = "invalid"
    severity: str = "error"


class BadResource(BadInput):
    """Raised when a resource breaks structure, a required binding or a chosen invariant (FHIR R4 4.0.1)."""

    status = 422

    def __init__(self, issues: list[Issue]) -> None:
        first = issues[0]
        super().__init__(f"{first.path}: {first.reason}")
        self.issues = issues


class BadPack(BadInput):
    """Raised when a scenario folder cannot be used: names the file and the reason."""


class NotFound(SandboxError):
    """Raised when there is nothing here for this visitor, whoever else might see it."""

    status = 404


class Gone(SandboxError):
    """Raised when a resource was deleted; its history can still be read."""

    status = 410


class Conflict(SandboxError):
    """Raised when a change meets another: a name taken, an id in use, a port taken."""

    status = 409


class Stale(Conflict):
    """Raised when an edit was made on a version that is no longer the newest (`If-Match`, drafts in two tabs)."""

    status = 412


class NotAllowed(SandboxError):
    """Raised when a signed-in person asks for what her role does not include."""

    status = 403


class NotYet(NotAllowed):
    """Raised where somebody may do this, later: it is not open to her now."""


class SqlProblem(SandboxError):
    """Raised by the lab: `kind` is refused, error, time, memory or rows; line and column count from 1, 0 = unknown."""

    status = 422

    def __init__(self, message: str, *, kind: str = "error", line: int = 0, column: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.line = line
        self.column = column


class TrailUnwritten(SandboxError):
    """Raised when an access cannot be recorded (a full disk): chart reads and writes answer 507 until it can."""

    status = 507


class Busy(SandboxError):
    """Raised when a writer waited for its turn in vain: more is being written than this machine keeps up with."""

    status = 503


class NewerDatabase(SandboxError):
    """Raised at start when the database knows a migration that this version does not."""
