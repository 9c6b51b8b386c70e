"""What a grade may never do to a learner: fall for the house's own fault, be gained without reading, be shown early."""

from __future__ import annotations

import re
from itertools import count

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from test_gradebook import START, WRONG, Course

from sandbox import attempts, gradebook
from sandbox.db import Database
from sandbox.errors import Conflict, NotFound
from sandbox.gradebook import Event, Try, fold
from sandbox.house import House


@pytest.fixture
def course(app: Flask, house: House) -> Course:
    """A class that has begun."""
    return Course(app, house)


def test_a_try_that_is_judged_late_takes_nothing_from_what_she_sent_meanwhile(
        course: Course, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The grader crashed, she sent it again and was judged; the first is judged at the next start: nothing falls."""
    with monkeypatch.context() as broken:
        broken.setattr("sandbox.attempts.judging.judge", lambda *_, **__: 1 / 0)
        crashed = course.send(codes=WRONG)
    assert course.standing().status == "ungraded"
    course.ada.get(f"/task/{course.key}/him-belly-pain")
    course.right()
    assert course.standing().score == 100
    attempts.settle(house, crashed, house.db.reading, house.db.writing)
    with house.db.reading() as conn:
        late = attempts.get(conn, crashed).report
    assert late is not None and late.score < 60
    assert course.standing().score == 100


def test_what_she_missed_last_is_opened_too_from_whichever_debrief_she_goes_on(course: Course) -> None:
    """Ada opens all of the first debrief, tries again, misses, and goes back to the first one's button."""
    first = course.send(codes=WRONG)
    opened_all(course, first)
    course.ada.post(f"/attempt/{first}/again", 303, follow=False)
    course.ada.get(f"/task/{course.key}/him-belly-pain")
    second = course.send(codes=WRONG)
    course.ada.get(f"/attempt/{first}")
    refused = course.ada.post(f"/attempt/{first}/again", 303, follow=False)
    assert refused.location.startswith(f"/attempt/{second}")
    assert "not opened yet" in course.ada.get(f"/attempt/{second}")


def test_a_held_result_is_not_told_by_the_way_to_another_try(course: Course, house: House) -> None:
    """While results are held, neither the count of what she missed nor its titles come out of any button."""
    first = course.send(codes=WRONG)
    course.ada.get(f"/attempt/{first}")
    with house.db.writing() as conn:
        gradebook.hold(conn, course.given.id, "The key is looked at again.", "p-ines")
    told = course.ada.post(f"/attempt/{first}/again", 200).text
    assert "not opened yet" not in told and "The key is looked at again." in told
    course.ada.post(f"/attempt/{first}/opened", 409, criterion="x")


def test_ines_loses_no_word_where_somebody_was_quicker(course: Course) -> None:
    """Refused, each form comes back as she filled it in, and no other form has its words."""
    course.send(codes=WRONG)
    page = course.decide(409, do="excuse", words="Was in hospital", seen="7")
    assert 'id="f-reason" name="words" autocomplete="off" value="Was in hospital"' in page
    assert page.count("Was in hospital") == 1
    assert "A long word" in course.decide(400, do="comment", words="A long word. " * 400)


def test_where_every_try_was_dropped_it_says_so(course: Course) -> None:
    """Not that judging did not finish: the next one is her first."""
    first = course.send(codes=WRONG)
    course.decide(do="drop", attempt=first)
    assert course.standing().why == "Every try so far was dropped: the next one counts as the first."
    assert "not judged yet" not in course.ines.get(course.page)


def test_a_question_is_listed_by_the_findings_title(course: Course) -> None:
    """Whoever teaches reads what was asked about, not the name that a file has for it."""
    first = course.send(codes=WRONG)
    page = course.ada.get(f"/attempt/{first}")
    found = re.search(r'class="btn btn-line btn-s" name="criterion" value="([^"]+)">([^<]+)<', page)
    assert found
    name, title = found.groups()
    course.ada.post(f"/attempt/{first}/ask", 303, follow=False, criterion=name, words="Why?")
    assert f": {title}</a>" in course.ines.get(f"/teach/{course.course.id}/{course.given.id}/questions")


def test_the_ledger_is_only_ever_appended_to(db: Database) -> None:
    """Whatever is decided and taken back, in any order: lines stay as they stood, numbers rise, a stale page is
    refused, and what is taken back leaves the grade as it was."""
    learners = count()

    class Ledger(RuleBasedStateMachine):
        """Ines and Otto decide about one learner's task."""

        def __init__(self) -> None:
            super().__init__()
            self.where = ("g-1", f"p-{next(learners)}", "task")
            self.lines: list[tuple[object, ...]] = []
            self.tries = [Try("a-1", 1, 40.0, START, 1), Try("a-2", 2, 90.0, START, 2)]

        def events(self) -> list[Event]:
            """As the ledger reads them."""
            with db.reading() as conn:
                return gradebook.of(conn, self.where)

        def seen(self) -> int:
            """What a page that is open now has seen: the learner's own lines are none of it."""
            return max((each.seq for each in self.events() if each.kind != "ask"), default=0)

        @rule(value=st.integers(0, 100), back=st.booleans())
        def is_set(self, value: int, back: bool) -> None:
            """A grade is set and, perhaps, taken back: then it is what it was."""
            before, seen = fold(self.tries, self.events()), self.seen()
            with db.writing() as conn:
                done = gradebook.append(conn, self.where, "override", "p-ines", value=value, words="so", seen=seen)
            assert fold(self.tries, self.events()).score == value
            with db.writing() as conn, pytest.raises(Conflict):
                gradebook.append(conn, self.where, "drop", "p-otto", attempt="a-1", seen=seen)
            if back:
                with db.writing() as conn:
                    gradebook.append(conn, self.where, "undo", "p-otto", undoes=done.seq, seen=done.seq)
                assert fold(self.tries, self.events()) == before
                with db.writing() as conn, pytest.raises(NotFound):
                    gradebook.append(conn, self.where, "undo", "p-ines", undoes=done.seq)

        @rule(attempt=st.sampled_from(["a-1", "a-2"]))
        def is_dropped(self, attempt: str) -> None:
            """A try is dropped."""
            with db.writing() as conn:
                gradebook.append(conn, self.where, "drop", "p-ines", attempt=attempt, seen=self.seen())

        @rule()
        def is_asked_about(self) -> None:
            """A learner's own question changes no grade and makes no page stale."""
            before, seen = fold(self.tries, self.events()), self.seen()
            with db.writing() as conn:
                gradebook.append(conn, self.where, "ask", self.where[1], attempt="a-1", criterion="x", words="Why?")
                gradebook.append(conn, self.where, "comment", "p-ines", words="Look again.", seen=seen)
            assert fold(self.tries, self.events()) == before

        @invariant()
        def stands(self) -> None:
            """All that stood stands as it stood, before what is new."""
            with db.reading() as conn:
                lines = [tuple(row) for row in conn.execute(sa.text(
                    "SELECT * FROM grade_event WHERE person = :p ORDER BY seq"), {"p": self.where[1]})]
            assert lines[:len(self.lines)] == self.lines
            assert [each.seq for each in self.events()] == [line[0] for line in lines]
            self.lines = lines

    run_state_machine_as_test(Ledger, settings=settings(max_examples=15, stateful_step_count=10, deadline=None))


def opened_all(course: Course, attempt: str) -> None:
    """Ada opens whatever she missed in an attempt."""
    page = course.ada.get(f"/attempt/{attempt}")
    missed = re.findall(r'name="criterion" value="([^"]+)"', page.partition("data-unopened")[2].partition("</form>")[0])
    course.ada.post(f"/attempt/{attempt}/opened", 303, follow=False, criterion=missed)
    course.ada.get(f"/attempt/{attempt}")
