"""An assignment's times: opens, due, closes; late adds, extra time and extensions; each learner sees her own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from answers import exemplar, room_of
from flask import Flask
from houses import Person, instructor
from hypothesis import given
from hypothesis import strategies as st

from sandbox import attempts, classroom, people
from sandbox.classroom.window import PERCENT, _moved
from sandbox.db import Database
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.house import House

OPENS = datetime(2026, 9, 1, 14, tzinfo=UTC)
DUE, CLOSES = OPENS + timedelta(days=8), OPENS + timedelta(days=10)
TASK = "him-belly-pain"


def a_class(db: Database, *names: str) -> tuple[classroom.Course, list[people.Person]]:
    """A class of people who joined long before anything was assigned."""
    with db.writing() as conn:
        owner = people.guest(conn)
        course = classroom.create_course(conn, owner, "Autumn")
        learners = [people.register(conn, None, n.lower(), n, "three words in a row") for n in names]
        for each in learners:
            classroom.join(conn, each.id, course.code)
            joined(conn, course, each, OPENS - timedelta(days=30))
    return course, learners


def joined(conn: object, course: classroom.Course, person: people.Person, at: datetime) -> None:
    from sandbox.classroom.course import enrolment

    conn.execute(enrolment.update().where(  # type: ignore[attr-defined]
        enrolment.c.course == course.id, enrolment.c.person == person.id).values(joined=at))


def test_extra_time_a_late_add_and_an_extension_move_due_and_closing(db: Database) -> None:
    """1.5 times of eight days is four more; a late add has her days; each keeps two days from due to closing."""
    course, (ada, ben, cleo, dot) = a_class(db, "Ada", "Ben", "Cleo", "Dot")
    with db.writing() as conn:
        given_ = classroom.assign(conn, course.id, "him-first-codes", ["him"], DUE, opens=OPENS, closes=CLOSES,
                                  join_days=5)
        joined(conn, course, cleo, OPENS + timedelta(days=6))
        classroom.allow(conn, course.id, ada.id, 150, 0)
        classroom.allow(conn, course.id, cleo.id, 100, 2)
        classroom.extend(conn, given_, [dot.id], DUE + timedelta(days=1))
        own = classroom.hers(conn, [given_], [ada.id, ben.id, cleo.id, dot.id])
        later = [(own[given_.id, p.id].due - DUE, own[given_.id, p.id].closes - CLOSES) for p in (ada, ben, cleo, dot)]
        assert [each[0].days for each in later] == [4, 0, 5, 1]  # Cleo: joined on day 6, 5 days and 2 of extra time
        assert all(due == closing for due, closing in later)
        assert classroom.allowances(conn, course.id) == {ada.id: "1.5×", cleo.id: "+2 days"}
        classroom.allow(conn, course.id, ada.id, 100, 0)
        classroom.extend(conn, given_, [dot.id], None)
        own = classroom.hers(conn, [given_], [ada.id, dot.id])
        assert {each.due for each in own.values()} == {DUE}


def test_who_joined_before_it_opened_is_no_late_add(db: Database) -> None:
    """However short the assignment: her joining day does not move a class's due time."""
    course, (ada,) = a_class(db, "Ada")
    with db.writing() as conn:
        joined(conn, course, ada, OPENS)
        given_ = classroom.assign(conn, course.id, "him-first-codes", ["him"], OPENS + timedelta(days=1), opens=OPENS,
                                  join_days=30)
        assert classroom.own(conn, given_, ada.id).due == given_.due


@given(st.sampled_from(PERCENT), st.integers(0, 60), st.integers(-20, 20), st.integers(-20, 40),
       st.one_of(st.none(), st.integers(0, 60)))
def test_nobodys_time_is_ever_sooner_than_the_classs(percent: int, days: int, late: int, until: int,
                                                      join_days: int | None) -> None:
    """Whatever is set for her: due and closing move together, and never forward."""
    class Extra:
        pass

    extra = Extra()
    extra.percent, extra.days = percent, days  # type: ignore[attr-defined]
    whole = classroom.Assignment("g-1", "c-1", "s", ("him",), DUE, None, OPENS, OPENS, CLOSES, join_days)
    own = _moved(whole, OPENS + timedelta(days=late), extra, DUE + timedelta(days=until))
    assert own.due is not None and own.closes is not None
    assert own.due >= DUE + timedelta(days=days) and own.due >= DUE + timedelta(days=until)
    assert own.closes - own.due == CLOSES - DUE and own.opens == OPENS


@pytest.mark.parametrize(("opens", "due", "closes", "told"), [
    (DUE, OPENS, None, "due before it opens"), (OPENS, OPENS, None, "due before it opens"),
    (None, DUE, OPENS, "close before it is due"), (OPENS, None, CLOSES, "needs a due time")])
def test_times_out_of_order_are_refused(opens: datetime | None, due: datetime | None, closes: datetime | None,
                                        told: str) -> None:
    """With the reason; closing at the due time is in order."""
    with pytest.raises(BadInput, match=told):
        classroom.checked(opens, due, closes)
    classroom.checked(OPENS, DUE, DUE)


def test_two_instructors_who_change_the_times_at_once_do_not_overwrite_each_other(db: Database) -> None:
    """The second is told, and hers is not half done. Extra time is for learners of this class, in its few sizes."""
    course, (ada,) = a_class(db, "Ada")
    with db.writing() as conn:
        given_ = classroom.assign(conn, course.id, "him-first-codes", ["him"], DUE)
        mark = classroom.mark_of(given_)
        classroom.shape(conn, given_, OPENS, DUE, CLOSES, 3, mark)
        with pytest.raises(Conflict, match="changed meanwhile"):
            classroom.shape(conn, given_, None, CLOSES, None, None, mark)
        assert classroom.assignment(conn, given_.id).closes == CLOSES
        with pytest.raises(BadInput, match="later than the due time"):
            classroom.extend(conn, given_, [ada.id], OPENS)
        with pytest.raises(BadInput, match="at least one learner"):
            classroom.extend(conn, given_, ["p-mallory"], CLOSES)
        with pytest.raises(NotFound):
            classroom.allow(conn, course.id, "p-mallory", 150, 0)
        for percent, days in ((300, 0), (100, 61), (50, 0)):
            with pytest.raises(BadInput, match="Extra time is"):
                classroom.allow(conn, course.id, ada.id, percent, days)


def test_before_it_opens_she_is_told_when_and_after_it_closed_her_work_is_kept(app: Flask, house: House) -> None:
    """Handed in after closing: refused kindly, kept as her draft; an extension made meanwhile lets the same work in."""
    ines, ada = instructor(app), Person(app)
    soon, past = people.now() + timedelta(days=2), people.now() - timedelta(days=2)
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.get(conn, people.OWNER), "Autumn")
        given_ = classroom.assign(conn, course.id, "him-first-codes", ["him"], None, opens=soon)
    key = f"him-first-codes@{given_.id}"
    ada.get("/join")
    ada.post("/join", code=course.code)
    assert "This opens for you on" in ada.get(f"/task/{key}/{TASK}", 403)
    assert "opens " in ada.get("/seat/him") and "Your times" in ada.get(f"/story/{key}")
    with house.db.writing() as conn:
        classroom.shape(conn, given_, None, None, None, None, classroom.mark_of(given_))
    ada.get(f"/task/{key}/{TASK}")
    room = room_of(house, key)
    with house.db.writing() as conn:
        open_ = classroom.assignment(conn, given_.id)
        classroom.shape(conn, open_, None, past, past, None, classroom.mark_of(open_))
    work = exemplar(house, room, TASK)
    assert ada.submit(f"{key}/{TASK}", work, 400) == ""
    assert "This closed for you on" in ada.page and "What you wrote is still here" in ada.page
    assert "closed " in ada.get("/seat/him")
    with house.db.reading() as conn:
        assert attempts.of_person(conn, room.owner) == []
        assert attempts.read_draft(conn, room.id, TASK, room.owner).form == work
    ines.get(f"/teach/{course.id}/{given_.id}/times")
    until = (people.now() + timedelta(days=3)).astimezone(classroom.ZONE).strftime("%Y-%m-%dT%H:%M")
    page = ines.post(f"/teach/{course.id}/{given_.id}/extend", person=room.owner, until=until).text
    assert "Extended for 1 learner" in page and '<span class="tag">own</span>' in page
    assert ada.submit(f"{key}/{TASK}", work).startswith("/attempt/")
    assert '<span class="tag caution">late</span></a>' not in ines.get(f"/teach/{course.id}/{given_.id}")


def test_each_learner_sees_her_own_times_and_nobody_elses(app: Flask, house: House) -> None:
    """Ada has twice the time; Ben's pages show the class's. Ines sees both, and late is by each one's own due time."""
    ines, ada, ben = instructor(app), Person(app), Person(app)
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.get(conn, people.OWNER), "Autumn")
    form = {"story": "him-first-codes", "seats": "him", "opens": "2199-01-01T08:00", "due": "2199-01-03T08:00",
            "closes": "2199-01-04T08:00"}
    ines.get(f"/teach/{course.id}")
    assert "Due: 02:30 does not exist" in ines.post(
        f"/teach/{course.id}/assign", 400, **{**form, "due": "2199-03-10T02:30"}).text
    assert "Opens, closes" in ines.page and "2199-01-01T08:00" in ines.page, "what she typed comes back"
    assert "close before" in ines.post(f"/teach/{course.id}/assign", 400, **{**form, "closes": "2199-01-02T08:00"}).text
    ines.post(f"/teach/{course.id}/assign", **form)
    for person, name in ((ada, "Ada"), (ben, "Ben")):
        person.get("/signup")
        person.post("/signup", login=name.lower(), name=name, password="three words in a row")
        person.post("/join", code=course.code)
    with house.db.reading() as conn:
        (hers,) = [each.id for each in classroom.learners(conn, course.id) if each.name == "Ada"]
        (given_,) = classroom.assignments(conn, course.id)
    ines.get(f"/teach/{course.id}/people")
    assert "2×" in ines.post(f"/teach/{course.id}/people/extra", person=hers, percent="200", days="0").text
    story = f"/story/him-first-codes@{given_.id}"
    assert "Due 5 Jan 2199 08:00" in ada.get(story) and "6 Jan 2199 08:00" in ada.page
    assert "Due 3 Jan 2199 08:00" in ben.get(story) and "5 Jan" not in ben.page
    both = ines.get(f"/teach/{course.id}/{given_.id}/times")
    assert "5 Jan 2199" in both and "2×" in both


def test_the_page_of_times_asks_as_few_questions_for_three_hundred_as_for_thirty(app: Flask, house: House) -> None:
    """Three for the learners' own times, however many learners."""
    import sqlalchemy as sa

    ines = instructor(app)
    asked: list[str] = []
    sa.event.listen(house.db.engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    counts = []
    for size in (30, 300):
        with house.db.writing() as conn:
            course = classroom.create_course(conn, people.get(conn, people.OWNER), "Autumn")
            given_ = classroom.assign(conn, course.id, "him-first-codes", ["him"], DUE, opens=OPENS, closes=CLOSES)
            listing = classroom.read_listing("".join(
                ["ID,Name\n", *(f"S-{n},Learner {n}\n" for n in range(size))]).encode())
            classroom.apply_roster(conn, course.id, listing, classroom.plan_roster(conn, course.id, listing).mark)
        ines.get("/teach/")
        for page in ("", "/times"):
            asked.clear()
            ines.get(f"/teach/{course.id}/{given_.id}{page}")
            counts.append(len(asked))
    assert counts[:2] == counts[2:] and max(counts) <= 16, counts
