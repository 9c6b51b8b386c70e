"""One scenario folder, read and checked. Data only: TOML and Markdown, sizes and names bounded, nothing executed.

    <story>/scenario.toml, brief.md, <task>/{task.toml ([params], [key]), ask.md, hints.md, proofs/*.toml}
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sandbox.errors import BadPack

_NAME = re.compile(r"[a-z][a-z0-9-]{1,59}")
_FILES = {".toml", ".md"}
_BYTES = 200_000
_HINTS = ("place", "rule", "answer")


@dataclass(frozen=True)
class Hint:
    """`kind` is place (where to look), rule (what holds) or answer; `text` is Markdown.

    `about` says which findings it helps with: names of axes, `=` and a pattern of criteria, or `*` for all of them. In
    hints.md it stands in the heading: `## Rule: Secondary diagnoses; =poa-*`.
    """

    kind: str
    text: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskBrief:
    """What a learner may read of a task before she begins. Params, key and proofs are kept elsewhere."""

    name: str
    title: str
    seat: str
    activity: str
    minutes: int
    done_when: str
    ask: str
    hints: int
    level: int = 1
    objective: str = ""
    competencies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A story: its brief, and its tasks in order. Uncounted stories never enter the comparison."""

    name: str
    title: str
    summary: str
    brief: str
    minutes: int
    level: int
    counted: bool
    order: int
    seats: tuple[str, ...]
    tasks: tuple[TaskBrief, ...]
    after: tuple[str, ...] = ()  # "story/task": what is good to have done before; said, and never a lock

    def task(self, name: str) -> TaskBrief | None:
        """The task of that name, or None."""
        return next((t for t in self.tasks if t.name == name), None)


@dataclass(frozen=True)
class Sealed:
    """The half of a task that no learner route reads."""

    params: Mapping[str, Any]
    hints: tuple[Hint, ...]
    proofs: tuple[Mapping[str, Any], ...]
    text: str  # all that decides how it is judged, as it stands on disk


def read_scenario(folder: Path) -> tuple[Scenario, dict[str, Sealed]]:
    """Read one folder. BadPack names the file, what is wrong and, where it helps, what would be right."""
    _only_data(folder)
    table = _toml(folder / "scenario.toml")
    names = _take(table, "tasks", list, folder / "scenario.toml")
    briefs, sealed = [], {}
    for name in names:
        inner = folder / str(name)
        if not _NAME.fullmatch(str(name)) or not inner.is_dir():
            raise BadPack(f"{folder.name}/scenario.toml: there is no task folder “{name}”.")
        brief, hidden = _task(inner)
        briefs.append(brief)
        sealed[brief.name] = hidden
    where = folder / "scenario.toml"
    known = {"title", "summary", "minutes", "level", "counted", "order", "seats", "tasks", "after"}
    _no_more(table, known, where)
    scenario = Scenario(
        folder.name, _take(table, "title", str, where), _take(table, "summary", str, where),
        _text(folder / "brief.md"), _take(table, "minutes", int, where), int(table.get("level", 1)),
        bool(table.get("counted", True)), int(table.get("order", 100)),
        tuple(dict.fromkeys(b.seat for b in briefs)), tuple(briefs),
        tuple(_take(table, "after", list, where) if "after" in table else ()))
    return scenario, sealed


def _task(folder: Path) -> tuple[TaskBrief, Sealed]:
    where = folder / "task.toml"
    table = _toml(where)
    known = {f.name for f in fields(TaskBrief)} - {"name", "seat", "ask", "hints"} | {"params", "key"}
    _no_more(table, known, where)
    activity = _take(table, "activity", str, where)
    params, key = dict(table.get("params", {})), dict(table.get("key", {}))
    if twice := set(params) & set(key):
        raise BadPack(f"{where.parent.name}/task.toml: {', '.join(sorted(twice))} stands in [params] and in [key].")
    hints = _hints(folder / "hints.md")
    proofs = tuple({"name": p.stem, **_toml(p)} for p in sorted((folder / "proofs").glob("*.toml")))
    brief = TaskBrief(
        folder.name, _take(table, "title", str, where), activity.partition(".")[0], activity,
        _take(table, "minutes", int, where), _take(table, "done_when", str, where), _text(folder / "ask.md"),
        len(hints), int(table.get("level", 1)), str(table.get("objective", "")), tuple(table.get("competencies", ())))
    return brief, Sealed({**params, **key}, hints, proofs, where.read_text(encoding="utf-8"))


def _hints(path: Path) -> tuple[Hint, ...]:
    if not path.is_file():
        return ()
    parts = re.split(r"^##\s+(.+?)\s*$", _text(path), flags=re.MULTILINE)[1:]
    hints = [_hint(head, text) for head, text in zip(parts[::2], parts[1::2], strict=True)]
    for hint in hints:
        if hint.kind not in _HINTS:
            raise BadPack(f"{path.parent.name}/hints.md: “## {hint.kind}” is none of {', '.join(_HINTS)}.")
    ranks = [_HINTS.index(h.kind) for h in hints]
    if ranks != sorted(ranks):
        raise BadPack(f"{path.parent.name}/hints.md: a place comes before a rule, and a rule before an answer.")
    return tuple(hints)


def _hint(head: str, text: str) -> Hint:
    kind, _, about = head.partition(":")
    return Hint(kind.strip().lower(), text.strip(), tuple(each.strip() for each in about.split(";") if each.strip()))


def well_named(name: str) -> None:
    """BadPack where a story's folder may not be called so: names stand in addresses."""
    if not _NAME.fullmatch(name):
        raise BadPack(f"{name}: a story's folder is named in lower case with hyphens, 2 to 60 characters.")


def _only_data(folder: Path) -> None:
    well_named(folder.name)
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
            raise BadPack(f"{path.relative_to(folder)}: links are not followed; copy the file in.")
        if path.is_file() and path.suffix not in _FILES and not path.name.startswith("."):
            raise BadPack(f"{path.relative_to(folder)}: only .toml and .md files belong in a scenario.")
        if path.is_file() and path.stat().st_size > _BYTES:
            raise BadPack(f"{path.relative_to(folder)}: longer than {_BYTES:,} bytes.")


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise BadPack(f"{path.parent.name}/{path.name}: {error}.") from None


def _text(path: Path) -> str:
    if not path.is_file():
        raise BadPack(f"{path.parent.name}/{path.name} is missing.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadPack(f"{path.parent.name}/{path.name} is not UTF-8.") from None


def _take(table: Mapping[str, Any], name: str, kind: type, where: Path) -> Any:
    value = table.get(name)
    if not isinstance(value, kind) or isinstance(value, bool) or value in ("", []):
        raise BadPack(f"{where.parent.name}/{where.name}: `{name}` is missing or is not a {kind.__name__}.")
    return value


def _no_more(table: Mapping[str, Any], known: set[str], where: Path) -> None:
    if more := set(table) - known:
        raise BadPack(f"{where.parent.name}/{where.name}: unknown {', '.join(sorted(more))}.",
                      hint=f"Known: {', '.join(sorted(known))}.")
