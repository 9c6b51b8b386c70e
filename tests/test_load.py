"""Loading real files: one resource out for each entry in, nothing lost, and a broken file refused whole."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from fhir_ward import OBSERVATION, PATIENT

from sandbox.db import Database
from sandbox.fhir import load, store

TODAY = date(2026, 6, 30)
DATA = Path(__file__).parents[2] / "shared" / "data"
real = pytest.mark.skipif(not (DATA / "synthea").is_dir(), reason=f"the Synthea files in {DATA} are absent")
DEEP = b'{"resourceType":"Patient","x":' + b'{"x":' * 40 + b"1" + b"}" * 41
URN = "urn:uuid:00000000-0000-4000-8000-00000000000"


def run(db: Database, *paths: Path, **more: Any) -> tuple[load.LoadResult, list[str]]:
    """Load, and what was said."""
    said: list[str] = []
    return load.load(db.writing, list(paths), name="Loaded", today=TODAY, echo=said.append, **more), said


def texts(db: Database, ws: int) -> list[str]:
    """Every stored text of a hospital, in the order of storing."""
    with db.reading() as conn:
        return [one.text for one in store.stored(conn, ws)]


def bundle(*resources: dict[str, Any], numbered: int = 1) -> dict[str, Any]:
    """A transaction that posts the resources, each under a urn of its own."""
    entry = [{"fullUrl": f"{URN}{n}", "resource": one, "request": {"method": "POST", "url": one["resourceType"]}}
             for n, one in enumerate(resources, numbered)]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entry}


def write(path: Path, content: Any) -> Path:
    """A file of JSON; a list becomes NDJSON; a name that ends in .gz is zipped."""
    data = b"\n".join(map(orjson.dumps, content)) if isinstance(content, list) else orjson.dumps(content)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def exact(text: str | bytes) -> Any:
    """JSON with every number as the characters it was spelled with."""
    return json.loads(text, parse_float=lambda s: ("number", s), parse_int=lambda s: ("number", s))


def stripped(value: Any, rename: dict[str, str]) -> Any:
    """A resource without id and meta, its references renamed: what must be equal on both sides."""
    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: rename.get(child, child) if key == "reference" else walk(child) for key, child in node.items()}
        return [walk(child) for child in node] if isinstance(node, list) else node

    return walk({key: child for key, child in value.items() if key not in ("id", "meta")})


def given(path: Path) -> Iterator[tuple[str, Any]]:
    """The fullUrl (or "") and resource of each entry of a real file, numbers exact."""
    data = gzip.decompress(path.read_bytes())
    if ".ndjson" in path.name:
        yield from (("", exact(line)) for line in data.splitlines())
    else:
        yield from ((entry["fullUrl"], entry["resource"]) for entry in exact(data)["entry"])


@real
@pytest.mark.parametrize("folder", ["synthea", "synthea-notes"])
def test_genuine_patients_load_with_nothing_lost(sqlite_db: Database, folder: str) -> None:
    """Entry by entry: equal apart from id, meta and rewritten references; numbers keep their spelling."""
    result, said = run(sqlite_db, DATA / folder)
    assert (result.status, result.failures, result.unresolved) == (0, (), 0)
    stored = [exact(text) for text in texts(sqlite_db, result.ws)]
    entries = [(path, *one) for path in sorted((DATA / folder).iterdir()) for one in given(path)]
    assert len(stored) == len(entries) == sum(result.counts.values())
    names = {(path, url): f"{kept['resourceType']}/{kept['id']}"
             for (path, url, _), kept in zip(entries, stored, strict=True) if url}
    bearers = {f"{one['resourceType']}?identifier={i.get('system')}|{i['value']}": f"{one['resourceType']}/{one['id']}"
               for one in stored for i in one.get("identifier", ())}
    for (path, _, one), kept in zip(entries, stored, strict=True):
        rename = bearers | {url: name for (file, url), name in names.items() if file == path}
        assert stripped(one, rename) == stripped(kept, {})
    assert all("urn:uuid:" not in ref and "?" not in ref for kept in stored for ref in _references(kept))
    assert said[-1].startswith(f"{len(entries)} resources: ")


@real
def test_every_reference_of_a_genuine_patient_can_be_followed(sqlite_db: Database) -> None:
    """What a reference names is in the hospital, under that very name."""
    result, _ = run(sqlite_db, DATA / "synthea")
    stored = [orjson.loads(text) for text in texts(sqlite_db, result.ws)]
    here = {f"{one['resourceType']}/{one['id']}" for one in stored}
    followed = {ref for one in stored for ref in _references(one) if not ref.startswith("#")}
    assert followed
    assert followed <= here


def _references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [ref for child in node for ref in _references(child)]
    if not isinstance(node, dict):
        return []
    own = [node["reference"]] if isinstance(node.get("reference"), str) else []
    return own + [ref for child in node.values() for ref in _references(child)]


def test_numbers_keep_their_spelling(sqlite_db: Database, tmp_path: Path) -> None:
    """72.50, 1e2 and -0.0 stay as they were."""
    path = tmp_path / "o.ndjson"
    one = b'{"resourceType":"Observation","id":"o%d","status":"final","code":{"text":"x"},"valueQuantity":{"value":%s}}'
    spelled = (b"72.50", b"1e2", b"-0.0", b"0.1000000000000000055")
    path.write_bytes(b"\n".join(one % pair for pair in enumerate(spelled)))
    result, _ = run(sqlite_db, path)
    assert [text.partition('"value":')[2].partition("}")[0] for text in texts(sqlite_db, result.ws)] == [
        "72.50", "1e2", "-0.0", "0.1000000000000000055"]


def test_a_broken_file_is_refused_whole_and_the_rest_goes_on(sqlite_db: Database, tmp_path: Path) -> None:
    """Entry, path and reason are named; the status says so; nothing of that file is there."""
    wrong = {**OBSERVATION, "status": "nope", "subject": {"reference": f"{URN}1"}}
    bad = write(tmp_path / "bad.json", bundle(PATIENT, wrong))
    good = write(tmp_path / "good.json.gz", bundle({**PATIENT, "id": "ok"}))
    result, said = run(sqlite_db, bad, good)
    assert result.status == 1
    assert result.counts == {"Patient": 1}
    assert said[0].startswith(f"Refused {bad}: entry 2: Observation.status: “nope” is not a code of observation-status")
    assert said[-1] == "1 resource: Patient 1"
    assert [orjson.loads(text)["id"] for text in texts(sqlite_db, result.ws)] == ["ok"]


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "not JSON"), (b"{", "not JSON"), (b"[1]", "object was expected"), (b"\x1f\x8bnot gzip", "cannot be read"),
    (b'{"resourceType":"Bundle","type":"history"}', "Bundle.type"),
    (b'{"resourceType":"Bundle","type":"transaction","entry":{}}', "must be a list"),
    (b'{"resourceType":"Bundle","type":"transaction","entry":[{"request":{}}]}', "entry 1: has no resource"),
    (b'{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient"},'
     b'"request":{"method":"DELETE","url":"Patient/1"}}]}', "entry 1: request.method"),
    (b'{"resourceType":"Patient","gender":"male","gender":"female"}', "stands twice"),
    (b'{"resourceType":"Observation","id":"x"}', "Observation.status: is required"),
    (b'{"resourceType":"Patient","identifier":["x"],"id":7}', "must be"),
    (b'{"id":"x"}', "resourceType"), (b'{"a":' * 500 + b"1" + b"}" * 500, "levels deep"),
    (b'\xff\xfe{"resourceType":"Patient"}', "not JSON"), (b'{"resourceType":"Bundle","type":"batch"}', "no resource"),
    (b'{"resourceType":"Bundle","type":"batch","entry":[{"resource":' + DEEP + b"}]}", "entry 1: This is nested more"),
])
def test_whatever_is_wrong_with_a_file_is_said(
    sqlite_db: Database, tmp_path: Path, content: bytes, reason: str,
) -> None:
    """A plain reason, a status of 1, no hospital, no traceback."""
    (tmp_path / "broken.json").write_bytes(content)
    result, said = run(sqlite_db, tmp_path / "broken.json")
    assert (result.status, result.counts, result.ws) == (1, {}, 0)
    assert reason in said[0]
    with sqlite_db.reading() as conn:
        assert store.hospitals(conn) == []


@pytest.mark.parametrize(("line", "reason"), [
    (b'{"resourceType":"Patient",', "line 37: is not JSON: unexpected end of data at character 27"),
    (DEEP, "line 37: This is nested more than 32 levels deep."),
    (b'{"resourceType":"Patient","id":"p1"}', "line 37: Patient.id: Patient/p1 is already in this hospital"),
    (b'{"resourceType":"Patient","id":"p37","gender":"nope"}', "line 37: Patient.gender: “nope” is not a code of"),
    (b'{"resourceType":"Patient","id":"p37","id":"p38"}', "line 37: The element “id” stands twice"),
])
@pytest.mark.parametrize("suffix", [".ndjson", ".ndjson.gz"])
def test_a_broken_line_is_named_by_its_number(
    sqlite_db: Database, tmp_path: Path, line: bytes, reason: str, suffix: str,
) -> None:
    """Whatever is wrong with it."""
    lines = [orjson.dumps({"resourceType": "Patient", "id": f"p{n}"}) for n in range(1, 61)]
    data = b"\n".join([*lines[:36], line, *lines[37:]])
    path = tmp_path / f"Patient{suffix}"
    path.write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
    result, said = run(sqlite_db, path)
    assert (result.status, result.counts) == (1, {})
    assert said[0].startswith(f"Refused {path}: {reason}")


def test_a_damaged_gzip_file_is_refused_wherever_the_damage_is(sqlite_db: Database, tmp_path: Path) -> None:
    """Cut short, or a byte turned over at any place of it: a plain reason, and the other file is loaded."""
    good = write(tmp_path / "good.ndjson", [{**PATIENT, "id": "ok"}])
    whole = gzip.compress(b"\n".join(orjson.dumps({**PATIENT, "id": f"p{n}"}) for n in range(200)))
    for at in range(0, len(whole), len(whole) // 12):
        bad = tmp_path / "bad.ndjson.gz"
        for data in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]):
            bad.write_bytes(data)
            result, said = run(sqlite_db, bad, good)
            if result.status:  # a byte of the header that no one reads may be turned over
                assert said[0].startswith(f"Refused {bad}: ")
                assert result.counts == {"Patient": 1}


def test_what_holds_nothing_is_said(sqlite_db: Database, tmp_path: Path) -> None:
    """An empty file or a folder without FHIR files is not passed over in silence."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.ndjson").write_bytes(b"\n\n")
    good = write(tmp_path / "good.ndjson", [PATIENT])
    result, said = run(sqlite_db, tmp_path / "folder", tmp_path / "empty.ndjson", good)
    assert (result.status, result.counts) == (1, {"Patient": 1})
    assert said[0].startswith(f"Refused {tmp_path / 'folder'}: holds no file whose name ends in .json")
    assert said[1] == f"Refused {tmp_path / 'empty.ndjson'}: holds no resource"


def test_a_missing_file_is_said_too(sqlite_db: Database, tmp_path: Path) -> None:
    """By its name."""
    result, said = run(sqlite_db, tmp_path / "nowhere.json")
    assert result.status == 1
    assert "No such file" in said[0]


def test_a_note_may_come_before_its_author(sqlite_db: Database, tmp_path: Path) -> None:
    """A conditional reference is rewritten to whoever bears the identifier, in whichever file; others are kept."""
    write(tmp_path / "a.ndjson", [
        {**OBSERVATION, "subject": {"reference": "Patient/rosa"},
         "performer": [{"reference": "Practitioner?identifier=http://npi|77"},
                       {"reference": "Practitioner?identifier=http://npi|78"}]}])
    npi = {"system": "http://npi", "value": "77"}
    write(tmp_path / "b.ndjson", [{"resourceType": "Practitioner", "id": "doc", "identifier": [npi]}, PATIENT])
    result, said = run(sqlite_db, tmp_path)
    kept = orjson.loads(texts(sqlite_db, result.ws)[0])
    assert [one["reference"] for one in kept["performer"]] == [
        "Practitioner/doc", "Practitioner?identifier=http://npi|78"]
    assert (result.status, result.unresolved) == (0, 1)
    assert said[0].endswith("answers to them: 1")


def test_one_id_in_two_bundles_gives_two_resources(sqlite_db: Database, tmp_path: Path) -> None:
    """A POST whose id is taken gets another, and its own bundle's references follow it."""
    clinic = {"resourceType": "Organization", "id": "clinic", "name": "Clinic"}
    for n in (1, 2):
        write(tmp_path / f"{n}.json", bundle(clinic, {**PATIENT, "id": f"p{n}",
                                                     "managingOrganization": {"reference": f"{URN}1"}}))
    result, _ = run(sqlite_db, tmp_path)
    kept = [orjson.loads(text) for text in texts(sqlite_db, result.ws)]
    assert result.counts == {"Organization": 2, "Patient": 2}
    assert kept[0]["id"] == "clinic" != kept[2]["id"]
    assert kept[3]["managingOrganization"]["reference"] == f"Organization/{kept[2]['id']}"


def test_an_id_given_twice_in_ndjson_is_refused(sqlite_db: Database, tmp_path: Path) -> None:
    """There the id is the client's own, so the second cannot be another."""
    result, said = run(sqlite_db, write(tmp_path / "p.ndjson", [PATIENT, PATIENT]))
    assert result.status == 1
    assert "line 2: Patient.id: Patient/rosa is already in this hospital" in said[0]


def test_an_address_given_twice_in_a_bundle_is_refused(sqlite_db: Database, tmp_path: Path) -> None:
    """Nobody could say which of the two a reference means."""
    twice = bundle(PATIENT, {**PATIENT, "id": "other"})
    twice["entry"][1]["fullUrl"] = twice["entry"][0]["fullUrl"]
    result, said = run(sqlite_db, write(tmp_path / "x.json", twice))
    assert result.status == 1
    assert "entry 2: fullUrl" in said[0]


def test_a_reference_out_of_the_bundle_is_refused(sqlite_db: Database, tmp_path: Path) -> None:
    """A urn that nobody in the file bears can never be followed."""
    lost = {**OBSERVATION, "subject": {"reference": f"{URN}9"}}
    result, said = run(sqlite_db, write(tmp_path / "x.json", bundle(lost)))
    assert result.status == 1
    assert "entry 1: Observation.subject.reference: points to urn:uuid" in said[0]


def test_a_reference_to_the_wrong_type_is_seen_behind_its_urn(sqlite_db: Database, tmp_path: Path) -> None:
    """The target is judged after the rewriting."""
    organization = {"resourceType": "Organization", "name": "Clinic"}
    wrong = {**OBSERVATION, "subject": {"reference": f"{URN}1"}}
    result, said = run(sqlite_db, write(tmp_path / "x.json", bundle(organization, wrong)))
    assert result.status == 1
    assert "entry 2: Observation.subject.reference: points to a Organization" in said[0]


def test_each_run_makes_one_hospital_and_default_opens_on_it(sqlite_db: Database, tmp_path: Path) -> None:
    """Named, dated, counted; with --default, new workspaces open there."""
    path = write(tmp_path / "p.json", bundle(PATIENT))
    first, _ = run(sqlite_db, path, default=True)
    second, _ = run(sqlite_db, path)
    with sqlite_db.reading() as conn:
        made = store.hospitals(conn)
        chosen = store.default_hospital(conn)
    assert [(one.name, one.counts, one.today) for one in made] == [("Loaded", {"Patient": 1}, TODAY)] * 2
    assert all(one.complete for one in made)
    assert chosen is not None
    assert chosen.ws == first.ws != second.ws


def test_a_failing_store_leaves_nothing_of_its_file(sqlite_db: Database, tmp_path: Path,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction for each file: what breaks in its middle takes the file's beginning with it."""
    paths = [write(tmp_path / f"{n}.ndjson", [{**PATIENT, "id": f"p{n}"}]) for n in (1, 2)]
    whole, seen = store.put_many, []

    def breaking(conn: Any, ws: int, resources: Any, **more: Any) -> int:
        count = whole(conn, ws, resources, **more)
        seen.append(count)
        if len(seen) == 1:
            raise load.BadInput("the power went")
        return count

    monkeypatch.setattr(store, "put_many", breaking)
    result, said = run(sqlite_db, *paths)
    assert (result.status, result.counts) == (1, {"Patient": 1})
    assert said[0] == f"Refused {paths[0]}: the power went"
    assert [orjson.loads(text)["id"] for text in texts(sqlite_db, result.ws)] == ["p2"]


def test_a_load_that_is_cut_off_leaves_a_hospital_that_nobody_opens(
    sqlite_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whole files are there or not at all, and what was not finished is never the default."""
    paths = [write(tmp_path / f"{n}.ndjson", [{**PATIENT, "id": f"p{n}"}]) for n in (1, 2)]
    whole, seen = store.put_many, []

    def cut(conn: Any, ws: int, resources: Any, **more: Any) -> int:
        count = whole(conn, ws, resources, **more)
        seen.append(ws)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return count

    monkeypatch.setattr(store, "put_many", cut)
    with pytest.raises(KeyboardInterrupt):
        run(sqlite_db, *paths, default=True)
    assert [orjson.loads(text)["id"] for text in texts(sqlite_db, seen[0])] == ["p1"]
    with sqlite_db.reading() as conn:
        assert [one.complete for one in store.hospitals(conn)] == [False]
        assert store.default_hospital(conn) is None


def test_a_load_is_the_same_on_both_databases(db: Database, tmp_path: Path) -> None:
    """And can be searched at once."""
    from sandbox.fhir import search

    hers = {**OBSERVATION, "subject": {"reference": f"{URN}1"}}
    result, _ = run(db, write(tmp_path / "p.json.gz", bundle(PATIENT, hers)))
    with db.reading() as conn:
        page = search.search(conn, store.Scope(result.ws), "Observation", [("patient", "rosa")])
    assert page.total == 1
