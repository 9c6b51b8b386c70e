"""`two-seats codes …`: what a script reads and what a person reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from encoder_room import opened

from sandbox.cli import codes, main


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The classification that the other tests have made already."""
    monkeypatch.setattr(codes, "opened", opened)


def told(capsys: pytest.CaptureFixture[str], *args: str, status: int = 0) -> Any:
    """What a command says as JSON, and that it ends with the status."""
    assert main(["codes", *args, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_search_gives_a_list_best_first(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with code, title and billable, no more than asked for; nothing found is an empty list."""
    found = told(capsys, "search", "heart failure", "--limit", "3")
    assert [hit["code"] for hit in found] == ["I50.9", "I50", "I50.8"]
    assert all({"code", "title", "billable"} <= set(hit) for hit in found)
    assert [hit["billable"] for hit in found] == [True, False, False]
    assert told(capsys, "search", "") == []


def test_show_gives_a_code_with_its_inherited_notes(capsys: pytest.CaptureFixture[str]) -> None:
    """Undotted and in small letters too; each note says where it stands."""
    found = told(capsys, "show", "e1122")
    assert (found["code"], found["billable"]) == ("E11.22", True)
    assert [step["code"] for step in found["path"]] == ["E00-E89", "E08-E13", "E11", "E11.2"]
    assert {"E11.22", "E11"} <= {note["at"] for note in found["notes"]}
    assert all(set(note) == {"kind", "at", "text", "codes"} for note in found["notes"])


def test_check_gives_edits_of_codes_in_sequence(capsys: pytest.CaptureFixture[str]) -> None:
    """Dotted or not; each with code, severity, rule, why and source; exit status 1 where an error stands."""
    found = told(capsys, "check", "N1830", "e11.22", "S72001", "XXX", "--setting", "inpatient", "--sex", "F",
                 "--age", "60", "--date", "2026-05-18", status=1)
    assert all(set(edit) == {"code", "severity", "rule", "why", "source"} for edit in found)
    assert {(edit["code"], edit["severity"], edit["rule"]) for edit in found} >= {
        ("XXX", "error", "invalid"), ("S72.001", "error", "not_billable"), ("N18.30", "error", "code_first"),
        ("E11.22", "info", "use_additional")}
    assert [edit["severity"] for edit in told(capsys, "check", "M17.10", "--setting", "outpatient")][:1] == ["warning"]
    assert not any("present on admission" in edit["why"].casefold() for edit in found)


def test_check_tells_a_person_one_line_for_each_edit(capsys: pytest.CaptureFixture[str]) -> None:
    """With its severity and source."""
    assert main(["codes", "check", "N18.30", "E11.22", "--setting", "inpatient"]) == 1
    assert "error    N18.30    E11.22 comes before N18.30" in capsys.readouterr().out
    assert main(["codes", "check", "E11.22", "N18.30", "--setting", "inpatient"]) == 0


def test_group_gives_the_drg_and_what_stands_against_the_claim(capsys: pytest.CaptureFixture[str]) -> None:
    """The wrong side, a missing indicator and an unacceptable principal diagnosis, each named by its code."""
    found = told(capsys, "group", "M80.052A:Y", "d62:n", "--procedure", "0srr019", "--sex", "F", "--age", "82",
                 "--disposition", "03")
    assert (found["drg"], found["weight"], found["version"], found["return_code"]) == ("522", 2.1177, "43.1", "OK")
    assert [(edit["rule"], edit["code"]) for edit in found["edits"]] == [("side", "0SRR019")]
    found = told(capsys, "group", "F0280:Y", "G30.9", "--sex", "F", "--age", "80")
    assert [(edit["rule"], edit["code"]) for edit in found["edits"]] == [
        ("poa_missing", "G30.9"), ("manifestation_as_pdx", "F02.80")]
    assert main(["codes", "group", "I13.0:Y", "I50.33:Y", "--sex", "M", "--age", "71"]) == 0
    assert "291  Heart Failure and Shock with MCC  weight 1.2838" in capsys.readouterr().out


def test_a_procedure_is_shown_and_built(capsys: pytest.CaptureFixture[str]) -> None:
    """Its seven places in words; the choices of the next place."""
    found = told(capsys, "show", "0srs019")
    assert found["title"].startswith("Replacement of Left Hip Joint, Femoral Surface")
    assert [axis["label"] for axis in found["axes"]][2:4] == ["Replacement", "Hip Joint, Femoral Surface, Left"]
    found = told(capsys, "build", "0SRS0")
    assert (found[0]["code"], found[0]["label"]) == ("0SRS01", "Synthetic Substitute, Metal")
    assert told(capsys, "build", "0SRS019") == []


@pytest.mark.parametrize(("args", "said"), [
    (["show", "ZZZ"], "There is no code “ZZZ”"), (["build", "OSR"], "No code of ICD-10-PCS"),
])
def test_what_is_not_there_is_said_in_words(args: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line on standard error, exit status 1, no trace."""
    assert main(["codes", *args]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("args", [
    ["search", "x", "--limit", "0"], ["check", "I10"], ["check", "I10", "--setting", "ward"],
    ["check", "I10", "--setting", "inpatient", "--date", "2026-13-01"], ["check", "--setting", "inpatient"], [],
])
def test_a_slip_in_the_command_is_a_usage_error(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2, with the usage."""
    with pytest.raises(SystemExit) as stopped:
        main(["codes", *args])
    assert stopped.value.code == 2
    assert "usage: two-seats codes" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="a home that nothing can be written to is made with /proc")
def test_no_data_directory_and_no_home_are_needed(codes_folder: Path) -> None:
    """Where the cache cannot be written, a temporary place serves; nothing is made in the working directory."""
    with tempfile.TemporaryDirectory() as work:
        env = {**os.environ, "HOME": "/proc/none", "XDG_CACHE_HOME": "/proc/none", "PYTHONPATH": os.getcwd()}
        done = subprocess.run([sys.executable, "-m", "sandbox", "codes", "search", "cough", "--limit", "1", "--json"],
                              cwd=work, env=env, capture_output=True, text=True, check=False)
        assert json.loads(done.stdout)[0]["code"] == "R05.9", done.stderr
        assert list(Path(work).iterdir()) == []
