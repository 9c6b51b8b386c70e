"""The house's own rules, measured: who imports whom, how large a room may be, who commits, what is documented."""

from __future__ import annotations

import ast
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("sandbox", "roles", "fixtures")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
EDGE = ("sandbox/web/", "sandbox/cli/", "sandbox/app.py", "sandbox/founding/")


def modules(*tops: str) -> list[Path]:
    """Every Python file below these folders, build leftovers and migrations' revisions apart."""
    return [p for top in tops for p in sorted((ROOT / top).rglob("*.py"))
            if "node_modules" not in p.parts and "versions" not in p.parts and "patterns" not in p.parts]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lint_imports(where: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=where, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(where), "PATH": "/usr/bin:/bin"})


def test_the_import_contracts_hold() -> None:
    """Who may import whom, as pyproject.toml draws it from the design."""
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


BREAKS = [
    ("The floors of the house", "sandbox/fhir/store.py", "import sandbox.web.policy\n"),
    ("The floors of the house", "sandbox/report.py", "import sandbox.people\n"),
    ("The house knows no seat", "sandbox/attempts/draft.py", "import roles.him\n"),
    ("Ingredients know neither house nor seat", "fixtures/hospital/__init__.py", "import sandbox.report\n"),
    ("A seat sees the house only by its door", "roles/him/code_encounter/__init__.py", "import sandbox.report\n"),
    ("Activities do not know each other", "roles/him/code_encounter/__init__.py", "import roles.hi.build_report\n"),
    ("No cycles among siblings", "sandbox/terminology/edits.py", "import sandbox.terminology.codes\n"),
    ("Only the edge speaks HTTP", "sandbox/attempts/draft.py", "import flask\n"),
    ("No SQL in pages, reports and seats", "sandbox/web/pages.py", "import sqlalchemy\n"),
]


@pytest.mark.parametrize(("contract", "file", "line"), BREAKS, ids=[f"{b[0]}: {b[1]}" for b in BREAKS])
def test_each_import_contract_is_seen_to_fail_when_it_is_broken(
        contract: str, file: str, line: str, tmp_path: Path) -> None:
    """A contract that cannot fail guards nothing: break each one in a copy and see it caught by name."""
    for top in ROOMS:
        shutil.copytree(ROOT / top, tmp_path / top,
                        ignore=shutil.ignore_patterns("node_modules", "static", "*.json", "*.html", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    target = tmp_path / file
    source = target.read_text(encoding="utf-8")
    future = "from __future__ import annotations\n"
    broken = source.replace(future, future + line, 1) if future in source else line + source
    target.write_text(broken, encoding="utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert re.search(rf"{re.escape(contract)}.*BROKEN", done.stdout), done.stdout[-2000:]


def test_every_contract_is_among_those_that_are_broken_on_purpose() -> None:
    """A contract that is added without a break fails here; so does a room that the lists of the contracts forget."""
    contracts = {c["name"]: c for c in CONTRACTS["contracts"]}
    assert {name for name, _, _ in BREAKS} == set(contracts)
    rooms = {f"sandbox.{p.stem}" for p in (ROOT / "sandbox").iterdir()
             if (p.suffix == ".py" and not p.stem.startswith("__")) or (p / "__init__.py").is_file()}
    door = set(contracts["A seat sees the house only by its door"]["forbidden_modules"])
    assert rooms - door == {"sandbox.activity"}
    silent = set(contracts["Only the edge speaks HTTP"]["source_modules"])
    assert rooms - silent == {"sandbox.cli", "sandbox.app", "sandbox.web"}


@pytest.mark.parametrize("line", ["import importlib\n\nimportlib.import_module('roles.him')\n",
                                  "from importlib import import_module\n",
                                  "from importlib.metadata import entry_points\n"])
def test_ruff_refuses_an_import_by_name_outside_the_one_module(line: str) -> None:
    """TID251 is on: broken in a room it is named, in seats.py it is allowed."""
    def ruff(room: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", "--stdin-filename", room, "-"],
                              cwd=ROOT, input=line, capture_output=True, text=True, check=False)

    refused = ruff("sandbox/house.py")
    assert refused.returncode == 1
    assert "TID251" in refused.stdout
    assert "TID251" not in ruff("sandbox/seats.py").stdout


def test_rooms_are_small_enough_to_read_standing() -> None:
    """Module median at most 120 lines, none over 300; no function over 40; no template over 120."""
    sizes = {name_of(p): len(p.read_text(encoding="utf-8").splitlines()) for p in modules(*ROOMS)}
    assert {n: s for n, s in sizes.items() if s > 300} == {}
    assert statistics.median(sizes.values()) <= 120
    long = []
    for path in modules(*ROOMS):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 40:
                long.append(f"{name_of(path)}:{node.lineno} {node.name}")
    assert long == []
    pages = [p for top in ROOMS for p in (ROOT / top).rglob("*.html") if "node_modules" not in p.parts]
    assert [name_of(p) for p in pages if len(p.read_text(encoding="utf-8").splitlines()) > 120] == []


def test_only_the_edge_commits() -> None:
    """One `.commit(` in the house, in db.py; only web, cli, app and founding open a writing transaction."""
    commits, writers = [], []
    for path in modules("sandbox", "roles", "fixtures"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr == "commit":
                    commits.append(name_of(path))
                if node.func.attr == "writing" and not name_of(path).startswith(EDGE):
                    writers.append(name_of(path))
    assert commits == ["sandbox/db.py"]
    assert writers == []


def test_only_one_module_imports_by_name() -> None:
    """`importlib.import_module` and `entry_points` stand in sandbox/seats.py alone."""
    found = [name_of(p) for p in modules(*ROOMS)
             if re.search(r"import_module|entry_points\(", p.read_text(encoding="utf-8"))]
    assert found == ["sandbox/seats.py"]


def test_one_table_has_one_owner() -> None:
    """A table's name is given to sa.Table in one module, and there is no models.py."""
    owners: dict[str, list[str]] = {}
    for path in modules("sandbox"):
        for name in re.findall(r"sa\.Table\(\s*\"(\w+)\"", path.read_text(encoding="utf-8")):
            owners.setdefault(name, []).append(name_of(path))
    assert owners
    assert {n: o for n, o in owners.items() if len(o) > 1} == {}
    assert list(ROOT.glob("sandbox/**/models.py")) == []


def test_a_module_is_a_noun() -> None:
    """No utils, helpers, manager or service."""
    assert [name_of(p) for p in modules(*ROOMS) if re.search(r"utils?|helpers?|manager|service", p.stem)] == []


def test_the_readme_lists_every_setting() -> None:
    """Each field of Settings stands in README as its environment variable, and has a help text."""
    from sandbox.config import Settings

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [f.name for f in fields(Settings) if f"`TWO_SEATS_{f.name.upper()}`" not in readme] == []
    assert all(f.metadata.get("help") for f in fields(Settings))


def test_every_test_has_a_sentence_and_a_docstring() -> None:
    """Test names are sentences (at least four words); each says in a docstring what it shows."""
    poor = []
    for path in modules("tests"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
                    and (node.name.count("_") < 4 or not ast.get_docstring(node))):
                poor.append(f"{name_of(path)}:{node.lineno} {node.name}")
    assert poor == []


def test_the_sql_worker_and_the_seats_do_not_load_flask() -> None:
    """The public face is lazy: importing a seat or the lab leaves Flask alone."""
    code = "import sys, roles.him, roles.hi, sandbox.lab, sandbox.activity; sys.exit('flask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_documents_a_newcomer_looks_for_are_there() -> None:
    """README with its two commands and four sentences, CHANGELOG, CONTRIBUTING, SECURITY, LICENSE."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "pip install . && two-seats\n" in readme
    assert "pip install '.[test]' && pytest\n" in readme
    assert ("A scenario gives a learner a workspace. In a seat she does a task by an activity. Her attempt earns a "
            "report. Everything she touched is in the trail.") in " ".join(readme.split())
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").lower()
    for part in ("write a scenario", "write an activity", "change the house"):
        assert part in contributing
    for name in ("CHANGELOG.md", "SECURITY.md", "LICENSE"):
        assert (ROOT / name).stat().st_size > 200
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_the_repository_names_no_registry_and_no_machine() -> None:
    """Lock files, scripts and documents carry no registry's address and no path of somebody's machine."""
    bad = re.compile(r"registry\.npmjs|files\.pythonhosted|deb\.debian\.org|/home/(?!ines/)\w+|/work/\w+", re.I)
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    if not files:
        pytest.skip("not a git checkout")
    hits = []
    for name in files:
        path = ROOT / name
        if path.suffix in {".png", ".gz", ".ico"} or "vendor" in path.parts or name == "tests/test_house_rules.py":
            continue
        if path.is_file() and bad.search(path.read_text(encoding="utf-8", errors="ignore")):
            hits.append(name)
    assert hits == []
