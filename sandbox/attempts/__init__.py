"""Drafts, submissions, grades: what a learner did, kept before it is judged and never overwritten.

A submission: `submit` appends work, evidence, digest, seed and trail position, once for each token; the edge commits
(from here it is acknowledged); `deliver` puts the work into her record; `judge` reads what is stored, outside any
write transaction; `record` appends the report; the edge commits.
"""

from __future__ import annotations

from sandbox.attempts.amendment import Amendment, amend, amended, amendments_of, checked, take_back, values
from sandbox.attempts.belongings import hand_over
from sandbox.attempts.draft import Draft, drafts_of, open_draft, read_draft, save_draft, working
from sandbox.attempts.firsts import First, Mark, firsts, stamp
from sandbox.attempts.help import concerns, cost, helped
from sandbox.attempts.hint import give_hint, hints_given
from sandbox.attempts.judging import (
    AMENDED,
    append,
    deliver,
    judge,
    judge_prepared,
    record,
    record_failure,
    settle,
    unsettled,
)
from sandbox.attempts.ledger import (
    Attempt,
    Grade,
    done,
    get,
    latest,
    of_people,
    of_person,
    report_of,
    touched,
)
from sandbox.attempts.outcomes import Counts, Outcome, all_sent, handed, hints_read, open_drafts, outcomes
from sandbox.attempts.said import Said, answer, asks, begun_at, hope_for, hopes_of, said_of
from sandbox.attempts.submission import Prepared, prepare, sent, submit, turn, untouched

__all__ = [
    "AMENDED", "Amendment", "Attempt", "Counts", "Draft", "First", "Grade", "Mark", "Outcome", "Prepared", "Said",
    "all_sent", "amend", "amended", "amendments_of", "answer", "append", "asks", "begun_at", "checked", "concerns",
    "cost", "deliver", "done", "drafts_of", "firsts", "get", "give_hint", "hand_over", "handed", "helped",
    "hints_given", "hints_read", "hope_for", "hopes_of", "judge", "judge_prepared", "latest", "of_people", "of_person",
    "open_draft", "open_drafts", "outcomes", "prepare", "read_draft", "record", "record_failure", "report_of",
    "said_of", "save_draft", "sent", "settle", "stamp", "submit", "submitted", "take_back", "touched", "turn",
    "unsettled", "untouched", "values", "working",
]
