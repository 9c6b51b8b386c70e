"""A private hospital: one learner's, or one team's, over a base that nobody changes.

Opened, reset, undone and handed over by the functions here; read and written through `Workspace`, the one door to the
record for the chart viewer, the FHIR API and the graders alike.
"""

from sandbox.audit import Agent
from sandbox.workspace.keeping import (
    Info,
    can_undo,
    every,
    hand_over,
    info,
    left_behind,
    of_owner,
    open,
    plant,
    reset,
    rooms_of,
    texts,
    undo_reset,
)
from sandbox.workspace.record import Workspace, base_chart

__all__ = [
    "Agent", "Info", "Workspace", "base_chart", "can_undo", "every", "hand_over", "info", "left_behind", "of_owner",
    "open", "plant", "reset", "rooms_of", "texts", "undo_reset",
]
