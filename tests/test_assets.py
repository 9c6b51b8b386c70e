"""What the browser is given: icons that exist, scripts that are files, a lock without addresses, licences beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "sandbox" / "web" / "static"
PAGES = [*(ROOT / "sandbox" / "web" / "templates").rglob("*.html"), *(ROOT / "roles").rglob("*.html")]
SCRIPTS = [*STATIC.glob("*.js"), *(ROOT / "roles").rglob("*.js")]


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    """In templates by the macro, in scripts by address."""
    sprite = set(re.findall(r'id="i-([a-z0-9-]+)"', (STATIC / "vendor" / "sprite.svg").read_text(encoding="utf-8")))
    used = {name for page in PAGES for name in re.findall(r'icon\("([a-z0-9-]+)"', page.read_text(encoding="utf-8"))}
    used |= {name for script in SCRIPTS for name in re.findall(r"#i-([a-z0-9-]+)", script.read_text(encoding="utf-8"))}
    assert used - sprite - {"chair-hi"} == set()


def test_what_a_script_imports_is_there() -> None:
    """Relative imports of modules, and what page.js takes from /static."""
    for script in SCRIPTS:
        for name in re.findall(r'(?:from|import)\s+"([./][^"]+)"', script.read_text(encoding="utf-8")):
            target = STATIC / name.removeprefix("/static/") if name.startswith("/") else script.parent / name
            assert target.is_file(), f"{script.name}: {name}"


def test_the_lock_file_holds_no_address() -> None:
    """A lock that names a registry would not install elsewhere."""
    lock = (STATIC / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock and "registry" not in lock
    wanted = json.loads((STATIC / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    packages = json.loads(lock)["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_each_bundled_package_has_its_licence() -> None:
    """vendor/LICENSES names the packages and carries their texts."""
    text = (STATIC / "vendor" / "LICENSES").read_text(encoding="utf-8")
    for name in ("bootstrap", "codemirror", "vega", "vega-lite", "vega-interpreter", "lucide-static"):
        assert re.search(rf"^{name} \d", text, re.MULTILINE), name
    assert "no text in the package" not in text or text.count("no text in the package") < 3


def test_the_editor_and_the_charts_are_loaded_only_where_they_are_used() -> None:
    """The frame of every page loads neither."""
    for page in ("base.html", "desk.html", "front.html"):
        text = (ROOT / "sandbox" / "web" / "templates" / page).read_text(encoding="utf-8")
        assert "codemirror" not in text and "vega" not in text


def test_only_the_tokens_state_a_colour() -> None:
    """app.css speaks of tokens; a raw colour there would not follow the theme."""
    css = re.sub(r'url\("data:[^"]+"\)', "", (STATIC / "app.css").read_text(encoding="utf-8"))
    screen = css[:css.index("@media print")]
    raw = re.findall(r"(?<![\w-])#[0-9a-fA-F]{3,8}\b(?!-)", screen)
    assert raw == [], raw
