"""The gradebook: what an attempt counts for, by rules, decisions and questions that are only ever appended."""

from __future__ import annotations

from sandbox.gradebook.book import grades, tries_left, try_again, unopened
from sandbox.gradebook.dispute import Thread, say, threads
from sandbox.gradebook.events import Where, append, hand_over, of, of_people
from sandbox.gradebook.fold import LATER, SHARE, Event, Standing, Try, counted, fold, standing

__all__ = ["LATER", "SHARE", "Event", "Standing", "Thread", "Try", "Where", "append", "counted", "fold", "grades",
           "hand_over", "of", "of_people", "say", "standing", "threads", "tries_left", "try_again", "unopened"]
