"""The gradebook: what an attempt counts for, by rules, decisions and questions that are only ever appended."""

from __future__ import annotations

from sandbox.gradebook.belongings import write as write_person
from sandbox.gradebook.book import Unread, grades, tried, tries_left, try_again, unopened
from sandbox.gradebook.dispute import Thread, say, threads
from sandbox.gradebook.events import Where, append, hand_over, of, of_people
from sandbox.gradebook.fold import LATER, SHARE, Event, Standing, Try, counted, fold, standing
from sandbox.gradebook.hold import held, held_among, hold, release
from sandbox.gradebook.leaving import write as write_course
from sandbox.gradebook.moving import Move, moves
from sandbox.gradebook.regrade import Change, amend, amount, by_key, chosen, preview, settle, take_back
from sandbox.gradebook.results import csv_lines, total

__all__ = [
    "LATER", "SHARE", "Change", "Event", "Move", "Standing", "Thread", "Try", "Unread", "Where", "amend", "amount",
    "append", "by_key", "chosen", "counted", "csv_lines", "fold", "grades", "hand_over", "held", "held_among", "hold",
    "moves", "of", "of_people", "preview", "release", "say", "settle", "standing", "take_back", "threads", "total",
    "tried", "tries_left", "try_again", "unopened", "write_course", "write_person",
]
