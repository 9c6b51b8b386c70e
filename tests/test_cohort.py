"""A class in both seats: what each task came to, from enough learners on, of first attempts for its own assignments."""

from __future__ import annotations

import re

import classmates
import houses
import pytest
import sqlalchemy as sa
from flask import Flask
from houses import Person

from sandbox import attempts, classroom, gradebook, people
from sandbox.attempts import First, Mark, Said
from sandbox.comparison import RHO, Tally, cohort, quarters, voices
from sandbox.house import House

SEATS = {("s", "a"): "him", ("s", "b"): "him", ("s", "c"): "hi"}


def first(person: int, task: str, *met: bool, mistake: str = "") -> First:
    """One learner's first attempt."""
    marks = tuple(Mark(f"c{i}", "ethics", f"L{i}", f"Finding {i}", ok, True, "") for i, ok in enumerate(met))
    remark = (Mark("m", "ethics", "", "Something happened", False, False, mistake),) if mistake else ()
    return First(f"a-{person}-{task}", f"p{person:02}", "s", task, (*marks, *remark))


def test_what_the_class_missed_most_comes_first_with_how_many_missed_it() -> None:
    """Of equals the one that fewer were asked; the words are the first learner's."""
    found = cohort([first(n, "a", n > 3, True, n > 8) for n in range(20)], SEATS).tasks["s", "a"]
    assert [(m.title, m.missed, m.share) for m in found.missed] == [("Finding 2", 9, 55), ("Finding 0", 4, 80)]
    assert (found.learners, found.met, found.asked) == (20, 16 + 20 + 11, 60)


def test_no_share_is_told_of_fewer_than_fifteen_learners() -> None:
    """Fourteen: counts alone; and none of a finding that only some were asked."""
    few = cohort([first(n, "a", n > 3) for n in range(14)], SEATS).tasks["s", "a"]
    assert (few.share, few.missed[0].share) == (None, None)
    enough = cohort([first(n, "a", n > 3, *([False] if n > 10 else [])) for n in range(15)], SEATS).tasks["s", "a"]
    assert enough.share == pytest.approx(11 / 19)
    assert {m.criterion: m.share for m in enough.missed} == {"c0": 73, "c1": None}


def test_known_mistakes_stand_by_frequency_in_words() -> None:
    """A name that is no words gives way to its finding's title; one learner counts once."""
    rows = [first(n, "a", True, mistake="coded a guess" if n < 3 else "rows_multiplied") for n in range(5)]
    assert cohort(rows, SEATS).tasks["s", "a"].mistakes == (("coded a guess", 3), ("Something happened", 2))


def test_discrimination_comes_from_sixty_learners_and_is_that_of_the_rest_of_their_work() -> None:
    """Who meets more elsewhere meets more here: near 1; the other way round: below 0; 59 learners: not told."""
    def of(learners: int, upside_down: bool = False) -> float | None:
        rows = []
        for n in range(learners):
            able = [i < n % 10 for i in range(10)]
            rows += [first(n, "a", *([not each for each in able] if upside_down else able)), first(n, "b", *able)]
        return cohort(rows, SEATS).tasks["s", "a"].discrimination

    assert of(59) is None
    assert of(60) == pytest.approx(1.0)
    assert of(60, upside_down=True) == pytest.approx(-1.0)
    assert cohort([first(n, t, True) for n in range(60) for t in "ab"], SEATS).tasks["s", "a"].discrimination is None


def test_uncounted_tasks_do_not_enter_and_each_seat_has_tallies_of_its_own() -> None:
    """A task without a seat in the list is none of a class's counted ones."""
    found = cohort([first(1, "a", True), first(1, "c", False, True), first(1, "starter", True)], SEATS)
    assert found.tallies == {"him": {"p01": Tally(((1, 1),))}, "hi": {"p01": Tally(((1, 2),))}}
    assert set(found.tasks) == {("s", "a"), ("s", "c")} and found.rho == RHO


def test_the_middle_half_is_told_from_eleven_learners() -> None:
    """Ten are too few: somebody could be guessed."""
    tallies = [Tally(((n, 10),)) for n in range(11)]
    assert quarters(tallies[:10]) is None
    assert quarters(tallies) == (25, 50, 75)


def test_what_was_said_is_told_of_eleven_learners_and_not_of_eleven_answers() -> None:
    """One learner who answered ten times is one voice."""
    rows = [first(n, t, True, False) for n in range(11) for t in "ab"]
    found = cohort(rows, SEATS)
    said = {f.id: Said(8, 4) for f in rows}
    [him, hi] = voices(found, said, {f"p{n:02}": {"him": 3} for n in range(11)})
    assert (him.hoped, him.more, him.expected, him.met) == (3, 4, 80, 50)
    assert (hi.hoped, hi.more, hi.expected, hi.met) == (None, None, None, None)
    ten = {id: words for id, words in said.items() if not id.startswith("a-10-")}
    [him, _] = voices(found, ten, {f"p{n:02}": {"him": 3} for n in range(10)})
    assert (him.hoped, him.more, him.expected, him.met) == (None, None, None, None)


def test_ines_sees_her_class_in_both_seats_and_ada_sees_hers_when_it_is_large_enough(
        app: Flask, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Practice before the assignment leaves no first attempt in it; ten are not shown to Ada, nor what is held."""
    monkeypatch.setattr("sandbox.web.compare._PATIENCE", 0.0)
    ines = houses.instructor(app)
    ines.post("/teach/", name="Records")
    course, code = re.search(r"/teach/(c-[0-9a-f]+)", ines.page), re.search(r"[A-Z]+-\d\d", ines.page)
    assert course and code
    ada = Person(app).sit_down()
    ada.post("/join", code=code[0])
    with house.db.writing() as conn:
        given = classroom.assign(conn, course[1], "him-office-mornings", ["him"], None).id
        newest = sa.select(people.person.c.id).order_by(people.person.c.created.desc())
        hers = str(conn.execute(newest).scalars().first())
        mates = [people.guest(conn).id for _ in range(12)]
        for n, mate in enumerate(mates):
            classroom.join(conn, mate, code[0])
            if n == 11:  # she had done it alone before
                classmates.file(conn, mate, "him-office-mornings", "him-wrist", classmates.report(0, 4))
            if n > 0:
                classmates.file(conn, mate, "him-office-mornings", "him-wrist", classmates.report(3, 4),
                                assignment=given, expected=8, more=4)
        classmates.file(conn, hers, "him-office-mornings", "him-wrist", classmates.report(2, 4), expected=5, more=5)
    assert "from 11 learners up" in ada.get("/compare?with=class")
    page = re.sub(r"<[^>]+>", " ", ines.get(f"/teach/{course[1]}/seats"))
    assert "10 learners so far" in page and "Shown from 11 learners who answered" in page
    with house.db.writing() as conn:
        classmates.file(conn, mates[0], "him-office-mornings", "him-wrist", classmates.report(1, 4), assignment=given,
                        expected=2, more=1)
    page = re.sub(r"<[^>]+>", " ", ines.get(f"/teach/{course[1]}/seats"))
    assert "The middle half met 75 to 75 in 100" in page and "Would like more of it" in page
    assert "about 70" in re.sub(r"<[^>]+>", " ", ada.get("/compare?with=class"))
    with house.db.writing() as conn:
        assert len(attempts.firsts(conn, [*mates, hers], [given])) == 11
        gradebook.hold(conn, given, "We look at one of them again.", people.OWNER)
    assert "about 70" not in re.sub(r"<[^>]+>", " ", ada.get("/compare?with=class"))
    assert "The middle half met 75 to 75 in 100" in re.sub(r"<[^>]+>", " ", ines.get(f"/teach/{course[1]}/seats"))
