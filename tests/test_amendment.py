"""Key amendments: course data over a grader's report; shown first, then done, told and taken back; nothing is lost."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from answers import proofs, room_of
from flask import Flask
from houses import Person
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gradebook import TASK, WRONG, Course

from sandbox import attempts, gradebook
from sandbox.app import create_app
from sandbox.attempts import Amendment, amended
from sandbox.attempts.ledger import grade, report_text
from sandbox.cli import main
from sandbox.errors import BadInput, BadPack
from sandbox.house import House
from sandbox.report import Cap, Finding, Report
from sandbox.scenario import Hint, Library
from sandbox.scenario.library import SHIPPED

NAMES = ("one", "two", "three", "four")
WORK = json.dumps({"codes": [{"code": "R10.31", "poa": ""}], "figure": 4.5, "sure": True})


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Four criteria that make 100 points, each earned in part, sometimes under a cap."""
    shares = draw(st.lists(st.integers(1, 10), min_size=4, max_size=4))
    findings = []
    for name, share in zip(NAMES, shares, strict=True):
        possible = 100 * share / sum(shares)
        part = draw(st.sampled_from([0.0, 0.25, 0.5, 1.0]))
        findings.append(Finding(name, "Axis", "coding", possible * part, possible, f"The {name}", "Because."))
    caps = draw(st.just(()) | st.just((Cap(60.0, "half is missing"),)))
    return Report(tuple(findings), caps)


AMENDMENTS = st.builds(
    Amendment, st.just("task"), st.sampled_from((*NAMES, "gone")), st.sampled_from(("full", "drop", "also")),
    st.just("Two books differ."), st.sampled_from(("R10.31", "4.5", "elsewhere")), st.booleans())


@given(report=reports(), made=st.lists(AMENDMENTS, max_size=4), data=st.data())
@settings(max_examples=150)
def test_amendments_know_no_order_and_take_points_only_where_they_may(
        report: Report, made: list[Amendment], data: st.DataObject) -> None:
    """Within 0 and 100; the same in any order and given twice; with `keep` nobody loses; caps stay."""
    found = amended(report, made, WORK)
    assert 0 <= found.score <= 100 and found.caps == report.caps
    assert amended(report, data.draw(st.permutations(made)), WORK) == found
    assert amended(report, made + made, WORK) == found
    if all(each.keep for each in made):
        assert found.score >= report.score
    assert sum(f.possible for f in found.findings) == pytest.approx(100, abs=0.01) or found.asked == 0
    assert amended(report, [], WORK) is report


def test_each_kind_does_what_it_says() -> None:
    """Full points for all; a drop leaves the rest in proportion; an answer counts where the work says it, whole."""
    report = Report((Finding("a", "X", "c", 0, 60, "A", "Why a"), Finding("b", "X", "c", 10, 40, "B", "Why b")))
    words = "The note can be read both ways."
    full = amended(report, [Amendment("t", "a", "full", words)])
    assert full.score == 70 and full.findings[0].why.startswith("**Everybody has the points here")
    assert amended(report, [Amendment("t", "a", "drop", words)]).score == 25
    assert amended(report, [Amendment("t", "b", "drop", words)]).score == 10  # it would be 0, and nobody loses
    assert amended(report, [Amendment("t", "b", "drop", words, keep=False)]).score == 0
    for answer, score in (("R10.31", 70), ("4.5", 70), ("R10", 10), ("", 10)):
        assert amended(report, [Amendment("t", "a", "also", words, answer)], WORK).score == score
    helped = attempts.helped(replace(report, findings=(replace(report.findings[0], earned=60), report.findings[1])),
                             [Hint("rule", "", ("=a",))])
    assert [amended(helped, [Amendment("t", "a", kind, words, "R10.31")], WORK).score
            for kind in ("also", "full")] == [55, 70]  # the price of a hint stands, but for what everybody is given
    for kind, said, answer in (("full", " ", ""), ("also", "x", ""), ("none", "x", "")):
        with pytest.raises(BadInput):
            attempts.checked(Amendment("t", "a", kind, said, answer))  # type: ignore[arg-type]


@pytest.fixture
def course(app: Flask, house: House) -> Course:
    """Ines's class with Ada in it, all on one variant: what Ada missed, Ben is asked too."""
    return Course(app, house, 7)


def missed(report: Report) -> str:
    """A diagnosis that was not coded; which one is a matter of the variant."""
    return next(f.criterion for f in report.findings if not f.met and f.possible and f.axis == "Secondary diagnoses")


def key_of(course: Course) -> str:
    """The address of the assignment's key."""
    return f"/teach/{course.course.id}/{course.given.id}/key"


def sees(course: Course, criterion: str, **more: str) -> dict[str, str]:
    """What Ines sends after she has seen who would change."""
    course.ines.get(f"{key_of(course)}/{TASK}?criterion={criterion}")
    form = {"criterion": criterion, "kind": "full", "words": "The scan can be read so.", **more}
    page = course.ines.post(f"{key_of(course)}/{TASK}", 200, **form).text
    mark = re.search(r'name="mark" value="([^"]*)"', page)
    assert mark
    return {**form, "mark": mark[1], "page": page}


def test_ines_holds_results_sees_who_changes_amends_tells_and_takes_back(course: Course, house: House) -> None:
    """Ada reads the message in the place of her result, then the amended one with its reason; undone, the old one."""
    first = course.send(codes=WRONG)
    before = course.standing().score
    with house.db.reading() as conn:
        own = attempts.get(conn, first).report
    assert own is not None and before is not None
    criterion = missed(own)
    listed = course.ines.get(key_of(course))
    assert f"criterion={criterion}" in listed.replace("%3A", ":") and "1 of 1" in listed
    course.ines.post(key_of(course), 303, follow=False, hold="1", words="We look at one code again.")
    page = course.ada.get(f"/attempt/{first}")
    assert "We look at one code again." in page and "Score" not in page
    assert f"met {own.met}" not in course.ada.get(f"/story/{course.key}")
    sent = sees(course, criterion)
    assert "1 attempt of 1 would change" in sent.pop("page")
    with house.db.reading() as conn:
        assert attempts.get(conn, first).report == own  # shown, not done
    course.ines.post(f"{key_of(course)}/{TASK}", 303, follow=False, do="1", **sent)
    course.ines.get(key_of(course))
    course.ines.post(key_of(course), 303, follow=False, release="1")
    after = course.standing().score
    finding = next(f for f in own.findings if f.criterion == criterion)
    assert after == pytest.approx(before + finding.possible - finding.earned, abs=0.11)
    page = course.ada.get(f"/attempt/{first}")
    assert "The scan can be read so." in page and "The key was amended" in page
    assert "was amended: The scan can be read so." in course.ada.get("/messages")
    back = re.search(r'action="([^"]+/key/back/\d+)"', course.ines.get(key_of(course)))
    assert back
    page = course.ines.post(back[1], 200).text
    assert "1 attempt would change" in page and "Take it back and tell 1 learner" in page
    course.ines.post(back[1], 409, do="1", mark="of yesterday")
    mark = re.search(r'name="mark" value="([^"]*)"', page)
    assert mark and course.standing().score == after
    course.ines.post(back[1], 303, follow=False, do="1", mark=mark[1])
    assert "1 learner’s result has changed, and each is told" in course.ines.get(key_of(course))
    assert "is again without this amendment: The scan can be read so." in course.ada.get("/messages")
    assert "The key was amended" not in course.ada.get(f"/attempt/{first}") and course.standing().score == before
    with house.db.reading() as conn:
        again = attempts.get(conn, first).report
        rows = conn.execute(grade.select().where(grade.c.attempt == first)).all()
    assert again == own and len(rows) == 3  # the grader's, the amended, and the grader's again: none written over
    course.ines.get(key_of(course))
    course.ines.post(back[1], 404)
    course.ines.post(back[1], 404, do="1", mark=mark[1])


def test_an_amendment_applies_to_who_submits_after_it(course: Course, house: House, app: Flask) -> None:
    """Ben was at his desk with the old key: on submission he gets what the class decided, beside his own report."""
    first = course.send(codes=WRONG)
    with house.db.reading() as conn:
        own = attempts.get(conn, first).report
    assert own is not None
    criterion = missed(own)
    sent = sees(course, criterion, kind="drop")
    sent.pop("page")
    course.ines.post(f"{key_of(course)}/{TASK}", 303, follow=False, do="1", **sent)
    ben = Person(app).sit_down()
    ben.get("/join")
    ben.post("/join", code=course.course.code)
    ben.get(f"/task/{course.key}/{TASK}")
    second = ben.submit(f"{course.key}/{TASK}", {"codes": WRONG}).rsplit("/", 1)[1]
    with house.db.reading() as conn:
        report = attempts.get(conn, second).report
    assert report is not None
    dropped = next(f for f in report.findings if f.criterion == criterion)
    assert (dropped.possible, sum(f.possible for f in report.findings)) == (0, pytest.approx(100, abs=0.01))


def test_two_who_amend_at_once_are_told_and_nothing_is_half_done(course: Course, house: House) -> None:
    """What Ines saw is not what would happen now: nothing happens."""
    first = course.send(codes=WRONG)
    with house.db.reading() as conn:
        own = attempts.get(conn, first).report
    assert own is not None
    criterion = missed(own)
    sent = sees(course, criterion)
    sent.pop("page")
    course.send(codes=WRONG)
    course.ines.get(key_of(course))
    refused = course.ines.post(f"{key_of(course)}/{TASK}", 409, do="1", **sent)
    assert "changed meanwhile" in refused.text
    with house.db.reading() as conn:
        assert attempts.amendments_of(conn, course.given.id) == []
    wordless = course.ines.post(f"{key_of(course)}/{TASK}", 400, criterion=criterion, kind="full", words="")
    assert "Say why" in wordless.text
    course.ines.get(f"{key_of(course)}/{TASK}?criterion=no-such", 404)


def test_what_those_who_missed_it_say_can_be_accepted_too(course: Course, house: House) -> None:
    """The page offers values of their work that nobody has who met it."""
    first = course.send(codes='[{"code": "R10.31", "poa": "", "spans": []}, {"code": "E11.9", "poa": "", "spans": []}]')
    with house.db.reading() as conn:
        own = attempts.get(conn, first).report
    assert own is not None
    criterion = missed(own)
    page = course.ines.get(f"{key_of(course)}/{TASK}?criterion={criterion}")
    assert "E11.9 (said by 1)" in page
    sent = sees(course, criterion, kind="also", answer="E11.9")
    assert "1 attempt of 1 would change" in sent["page"]
    assert "Nothing would change" in sees(course, criterion, kind="also", answer="E11.8")["page"]


STORY, MEASURE = "our-readmissions", "hi-readmission"
OLD, NEW = "discharge_date <= 30", "discharge_date < 30"  # up to 30 days, and under 30


@pytest.fixture
def measure(house: House, tmp_path: Path) -> tuple[House, Path]:
    """A house with a school's own story of one report, and the file that defines it."""
    folder = tmp_path / "stories" / STORY
    shutil.copytree(SHIPPED / "hi-first-reports" / MEASURE, folder / MEASURE)
    shutil.copy(SHIPPED / "hi-first-reports" / "brief.md", folder)
    words = (SHIPPED / "hi-first-reports" / "scenario.toml").read_text("utf-8")
    words = re.sub(r"(?m)^(tasks|after) = .*$", "", words)
    (folder / "scenario.toml").write_text(f'{words}\ntasks = ["{MEASURE}"]\n', "utf-8")
    return replace(house, scenarios=Library(house.seats, [tmp_path / "stories"])), folder / MEASURE / "task.toml"


def test_a_changed_definition_is_one_file_and_a_regrade_and_old_keys_still_judge_to_the_same_bytes(
        measure: tuple[House, Path]) -> None:
    """Who read “within 30 days” as it was falls, who read it as it is now rises, nobody else moves; points fall only
    when asked; and by the key of its day each attempt is what it was, byte for byte."""
    house, file = measure
    app = create_app(house=house)
    app.testing = True
    sent = {}
    for name in ("ada", "ben", "cleo"):
        person = Person(app).sit_down()
        person.get(f"/task/{STORY}/{MEASURE}")
        form = dict(next(p.form for p in proofs(house, room_of(house, STORY), MEASURE) if p.name == "exemplar"))
        if name == "ben":
            form = {field: words.replace(OLD, NEW) for field, words in form.items()}
        if name == "cleo":
            form = {field: "SELECT 1 AS n" if OLD in words else words for field, words in form.items()}
        sent[person.submit(f"{STORY}/{MEASURE}", form).rsplit("/", 1)[1]] = name
    text = file.read_text("utf-8")
    file.write_text(text.replace(OLD, NEW), "utf-8")
    now = replace(house, scenarios=Library(house.seats, [file.parents[2]]))
    with house.db.reading() as conn:
        before = {row.attempt: row.report for row in conn.execute(grade.select())}
        changes = {sent[each.attempt]: each for each in gradebook.by_key(conn, now, sent, keep=False) if each}
        kept = {sent[each.attempt] for each in gradebook.by_key(conn, now, sent) if each}
        assert {id: report_text(attempts.judge(conn, now, id, of_its_day=True)) for id in sent} == before
    assert changes["ada"].before == 100 > changes["ada"].after
    assert changes["ben"].before < changes["ben"].after  # not to 100: his headline is still that of the old reading
    assert set(changes) == {"ada", "ben"} and kept == {"ben"}


def test_a_key_whose_case_or_code_set_is_gone_says_so(course: Course, house: House, monkeypatch: Any) -> None:
    """Never another report in its name."""
    first = course.right()
    activity = type(house.scenarios.activity("him-first-codes", TASK))
    with house.db.reading() as conn:
        monkeypatch.setattr(activity, "version", "another")
        with pytest.raises(BadPack, match="version of the activity is not that of the day"):
            attempts.judge(conn, house, first, of_its_day=True)


def test_regrade_on_the_command_line_previews_keeps_points_and_lowers_only_when_asked(
        course: Course, house: House, monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A grader that turned stricter: shown, kept, then lowered; one that turned kinder changes at once."""
    first = course.right()
    data = ["--data", str(house.settings.data)]
    activity = type(house.scenarios.activity("him-first-codes", TASK))
    real = activity.grade

    def stricter(self: Any, *args: Any) -> Report:
        report: Report = real(self, *args)
        return Report(tuple(Finding(f.criterion, f.axis, f.competency, f.earned / 2, f.possible, f.title, f.why)
                            for f in report.findings))

    monkeypatch.setattr(activity, "grade", stricter)
    said = []
    for more in (["--preview", "--lower"], [], ["--lower", "--course", course.course.code, "--task", TASK]):
        assert main(["regrade", *data, *more]) == 0
        said.append(capsys.readouterr().out)
    assert f"{first}: 100 → 50" in said[0] and "1 would change" in said[0]
    assert "1 attempts judged again, 0 changed" in said[1]
    assert "1 changed" in said[2]
    with house.db.reading() as conn:
        report = attempts.get(conn, first).report
    assert report is not None and report.score == 50
    assert main(["regrade", *data, "--task", "no-such"]) == 1
    assert "No attempt fits" in capsys.readouterr().err
