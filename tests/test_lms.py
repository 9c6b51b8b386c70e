"""Fill my LMS gradebook: one column of the LMS's own file, and every other byte as it was."""

from __future__ import annotations

import base64
import codecs
import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from test_gradebook import TASK, WRONG, Course

from sandbox.cli import main
from sandbox.errors import BadInput
from sandbox.gradebook import lms
from sandbox.house import House

CANVAS = ("Student,ID,SIS User ID,SIS Login ID,Section,Two Seats (9911)\r\n"
          "    Points Possible,,,,,100.0\r\n"
          '"Quist, Ada",17,S-17,ada,Autumn,\r\n"Okafor, Ben",18,S-18,ben,Autumn,55\r\n'
          '"Student, Test",99,,x,Autumn,\r\n')


def filled(data: bytes, match: int, column: int, values: dict[str, str], over: bool = False) -> bytes:
    """The file with the column filled."""
    sheet = lms.read(data)
    return lms.fill(sheet, column, lms.plan(sheet, match, column, values, over=over))


def test_a_canvas_export_gets_one_column_and_keeps_what_is_filled() -> None:
    """By the school's ID; the line of points possible and the test student are about nobody; Ben's 55 stays."""
    sheet = lms.read(CANVAS.encode())
    lines = lms.plan(sheet, 2, 5, {"s-17": "87.5", "S-18": "90", "S-20": "1"})
    assert [each.state for each in lines] == ["nobody", "fill", "kept", "nobody"]
    found = lms.fill(sheet, 5, lines).decode()
    assert found == CANVAS.replace("ada,Autumn,\r\n", "ada,Autumn,87.5\r\n")
    over = filled(CANVAS.encode(), 2, 5, {"S-17": "87.5", "S-18": "90"}, over=True).decode()
    assert 'ben,Autumn,90\r\n' in over


@pytest.mark.parametrize(("mark", "codec"), [
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (b"", "cp1252")])
def test_moodle_and_blackboard_come_with_marks_tabs_and_quotes(mark: bytes, codec: str) -> None:
    """Quoted cells stay quoted, tabs stay tabs, the mark and the encoding stay."""
    text = '"Last Name"\t"Username"\t"Two Seats [Total Pts: 100]"\n"Møller"\t"ada"\t""\n"Ås"\t"ben"\t"7"\n'
    found = filled(mark + text.encode(codec), 1, 2, {"ada": "62"})
    assert found == mark + text.replace('"ada"\t""', '"ada"\t"62"').encode(codec)


@st.composite
def sheets(draw: st.DrawFn) -> tuple[list[list[str]], str, str]:
    """Cells as they are spelled, the delimiter, the line end."""
    delimiter, end = draw(st.sampled_from(",;\t")), draw(st.sampled_from(["\n", "\r\n"]))
    plain = st.text(st.characters(codec="utf-8", exclude_characters='",;\t\r\n\x00\ufeff'), max_size=6)
    any_text = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=6)
    quoted = any_text.map(lambda said: '"' + said.replace('"', '""') + '"')
    rows = draw(st.lists(st.lists(plain | quoted, min_size=3, max_size=3), min_size=1, max_size=6))
    return [["who", "mark", "rest"], *([f"p{i}", *row[1:]] for i, row in enumerate(rows))], delimiter, end


@given(made=sheets(), value=st.sampled_from(["0", "87.5", "100"]), last=st.booleans())
def test_every_byte_outside_the_filled_cells_is_the_same(
        made: tuple[list[list[str]], str, str], value: str, last: bool) -> None:
    """Whatever stands in the other cells: delimiters, quotes and line ends within quotes, letters of all kinds."""
    rows, delimiter, end = made
    text = end.join(delimiter.join(row) for row in rows) + (end if last else "")
    if max(",;\t", key=text.split("\n", 1)[0].count) != delimiter:
        return
    data = text.encode()
    found = filled(data, 0, 1, {f"p{i}": value for i in range(len(rows) - 1)}, over=True)
    expected = [rows[0], *([row[0], f'"{value}"' if row[1].startswith('"') else value, row[2]] for row in rows[1:])]
    for new, old in zip(expected[1:], rows[1:], strict=True):  # what said the same already is left as it was spelled
        plain = old[1][1:-1].replace('""', '"') if old[1].startswith('"') else old[1]
        new[1] = old[1] if plain.strip() == value else new[1]
    assert found == (end.join(delimiter.join(row) for row in expected) + (end if last else "")).encode()


@pytest.mark.parametrize(("data", "words"), [
    (b"", "is empty"), (b"a,b\n", "nobody under them"), (b'a,b\n"x,1\n', "Line 2: a quotation mark is opened"),
    (b'a,b\n"x"y,1\n', "Line 2: something follows"), (b"\x81\x8d\x00a,b\n1,2\n", "cannot be read"),
])
def test_what_is_wrong_is_told_with_its_line(data: bytes, words: str) -> None:
    """Nothing is filled in a file that cannot be read whole."""
    with pytest.raises(BadInput, match=words):
        lms.read(data)


def test_a_column_that_does_not_tell_people_apart_is_refused() -> None:
    """Two lines about one person: neither is filled; nor is the column that says who it is."""
    sheet = lms.read(b"name,mark\nAda,\nAda,\n")
    with pytest.raises(BadInput, match="Lines 2 and 3 are both about"):
        lms.plan(sheet, 0, 1, {"ada": "1"})
    with pytest.raises(BadInput, match="another that says who"):
        lms.plan(sheet, 1, 1, {"ada": "1"})


SOME = 7  # a variant on which a wrong code still earns something


@pytest.fixture
def course(app: Flask, house: House) -> Course:
    """Ines's class with Ada in it, who has sent one task; on this variant it earns something."""
    made = Course(app, house, SOME)
    made.ada.post("/signup", login="ada", name="=Ada", password="three words in a row")
    made.send(codes=WRONG)
    return made


def test_results_come_by_task_learner_attempt_and_finding(course: Course) -> None:
    """Each with who she is; the grade is that of the book; no cell is a formula."""
    page = f"/teach/{course.course.id}/{course.given.id}/results.csv"
    rows = {by: list(csv.DictReader(io.StringIO(course.ines.get(f"{page}?by={by}").lstrip("\ufeff"))))
            for by in ("task", "learner", "attempt", "finding")}
    score = course.standing().score
    assert all(row["learner"] == "'=Ada" and row["sign-in name"] == "ada" for each in rows.values() for row in each)
    assert sorted(row["grade"] for row in rows["task"]) == ["", "", str(score)]
    assert score is not None and float(rows["learner"][0]["total"]) == round(score / 3, 1)
    assert (rows["attempt"][0]["counts as"], rows["attempt"][0]["variant"]) == ("first try", "1")
    assert sum(float(row["earned"]) for row in rows["finding"]) == pytest.approx(score, abs=0.2)
    assert sum(float(row["possible"]) for row in rows["finding"]) == pytest.approx(100, abs=0.2)
    course.ines.get(f"{page}?by=everything", 404)


def test_a_class_leaves_as_one_zip_with_nothing_of_a_key_in_it(course: Course, tmp_path: Path) -> None:
    """From the page and from the command line, the same; a file that is there is kept; what she said is hers."""
    page = course.ines.client.get(f"/teach/{course.course.id}/course.zip")
    target = tmp_path / "class.zip"
    data = ["--data", str(course.house.settings.data)]
    assert main(["export", *data, course.course.code, str(target)]) == 0
    assert main(["export", *data, course.course.code, str(target)]) == 1
    assert main(["export", *data, "NO-11", str(tmp_path / "other.zip")]) == 1 and not (tmp_path / "other.zip").exists()
    both = [zipfile.ZipFile(io.BytesIO(page.data)), zipfile.ZipFile(target)]
    assert both[0].namelist() == both[1].namelist()
    kept = {name: both[1].read(name).decode("utf-8-sig") for name in both[1].namelist()}
    assert "'=Ada,ada" in kept["roster.csv"]
    (line,) = kept["01-him-first-codes/attempts.ndjson"].splitlines()
    told = json.loads(line)
    assert told["work"]["codes"][0]["code"] == "R10.31" and told["report"]["findings"]
    assert "expected" not in told and not any("proofs" in text or "[key]" in text for text in kept.values())
    assert float(next(csv.DictReader(io.StringIO(kept["01-him-first-codes/results-by-learner.csv"])))["total"]) > 0


def test_ines_fills_her_lms_gradebook_from_the_page(course: Course) -> None:
    """The file, its columns, line by line, and the same file with one cell filled."""
    page = f"/teach/{course.course.id}/{course.given.id}/lms"
    data = "Login,Mark\r\nada,\r\nben,\r\n"
    course.ines.get(page)
    chosen = course.ines.post(page, 200, file=(io.BytesIO(data.encode()), "canvas export.csv")).text
    assert base64.b64encode(data.encode()).decode() in chosen and ">Mark</option>" in chosen
    form = {"data": base64.b64encode(data.encode()).decode(), "name": "canvas export.csv", "column": "1", "match": "0",
            "by": "login", "what": TASK}
    course.ines.get(page)
    shown = course.ines.post(page, 200, **form).text
    assert "1 of 2 lines would be filled" in re.sub(r"\s+", " ", shown) and "left: nobody here" in shown
    course.ines.get(page)
    answer = course.ines.post(page, 200, do="1", **form)
    assert answer.data.decode() == data.replace("ada,", f"ada,{course.standing().score:g}")
    course.ines.get(page)
    assert "is empty" in course.ines.post(page, 400, file=(io.BytesIO(b""), "x.csv")).text
