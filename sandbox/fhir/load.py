"""Loading: real files become a hospital, one resource out for each entry in, or a file is refused whole.

Two passes. The first reads every file, gives ids, judges each resource and learns who is who; the second, one
transaction for each good file, rewrites references and stores. So a note may come before its author.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson
import sqlalchemy as sa
from tqdm import tqdm

from sandbox.errors import BadInput, BadResource, Issue, SandboxError
from sandbox.fhir import files, resources, store
from sandbox.fhir.files import Entry
from sandbox.fhir.text import Resource, references, rewrite_tree

Writing = Callable[[], AbstractContextManager[sa.Connection]]

_SPACE = uuid.UUID("6f2f9d0e-3f0b-5c0a-9a55-2f1d5a2f7c11")
_URN = re.compile(r"urn:(uuid|oid):\S+")


@dataclass(frozen=True)
class Failure:
    """A file that was refused whole; `reason` names entry, path and what is wrong."""

    path: Path
    reason: str


@dataclass(frozen=True)
class LoadResult:
    """What a run made. `status` is the exit status: 0 when every file was loaded. `ws` is 0 when nothing was."""

    status: int
    counts: dict[str, int]
    failures: tuple[Failure, ...]
    ws: int = 0
    unresolved: int = 0  # conditional references that nobody, or more than one, answers to


@dataclass
class _Known:
    """What the hospital holds so far: ids, and who bears an identifier ("" where several do)."""

    ids: set[tuple[str, str]] = field(default_factory=set)
    bearers: dict[tuple[str, str], str] = field(default_factory=dict)

    def learn(self, kind: str, id: str, resource: Resource) -> None:
        self.ids.add((kind, id))
        listed = resource.get("identifier")
        for identifier in listed if isinstance(listed, list) else ():
            if not isinstance(identifier, dict):
                continue  # not sound, and will be refused for it
            value, system = identifier.get("value"), identifier.get("system", "")
            for key in {f"{system}|{value}", str(value)}:
                self.bearers[kind, key] = "" if self.bearers.get((kind, key), id) != id else id

    def bearer(self, kind: str, query: str) -> str:
        """Type/id of the one resource that a search by identifier alone finds, or ""."""
        name, _, value = query.partition("=")
        if name != "identifier" or "&" in value:
            return ""
        id = self.bearers.get((kind, value)) or self.bearers.get((kind, unquote(value)), "")
        return f"{kind}/{id}" if id else ""


@dataclass
class _Plan:
    """A file that passed: the id of each entry in turn ("" for one that is already there), and its own addresses."""

    path: Path
    digest: str
    ids: list[str] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)


class _Addresses(Mapping[str, str]):
    """What a reference becomes: this file's addresses first, then whoever bears the identifier asked for."""

    def __init__(self, own: dict[str, str], known: _Known) -> None:
        self._own, self._known = own, known

    def __getitem__(self, address: str) -> str:
        kind, asked, query = address.partition("?")
        found = self._own.get(address) or (self._known.bearer(kind, query) if asked and kind.isalpha() else "")
        if not found:
            raise KeyError(address)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)


def load(
    writing: Writing, paths: list[Path] | list[str], *, name: str, default: bool = False,
    echo: Callable[[str], None] = print, today: date | None = None,
) -> LoadResult:
    """Load files (and folders of files) into a new hospital called `name`; with `default`, new workspaces open on it.

    `writing` is the edge's: it opens one transaction (`Database.writing`), and each file gets one of its own. A broken
    file is refused whole and told of by `echo`; the rest goes on. The last line gives the total, then the
    counts by type. `today` is the hospital's day, by default that of the house's own hospital.
    """
    listed = files.found([Path(path) for path in paths])
    known, plans, failures = _Known(), [], []
    with tqdm(total=2 * sum(map(_size, listed)), unit="B", unit_scale=True, desc="Loading", disable=None) as bar:
        for path in listed:
            try:
                plans.append(_look(path, known))
            except SandboxError as error:
                failures.append(Failure(path, error.message))
            bar.update(_size(path))
        ws, counts, unresolved = _store(writing, plans, known, failures, bar, name, default, today)
    for failure in failures:
        echo(f"Refused {failure.path}: {failure.reason}")
    if unresolved:
        echo(f"Conditional references kept as they are, because not exactly one answers to them: {unresolved}")
    by_type = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
    total = sum(counts.values())
    echo(f"{total} resource{'' if total == 1 else 's'}: {by_type or 'nothing was loaded'}")
    return LoadResult(1 if failures or not counts else 0, dict(counts), tuple(failures), ws, unresolved)


def _look(path: Path, known: _Known) -> _Plan:
    """Read a file to its end, give ids and judge; what it taught is kept only when all of it is sound."""
    plan, new = _Plan(path, _digest(path)), _Known()
    waiting: list[tuple[Entry, str]] = []
    for n, entry in enumerate(files.entries(path)):
        kind = entry.resource.get("resourceType")
        if not isinstance(kind, str):
            raise BadInput(f"{entry.label}: resourceType: is required")
        there = _already(entry, kind, known, new)
        id = there.rpartition("/")[2] or _id(entry, kind, known, new, f"{plan.digest}#{n}")
        plan.ids.append("" if there else id)
        if entry.full_url in plan.own:
            raise BadInput(f"{entry.label}: fullUrl: {entry.full_url} stands twice in this file")
        plan.own.update(dict.fromkeys(_called(entry, kind), f"{kind}/{id}"))
        new.learn(kind, id, entry.resource)
        if entry.label.startswith("line"):
            _judge(entry, {})
        elif not there:
            waiting.append((entry, id))
    if not plan.ids:
        raise BadInput("holds no resource")
    for entry, id in waiting:
        entry.resource["id"] = id
        _judge(entry, plan.own)
    known.ids |= new.ids
    for (kind, key), id in new.bearers.items():
        known.bearers[kind, key] = "" if known.bearers.get((kind, key), id) != id else id
    return plan


def _called(entry: Entry, kind: str) -> set[str]:
    """How other entries of its bundle may refer to this one."""
    tail = "/".join(entry.full_url.split("/")[-2:])
    return {entry.full_url, tail if tail.startswith(f"{kind}/") else entry.full_url} - {""}


def _already(entry: Entry, kind: str, known: _Known, new: _Known) -> str:
    if not entry.if_none_exist:
        return ""
    return known.bearer(kind, entry.if_none_exist) or new.bearer(kind, entry.if_none_exist)


def _id(entry: Entry, kind: str, known: _Known, new: _Known, seed: str) -> str:
    """The entry's own id where it is free. A POST whose id is taken gets another, as from any server."""
    own = entry.resource.get("id") or entry.full_url.removeprefix("urn:uuid:")
    wanted = own if isinstance(own, str) and re.fullmatch(r"[A-Za-z0-9.\-]{1,64}", own) else ""
    if wanted and (kind, wanted) not in known.ids and (kind, wanted) not in new.ids:
        return wanted
    if wanted and (entry.put or entry.label.startswith("line")):
        raise BadInput(f"{entry.label}: {kind}.id: {kind}/{wanted} is already in this hospital")
    return str(uuid.uuid5(_SPACE, f"{seed}{kind}"))


def _judge(entry: Entry, own: Mapping[str, str]) -> None:
    rewrite_tree(entry.resource, own)
    try:
        found = resources.problems(entry.resource, typed=False)
    except BadInput as error:  # too deep, or too much of it
        raise BadInput(f"{entry.label}: {error.message}") from error
    found += [Issue(at, f"points to {text}, which is not in this file", "not-found")
              for at, text in references(entry.resource, entry.resource["resourceType"]) if _URN.fullmatch(text)]
    if found:
        first = BadResource(found)
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise BadInput(f"{entry.label}: {first.message}{more}")


def _store(
    writing: Writing, plans: list[_Plan], known: _Known, failures: list[Failure], bar: Any, name: str, default: bool,
    today: date | None,
) -> tuple[int, Counter[str], int]:
    counts: Counter[str] = Counter()
    unresolved = ws = 0
    for plan in plans:
        mine: Counter[str] = Counter()
        try:
            with writing() as conn:
                number = ws or store.new_hospital(conn, name, today or _today(), _digest_of(plans))
                store.put_many(conn, number, _ready(plan, known, mine))
        except SandboxError as error:
            failures.append(Failure(plan.path, error.message))
        else:
            ws = number
            unresolved += mine.pop("?", 0)
            counts += mine
        bar.update(_size(plan.path))
    if ws:
        with writing() as conn:
            store.publish(conn, ws, default=default and bool(counts))
    return ws, counts, unresolved


def _ready(plan: _Plan, known: _Known, counts: Counter[str]) -> Iterator[tuple[Resource, str]]:
    """The file's resources with their ids and references, each parsed and as text; counts them by type."""
    if _digest(plan.path) != plan.digest:
        raise BadInput("the file changed while it was being loaded")
    addresses = _Addresses(plan.own, known)
    for entry, id in zip(files.entries(plan.path), plan.ids, strict=True):
        if id:
            for tree in (entry.resource, entry.tree):
                tree["id"] = id
                rewrite_tree(tree, addresses)
            kind = entry.resource["resourceType"]
            counts[kind] += 1
            counts["?"] += sum("?" in text and "://" not in text.partition("?")[0]
                               for _, text in references(entry.resource, kind))
            yield entry.resource, orjson.dumps(entry.tree).decode()


def _today() -> date:
    from fixtures.hospital import TODAY

    return TODAY


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except IsADirectoryError as error:
        raise BadInput(f"holds no file whose name ends in {', '.join(files.SUFFIXES)}") from error
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}") from error


def _digest_of(plans: list[_Plan]) -> str:
    return hashlib.sha256("".join(plan.digest for plan in plans).encode()).hexdigest()
