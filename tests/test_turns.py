"""Half a class begins in each seat: who draws what, what waits for whom, and what an instructor sees of it."""

from __future__ import annotations

import re
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from houses import Person, instructor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox import classroom, people
from sandbox.classroom.course import enrolment
from sandbox.classroom.order import _at
from sandbox.classroom.turns import dealt, draw
from sandbox.db import Database
from sandbox.errors import BadInput
from sandbox.house import House

STORY = "first-half-hour"
BOTH = [(STORY, ("him", "hi"))]
FIRST = {"him": "him-cough", "hi": "hi-average-stay-shown"}
OPENS = datetime(2026, 9, 1, 14, tzinfo=UTC)


def a_class(db: Database, many: int = 0) -> tuple[classroom.Course, list[str]]:
    """A class with so many learners in it."""
    with db.writing() as conn:
        course = classroom.create_course(conn, people.guest(conn), "Autumn")
        ids = [people.guest(conn).id for _ in range(many)]
        for id in ids:
            classroom.join(conn, id, course.code)
    return course, ids


def drawn(db: Database, course: classroom.Course) -> dict[str, int]:
    """Person to turn, of everybody who is in the class."""
    with db.reading() as conn:
        return {person: turn for (_, person), turn in classroom.turns(conn, [course.id]).items()}


MOVES = st.lists(st.tuples(st.sampled_from(["join", "join", "leave", "back"]), st.sampled_from(["", "A", "B"]),
                           st.integers(0, 50)), max_size=60)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES)
def test_the_two_halves_differ_by_one_at_most_however_people_come(moves: list[tuple[str, str, int]]) -> None:
    """While people only join, always; where some leave and come back, whoever joins then evens out what is there."""
    here: list[tuple[int, str, int]] = []
    gone: list[tuple[int, str, int]] = []
    left = False
    for number, (kind, section, which) in enumerate(moves):
        before = abs(sum(1 if turn else -1 for turn, _, _ in here))
        if kind == "leave" and here:
            left = True
            gone.append(here.pop(which % len(here)))
        elif kind == "back" and gone:
            here.append(gone.pop(which % len(gone)))
        elif kind == "join":
            there = [(turn, of) for turn, of, _ in here]
            turn = dealt(there, section, f"p-{number}")
            assert turn == dealt(there, section, f"p-{number}")
            here.append((turn, section, number))
            assert abs(sum(1 if turn else -1 for turn, _, _ in here)) <= max(1, before - 1)
        if not left:
            assert abs(sum(1 if turn else -1 for turn, _, _ in here)) <= 1


def test_a_section_is_halved_where_the_class_is_even() -> None:
    """Two of section A have turn 0 and the class is even: the next of A gets turn 1, whatever her lot."""
    there = [(0, "A"), (0, "A"), (1, "B"), (1, "B")]
    assert {dealt(there, "A", str(lot)) for lot in range(20)} == {1}
    assert {dealt(there, "C", str(lot)) for lot in range(20)} == {0, 1}  # nothing to even out: her lot


def test_a_turn_is_drawn_once_and_kept_through_leaving_and_coming_back(db: Database) -> None:
    """None before anything asks; then everybody's; a second joining, another assignment, a gap change none of them."""
    course, ids = a_class(db, 5)
    assert drawn(db, course) == {}
    with db.writing() as conn:
        classroom.in_turn(conn, course.id, BOTH, None)
    first = drawn(db, course)
    assert set(first) == set(ids) and abs(Counter(first.values())[0] - Counter(first.values())[1]) == 1
    with db.writing() as conn:
        classroom.join(conn, ids[0], course.code)
        late = people.guest(conn).id
        classroom.join(conn, late, course.code)
        classroom.in_turn(conn, course.id, BOTH, None)
        draw(conn, course.id)
    second = drawn(db, course)
    assert {id: second[id] for id in ids} == first and Counter(second.values()) == {0: 3, 1: 3}
    with db.writing() as conn:
        for active in (False, True):
            conn.execute(enrolment.update().where(enrolment.c.person == ids[0]).values(active=active))
            draw(conn, course.id)
    assert drawn(db, course) == second


def test_a_guest_who_makes_an_account_keeps_her_turn(db: Database) -> None:
    """Her place goes along; an account that has a place of its own keeps the turn that it drew."""
    course, (ada, ben) = a_class(db, 2)
    with db.writing() as conn:
        classroom.in_turn(conn, course.id, BOTH, None)
        account = people.register(conn, None, "ada", "Ada", "three words in a row").id
    before = drawn(db, course)
    with db.writing() as conn:
        classroom.hand_over(conn, ada, account)
    assert drawn(db, course) == {account: before[ada], ben: before[ben]}
    with db.writing() as conn:
        classroom.hand_over(conn, ben, account)
    assert drawn(db, course) == {account: before[ada]}


def test_a_roster_that_is_read_later_is_dealt_its_turns_too(db: Database) -> None:
    """Whoever comes by file is placed like whoever comes by code."""
    course, _ = a_class(db, 1)
    listing = classroom.read_listing(b"ID,Name,Section\nS-1,Ada,A\nS-2,Ben,A\nS-3,Cleo,B\n")
    with db.writing() as conn:
        classroom.in_turn(conn, course.id, BOTH, None)
        classroom.apply_roster(conn, course.id, listing, classroom.plan_roster(conn, course.id, listing).mark)
    assert Counter(drawn(db, course).values()) == {0: 2, 1: 2}


def test_twelve_who_join_in_one_moment_are_still_halved(db: Database) -> None:
    """On both databases: of two who join at once the second is dealt what the first one left."""
    course, _ = a_class(db)
    with db.writing() as conn:
        classroom.in_turn(conn, course.id, BOTH, None)
        ids = [people.guest(conn).id for _ in range(12)]
    barrier, failed = threading.Barrier(12), list[str]()

    def come(id: str) -> None:
        barrier.wait(30)
        try:
            with db.writing() as conn:
                classroom.join(conn, id, course.code)
        except Exception as problem:
            failed.append(repr(problem))

    threads = [threading.Thread(target=come, args=(id,)) for id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == [] and Counter(drawn(db, course).values()) == {0: 6, 1: 6}


def test_the_next_one_in_turn_goes_the_other_way_round(db: Database) -> None:
    """Two stories of one seat each are a pair with one order; a set without both seats is refused."""
    course, _ = a_class(db, 1)
    with db.writing() as conn:
        with pytest.raises(BadInput, match="tasks of both"):
            classroom.in_turn(conn, course.id, [("hi-first-reports", ("hi",))], None)
        (one,) = classroom.in_turn(conn, course.id, BOTH, None)
        pair = [("him-first-codes", ("him",)), ("hi-first-reports", ("hi",))]
        him, hi = classroom.in_turn(conn, course.id, pair, None)
        (three,) = classroom.in_turn(conn, course.id, BOTH, None)
        assert one.order == three.order == him.order[::-1] == hi.order[::-1]
        assert him.pair == hi.pair != "" and one.pair == ""
        assert {each.id for each in classroom.sets_of(conn, [hi])[hi.id]} == {him.id, hi.id}
        assert one.begins_in(0) == him.begins_in(1) == "hi" and one.begins_in(None) == ""


@pytest.mark.parametrize(("opens", "due", "closes", "at"), [
    (None, None, None, None), (OPENS, OPENS + timedelta(days=8), None, OPENS + timedelta(days=8)),
    (OPENS, OPENS + timedelta(days=8), OPENS + timedelta(days=9), OPENS + timedelta(days=8)),
    (OPENS, OPENS + timedelta(days=8), OPENS + timedelta(days=8), OPENS + timedelta(days=7)),
    (OPENS, OPENS + timedelta(minutes=50), OPENS + timedelta(minutes=50), OPENS + timedelta(minutes=25))])
def test_the_other_seat_opens_while_there_is_time_for_it(opens: datetime | None, due: datetime | None,
                                                         closes: datetime | None, at: datetime | None) -> None:
    """At the due time; where work closes then, a day before, or at the middle of a short time."""
    given_ = classroom.Assignment("g", "c", STORY, ("him", "hi"), due, None, OPENS, opens, closes)
    later = classroom.Assignment("h", "c", STORY, ("hi",), OPENS + timedelta(days=30), None, OPENS)
    assert _at([given_]) == at
    assert _at([given_, later]) == (at or later.due)


class Halves:
    """Ines's class with Ada and Ben, who begin in two different seats of one story."""

    def __init__(self, app: Flask, house: House, **rules: datetime) -> None:
        self.house, self.ines = house, instructor(app)
        self.learners = [Person(app).sit_down(), Person(app).sit_down()]
        with house.db.writing() as conn:
            self.course = classroom.create_course(conn, people.get(conn, people.OWNER), "Autumn")
            (self.given,) = classroom.in_turn(conn, self.course.id, BOTH, rules.pop("due", None), **rules)
        for each in self.learners:
            each.post("/join", code=self.course.code)
        self.key, self.page = f"{STORY}@{self.given.id}", f"/teach/{self.course.id}/{self.given.id}"
        with house.db.reading() as conn:
            turns = classroom.turns(conn, [self.course.id])
            joined = classroom.roster(conn, self.course.id)
        self.ids = {self.given.begins_in(turns[self.course.id, p.person.id]): p.person.id for p in joined}
        assert set(self.ids) == {"him", "hi"}

    def beginner(self, seat: str) -> Person:
        """Whoever of the two begins there."""
        return next(each for each in self.learners if f"you begin in <b>{seat.upper()}</b>" in
                    each.get(f"/story/{self.key}"))

    def finish(self, who: Person, seat: str) -> None:
        """Hand in every task of a seat, as it is."""
        for task in self.house.scenarios[STORY].tasks:
            if task.seat == seat:
                who.submit(f"{self.key}/{task.name}", {})


def test_ada_and_ben_begin_in_different_seats_and_the_other_one_opens_when_the_first_is_in(
        app: Flask, house: House) -> None:
    """Refused at every door of the desk, naming what is left; nothing of the task is told. Then it opens."""
    halves = Halves(app, house)
    for seat, other in (("him", "hi"), ("hi", "him")):
        ada = halves.beginner(seat)
        assert f"{other.upper()} opens when you have handed in" in ada.page and f"after {seat.upper()}" in ada.page
        assert f"Begin: {house.scenarios.brief(STORY, FIRST[other]).title}" not in ada.page
        desk, open_ = f"/task/{halves.key}/{FIRST[other]}", f"/task/{halves.key}/{FIRST[seat]}"
        told = ada.get(desk, 403)
        assert f"you begin in {seat.upper()}" in told and "instructor can open it" in told
        assert house.scenarios.brief(STORY, FIRST[other]).ask.splitlines()[0][:40] not in told
        ada.post(desk, 403, token="x" * 24, sure="1")
        ada.post(f"{desk}/hint", 403, sure="1")
        ada.post(f"{desk}/step/check", 403)
        draft = ada.client.put(f"{desk}/draft", json={"version": 0, "form": {"a": "b"}},
                               headers={"X-CSRFToken": ada.csrf()})
        assert draft.status_code == 403
        ada.get(open_)
        halves.finish(ada, seat)
        then = next(task for task in house.scenarios[STORY].tasks if task.seat == other)
        assert f'href="/task/{halves.key}/{then.name}">Next: {then.title}' in ada.page  # her way, not the story's
        assert "opens when you have handed in" not in ada.get(f"/story/{halves.key}")
        ada.get(desk)


def test_ines_opens_the_other_seat_for_one_and_then_for_everybody(app: Flask, house: House) -> None:
    """It stays open, and nobody else's does; choosing nobody is told."""
    halves = Halves(app, house)
    ada, ben = halves.beginner("him"), halves.beginner("hi")
    page = halves.ines.get(f"{halves.page}/times")
    assert page.count("whose other seat waits") == 2
    halves.ines.post(f"{halves.page}/seat", 400)
    halves.ines.post(f"{halves.page}/seat", 400, person="p-mallory")
    with house.db.writing() as conn:
        free = classroom.assign(conn, halves.course.id, STORY, ("him", "hi"), None).id
    halves.ines.post(f"/teach/{halves.course.id}/{free}/seat", 400, all="1")
    assert "each learner chooses her order" in halves.ines.page
    halves.ines.post(f"{halves.page}/seat", 303, follow=False, person=halves.ids["him"])
    ada.get(f"/task/{halves.key}/{FIRST['hi']}")
    ben.get(f"/task/{halves.key}/{FIRST['him']}", 403)
    halves.ines.post(f"{halves.page}/seat", 303, follow=False, all="1")
    ben.get(f"/task/{halves.key}/{FIRST['him']}")
    assert halves.ines.get(f"{halves.page}/times").count("whose other seat waits") == 0


def test_when_it_falls_due_both_seats_are_open_and_what_is_begun_stays_open(app: Flask, house: House) -> None:
    """An extension does not shut the seat again for who sat down there; for who did not it waits again."""
    halves = Halves(app, house, due=people.now() + timedelta(days=3))
    ada, ben = halves.beginner("him"), halves.beginner("hi")
    assert "at the latest on" in ada.get(f"/task/{halves.key}/{FIRST['hi']}", 403)
    shift(halves, people.now() - timedelta(hours=1))
    ada.get(f"/task/{halves.key}/{FIRST['hi']}")
    assert "opens when you have handed in" not in ben.get(f"/story/{halves.key}")
    shift(halves, people.now() + timedelta(days=3))
    ada.get(f"/task/{halves.key}/{FIRST['hi']}")
    assert "opens when you have handed in" in ben.get(f"/story/{halves.key}")


def shift(halves: Halves, due: datetime) -> None:
    """The class's due time is another."""
    with halves.house.db.writing() as conn:
        held = classroom.assignment(conn, halves.given.id)
        classroom.shape(conn, held, None, due, None, None, classroom.mark_of(held))


def test_a_pair_is_one_set_whose_second_story_waits_for_the_first(app: Flask, house: House) -> None:
    """Assigned by the form; the page of the story that waits leads to the other one; its desk is shut until then."""
    ines, ada = instructor(app), Person(app).sit_down()
    ines.post("/teach/", name="Autumn")
    code, course = re.findall(r'class="code">([A-Z]+-\d+)<', ines.page)[0], re.findall(r"/teach/(c-\w+)/", ines.page)[0]
    form = {"story": "him-clinic-referrals", "with": "hi-emergency-flow", "order": "half"}
    ines.post(f"/teach/{course}/assign", 400, seats="him", **form)
    assert "Half the class can begin in each seat only where there are tasks of both" in ines.page
    ines.client.post(f"/teach/{course}/assign", data={**form, "seats": ["him", "hi"], "csrf_token": ines.csrf()})
    with house.db.reading() as conn:
        given_ = classroom.assignments(conn, course)
    assert [each.seats for each in given_] == [("him",), ("hi",)]
    ada.post("/join", code=code)
    tasks = {each.seats[0]: f"{each.story}@{each.id}" for each in given_}
    seat, other = ("him", "hi") if "you begin in" not in ada.get(f"/story/{tasks['him']}") else ("hi", "him")
    told = ada.get(f"/story/{tasks[other]}")
    assert f"you begin in <b>{seat.upper()}</b>" in told and f'href="/story/{tasks[seat]}"' in told
    for each in given_:
        for task in house.scenarios[each.story].tasks:
            ada.get(f"/task/{each.story}@{each.id}/{task.name}", 200 if task.seat == seat else 403)


def test_the_instructor_sees_who_begins_where_on_every_page_and_in_the_file(app: Flask, house: House) -> None:
    """Counts on the class's page and beside the comparison, a column in the grid and in each CSV."""
    halves = Halves(app, house)
    assert "1 begins in HI, 1 begins in HIM" in halves.ines.get(f"/teach/{halves.course.id}")
    assert "1 begins in HI and 1 begins in HIM" in halves.ines.get(f"/teach/{halves.course.id}/seats")
    assert "Begins in" in halves.ines.get(halves.page)
    for by in ("task", "learner", "attempt", "finding"):
        lines = halves.ines.client.get(f"{halves.page}/results.csv?by={by}").text.splitlines()
        assert lines[0].split(",")[4] == "begins in"
        if by in ("task", "learner"):
            assert {line.split(",")[4] for line in lines[1:]} == {"HIM", "HI"}
