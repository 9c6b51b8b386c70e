"""Scenario folders: data only, checked, and refused whole with the file and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.errors import BadPack
from sandbox.scenario import Library, read_scenario, seed_for
from sandbox.seats import load_seats

STORY = """title = "Night shift"
summary = "One night."
minutes = 10
tasks = ["him-one"]
"""
TASK = """title = "One"
activity = "him.code_encounter"
minutes = 5
done_when = "it is done"
[params]
a = 1
[key]
b = 2
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A small story that reads well."""
    folder = tmp_path / "night-shift"
    (folder / "him-one" / "proofs").mkdir(parents=True)
    (folder / "scenario.toml").write_text(STORY)
    (folder / "brief.md").write_text("A night.")
    (folder / "him-one" / "task.toml").write_text(TASK)
    (folder / "him-one" / "ask.md").write_text("Do it.")
    (folder / "him-one" / "hints.md").write_text("## Place\nLook there.\n\n## Rule\nThis holds.\n")
    (folder / "him-one" / "proofs" / "exemplar.toml").write_text("score = 100\n")
    return folder


def test_a_story_is_read_with_its_key_apart_from_its_brief(pack: Path) -> None:
    """What learners may read holds neither params nor key nor proofs."""
    scenario, sealed = read_scenario(pack)
    assert [t.name for t in scenario.tasks] == ["him-one"]
    assert scenario.seats == ("him",)
    assert dict(sealed["him-one"].params) == {"a": 1, "b": 2}
    assert [h.kind for h in sealed["him-one"].hints] == ["place", "rule"]
    assert "proofs" not in repr(scenario) and "'b'" not in repr(scenario)


BAD = {
    "an unknown field": ("scenario.toml", STORY + "colour = 1\n", "unknown colour"),
    "a missing title": ("scenario.toml", STORY.replace('"Night shift"', "7"), "`title` is missing"),
    "a task that is not there": ("scenario.toml", STORY.replace("him-one", "him-two"), "no task folder “him-two”"),
    "a path that climbs out": ("scenario.toml", STORY.replace("him-one", "../elsewhere"), "no task folder"),
    "broken TOML": ("him-one/task.toml", "title = ", "task.toml"),
    "a field in params and key": ("him-one/task.toml", TASK.replace("b = 2", "a = 2"), "in [params] and in [key]"),
    "hints out of order": ("him-one/hints.md", "## Answer\nx\n## Place\ny\n", "a place comes before a rule"),
    "an unknown hint": ("him-one/hints.md", "## Gift\nx\n", "none of place, rule, answer"),
    "code": ("him-one/steal.py", "print(1)", "only .toml and .md"),
    "a pickle": ("him-one/key.pkl", "x", "only .toml and .md"),
    "a bomb of text": ("brief.md", "x" * 300_000, "longer than"),
}


@pytest.mark.parametrize(("file", "text", "reason"), BAD.values(), ids=BAD)
def test_a_bad_pack_is_refused_naming_file_and_reason(pack: Path, file: str, text: str, reason: str) -> None:
    """Nothing in it is executed, nothing half read."""
    (pack / file).write_text(text)
    with pytest.raises(BadPack) as caught:
        read_scenario(pack)
    assert reason in caught.value.message


def test_a_link_out_of_the_folder_is_refused(pack: Path, tmp_path: Path) -> None:
    """A pack cannot show a learner the server's files."""
    (tmp_path / "secret.md").write_text("secret")
    (pack / "brief.md").unlink()
    (pack / "brief.md").symlink_to(tmp_path / "secret.md")
    with pytest.raises(BadPack, match="links are not followed"):
        read_scenario(pack)


def test_a_story_comes_after_tasks_that_there_are_and_never_after_itself(tmp_path: Path) -> None:
    """What is good to have done before is named by story and task; a circle would leave nobody a beginning."""
    def shelf(**after: str) -> Library:
        for name, before in after.items():
            folder = tmp_path / name
            (folder / "him-one").mkdir(parents=True, exist_ok=True)
            (folder / "scenario.toml").write_text(STORY + f"after = [{before}]\n" if before else STORY)
            (folder / "brief.md").write_text("A night.")
            task = 'title = "One"\nactivity = "him.code_encounter"\nminutes = 5\ndone_when = "it is done"\n'
            (folder / "him-one" / "task.toml").write_text(f'{task}[params]\ncase = "cough"\n')
            (folder / "him-one" / "ask.md").write_text("Do it.")
        return Library(load_seats(), [tmp_path])

    assert shelf(one='"first-half-hour/him-cough"', two='"one/him-one"')["two"].after == ("one/him-one",)
    for before in ('"one/him-two"', "7"):
        with pytest.raises(BadPack, match="no such task"):
            shelf(one="", two=before)
    with pytest.raises(BadPack, match=r"circle: (one → two|two → one)"):
        shelf(one='"two/him-one"', two='"one/him-one"')


def test_the_shipped_ladder_has_its_gates() -> None:
    """Reports and a hunt before any schema change, readmission before the measures, the chart before the board."""
    shelf = Library(load_seats())
    first = {"hi-first-reports/hi-length-of-stay", "hi-case-mix/hi-case-mix-index",
             "hi-questions-clinic/hi-defect-hunt"}
    assert set(shelf["hi-schema-first"].after) == set(shelf["hi-schema-registration"].after) == first
    assert shelf["hi-schema-standards"].after == ("hi-schema-registration/hi-language-and-mrn",)
    assert shelf["hi-quality-measures"].after == ("hi-first-reports/hi-readmission",)
    for story in ("hi-questions-calls", "hi-questions-board"):
        assert shelf[story].after == ("hi-questions-falls/hi-falls-rising",)


def test_seeds_follow_from_names_alone() -> None:
    """The same on every machine, different for two learners."""
    assert seed_for("p-ada", "story") == seed_for("p-ada", "story") == 557316871
    assert seed_for("p-ada", "story") != seed_for("p-ben", "story")
