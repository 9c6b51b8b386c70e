"""Courses, enrolment and assignments: who is taught what, until when, and how it goes."""

from __future__ import annotations

from sandbox.classroom.assigning import assign, in_turn
from sandbox.classroom.clearing import clear_course, clear_people
from sandbox.classroom.course import (
    ZONE,
    Assignment,
    Course,
    assignment,
    assignments,
    by_code,
    comes_twice,
    course,
    courses_of,
    create_course,
    learners,
    local_due,
    section_names,
    sizes,
)
from sandbox.classroom.ending import end, ended_by, restore
from sandbox.classroom.invented import (
    MARK,
    SILENT,
    abandoned,
    alone_with_sample,
    left_half_made,
    marked,
    sample_given_up,
    sample_goes_on,
    sample_ready,
)
from sandbox.classroom.late import checked_late, late_factor, late_words, opens_results
from sandbox.classroom.leaving import bring_back, delete_account, placed, purge, remove, removed, restore_account
from sandbox.classroom.listing import Listing
from sandbox.classroom.listing import read as read_listing
from sandbox.classroom.live import Room, Spot, live
from sandbox.classroom.looking import Look, looked, looks_at
from sandbox.classroom.message import (
    LONGEST,
    NUDGE,
    Note,
    Sent,
    notes,
    nudge,
    read_note,
    send,
    sent,
    show,
    tell,
    unread,
)
from sandbox.classroom.order import Wait, sets_of, waits, way
from sandbox.classroom.presence import be_at, be_stuck, news, presence
from sandbox.classroom.progress import Cell, Line, Missed, Table, plain, progress, submitted, tasks_of
from sandbox.classroom.roster import Place, Plan, enrol, join, roster, sheet
from sandbox.classroom.roster import apply as apply_roster
from sandbox.classroom.roster import plan as plan_roster
from sandbox.classroom.teaching import (
    accept,
    appoint,
    appoint_named,
    dismiss,
    invite,
    members,
    taught_by,
    teachers,
    teaches,
    teaches_class,
)
from sandbox.classroom.turns import EVERYBODY, open_seats, turns
from sandbox.classroom.window import (
    MOST_DAYS,
    allow,
    allowances,
    checked,
    extend,
    hand_over,
    hers,
    mark_of,
    own,
    shape,
)

__all__ = [
    "EVERYBODY", "LONGEST", "MARK", "MOST_DAYS", "NUDGE", "SILENT", "ZONE", "Assignment", "Cell", "Course", "Line",
    "Listing", "Look", "Missed", "Note", "Place", "Plan", "Room", "Sent", "Spot", "Table", "Wait", "abandoned",
    "accept", "allow", "allowances", "alone_with_sample", "apply_roster", "appoint", "appoint_named", "assign",
    "assignment", "assignments", "be_at", "be_stuck", "bring_back", "by_code", "checked", "checked_late",
    "clear_course", "clear_people", "comes_twice", "course", "courses_of", "create_course", "delete_account", "dismiss",
    "end", "ended_by", "enrol", "extend", "hand_over", "hers", "in_turn", "invite", "join", "late_factor", "late_words",
    "learners", "left_half_made", "live", "local_due", "looked", "looks_at", "mark_of", "marked", "members", "news",
    "notes", "nudge", "open_seats", "opens_results", "own", "placed", "plain", "plan_roster", "presence", "progress",
    "purge", "read_listing", "read_note", "remove", "removed", "restore", "restore_account", "roster",
    "sample_given_up", "sample_goes_on", "sample_ready", "section_names", "send", "sent", "sets_of", "shape", "sheet",
    "show", "sizes", "submitted", "tasks_of", "taught_by", "teachers", "teaches", "teaches_class", "tell", "turns",
    "unread", "waits", "way",
]
