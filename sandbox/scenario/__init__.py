"""Scenarios: stories as folders of pure data. The brief is for learners; params, key and proofs are for the house."""

from __future__ import annotations

from sandbox.scenario.competency import Competency, competencies
from sandbox.scenario.library import Library, seed_for
from sandbox.scenario.opening import (
    Outgrown,
    bring_up,
    find,
    opened,
    planted,
    recalled,
    reopen,
    sit,
    story_key,
    vary,
)
from sandbox.scenario.pack import Hint, Scenario, TaskBrief, read_scenario, well_named

__all__ = ["Competency", "Hint", "Library", "Outgrown", "Scenario", "TaskBrief", "bring_up", "competencies", "find",
           "opened", "planted", "read_scenario", "recalled", "reopen", "seed_for", "sit", "story_key", "vary",
           "well_named"]
