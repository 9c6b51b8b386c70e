"""The encoder over HTTP: fragments for the page, JSON for scripts, nothing that a text could break."""

from __future__ import annotations

import re

import pytest
from encoder_room import application, opened
from flask.testing import FlaskClient

JSON = {"Accept": "application/json"}


@pytest.fixture
def client() -> FlaskClient:
    """Nobody signed in: the classification is open."""
    return application().test_client()


def test_search_answers_with_a_fragment_or_json(client: FlaskClient) -> None:
    """The same hits, in the same order."""
    page = client.get("/codes/search?q=left ankle sprain&limit=5")
    rows = client.get("/codes/search?q=left ankle sprain&limit=5", headers=JSON)
    assert page.mimetype == "text/html" and rows.mimetype == "application/json"
    assert re.findall(r'data-code="([^"]+)"', page.text) == [hit["code"] for hit in rows.json]
    assert rows.json[0] == {"code": "S93.402", "title": "Sprain of unspecified ligament of left ankle",
                            "billable": False, "kind": "choose encounter", "matched": "ankle sprain"}
    assert "<em>Sprain</em>" in page.text and "S93.402-" in page.text and "choose encounter" in page.text


def test_nothing_found_says_what_to_try(client: FlaskClient) -> None:
    """And an empty box asks for words."""
    assert "Try fewer words" in client.get("/codes/search?q=qqqzzzxxw").text
    assert "or a code" in client.get("/codes/search").text
    assert client.get("/codes/search", headers=JSON).json == []


@pytest.mark.parametrize("limit", ["0", "51", "-1", "ten", "1e3", "²"])
def test_a_limit_that_is_none_is_refused(client: FlaskClient, limit: str) -> None:
    """400, with the bounds."""
    answer = client.get("/codes/search", query_string={"q": "cough", "limit": limit})
    assert answer.status_code == 400 and "from 1 to 50" in answer.text


def test_what_mallory_types_comes_back_as_text(client: FlaskClient) -> None:
    """No markup of hers reaches the page."""
    answer = client.get("/codes/search?q=<qqqzzzxxw>")
    assert "<qqq" not in answer.text and "&lt;qqqzzzxxw&gt;" in answer.text


def test_an_opened_code_shows_path_notes_and_choices(client: FlaskClient) -> None:
    """As the mock: where it stands, code first, excludes, severities with the open one marked, one button."""
    page = client.get("/codes/L97.512").text
    assert "L80–L99" in page and 'data-go="L97.5"' in page
    assert re.search(r"<dt>Code first</dt>", page) and 'data-pattern="E11.621"' in page
    assert re.search(r'value="L97.512"[^>]* checked', page)
    assert page.count("data-add") == 1 and "Add L97.512" in page
    assert "Severity</legend>" in page


def test_a_side_and_an_encounter_are_chosen_together(client: FlaskClient) -> None:
    """Two sets; a 7th-character code marks both."""
    page = client.get("/codes/s93402a").text
    assert page.count("<fieldset") == 2
    assert len(re.findall(r" checked>", page)) == 2


def test_a_code_as_json_has_its_notes_and_children(client: FlaskClient) -> None:
    """For scripts and tests."""
    found = client.get("/codes/E11.22", headers=JSON).json
    assert (found["code"], found["billable"], found["children"]) == ("E11.22", True, [])
    assert found["path"][0]["code"] == "E00-E89"
    assert {"kind", "at", "text", "codes"} == set(found["notes"][0])
    assert len(client.get("/codes/W06", headers=JSON).json["children"]) == 3


def test_an_unknown_code_is_404(client: FlaskClient) -> None:
    """With what to do, in both forms."""
    assert client.get("/codes/E99.99").status_code == client.get("/codes/E99.99", headers=JSON).status_code == 404


def test_chapters_and_blocks_open_too(client: FlaskClient) -> None:
    """A range is an entry like others."""
    assert client.get("/codes/E08-E13").status_code == client.get("/codes/E00-E89").status_code == 200


def test_every_part_keeps_out_of_the_work() -> None:
    """No field of the encoder belongs to the desk's form: none has a name there, none an inline script or style."""
    client = application(("J02.0", "S93.40")).test_client()
    for page in (client.get("/").text.partition("<section")[2], client.get("/codes/S93.40").text):
        fields = re.findall(r"<input[^>]*>", page.partition("</section>")[0])
        assert fields and all('form="apart"' in field for field in fields)
        assert not re.search(r"\son\w+=|\sstyle=|<script>", page.partition("</section>")[0])
        assert all('type="button"' in button for button in re.findall(r"<button[^>]*>", page))


def test_offered_codes_come_before_the_search() -> None:
    """Eight to start with, the box hidden until she asks for all."""
    eight = ("J02.0", "J02.9", "R05.9", "J18.9", "S93.401A", "S93.402A", "S93.409A", "J06.9")
    page = application(eight).test_client().get("/").text
    assert re.findall(r'data-code="([^"]+)"', page) == list(eight)
    assert "8 codes to start with" in page and "Search all codes" in page
    assert re.search(r'class="with-i" hidden', page)
    assert "Search all codes" not in application().test_client().get("/").text


def test_answers_may_be_kept_a_while(client: FlaskClient) -> None:
    """The classification changes with the release only."""
    assert client.get("/codes/J02.0").headers["Cache-Control"] == "private, max-age=3600"


def test_every_kind_of_code_opens(client: FlaskClient) -> None:
    """One in eight hundred of all entries, and every category that choices treat in a special way."""
    codes = [code for (code,) in opened().rows("SELECT code FROM code WHERE n % 800 = 7")]
    for code in [*codes, "R40.211", "H40.1110", "O36.0110", "M1A.00X0", "I82.40", "C50", "V43", "QA0", "Z3A"]:
        assert client.get(f"/codes/{code}").status_code == 200, code
