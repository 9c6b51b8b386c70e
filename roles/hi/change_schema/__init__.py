"""`hi.change_schema`: the floor asks for a change; the learner writes the way there and the way back, and tries both.

definition   what a request asks and what is right       people     patterns as FHIR resources; hidden hospitals
trial        both scripts on a hospital, every check     comparing  what a check found, against the exemplar's
judging      points, and what is said of each            naming     a mistake named, and only when it is sure
work, desk, standing, proving, delivering                the door's verbs, the page's view, proofs
"""

from __future__ import annotations

from roles.hi.change_schema.desk import ChangeSchema

__all__ = ["activity"]

activity = ChangeSchema()
