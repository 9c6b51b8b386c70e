"""Courses, enrolment and assignments: who is taught what, until when, and how it goes."""

from __future__ import annotations

from sandbox.classroom.course import (
    ZONE,
    Assignment,
    Course,
    assign,
    assignment,
    assignments,
    course,
    courses_of,
    create_course,
    hand_over,
    join,
    learners,
    local_due,
    members,
    sizes,
    taught_by,
    teaches,
)
from sandbox.classroom.listing import Listing
from sandbox.classroom.listing import read as read_listing
from sandbox.classroom.progress import Cell, Line, Missed, Table, csv_lines, plain, progress, submitted
from sandbox.classroom.roster import Place, Plan, roster, sections, sheet
from sandbox.classroom.roster import apply as apply_roster
from sandbox.classroom.roster import plan as plan_roster

__all__ = ["ZONE", "Assignment", "Cell", "Course", "Line", "Listing", "Missed", "Place", "Plan", "Table",
           "apply_roster", "assign", "assignment", "assignments", "course", "courses_of", "create_course", "csv_lines",
           "hand_over", "join", "learners", "local_due", "members", "plain", "plan_roster", "progress", "read_listing",
           "roster", "sections", "sheet", "sizes", "submitted", "taught_by", "teaches"]
