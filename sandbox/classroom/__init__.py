"""Courses, enrolment and assignments: who is taught what, until when, and how it goes."""

from __future__ import annotations

from sandbox.classroom.course import (
    ZONE,
    Assignment,
    Course,
    assign,
    assignment,
    assignments,
    by_code,
    course,
    courses_of,
    create_course,
    enrol,
    join,
    learners,
    local_due,
    section_names,
    sizes,
)
from sandbox.classroom.ending import end, ended_by, purge, restore
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
from sandbox.classroom.listing import Listing
from sandbox.classroom.listing import read as read_listing
from sandbox.classroom.live import Room, Spot, live
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
from sandbox.classroom.presence import be_at, be_stuck, news, presence
from sandbox.classroom.progress import Cell, Line, Missed, Table, plain, progress, submitted, tasks_of
from sandbox.classroom.roster import Place, Plan, roster, sheet
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
    "LONGEST", "MARK", "MOST_DAYS", "NUDGE", "SILENT", "ZONE", "Assignment", "Cell", "Course", "Line", "Listing",
    "Missed", "Note", "Place", "Plan", "Room", "Sent", "Spot", "Table", "abandoned", "accept", "allow",
    "allowances", "alone_with_sample", "apply_roster", "appoint", "appoint_named", "assign", "assignment",
    "assignments", "be_at", "be_stuck", "by_code", "checked", "checked_late", "course", "courses_of",
    "create_course", "dismiss", "end", "ended_by", "enrol", "extend", "hand_over", "hers", "invite", "join",
    "late_factor", "late_words", "learners", "left_half_made", "live", "local_due", "mark_of", "marked", "members",
    "news", "notes", "nudge", "opens_results", "own", "plain", "plan_roster", "presence", "progress", "purge",
    "read_listing", "read_note", "restore", "roster", "sample_given_up", "sample_goes_on", "sample_ready",
    "section_names", "send", "sent", "shape", "sheet", "show", "sizes", "submitted", "tasks_of", "taught_by",
    "teachers", "teaches", "teaches_class", "tell", "unread",
]
