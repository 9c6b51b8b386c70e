"""No key reaches a learner: a canary in each key field is not found by a crawl of whatever she can open."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from answers import room_of
from flask import Flask
from houses import Person, copy, open_copy
from werkzeug.test import TestResponse

from sandbox import classroom, people, scenario
from sandbox.app import create_app
from sandbox.fhir import definitions
from sandbox.house import House

CANARY = "canary7731"
ANSWER = 731902846115  # the canary as a number, long enough that no form token holds it by chance


@pytest.fixture
def leaky(built: Path, tmp_path: Path) -> House:
    """A house with a story whose every key field, proof and answer hint carries the canary."""
    import sandbox.cli

    patterns = Path(sandbox.cli.__file__).parent / "patterns" / "activity"
    activity, story = tmp_path / "count-beds", tmp_path / "stories" / "count-story"
    shutil.copytree(patterns, activity, ignore=shutil.ignore_patterns("story"))
    shutil.copytree(patterns / "story", story)
    source = (activity / "__init__.py").read_text()
    source = source.replace("    most: int\n", "    most: int\n    secret: str\n", 1)
    source = source.replace("    count: int\n", "    count: int\n    secret: str\n", 1)
    source = source.replace("Key(count))", f"Key({ANSWER}, params.secret))")
    (activity / "__init__.py").write_text(source)
    task = story / "hi-first" / "task.toml"
    task.write_text(task.read_text().replace("new-thing", "count-beds") + f'secret = "{CANARY}-key"\n')
    (story / "hi-first" / "proofs" / "exemplar.toml").write_text(f'off = 0\nscore = 100\nnote = "{CANARY}-proof"\n')
    (story / "hi-first" / "hints.md").write_text(f"## Place\nThere.\n\n## Answer\n{CANARY}-answer\n")
    return open_copy(built, tmp_path / "data", scenario_folders=str(tmp_path / "stories"),
                     activity_folders=f"hi={activity}")


def crawl(ada: Person, start: list[str], limit: int = 400) -> dict[str, str]:
    """Every page that links lead to from here, by address."""
    seen: dict[str, str] = {}
    queue = list(start)
    while queue and len(seen) < limit:
        path = queue.pop(0)
        if path in seen or not path.startswith("/") or path.startswith(("/signout", "/static/vendor")):
            continue
        answer = ada.client.get(path, follow_redirects=False)
        seen[path] = f"{answer.headers}{unpacked(answer)}"
        links = re.findall(r'(?:href|src|action|data-[\w-]*url)="(/[^"#]*)', seen[path])
        queue += [link.replace("&amp;", "&") for link in links]
        if answer.location:
            queue.append(answer.location.replace("http://localhost", ""))
    return seen


def unpacked(answer: TestResponse) -> str:
    """What an answer says; of a zip, what each of its files says."""
    if answer.mimetype != "application/zip":
        return answer.get_data(as_text=True)
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as bundle:
        return "\n".join(f"{name}\n{bundle.read(name).decode()}" for name in bundle.namelist())


def fhir_reads(ada: Person, room: str) -> dict[str, str]:
    """Search, history and metadata of every type."""
    found = {}
    for kind in definitions.kinds():
        for path in (f"/fhir/{room}/{kind}?_count=200", f"/fhir/{room}/{kind}/_history"):
            found[path] = ada.client.get(path).get_data(as_text=True)
    found["metadata"] = ada.client.get(f"/fhir/{room}/metadata").get_data(as_text=True)
    return found


def lab_reads(ada: Person, room: str) -> dict[str, str]:
    """Every table of her lab, and its catalog."""
    headers = {"X-CSRFToken": ada.csrf()}
    schema = ada.client.get(f"/lab/{room}/schema").json
    found = {"schema": json.dumps(schema)}
    for table in [t["name"] for t in schema["tables"]] + ["duckdb_settings()", "information_schema.tables"]:
        body = {"sql": f"SELECT * FROM {table}"}
        found[table] = ada.client.post(f"/lab/{room}/run", json=body, headers=headers).get_data(as_text=True)
    return found


def decoded(text: str) -> str:
    """The text with its base64 attachments opened."""
    parts = [text]
    for blob in re.findall(r'"data": ?"([A-Za-z0-9+/=]{24,})"', text):
        parts.append(base64.b64decode(blob).decode("utf-8", errors="ignore"))
    return "\n".join(parts)


def test_a_canary_in_every_key_field_is_found_nowhere_a_learner_can_look(leaky: House) -> None:
    """Pages, drafts, debriefs, FHIR types, histories, lab tables, errors; before and after a submission."""
    app = create_app(house=leaky)
    app.testing = True
    ada = Person(app).sit_down()
    ada.get("/task/count-story/hi-first")
    room = room_of(leaky, "count-story").id
    ada.submit("count-story/hi-first", {"answer": "3"})
    pages = crawl(ada, ["/", "/task/count-story/hi-first", "/story/count-story", f"/chart/{room}/", f"/lab/{room}/",
                        "/connect", "/role/hi/count-beds/page.js", "/role/hi/count-beds/__init__.py",
                        "/task/count-story/hi-first/task.toml", "/static/../scenarios"])
    assert len(pages) > 40
    everything: dict[str, Any] = {**pages, **fhir_reads(ada, room), **lab_reads(ada, room)}
    everything["place hint"] = ada.post("/task/count-story/hi-first/hint").get_data(as_text=True)
    everything["check"] = ada.post("/task/count-story/hi-first/step/check", answer="1").get_data(as_text=True)
    leaks = [where for where, text in everything.items() if CANARY in decoded(str(text))]
    assert leaks == []
    before = [where for where, text in everything.items()
              if str(ANSWER) in str(text) and not where.startswith(("/attempt/", "/account/everything.zip"))]
    assert before == [], "the answer itself, outside the debrief and her own copy of it"
    asked = ada.post("/task/count-story/hi-first/hint").get_data(as_text=True)
    assert CANARY in asked, "an answer hint is given to who asks for it"


def test_two_builds_that_differ_only_in_keys_look_the_same_to_a_learner(leaky: House, tmp_path: Path) -> None:
    """Byte for byte, but for tokens and nonces."""
    def look(house: House) -> list[str]:
        app = create_app(house=house)
        with house.db.writing() as conn:
            course = classroom.create_course(conn, people.guest(conn), "One variant for all")
            key = f"count-story@{classroom.assign(conn, course.id, 'count-story', ['hi'], None, seed=7).id}"
        ada = Person(app)
        ada.get("/join")
        ada.post("/join", code=course.code)
        page = ada.get(f"/task/{key}/hi-first").replace(key, "count-story")
        patient = ada.get(f"/fhir/{room_of(house, key).id}/Patient?_count=200")
        noise = r'(nonce|csrf[_-]token|token|value|content)="[^"]{16,}"|w-[0-9a-f]{16}|"(lastUpdated|id)": ?"[^"]*"'
        return [re.sub(noise, "", text) for text in (page, patient)]

    untouched = copy(leaky.settings.data, tmp_path / "untouched")
    first = look(leaky)
    task = tmp_path / "stories" / "count-story" / "hi-first" / "task.toml"
    task.write_text(task.read_text().replace(f"{CANARY}-key", "another-key"))
    second = open_copy(untouched, tmp_path / "second", scenario_folders=str(tmp_path / "stories"),
                       activity_folders=leaky.settings.activity_folders)
    for ours, theirs in zip(first, look(second), strict=True):
        assert ours.splitlines() == theirs.splitlines()


def sentences(value: Any) -> set[str]:
    """Every string of at least 30 characters in a key, however deep."""
    if isinstance(value, str):
        return {value} if len(value) >= 30 else set()
    if isinstance(value, dict):
        return {s for v in value.values() for s in sentences(v)}
    if isinstance(value, list | tuple | set | frozenset):
        return {s for v in value for s in sentences(v)}
    return {s for v in vars(value).values() for s in sentences(v)} if hasattr(value, "__dict__") else set()


def test_no_sentence_of_a_shipped_key_stands_where_a_learner_works(app: Flask, house: House) -> None:
    """The real keys: what they explain, their SQL, their why-nots; apart from words that the record itself says."""
    ada = Person(app).sit_down()
    checked = 0
    for story in (s for s in house.scenarios.values() if s.counted):  # the starter teaches in the open
        for task in story.tasks:
            page = ada.get(f"/task/{story.name}/{task.name}")
            info = room_of(house, story.name)
            with house.db.reading() as conn:
                planting = scenario.planted(conn, house, story.name, task.name, info.seed, info.base)
            record = decoded(json.dumps(planting.resources, ensure_ascii=False)) + task.ask
            record += " ".join(f"{one['resourceType']}/{one['id']}" for one in planting.resources)  # rows to be cited
            # Names of rows that may be cited ("Sodium, 3 Jun 09:40") are the record's own.
            # Choices and labels, the pick-list's right and wrong entries alike.
            open_words = sentences(planting.shown) | sentences(getattr(planting.key, "rows", ()))
            secret = {s for s in sentences(planting.key) - open_words if s not in record and s != task.title}
            found = {s for s in secret if s in decoded(page) or html.escape(s) in page}
            assert found == set(), f"{task.name}: {sorted(found)[:3]}"
            checked += len(secret)
    assert checked > 100
