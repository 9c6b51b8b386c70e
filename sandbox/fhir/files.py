"""Files of FHIR: a bundle or NDJSON, plain or gzip, as entries in their order."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from sandbox.errors import BadInput
from sandbox.fhir.text import DEPTH, Resource, check_depth, spelled

#: Bundles whose entries are resources to keep. A document, a message or a history is something else.
_BUNDLES = frozenset({"transaction", "batch", "collection", "searchset"})
SUFFIXES = (".json", ".ndjson", ".json.gz", ".ndjson.gz")
#: So many levels of an entry are not its resource's.
_SHELL = 1


@dataclass
class Entry:
    """One entry: the resource as plain values, and the same as a `tree` that keeps the spelling of numbers."""

    label: str  # "entry 12", "line 3": counts from 1
    resource: Resource
    tree: Any
    full_url: str = ""
    put: bool = False  # its id is the client's
    if_none_exist: str = ""


def found(paths: list[Path]) -> list[Path]:
    """The files meant: each file as given, each folder as the FHIR files in it, in the order of their names.

    A folder without any stands for itself: whoever reads it will say so.
    """
    files: list[Path] = []
    for path in paths:
        files += (sorted(p for p in path.iterdir() if p.name.endswith(SUFFIXES)) if path.is_dir() else []) or [path]
    return files


def entries(path: Path) -> Iterator[Entry]:
    """The file's entries; BadInput says which entry cannot be read and why. NDJSON is read line by line."""
    try:
        if ".ndjson" in path.name:
            with _open(path) as lines:
                yield from _lines(lines)
        else:
            with _open(path) as whole:
                yield from _whole(whole.read())
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]


def _lines(lines: IO[bytes]) -> Iterator[Entry]:
    for n, line in enumerate(lines, 1):
        if line.strip():
            label = f"line {n}"
            text = line.removeprefix(b"\xef\xbb\xbf").strip()
            value = _json(text, label)
            _shallow(value, label)
            yield Entry(label, value, _spelled(text, label))


def _whole(data: bytes) -> Iterator[Entry]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    first, _, rest = data.strip().partition(b"\n")
    if rest and first.endswith(b"}") and first.startswith(b"{") and rest.lstrip().startswith(b"{"):
        yield from _lines(iter(data.splitlines()))  # type: ignore[arg-type]
        return
    value = _json(data, "the file")
    if value.get("resourceType") != "Bundle":
        _shallow(value, "the file")
        yield Entry("the file", value, _spelled(data, "the file"))
        return
    if value.get("type") not in _BUNDLES:
        raise BadInput(f"Bundle.type: “{value.get('type')}” is not one of {', '.join(sorted(_BUNDLES))}")
    listed = value.get("entry", [])
    if not isinstance(listed, list):
        raise BadInput("Bundle.entry: must be a list")
    for n, one in enumerate(listed, 1):
        if isinstance(one, dict | list):
            _shallow(one, f"entry {n}", _SHELL)
    _shallow({name: part for name, part in value.items() if name != "entry"}, "the file")
    tree = _spelled(data, "the file")
    for n, (one, spelling) in enumerate(zip(listed, tree.get("entry", ()), strict=True), 1):
        yield _entry(one, spelling, f"entry {n}")


def _entry(one: Any, spelling: Any, label: str) -> Entry:
    if not isinstance(one, dict) or not isinstance(one.get("resource"), dict):
        raise BadInput(f"{label}: has no resource")
    resource, request = one["resource"], one.get("request") or {}
    if not isinstance(request, dict):
        raise BadInput(f"{label}: request: must be an object")
    method, url = request.get("method", "POST"), str(request.get("url", ""))
    kind = str(resource.get("resourceType", ""))
    if method not in ("POST", "PUT"):
        raise BadInput(f"{label}: request.method: “{method}” adds nothing; only POST and PUT are loaded")
    target, _, id = url.partition("/")
    if url and target.partition("?")[0] != kind:
        raise BadInput(f"{label}: request.url: “{url}” does not fit a {kind or 'resource without a type'}")
    if method == "PUT" and id:
        if resource.get("id", id) != id:
            raise BadInput(f"{label}: {kind}.id: is “{resource['id']}”, but request.url says “{id}”")
        resource["id"] = spelling["resource"]["id"] = id
    full_url = one.get("fullUrl", "")
    return Entry(label, resource, spelling["resource"], full_url if isinstance(full_url, str) else "", method == "PUT",
                 str(request.get("ifNoneExist", "")))


def _shallow(value: Any, label: str, shell: int = 0) -> None:
    try:
        check_depth(value, DEPTH + shell)
    except BadInput as error:
        raise BadInput(f"{label}: {error.message}") from error


def _json(data: bytes, label: str) -> Resource:
    try:
        value = orjson.loads(data)
    except (orjson.JSONDecodeError, RecursionError) as error:
        why = f"{error.msg} at character {error.pos + 1}" if isinstance(error, orjson.JSONDecodeError) else error
        raise BadInput(f"{label}: is not JSON: {why}") from error
    if not isinstance(value, dict):
        raise BadInput(f"{label}: a JSON object was expected, with a resourceType")
    return value


def _spelled(data: bytes, label: str) -> Any:
    try:
        return spelled(data)
    except BadInput as error:
        raise BadInput(f"{label}: {error.message}") from error
