"""Adding is one folder: a story and an activity in a temporary place, proven by `check` and played by a person."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
from answers import room_of
from houses import Person, open_copy

from sandbox.app import create_app
from sandbox.cli import main


@pytest.fixture(autouse=True)
def few_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` builds a hospital of its own each time: a small one proves a new folder as well."""
    monkeypatch.setenv("TWO_SEATS_PATIENTS", "12")


def test_a_new_scenario_is_one_folder_that_passes_check_and_is_played(
        built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`new-scenario` writes it; nothing else is edited; it stands in the seat and can be opened."""
    folder = tmp_path / "stories" / "night-shift"
    folder.parent.mkdir()
    assert main(["new-scenario", str(folder)]) == 0
    assert main(["check", "--scenario", "night-shift", "--seeds", "2", "--scenario-folders", str(folder.parent)]) == 0
    assert capsys.readouterr().out.strip().splitlines()[-1] == "8 proofs, 0 failed"
    house = open_copy(built, tmp_path / "data", scenario_folders=str(folder.parent))
    ada = Person(create_app(house=house)).sit_down()
    assert "night-shift: a first story" in ada.get("/seat/him")
    assert "Office note" in ada.get("/task/night-shift/him-first")
    house.labs.close()


def test_a_new_activity_is_one_folder_that_passes_check_and_is_played(
        built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`new-activity` writes it with a story beside it; a learner submits and is judged."""
    folder = tmp_path / "made" / "count-beds"
    folder.parent.mkdir()
    assert main(["new-activity", str(folder)]) == 0
    more = ["--activity-folders", f"hi={folder}", "--scenario-folders", str(folder.parent)]
    assert main(["check", "--scenario", "count-beds-story", "--seeds", "3", *more]) == 0
    assert capsys.readouterr().out.strip().splitlines()[-1] == "9 proofs, 0 failed"
    house = open_copy(built, tmp_path / "data", scenario_folders=str(folder.parent), activity_folders=f"hi={folder}")
    ada = Person(create_app(house=house)).sit_down()
    page = ada.get("/task/count-beds-story/hi-first")
    people = page.count("<li>Street")
    assert people >= 2
    ada.submit("count-beds-story/hi-first", {"answer": str(people)})
    assert "How many people live in the street" in ada.page
    assert room_of(house, "count-beds-story").shown["hi-first"]["street"] == "Harbor Street"
    ada.submit("count-beds-story/hi-first", {"answer": "many"}, status=400)
    assert "not a whole number" in ada.page
    house.labs.close()


def test_check_fails_where_a_proof_does_not_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A check that cannot fail proves nothing: a wrong exemplar and a missing one are named, the status is 1."""
    folder = tmp_path / "stories" / "night-shift"
    folder.parent.mkdir()
    main(["new-scenario", str(folder)])
    (folder / "him-first" / "proofs" / "exemplar.toml").write_text("score = 90\n")
    assert main(["check", "--scenario", "night-shift", "--seeds", "1", "--scenario-folders", str(folder.parent)]) == 1
    out = capsys.readouterr().out
    assert "ships no exemplar" in out
    assert "scores 100, not 90" in out
    assert out.strip().splitlines()[-1].endswith("failed")


def test_check_proves_what_the_settings_name_too(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The folders that a server would read by TWO_SEATS_SCENARIO_FOLDERS need not be said again."""
    assert main(["new-scenario", str(tmp_path / "night-shift")]) == 0
    monkeypatch.setenv("TWO_SEATS_SCENARIO_FOLDERS", str(tmp_path))
    assert main(["check", "--scenario", "night-shift", "--seeds", "1"]) == 0
    assert capsys.readouterr().out.strip().splitlines()[-1] == "4 proofs, 0 failed"


def test_check_counts_a_task_that_cannot_be_judged_among_its_failures(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An activity's own error stops nothing: it is told, the rest is proven, the count comes last."""
    folder = tmp_path / "count-beds"
    main(["new-activity", str(folder)])
    source = (folder / "__init__.py").read_text(encoding="utf-8")
    (folder / "__init__.py").write_text(source + "\n\ntype(activity).grade = lambda *_: 1 / 0\n", encoding="utf-8")
    more = ["--activity-folders", f"hi={folder}", "--scenario-folders", str(tmp_path)]
    assert main(["check", "--scenario", "count-beds-story", "--seeds", "2", *more]) == 1
    out = capsys.readouterr().out
    assert "ZeroDivisionError: division by zero" in out
    assert out.strip().splitlines()[-1] == "2 proofs, 2 failed"


def test_an_activity_does_not_take_the_place_of_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder called as one that the seat has is refused: its tasks would be judged by a stranger."""
    folder = tmp_path / "build_report"
    main(["new-activity", str(tmp_path / "count-beds")])
    (tmp_path / "count-beds").rename(folder)
    assert main(["check", "--activity-folders", f"hi={folder}"]) == 1
    assert "the seat “hi” has an activity “build_report” already" in capsys.readouterr().err


def test_the_command_that_proves_a_new_folder_can_be_copied_as_it_stands(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where the path has a space in it."""
    (tmp_path / "my stories").mkdir()
    assert main(["new-scenario", str(tmp_path / "my stories" / "night-shift")]) == 0
    command = shlex.split(capsys.readouterr().out.rpartition("Prove it: ")[2])
    assert main([*command[1:], "--seeds", "1"]) == 0


def test_a_story_that_stands_beside_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`new-activity` writes two folders: neither may be there."""
    (tmp_path / "count-beds-story").mkdir()
    assert main(["new-activity", str(tmp_path / "count-beds")]) == 1
    assert "count-beds-story exists already" in capsys.readouterr().err
    assert not (tmp_path / "count-beds").exists()


def test_a_folder_that_exists_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message says what to do."""
    assert main(["new-scenario", str(tmp_path)]) == 1
    assert "exists already" in capsys.readouterr().err


def test_check_on_two_cores_proves_each_seed_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Seeds shared out over processes are all proven once, and what fails in one of them is told as ever."""
    folder = tmp_path / "night-shift"
    main(["new-scenario", str(folder)])
    (folder / "him-first" / "proofs" / "shotgun.toml").write_text('base = "right"\nscore = 99\n')
    more = ["--seeds", "6", "--jobs", "2", "--scenario-folders", str(tmp_path)]
    assert main(["check", "--scenario", "night-shift", *more]) == 1
    lines = capsys.readouterr().out.strip().splitlines()
    told = sorted(line.partition(":")[0] for line in lines if "not 99" in line)
    assert told == [f"night-shift/him-first seed {n}, shotgun" for n in range(6)]
    assert lines[-1] == "24 proofs, 6 failed" and any(line.startswith("night-shift: 24 proofs, 6") for line in lines)


def test_check_tells_of_two_tasks_that_plant_the_same_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A story whose tasks each hold alone and clash in one workspace could not be opened: which two, and by what id."""
    folder = tmp_path / "count-beds"
    main(["new-activity", str(folder)])
    source = (folder / "__init__.py").read_text(encoding="utf-8")
    source = source.replace('f"street-{seed}-{n}"', 'f"street-{n}"').replace('"Resident"', 'f"Resident {seed}"')
    (folder / "__init__.py").write_text(source, encoding="utf-8")
    story = tmp_path / "count-beds-story"
    shutil.copytree(story / "hi-first", story / "hi-second")
    text = (story / "scenario.toml").read_text(encoding="utf-8")
    (story / "scenario.toml").write_text(text.replace('"hi-first"', '"hi-first", "hi-second"'), encoding="utf-8")
    more = ["--activity-folders", f"hi={folder}", "--scenario-folders", str(tmp_path), "--seeds", "2"]
    assert main(["check", "--scenario", "count-beds-story", *more]) == 1
    out = capsys.readouterr().out
    assert "all its tasks together seed 1" in out and "hi-first and hi-second both plant Patient/street-0" in out
    assert "ids that begin otherwise" in out and out.strip().splitlines()[-1] == "2 proofs, 2 failed"
