"""The gradebook: a grade is the fold of tries and decisions; later tries can only add; questions get answers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from answers import exemplar, room_of
from flask import Flask
from houses import Person, instructor
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sandbox import attempts, classroom, gradebook, people, proofs
from sandbox.db import Database
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.gradebook import Event, Standing, Try, fold
from sandbox.house import House
from sandbox.people import OWNER
from sandbox.report import Finding, Report
from sandbox.scenario import Hint

TASK = "him-belly-pain"
START = datetime(2026, 9, 1, 14, tzinfo=UTC)
WHERE = ("g-1", "p-ada", TASK)


class Book(RuleBasedStateMachine):
    """Ada tries, a grader judges or crashes, Ines decides and takes back, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.tries: list[Try] = []
        self.judged = 0
        self.events: list[Event] = []

    @initialize(score=st.none() | st.integers(0, 100))
    def first(self, score: int | None) -> None:
        """Her first submission."""
        self._send(1, score)

    def _send(self, seed: int, score: int | None) -> None:
        at = START + timedelta(minutes=len(self.tries))
        self.judged += score is not None
        self.tries.append(Try(f"a-{len(self.tries)}", seed, score, at, self.judged if score is not None else 0))

    def _decide(self, **event: Any) -> None:
        self.events.append(Event(len(self.events) + 1, by="p-ines", at=START, **event))

    def now(self) -> Standing:
        """The grade as it stands."""
        return fold(self.tries, self.events)

    @rule(seed=st.integers(1, 6), score=st.none() | st.integers(0, 100))
    def tries_again(self, seed: int, score: int | None) -> None:
        """A later try takes nothing; on a variant that was tried before, or ungraded, it changes nothing at all."""
        before, known = self.now(), {each.seed for each in self.tries if each.score is not None}
        had = any(each.score is not None for each in self.tries)
        self._send(seed, score)
        after = self.now()
        if before.status == "graded":
            assert after.score is not None and before.score is not None and after.score >= before.score
        if score is None or (had and seed in known):
            told = {"attempts": before.attempts}
            assert replace(after, **told) == before or before.status in ("none",)

    @precondition(lambda self: any(each.score is None for each in self.tries))
    @rule(score=st.integers(0, 100))
    def is_judged_at_last(self, score: int) -> None:
        """What a crash had left ungraded is judged after all, where it was sent: it can only add."""
        before = self.now()
        at = next(i for i, each in enumerate(self.tries) if each.score is None)
        self.judged += 1
        self.tries[at] = replace(self.tries[at], score=score, judged=self.judged)
        if before.status == "graded":
            after = self.now()
            assert after.score is not None and before.score is not None and after.score >= before.score

    @rule(which=st.integers(0, 19))
    def is_dropped(self, which: int) -> None:
        """A dropped try is as if it had never been sent; taking the drop back restores the same grade."""
        chosen = self.tries[which % len(self.tries)]
        before = self.now()
        self._decide(kind="drop", attempt=chosen.attempt)
        without = fold([each for each in self.tries if each.attempt != chosen.attempt], self.events)
        assert (self.now().score, self.now().first, self.now().best) == (without.score, without.first, without.best)
        self._undo_restores(before)

    @rule(value=st.integers(0, 100))
    def is_overridden(self, value: int) -> None:
        """The last override holds, whatever was tried, unless the task is excused."""
        before = self.now()
        self._decide(kind="override", value=float(value), words="for reasons")
        assert self.now().status == "excused" or self.now().score == value
        self._undo_restores(before)

    @rule()
    def is_excused(self) -> None:
        """Excused, it counts nothing."""
        before = self.now()
        self._decide(kind="excuse", words="was ill")
        assert (self.now().status, self.now().score) == ("excused", None)
        self._undo_restores(before)

    def _undo_restores(self, before: Standing) -> None:
        after, seq = self.now(), self.events[-1].seq
        self._decide(kind="undo", undoes=seq)
        assert self.now() == before
        self._decide(kind="undo", undoes=self.events[-1].seq)  # the undo is taken back: the decision holds again
        assert self.now() == after
        if len(self.events) % 2:
            self._decide(kind="undo", undoes=seq)

    @invariant()
    def adds_up(self) -> None:
        """Within 0 and 100; never under the first try, never over the best; the same whatever order it is read in."""
        found = self.now()
        assert fold(self.tries, self.events[::-1]) == found
        assert found.later <= gradebook.LATER
        if found.score is not None and not any(e.kind == "override" for e in gradebook.standing(self.events)):
            assert found.first is not None and found.first <= found.score <= max(found.first, found.best or 0)


Book.TestCase.settings = settings(max_examples=60, stateful_step_count=20)
TestBook = Book.TestCase


def test_half_of_what_the_best_of_three_later_variants_adds() -> None:
    """60, then 50, 80, 70 on new variants and 100 as a fourth: 60 + ½ · 20. The same variant again adds nothing."""
    tries = [Try(f"a-{i}", seed, score, START) for i, (seed, score) in enumerate(
        [(1, 60.0), (1, 100.0), (2, 50.0), (3, 80.0), (3, 100.0), (4, 70.0), (5, 100.0)])]
    found = fold(tries, [])
    assert (found.score, found.first, found.best, found.later, found.attempts) == (70.0, 60.0, 80.0, 3, 7)
    assert found.why == "The first try: 60, and half of the 20 that the best later one stands above it."


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_judged_late_can_only_add(seed: int) -> None:
    """The house failed to judge her first; she sent it again and got 90. Judged at last, the first takes nothing."""
    crashed, again = Try("a-1", 1, None, START), Try("a-2", seed, 90.0, START, 1)
    assert fold([crashed, again], []).score == 90.0
    assert fold([replace(crashed, score=40.0, judged=2), again], []).score == 90.0
    assert fold([replace(crashed, score=100.0, judged=2), again], []).score == (90.0 if seed == 1 else 95.0)


def test_what_is_decided_is_written_once_and_two_who_decide_at_once_are_told(db: Database) -> None:
    """Ines and Otto look at the same grade: the second gets a conflict, and nothing of hers was done."""
    with db.writing() as conn:
        first = gradebook.append(conn, WHERE, "override", "p-ines", value=80, words="A fair reading", seen=0)
        with pytest.raises(Conflict, match="Somebody else decided"):
            gradebook.append(conn, WHERE, "override", "p-otto", value=10, words="No", seen=0)
        gradebook.append(conn, WHERE, "ask", "p-ada", attempt="a-1", criterion="x", words="Why?")
        gradebook.append(conn, WHERE, "excuse", "p-otto", words="Ill", seen=first.seq)  # her question moved nothing
        assert [each.kind for each in gradebook.of(conn, WHERE)] == ["override", "ask", "excuse"]
        assert gradebook.of(conn, ("g-1", "p-ben", TASK)) == []
        for kind, more in (("override", {"value": 101, "words": "x"}), ("override", {"words": "x"}), ("ask", {}),
                           ("excuse", {"words": "again"}), ("comment", {"words": "x" * 5000}), ("undo", {})):
            with pytest.raises(BadInput):
                gradebook.append(conn, WHERE, kind, "p-ines", **more)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            gradebook.append(conn, WHERE, "undo", "p-ines", undoes=99)
        with pytest.raises(BadInput, match="Nobody has asked"):
            gradebook.say(conn, WHERE, "answer", "p-ines", "a-1", "y", "words")


class Course:
    """Ines's class with Ada in it, by HTTP."""

    def __init__(self, app: Flask, house: House, seed: int | None = None) -> None:
        self.app, self.house, self.ines, self.ada = app, house, instructor(app), Person(app).sit_down()
        with house.db.writing() as conn:
            self.course = classroom.create_course(conn, people.get(conn, OWNER), "Health records, autumn")
            self.given = classroom.assign(conn, self.course.id, "him-first-codes", ("him",), None, seed)
        self.key = f"him-first-codes@{self.given.id}"
        self.ada.get("/join")
        self.ada.post("/join", code=self.course.code)
        self.ada.get(f"/task/{self.key}/{TASK}")
        self.id = room_of(house, self.key).owner
        self.page = f"/teach/{self.course.id}/{self.given.id}/grade/{self.id}/{TASK}"

    def send(self, **form: str) -> str:
        """Ada's work; the attempt's id."""
        return self.ada.submit(f"{self.key}/{TASK}", form).rsplit("/", 1)[1]

    def right(self) -> str:
        """An exemplar, on the variant that is open."""
        with self.house.db.reading() as conn:
            from sandbox import workspace

            own = [each for each in workspace.of_owner(conn, self.id) if each.scenario == self.key]
        return self.send(**exemplar(self.house, own[-1], TASK))

    def standing(self) -> Standing:
        """What it counts."""
        with self.house.db.reading() as conn:
            return gradebook.grades(conn, self.given, [self.id]).get((self.id, TASK), Standing())

    def decide(self, status: int = 303, **form: str) -> str:
        """Ines decides, on the page as she sees it."""
        seen = re.search(r'name="seen" value="(\d+)"', self.ines.get(self.page))
        assert seen
        return self.ines.post(self.page, status, follow=status == 200, **{"seen": seen[1], **form}).text


WRONG = '[{"code": "R10.31", "poa": "", "spans": []}]'


@pytest.fixture
def course(app: Flask, house: House) -> Course:
    """A class that has begun."""
    return Course(app, house)


def test_ada_tries_again_on_a_new_variant_after_opening_what_she_missed(course: Course, house: House) -> None:
    """Refused before; the button opens another variant of the same story; it adds half of what it stands above."""
    first = course.send(codes=WRONG)
    before = course.standing()
    assert before.status == "graded" and before.score is not None and before.score < 60
    page = course.ada.get(f"/attempt/{first}")
    assert "Before another try, open what you missed" in page
    refused = course.ada.post(f"/attempt/{first}/again", 200).text
    assert "not opened yet" in refused
    missed = re.findall(r'name="criterion" value="([^"]+)"', page.partition('data-unopened')[2].partition("</form>")[0])
    for criterion in missed:
        course.ada.post(f"/attempt/{first}/opened", 303, follow=False, criterion=criterion)
    with house.db.reading() as conn:
        attempt = attempts.get(conn, first)
        told = gradebook.of(conn, (course.given.id, course.id, TASK))
    assert attempt.report is not None and gradebook.unopened(attempt.report, told, first) == []
    course.ada.get(f"/attempt/{first}")
    desk = course.ada.post(f"/attempt/{first}/again", 303, follow=False)
    assert desk.location == f"/task/{course.key}/{TASK}"
    course.ada.get(desk.location)
    second = course.right()
    with house.db.reading() as conn:
        again = attempts.get(conn, second)
    assert (again.number, again.workspace != attempt.workspace, again.seed != attempt.seed) == (2, True, True)
    after = course.standing()
    assert after.score == round(before.score + (100 - before.score) / 2, 1)
    assert "half of the" in course.ada.get(f"/attempt/{second}")


def test_the_same_variant_again_is_practice(course: Course) -> None:
    """Sent twice in the same hospital: numbered 2, and it adds nothing."""
    course.send(codes=WRONG)
    before = course.standing()
    course.right()
    after = course.standing()
    assert (after.score, after.later, after.attempts) == (before.score, 0, 2)


def test_a_class_that_shares_a_variant_shares_the_next(app: Flask, house: House) -> None:
    """Ada's and Ben's second variants are one and the same."""
    seeds = []
    for course in (Course(app, house, 7), Course(app, house, 7)):
        first = course.right()
        course.ada.get(f"/attempt/{first}")
        course.ada.post(f"/attempt/{first}/again", 303, follow=False)
        course.ada.get(f"/task/{course.key}/{TASK}")
        with house.db.reading() as conn:
            seeds.append(attempts.get(conn, course.right()).seed)
    assert seeds[0] == seeds[1] != 7


def test_an_untouched_page_is_asked_about_once_and_then_counts(course: Course) -> None:
    """Nothing is sent by mistake, and nobody is kept from handing in a blank page."""
    form = {"token": course.ada.token(), "codes": "[]"}
    course.ada.get(f"/task/{course.key}/{TASK}")
    asked = course.ada.post(f"/task/{course.key}/{TASK}", 200, **form)
    assert "Nothing is filled in yet" in asked.text and 'name="sure" value="1"' in asked.text
    assert course.standing().status == "none"
    course.ada.post(f"/task/{course.key}/{TASK}", 303, follow=False, sure="1", **form)
    assert course.standing().score == 0


def test_ines_sets_excuses_drops_comments_and_takes_back(course: Course) -> None:
    """Each stands on the page and on Ada's debrief; a stale page is refused; nothing is overwritten."""
    first = course.send(codes=WRONG)
    own = course.standing().score
    assert "Say why" in course.decide(400, do="override", value="80")
    assert "0 to 100" in course.decide(400, do="override", value="eighty", words="x")
    course.decide(do="override", value="87,5", words="Read the scan with care")
    assert course.standing().score == 87.5
    assert "Read the scan with care" in course.ada.get(f"/attempt/{first}")
    assert "Somebody else decided" in course.decide(409, do="excuse", words="Ill", seen="0")
    course.decide(do="excuse", words="Was ill")
    assert course.standing().status == "excused"
    page = course.ines.get(course.page)
    for number in re.findall(r'name="undoes" value="(\d+)"', page):
        course.decide(do="undo", undoes=number)
    assert course.standing().score == own
    course.decide(do="comment", words="Look at the triage note again.")
    assert "Look at the triage note again." in course.ada.get(f"/attempt/{first}")
    course.decide(do="drop", attempt=first)
    assert course.standing().status == "ungraded"
    course.right()
    assert course.standing().score == 100  # the dropped one consumed nothing: this is her first


def test_ada_asks_about_a_finding_and_ines_answers(course: Course, house: House) -> None:
    """It waits in the list, is answered on the debrief, and Ada closes it; who did it for no class can ask nobody."""
    first = course.send(codes=WRONG)
    page = course.ada.get(f"/attempt/{first}")
    criterion = re.search(r'<input type="hidden" name="criterion" value="([^"]+)">', page)
    assert criterion
    course.ada.post(f"/attempt/{first}/ask", 303, follow=False, criterion=criterion[1], words="Is nausea not coded?")
    listed = course.ines.get(f"/teach/{course.course.id}/{course.given.id}/questions")
    assert "Is nausea not coded?" in listed and ">waits<" in listed
    assert "Is nausea not coded?" in course.ines.get(f"/attempt/{first}")
    course.ines.post(f"/teach/{course.course.id}/{course.given.id}/questions/{first}", 303, follow=False,
                     criterion=criterion[1], words="It belongs to the pain.")
    assert "It belongs to the pain." in course.ada.get(f"/attempt/{first}")
    course.ada.post(f"/attempt/{first}/ask", 303, follow=False, criterion=criterion[1], settled="1")
    assert ">closed<" in course.ines.get(f"/teach/{course.course.id}/{course.given.id}/questions")
    course.ada.get(f"/attempt/{first}")
    course.ada.post(f"/attempt/{first}/ask", 404, criterion="no-such", words="x")
    course.ada.get(f"/attempt/{first}")
    course.ada.post(f"/attempt/{first}/ask", 400, criterion=criterion[1], words=" ")


def test_mallory_and_ben_touch_nothing_of_adas_grade(course: Course, app: Flask) -> None:
    """Neither her openings, nor her tries, nor what was decided."""
    first = course.send(codes=WRONG)
    ben = Person(app).sit_down()
    for path in ("opened", "ask", "again"):
        ben.post(f"/attempt/{first}/{path}", 404, criterion="x", words="x")
    ben.get(course.page, 404)
    ben.post(course.page, 404, do="override", value="0", words="x", seen="0")
    assert course.standing().status == "graded"


def test_every_blank_page_of_every_task_is_known_as_untouched(house: House) -> None:
    """What `blank` sends is nothing filled in; what an exemplar sends is not."""
    from sandbox import scenario

    with house.db.writing() as conn:
        for story in house.scenarios.values():
            info = scenario.sit(conn, house, "p-ada", story.name)
            for task in story.tasks:
                activity = house.scenarios.activity(story.name, task.name)
                assert attempts.untouched(house, info, task.name, activity.blank()), task.name
        conn.rollback()


HINTS = (Hint("place", "Look"), Hint("rule", "Holds", ("Secondary diagnoses",)), Hint("answer", "It is", ("=poa-*",)))


@given(earned=st.lists(st.floats(0, 10), min_size=1, max_size=8), opened=st.integers(0, 3))
def test_a_hint_takes_from_what_it_is_about_and_from_nothing_else(earned: list[float], opened: int) -> None:
    """A place nothing, a rule a quarter, an answer all; whoever met it did so with help; what was missed stays so."""
    plain = Report(tuple(
        Finding(f"poa-{i}" if i % 3 == 2 else f"c-{i}", "Secondary diagnoses" if i % 3 == 1 else "First", "coding",
                points, 10.0, "A finding", "Why") for i, points in enumerate(earned)))
    found = attempts.helped(plain, HINTS[:opened])
    for before, after in zip(plain.findings, found.findings, strict=True):
        about = [hint for hint in HINTS[:opened] if attempts.concerns(hint, before)]
        left = min(({"rule": 0.75, "answer": 0.0}[hint.kind] for hint in about), default=1.0)
        assert after.earned == pytest.approx(before.earned * left, abs=1e-3)
        assert (after.group == "helped") == (before.met and left < 1)
        assert after.met == (before.met and left == 1)
    assert attempts.helped(found, ()) is found and found.score <= plain.score


def test_check_finds_a_hint_that_is_tied_to_nothing_and_a_slip_beside_a_tie_that_fits() -> None:
    """The first at once; the second over many variants, of which one may lack what the hint helps with."""
    report = Report((Finding("code:I10", "Codes", "coding", 10, 10, "A code", "Why"),))
    assert [*proofs.untied([Hint("place", "x"), Hint("rule", "x", ("Codes",))], report)] == []
    assert "which is no finding's" in next(proofs.untied([Hint("rule", "x", ("=code:L9*",))], report))
    seen = [proofs.Outcome("s", "t", name, seed, 100.0, "", loose) for name, seed, loose in (
        ("exemplar", 0, frozenset({"## Rule: =code:I1O", "## Rule: =query:*"})), ("blank", 0, None),
        ("exemplar", 1, frozenset({"## Rule: =code:I1O"})))]
    [slip] = proofs.astray(seen)
    assert slip.problem == "hints.md: no variant has what “## Rule: =code:I1O” is about"
    assert proofs.astray([replace(each, loose=frozenset()) for each in seen]) == []


def test_a_hint_says_what_it_costs_before_it_is_opened(course: Course, house: House, monkeypatch: Any) -> None:
    """Told first, opened when she is sure; then the debrief reads “with help”, and it counts as not met."""
    monkeypatch.setattr(type(house.scenarios), "hints", lambda *_: (HINTS[0], HINTS[1]))
    path = f"/task/{course.key}/{TASK}/hint"
    assert course.ada.post(path).json["kind"] == "place"
    told = course.ada.post(path).json
    assert "html" not in told and "Of the points for “Secondary diagnoses” it leaves three quarters" in told["cost"]
    assert course.ada.post(path, sure="1").json["kind"] == "rule"
    assert course.ada.post(path, number="2").json["kind"] == "rule"  # what she has read costs nothing more to read
    course.ada.get(f"/task/{course.key}/{TASK}")
    first = course.right()
    page = course.ada.get(f"/attempt/{first}")
    assert "With help" in page
    with house.db.reading() as conn:
        report = attempts.get(conn, first).report
    assert report is not None and 80 < report.score < 100 and report.met < report.asked
