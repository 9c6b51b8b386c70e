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
from sandbox.classroom.progress import Cell, Line, Missed, Table, csv_lines, plain, progress, submitted

__all__ = ["ZONE", "Assignment", "Cell", "Course", "Line", "Missed", "Table", "assign", "assignment", "assignments",
           "course", "courses_of", "create_course", "csv_lines", "hand_over", "join", "learners", "local_due",
           "members", "plain", "progress", "sizes", "submitted", "taught_by", "teaches"]
