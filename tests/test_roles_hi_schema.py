"""Schema changes: exemplars, other right ways, known mistakes, and what a fair grader owes; in real workers."""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from roles.hi.change_schema import activity, definition, naming, people, proving, trial
from sandbox.activity import BadPack, BadWork, Form, Proof, Report, SqlProblem
from sandbox.lab import GradingLabs, LabRooms

STORIES = Path(__file__).resolve().parent.parent / "scenarios"
TASKS = sorted(str(path.parent.relative_to(STORIES)) for path in STORIES.glob("hi-schema-*/*/task.toml"))
RENAME = "hi-schema-first/hi-rename-site"
LANGUAGE = "hi-schema-registration/hi-language-and-mrn"
long = pytest.mark.long
SOME = [task if task in (RENAME, LANGUAGE) else pytest.param(task, marks=long) for task in TASKS]


@cache
def params(task: str) -> Any:
    table = tomllib.loads((STORIES / task / "task.toml").read_text("utf-8"))
    return TypeAdapter(activity.Params).validate_python({**table["params"], **table["key"]})


def proofs(task: str) -> Iterator[Proof]:
    for path in sorted((STORIES / task / "proofs").glob("*.toml")):
        yield from proving.proofs(params(task), {"name": path.stem, **tomllib.loads(path.read_text("utf-8"))})


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    rooms = LabRooms(tmp_path_factory.mktemp("labs-to-change"))
    yield GradingLabs(rooms, None)  # type: ignore[arg-type]  # the shown hospital is not judged on
    rooms.close()


def grade(labs: Any, task: str, form: Form) -> Report:
    """Through the same doors as a submission: parse, JSON and back, grade."""
    kind = TypeAdapter(activity.Work)
    work = kind.validate_json(kind.dump_json(activity.parse(form)))
    return activity.grade(work, definition.Key(params(task), date(2026, 6, 30)), definition.Evidence(), labs)


def named(report: Report) -> set[str]:
    return {f.mistake for f in report.findings if f.mistake}


def wrong(report: Report, proof: Proof) -> list[str]:
    """What of a proof does not hold."""
    low = proof.score if proof.score is not None else proof.at_least or 0.0
    high = proof.score if proof.score is not None else 100.0 if proof.at_most is None else proof.at_most
    held = low - 0.051 <= report.score <= high + 0.051
    found = [] if held else [f"{proof.name}: {report.score}, not {low} to {high}"]
    if proof.mistake and named(report) != {proof.mistake}:
        found.append(f"{proof.name}: named {named(report)}")
    return found


@long
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_comes_to_its_points_and_names_its_mistake(labs: Any, task: str) -> None:
    """Exemplars 100, known mistakes at their points and by their names, hand-scored ones within two.

    Check 14: no line of the rubric is idle. Each criterion is lost by some proof that does something.
    """
    problems, idle = [], {c.name for c in params(task).checks} | set(definition.BUILT_IN)
    for proof in proofs(task):
        report = grade(labs, task, proof.form)
        problems += wrong(report, proof)
        if not proof.name.startswith(("empty", "shotgun")):
            idle -= {f.criterion for f in report.findings if f.possible and not f.met}
    assert problems + [f"no proof loses {criterion}" for criterion in sorted(idle)] == []


def test_the_first_request_names_its_mistakes_and_bears_out_who_scored_by_hand(labs: Any) -> None:
    """Half of its mistakes, what was scored by hand, and the shotgun; the long tier does them all."""
    some = [p for n, p in enumerate(proofs(RENAME)) if n % 2 or not p.mistake]
    assert len(some) >= 10
    assert [each for p in some for each in wrong(grade(labs, RENAME, p.form), p)] == []


@pytest.mark.parametrize("task", SOME)
def test_every_exemplar_and_every_other_right_way_comes_to_a_hundred(labs: Any, task: str) -> None:
    """And an empty migration, which keeps everything whole, to nothing."""
    some = [p for p in proofs(task) if p.score == 100 or p.name == "empty-migration"]
    assert len(some) >= 3
    assert [each for p in some for each in wrong(grade(labs, task, p.form), p)] == []


@pytest.mark.parametrize("task", TASKS)
def test_a_request_sums_to_a_hundred_points_in_its_axes(task: str) -> None:
    """Applies 10, schema 20, rows 25, old readers and writers 15, second run 10, way back 20; at least 8 mistakes."""
    asked = definition.whole(params(task))
    points = dict.fromkeys(definition.AXES, 0.0)
    for check in asked.checks:
        points[check.axis] += check.points
    built = definition.BUILT_IN
    points["Applies"] += built["applies"]
    points["Second run"] += built["again"]
    points["Way back"] += built["rollback"] + built["back"] + built["reapplies"]
    assert points == dict(zip(definition.AXES, (10, 20, 25, 15, 10, 20), strict=True))
    assert len(asked.mistakes) >= 8 and len({m.name for m in asked.mistakes}) == len(asked.mistakes)


def test_a_request_whose_points_are_not_a_hundred_is_no_task() -> None:
    """Nor one whose check asks nothing, or sits on an axis that nobody shows."""
    from dataclasses import replace

    good = params(RENAME)
    first = good.checks[0]
    for bad in (replace(first, points=99), replace(first, sql=""), replace(first, axis="Beauty")):
        with pytest.raises(BadPack):
            definition.whole(replace(good, checks=(bad, *good.checks[1:])))


def test_the_blank_and_the_white_space_come_to_nothing(labs: Any) -> None:
    """Nothing said earns nothing, also where spaces were typed, or only a comment."""
    for form in ({}, {"forward": "", "rollback": "  \n"}, {"forward": "-- to do", "rollback": "-- to do"}):
        assert grade(labs, RENAME, form).score == 0


def test_what_is_no_sql_is_judged_all_the_same(labs: Any) -> None:
    """Any text gets a finite score, or the page asks for another."""
    for text in ("'", ";;;", "\u0000", "DROP TABLE patient", "é" * 50_000, "BEGIN", "ROLLBACK; COMMIT"):
        try:
            assert grade(labs, RENAME, {"forward": text, "rollback": text}).score <= 20
        except BadWork as refused:
            assert refused.message
    with pytest.raises(BadWork):
        activity.parse({"forward": 3})  # type: ignore[dict-item]


def test_more_that_is_right_never_lowers_the_score(labs: Any) -> None:
    """The change grown statement by statement, then the way back."""
    asked = params(RENAME)
    pieces = [p for p in asked.forward.strip().split(";\n") if p.strip()]
    back = [p for p in asked.rollback.strip().split(";\n") if p.strip()]
    grown = [{"forward": ";\n".join(pieces[:n])} for n in range(len(pieces) + 1)]
    grown += [{"forward": asked.forward, "rollback": ";\n".join(back[:n])} for n in range(1, len(back) + 1)]
    scores = [grade(labs, RENAME, form).score for form in grown]
    assert scores == sorted(scores) and scores[0] == 0 and scores[-1] == 100


def test_spelling_order_and_repetition_do_not_matter(labs: Any) -> None:
    """Small letters, comments, blanks, a final semicolon, the whole script twice: the same points."""
    asked = params(RENAME)
    forward, rollback = asked.forward, asked.rollback
    loud = forward.replace("ALTER TABLE patient", "alter   table\n\tPATIENT").replace("UPDATE", "/* now */ update")
    for way, back in ((loud, rollback.strip().rstrip(";")), (forward * 2, rollback)):
        assert grade(labs, RENAME, {"forward": way, "rollback": back}).score == 100


def test_the_same_change_gets_the_same_report_byte_for_byte(labs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nothing is remembered from the first time."""
    kind = TypeAdapter(Report)
    forms = [proving.right(params(RENAME)), {"forward": "SELECT 1"}]
    first = [kind.dump_json(grade(labs, RENAME, form)) for form in forms]
    monkeypatch.setattr(naming, "_KEPT", {})
    assert [kind.dump_json(grade(labs, RENAME, form)) for form in forms] == first


def test_a_script_without_an_end_is_stopped_once(labs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hospital's time, not three; a lab that is busy or broken is nobody's fault and is raised."""
    monkeypatch.setattr(trial, "SECONDS", 1.0)
    endless = "CREATE TABLE t AS SELECT sum(a.range + b.range) FROM range(1000000) a, range(1000000) b"
    report = grade(labs, RENAME, {"forward": endless, "rollback": "SELECT 1"})
    assert report.score == 0 and "stopped" in next(f.why for f in report.findings if f.criterion == "applies")

    class Broken:
        name = "x"

        def scratch(self, **_: Any) -> Any:
            raise SqlProblem("The lab could not be opened.", kind="broken")

    with pytest.raises(SqlProblem):
        trial.run(Broken(), params(RENAME), people.hidden(params(RENAME))[0], "SELECT 1", "SELECT 1")  # type: ignore[arg-type]


def _pair(task: str, one: Any, two: Any) -> dict[str, str] | None:
    """Both mistakes at once; None where their edits do not fit together."""
    try:
        return proving.right(params(task), (*one.edits, *two.edits))
    except BadPack:
        return None


@pytest.mark.parametrize("few", [4, pytest.param(7, marks=long)])
def test_two_mistakes_together_are_never_named_as_a_third_and_never_earn_more(labs: Any, few: int) -> None:
    """A pair that no single mistake explains gets no name; where one hides the other, it is that one."""
    for task in TASKS if few > 4 else [RENAME]:
        tried = 0
        for one, two in combinations(params(task).mistakes[2:2 + few], 2):
            if form := _pair(task, one, two):
                report = grade(labs, task, form)
                assert named(report) <= {one.name, two.name}, (task, one.name, two.name)
                alone = [grade(labs, task, proving.right(params(task), m.edits)).score for m in (one, two)]
                assert report.score <= max(alone) + 0.051, (task, one.name, two.name)
                tried += 1
        assert tried >= 3


@pytest.mark.parametrize("task", TASKS)
def test_hidden_hospitals_say_what_they_are_and_hold_every_pattern(task: str) -> None:
    """One clean, two untidy with unequal multiplicities; ids of their own; references lead to resources in them."""
    clean, once, many = people.hidden(params(task))
    assert {p.name for p, _ in clean.copies} == {people.PLAIN}
    every = {p.name for p in params(task).patterns}
    assert {p.name for p, _ in once.copies} == {p.name for p, _ in many.copies} == every
    assert len({n for p, n in many.copies if p.name != people.PLAIN}) > 1
    names = {h.name for h in (clean, once, many)}
    assert len(names) == 3
    for hospital in (clean, once, many, people.planted(params(task), 5)):
        resources = hospital.build()
        ids = [f"{r['resourceType']}/{r['id']}" for r in resources]
        assert len(ids) == len(set(ids))
        assert {r["subject"]["reference"] for r in resources if "subject" in r} <= set(ids)
        assert all("{" not in insert for insert in hospital.setup)


@pytest.mark.parametrize("task", TASKS)
def test_two_learners_get_different_people_and_the_same_learner_the_same(task: str) -> None:
    """Variants follow from the seed alone; what the request's tables speak of is always there."""
    one, again, other = (people.planted(params(task), seed) for seed in (3, 3, 4))
    assert one.build() == again.build() and one.setup == again.setup
    assert {r["id"] for r in one.build()}.isdisjoint(r["id"] for r in other.build())
    planted = [p for p in params(task).patterns if p.name != people.PLAIN]
    assert len(one.setup) == len(other.setup) == sum(len(p.inserts) for p in planted)


def test_a_harm_caps_the_whole_and_says_so(labs: Any) -> None:
    """Patients deleted: whatever else is right, with the sentence beside the score; and no mistake is named for it."""
    asked = params(RENAME)
    form = {"forward": f"DELETE FROM patient WHERE site IS NULL;{asked.forward}", "rollback": asked.rollback}
    report = grade(labs, RENAME, form)
    assert report.score == 50 and report.points > 60 and "gone" in report.caps[0].why
    assert named(report) == set()


def test_what_was_not_reached_is_said_to_be_so(labs: Any) -> None:
    """A script that stops at its second statement: one check is wrong, the others are not reached."""
    form = {"forward": "SELECT 1; SELECT nobody FROM patient", "rollback": "SELECT 1"}
    findings = [f for f in grade(labs, RENAME, form).findings if f.possible]
    assert [f.criterion for f in findings if f.label == "does not hold"] == ["applies"]
    assert "statement 2" in findings[0].why
    assert all("Not reached" in f.why for f in findings[1:])


@pytest.mark.parametrize("task", SOME)
def test_the_desk_runs_her_scripts_on_a_copy_of_her_own_hospital(app: Any, task: str) -> None:
    """Page, forward twice, look, yesterday's programs, rollback, reset; her record itself has no new column."""
    from houses import Person

    ada, form = Person(app).sit_down(), proving.right(params(task))
    page = ada.get(f"/task/{task}")
    assert "Maya" in page or params(task).asked_by in page

    def step(name: str, **more: str) -> Any:
        return ada.post(f"/task/{task}/step/{name}", **form, **more).get_json()

    assert step("state")["runs"] == 0
    first, second = step("forward"), step("forward")
    assert first["trouble"] is second["trouble"] is None and first["done"] == first["of"]
    table = params(task).tables[0]
    changed = next(each for each in second["difference"] if each["table"] == table)
    assert not changed["same"] and any(sign == "+" for sign, _ in changed["marks"])
    assert step("look", query=f"SELECT count(*) AS n FROM {table}")["rows"][0][0] == changed["rows"][1]
    assert all(m["severity"] == "ok" for m in step("check")["messages"])
    assert step("look", query="SELECT nobody FROM patient")["problem"]["line"] == 1
    back = step("rollback")
    assert back["trouble"] is None and [j["done"] for j in back["journal"]] == [first["of"], first["of"], back["of"]]
    assert not [m for each in back["difference"] for m in each["marks"] if "archive_" not in m[1]]
    assert step("reset")["runs"] == 0
    assert ada.post(f"/task/{task}/step/anything", status=404).status_code == 404


def test_a_submitted_change_is_in_her_record_and_in_her_debrief(app: Any) -> None:
    """Both scripts as a document, word for word; the report by its axes."""
    from houses import Person

    ada = Person(app).sit_down()
    ada.submit(RENAME, {**proving.right(params(RENAME)), "note": "Ready for tonight"})
    assert "100 of 100" in ada.page and "Way back" in ada.page
    house = app.extensions["two_seats"]
    with house.db.reading() as conn:
        from sandbox import workspace

        info = next(each for each in workspace.every(conn) if each.scenario == RENAME.partition("/")[0])
        chart = workspace.Workspace(conn, info, workspace.Agent("ada", "Ada", "learner"), record=False)
        made = [d for d in chart.search("DocumentReference") if d.get("description") == "Ready for tonight"]
    [kept] = made
    scripts = [base64.b64decode(c["attachment"]["data"]).decode() for c in kept["content"]]
    assert scripts == [params(RENAME).forward.strip(), params(RENAME).rollback.strip()]
