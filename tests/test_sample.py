"""The sample class: one click makes it, its debriefs are real, nothing of it enters an estimate, one click ends it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from houses import Person, instructor, open_copy

from sandbox import attempts, classroom, comparison, gradebook, people, sample
from sandbox.app import create_app, take_up
from sandbox.classroom import Assignment
from sandbox.classroom.course import course_table, enrolment
from sandbox.db import Database, metadata
from sandbox.errors import Conflict, NotFound
from sandbox.house import House
from sandbox.web import beside, compare, sampling
from sandbox.web.cohort import cohort_of

CODING, CALLS = sample.STORIES[0][0], ("live", "debrief", "key", "seats")


def rows(house: House) -> dict[str, int]:
    """How many rows each table has, but for the texts that judging went by."""
    with house.db.reading() as conn:
        return {table.name: conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables if table.name != "task_text"}


@dataclass(frozen=True)
class Whole:
    """A house with a whole sample class, its instructor, and where its callouts lead."""

    app: Flask
    house: House
    ines: Person
    course: str
    tour: dict[str, str]

    def at(self, place: int) -> str:
        """The id of who sits at a place of the cast."""
        with self.house.db.reading() as conn:
            return next(each.person.id for each in classroom.roster(conn, self.course)
                        if each.known == sample.known(place))

    def given(self, story: str = CODING) -> Assignment:
        """The assignment of a story."""
        with self.house.db.reading() as conn:
            return next(each for each in classroom.assignments(conn, self.course) if each.story == story)

    def tried(self, place: int) -> list[comparison.Tried]:
        """What one of them has done, as the comparison sees it."""
        with self.app.app_context(), self.house.db.reading() as conn:
            person = self.at(place)
            return compare.tried_of(attempts.of_person(conn, person), attempts.said_of(conn, [person]))


def made(app: Flask, house: House) -> Whole:
    """A sample class, made by one click."""
    return made_by(instructor(app), app, house)


def made_by(ines: Person, app: Flask, house: House) -> Whole:
    """The same by somebody who is there already."""
    ines.get("/teach/")
    course = ines.post("/teach/sample", 303, follow=False).location.rpartition("/")[2]
    with app.app_context(), house.db.reading() as conn:
        return Whole(app, house, ines, course, sampling.tour_of(conn, classroom.course(conn, course)))


@pytest.fixture(scope="module")
def whole(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """One whole class for the tests that read it, and leave it as they found it."""
    house = open_copy(built, tmp_path_factory.mktemp("sample") / "data")
    app = create_app(house=house)
    app.testing = True
    yield made(app, house)
    house.labs.close()
    house.db.close()


@pytest.fixture
def first_seat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of it: the seat whose judging takes no queries."""
    monkeypatch.setattr("sandbox.sample.making.STORIES", sample.STORIES[:2])


def test_the_four_callouts_lead_round_the_class_and_nobody_else_is_let_in(whole: Whole) -> None:
    """A stuck learner, a question under a finding, the key, a comparison that cannot tell; Mallory sees none of it."""
    ines, tour = whole.ines, whole.tour
    page = ines.get(f"/teach/{whole.course}")
    assert "SAMPLE" in page and "Three minutes round" in page and tour["live"] in page
    assert ines.post("/teach/sample", 303, follow=False).location.endswith(whole.course), "one class, however often"
    live = ines.get(tour["live"])
    assert re.search(r"nothing saved for (2[6-9]|[3-9]\d) min", live) and "1 of 4" in live
    debrief = ines.get(tour["debrief"])
    assert "2 of 4" in debrief and "Where does it stand?" in debrief
    assert f'href="{tour["question"]}"' in debrief and f'id="{tour["question"][1:]}"' in debrief
    assert "3 of 4" in ines.get(tour["key"])
    seats = ines.get(tour["seats"])
    assert "4 of 4" in seats and "too close to call" in seats.partition("The two seats, side by side")[2]
    mallory = Person(whole.app).sit_down()
    for path in (*(tour[each] for each in CALLS), f"/teach/{whole.course}/sample/part"):
        mallory.get(path, 404)
    mallory.post(f"/teach/{whole.course}/sample/remove", 404)


def test_the_disputed_criterion_touches_exactly_the_seven(whole: Whole) -> None:
    """The preview says seven and who they are; nobody else missed it, and nothing is changed by looking."""
    ines, tour = whole.ines, whole.tour
    ines.get(tour["key"])
    sent = {"criterion": tour["key"].partition("criterion=")[2], "kind": "full", "words": "Not taught yet."}
    shown = re.sub(r"\s+", " ", ines.post(tour["key"].partition("?")[0], 200, **sent).text)
    assert "7 attempts of 23 would change" in shown
    names = {sample.CAST[place].name for place in sample.SEVEN}
    assert {each.name for each in sample.CAST if each.name in shown.partition("would change")[2]} == names
    with whole.house.db.reading() as conn:
        assert attempts.amendments_of(conn, whole.given().id, sample.KEY_TASK) == []


def test_each_debrief_is_what_the_grader_says_of_the_work_as_it_is_stored(whole: Whole) -> None:
    """Judged once more, from the stored work alone, every work of the first seat gets the report that it has."""
    with whole.house.db.reading() as conn:
        given = {whole.given(story).id for story, seat, _ in sample.STORIES if seat == "him"}
        done = [each for place in (0, 7, 17) for each in attempts.of_person(conn, whole.at(place))
                if each.assignment in given]
        assert len(done) == 15
        for each in done:
            assert attempts.judge(conn, whole.house, each.id) == each.report, each.task


def test_a_late_add_and_whoever_has_extra_time_have_times_of_their_own(whole: Whole) -> None:
    """Due is the later of the class's and five days after she joined; half as much time again moves the closing too."""
    with whole.house.db.reading() as conn:
        joined = next(each.joined for each in conn.execute(sa.select(enrolment)) if
                      each.person == whole.at(sample.LATE_ADD))
        for story, _, _ in sample.STORIES:
            given = whole.given(story)
            assert given.due and given.closes and given.opens
            late = classroom.own(conn, given, whole.at(sample.LATE_ADD))
            longer = classroom.own(conn, given, whole.at(sample.LONGER))
            anybody = classroom.own(conn, given, whole.at(0))
            assert late.due == max(given.due, people.utc(joined) + timedelta(days=5))
            assert longer.due == given.due + (given.due - given.opens) / 2
            assert longer.closes == given.closes + (given.due - given.opens) / 2
            assert (anybody.due, anybody.closes) == (given.due, given.closes)
            for each in attempts.of_people(conn, [whole.at(sample.LATE_ADD)], given.id):
                assert each.submitted > people.utc(joined), "nobody hands in before she came"
        moved = [story for story, _, _ in sample.STORIES
                 if classroom.own(conn, whole.given(story), whole.at(sample.LATE_ADD)).due != whole.given(story).due]
        assert CODING in moved


def test_the_interrupted_grader_cost_her_nothing_and_can_be_started_again(whole: Whole) -> None:
    """Shown as not judged; no grade, no try used up; judged again by a button, it is what her work is worth."""
    ines, given, person = whole.ines, whole.given(), whole.at(sample.CRASHED)
    with whole.house.db.reading() as conn:
        crashed = next(each for each in attempts.of_people(conn, [person], given.id) if each.task == sample.KEY_TASK)
        standing = gradebook.grades(conn, given, [person])[person, sample.KEY_TASK]
    assert crashed.status == "ungraded" and standing.score is None and standing.status not in ("graded", "none")
    page = ines.get(f"/teach/{whole.course}/{given.id}")
    assert f"/judge/{crashed.id}" in page
    assert "stopped on purpose" in ines.get(f"/attempt/{crashed.id}") or "not judged" in ines.page
    ines.get(f"/teach/{whole.course}/{given.id}")
    ines.post(f"/teach/{whole.course}/{given.id}/judge/{crashed.id}")
    with whole.house.db.reading() as conn:
        again = attempts.get(conn, crashed.id)
        assert again.report is not None and again.number == 1
        assert gradebook.grades(conn, given, [person])[person, sample.KEY_TASK].score == again.report.score
    with whole.house.db.writing() as conn:
        attempts.record_failure(conn, crashed.id, "as it was")


def test_sample_is_written_on_every_page_and_file_of_the_class(whole: Whole) -> None:
    """A crawl of the class and what it links to: the word stands on each page, and after each name in each file."""
    todo, seen, files = [f"/teach/{whole.course}"], set[str](), 0
    while todo:
        path = todo.pop()
        if (kind := re.sub(r"\b[ap]-\w{8,}|criterion=[^&]*", "*", path)) in seen:
            continue  # one of a kind: a debrief, a learner's grade, a criterion of a key
        seen.add(kind)
        answer = whole.ines.client.get(path)
        assert answer.status_code == 200, path
        if answer.mimetype == "text/html":
            assert "SAMPLE" in answer.text, path
            todo += re.findall(rf'href="(/(?:teach/{whole.course}|attempt/)[^"#]*)', answer.text.replace("&amp;", "&"))
        else:
            files += 1
            named_as_sample(answer.data, path)
    assert len(seen) > 40 and files >= 5, sorted(seen)


def named_as_sample(data: bytes, path: str) -> None:
    """Every invented name in a CSV file, or in each file of a zip, has the mark after it, and there are some."""
    texts = [data.decode()] if data[:2] != b"PK" else [
        zipfile.ZipFile(io.BytesIO(data)).read(name).decode() for name in zipfile.ZipFile(io.BytesIO(data)).namelist()]
    many = 0
    for text in texts:
        for player in sample.CAST:
            many += text.count(player.name)
            assert text.count(player.name) == text.count(f"{player.name} {sample.MARK}"), (path, player.name)
    assert many >= len(sample.CAST) // 2, path  # a section is half of the class


def test_expectations_and_chance_show_in_what_the_comparison_says(whole: Whole) -> None:
    """Who expects too much or too little is told so; who chooses at random is strong at nothing."""
    said: dict[int, str] = {}
    for place, player in enumerate(sample.CAST):
        if player.says and player.done == 5:
            words = beside.confidence(whole.tried(place)).sentence
            said[place] = words
            assert ("expected more than you met" if player.says > 0 else "met more than you expected") in words, (
                player.name, words)
    assert len(said) >= 6
    for place in (place for place, player in enumerate(sample.CAST) if player.random):
        scores = [each.report.score for each in whole.tried(place)]
        assert max(scores) - min(scores) >= 25, scores
    strong = {place: (share(whole.tried(place), "him"), share(whole.tried(place), "hi")) for place in (0, 1, 2, 3)}
    assert all(him > hi for him, hi in (strong[0], strong[1])) and all(hi > him for him, hi in (strong[2], strong[3]))


def share(tried: list[comparison.Tried], seat: str) -> float:
    """Points of what a seat's works could earn."""
    scores = [each.report.score for each in tried if each.seat == seat]
    return sum(scores) / len(scores)


def test_nothing_of_it_enters_an_estimate(whole: Whole) -> None:
    """Not a learner's comparison, though she stood in the class; not ρ, difficulty or discrimination of another's."""
    with whole.app.app_context(), whole.house.db.writing() as conn:
        owner = people.get(conn, people.OWNER)
        real = classroom.create_course(conn, owner, "Autumn")
        ada = people.expect(conn, ["Ada"])[0]
        for course in (real.id, whole.course):
            classroom.enrol(conn, course, ada, known="Q-1", section="", joined=people.now())
        found = cohort_of(conn, real.id)
        own = cohort_of(conn, whole.course)
        assert [name for name, _ in compare._classes(conn, people.get(conn, ada))] == []
        assert found.tasks == {} and found.rho == comparison.RHO and not found.entered
        assert len(own.entered) > 100, "there is something that could have entered"
        conn.rollback()


@pytest.mark.usefixtures("first_seat")
def test_the_class_goes_with_every_row_also_of_whom_a_roster_renamed(app: Flask, house: House) -> None:
    """A roster that calls Alma by another name, and brings somebody new, leaves nothing behind: all are marked."""
    ines = instructor(app)
    ines.get("/teach/")
    before = rows(house)
    found = made_by(ines, app, house)
    sent = "ID,name,section\r\n" + "".join(
        f"{sample.known(place)},{'Alma Renamed' if place == 0 else each.name},A\r\n"
        for place, each in enumerate(sample.CAST)) + "X-9,Zora New,A\r\n"
    with house.db.writing() as conn:
        listing = classroom.read_listing(sent.encode())
        classroom.apply_roster(conn, found.course, listing, classroom.plan_roster(conn, found.course, listing).mark)
        names = {each.person.name for each in classroom.roster(conn, found.course)}
    assert {f"Alma Renamed {sample.MARK}", f"Zora New {sample.MARK}"} <= names and len(names) == 25
    ines.get(f"/teach/{found.course}")
    ines.post(f"/teach/{found.course}/sample/remove", 200)
    after = rows(house)
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}
    ines.get(found.tour["live"], 404)


@pytest.mark.usefixtures("first_seat")
def test_two_processes_show_one_making_and_one_that_is_taken_away_meanwhile_stops(
        app: Flask, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second process sees how far it is, makes no second class, and may end it: the filler leaves nothing behind."""
    ines = instructor(app)
    ines.get("/teach/")
    before = rows(house)
    seen: list[str] = []

    def meanwhile(*_: Any) -> None:
        if seen:
            return
        other = Person(create_app(house=house))
        other.client.set_cookie("two_seats", ines.client.get_cookie("two_seats").value)  # type: ignore[union-attr]
        seen.append(other.get("/teach/"))
        seen.append(other.post("/teach/sample", 303, follow=False).location)
        seen.append(other.get(seen[1]))
        seen.append(other.get(f"{seen[1]}/sample/part"))
        other.get(seen[1])
        other.post(f"{seen[1]}/sample/remove", 200)

    monkeypatch.setattr("sandbox.sample.making._forms", lambda *_: meanwhile() or [])
    answer = ines.post("/teach/sample", 303, follow=False)
    assert answer.location == seen[1]
    for page in seen[2:4]:
        assert "is being made" in page and f"0 of {sample.expected()} works" in re.sub(r"\s+", " ", page)
    assert "Alma Birk" in seen[2] and "SAMPLE" in seen[2]
    assert rows(house) == before


@pytest.mark.usefixtures("first_seat")
def test_what_fails_half_way_leaves_a_page_that_says_so_and_nothing_else(
        app: Flask, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A grader that stops in the middle leaves nobody behind; her page offers to make it again, or takes it away."""
    ines = instructor(app)
    ines.get("/teach/")
    before = rows(house)
    monkeypatch.setattr(attempts, "judge_prepared", lambda *_: 1 / 0)
    course = ines.post("/teach/sample", 303, follow=False).location
    assert "Make it again" in ines.get(course)
    after = rows(house)
    assert {name for name in before if before[name] != after[name]} == {"course"}
    ines.post(f"{course}/sample/remove", 200)
    assert rows(house) == before


def test_a_real_class_cannot_be_taken_away_as_a_sample(app: Flask, house: House) -> None:
    """Its people are real."""
    ines = instructor(app)
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.get(conn, people.OWNER), "Autumn")
    ines.get(f"/teach/{course.id}")
    ines.post(f"/teach/{course.id}/sample/remove", 404)
    ines.get(f"/teach/{course.id}")


def test_nobody_real_joins_a_sample_class_and_one_who_stands_there_keeps_everything(app: Flask, house: House) -> None:
    """Ada's account is not the sample's, whatever way she came to stand in it; nor is her class's figure."""
    ines, ada = instructor(app), Person(app).sit_down()
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.get(conn, people.OWNER), "A sample class", sample=True)
        classroom.sample_ready(conn, course.id)
        with pytest.raises(NotFound):
            classroom.join(conn, people.OWNER, course.code)
        found = sorted(conn.execute(sa.select(people.person.c.id).where(people.person.c.id != people.OWNER)).scalars())
        invented = people.expect(conn, [f"Alma Birk {sample.MARK}"])[0]
        for place, id in enumerate([invented, *found]):
            classroom.enrol(conn, course.id, id, known=f"SAMPLE-{place + 1:02d}", section="", joined=people.now())
        assert found and sample.cast_of(conn, course.id) == [invented]
        sample.remove(conn, course.id, sample.cast_of(conn, course.id))
        left = set(conn.execute(sa.select(people.person.c.id)).scalars())
    assert {*found, people.OWNER} <= left and invented not in left
    ada.get("/"), ines.get("/teach/")


def test_a_class_whose_making_was_cut_off_is_made_anew_and_goes_at_the_next_start(
        app: Flask, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The house was stopped in the middle: neither a click nor a start finds the remains for ever."""
    ines = instructor(app)
    ines.get("/teach/")
    before = rows(house)
    monkeypatch.setattr("sandbox.sample.making.STORIES", ())
    for again in (True, False):
        half = half_made(house)
        assert ines.post("/teach/sample", 303, follow=False).location.endswith(half)
        assert "is being made" in ines.get(f"/teach/{half}")
        take_up(house)
        assert "is being made" in ines.get(f"/teach/{half}"), "somebody was at work on it a moment ago"
        with house.db.writing() as conn:
            silent = people.now() - classroom.SILENT - timedelta(seconds=1)
            conn.execute(course_table.update().values(sample=f"making {silent.isoformat()}"))
        assert "Make it again" in ines.get(f"/teach/{half}")
        if again:
            done = ines.post("/teach/sample", 303, follow=False).location
            assert not done.endswith(half) and "Make it again" not in ines.get(done)
            ines.get(done)
            ines.post(f"{done}/sample/remove", 200)
        else:
            take_up(house)
            ines.get(f"/teach/{half}", 404)
        assert rows(house) == before


def half_made(house: House) -> str:
    """A class as a process leaves it that is ended right after its people came."""
    with house.db.writing() as conn:
        half = classroom.create_course(conn, people.get(conn, people.OWNER), "A sample class", sample=True)
        for place, id in enumerate(people.expect(conn, [f"{each.name} {sample.MARK}" for each in sample.CAST])):
            classroom.enrol(conn, half.id, id, known=sample.known(place), section="", joined=people.now())
    return half.id


def test_a_filler_is_heard_of_in_the_row_on_both_databases(db: Database) -> None:
    """Heard of just now it goes on; silent for a minute it is given up; its class taken away, it is stopped."""
    with db.writing() as conn:
        owner = people.guest(conn)
        made = classroom.create_course(conn, owner, "A sample class", sample=True)
        assert made.sample == "making" and not classroom.abandoned(made)
        classroom.sample_given_up(conn, made.id)
        assert [each.id for each in classroom.left_half_made(conn)] == [made.id]
        classroom.sample_goes_on(conn, made.id)
        assert classroom.left_half_made(conn) == []
    with db.writing() as conn:
        assert sample.remove(conn, made.id, sample.cast_of(conn, made.id)) == 1
        with pytest.raises(Conflict, match="taken away"):
            classroom.sample_goes_on(conn, made.id)
