"""How pages say things: dates as 14 Jun 2026 14:05 in the facility's zone, Markdown made safe, counted nouns.

Everything here is a template filter or global; it registers itself with the application through `bp`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from flask import Blueprint
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from sandbox.web import frame

bp = Blueprint("words", __name__)
bp.register_blueprint(frame.bp)
ZONE = ZoneInfo("America/Chicago")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment(value: Any) -> datetime | date | None:
    """A FHIR date, dateTime or instant, or a Python one; instants in the facility's zone; None when it is neither."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace("Z", "+00:00")) if "T" in value else date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(ZONE)
    return value if isinstance(value, date) else None


@bp.app_template_filter("day")
def day(value: Any) -> str:
    """`14 Jun 2026`; a partial FHIR date (`2026-06`) as it stands; empty for nothing."""
    at = moment(value)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}" if at else str(value or "")


@bp.app_template_filter("when")
def when(value: Any) -> str:
    """`14 Jun 2026 14:05`, in the facility's zone; a date alone has no time."""
    at = moment(value)
    return f"{day(at)} {at:%H:%M}" if isinstance(at, datetime) else day(value)


@bp.app_template_filter("clock")
def clock(value: Any) -> str:
    """`14:05:12`, in the facility's zone."""
    at = moment(value)
    return f"{at:%H:%M:%S}" if isinstance(at, datetime) else ""


@bp.app_template_filter("ago")
def ago(value: Any) -> str:
    """How long since an instant, for "last seen": `now`, `8 min`, `3 h`, `2 days`, `never`."""
    at = moment(value)
    if not isinstance(at, datetime):
        return "never"
    minutes = int((datetime.now(UTC) - at).total_seconds() // 60)
    if minutes < 60:
        return "now" if minutes < 2 else f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


@bp.app_template_filter("figure")
def figure(value: Any) -> str:
    """A number as people write it: `33`, `7.5`, `3,184`; never `33.0`."""
    if isinstance(value, float):
        value = round(value, 1)
        value = int(value) if value == int(value) else value
    return f"{value:,}" if isinstance(value, int | float) else str(value if value is not None else "")


@bp.app_template_filter("clause")
def clause(sentence: str) -> str:
    """A sentence as it stands after "Done when": a small letter in front (not of an acronym), no stop behind."""
    words = sentence.strip().rstrip(".")
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


@bp.app_template_filter("counted")
def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 hint`, `2 hints`, `2 queries`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


@cache
def _markdown() -> MarkdownIt:
    """Markdown as briefs and asks use it; raw HTML is shown, never run; heading levels start at h3 on a desk."""
    parser = MarkdownIt("commonmark", {"html": False, "typographer": True})
    parser.validateLink = lambda url: url.startswith(("https://", "http://", "mailto:", "/", "#", "term:"))  # type: ignore[method-assign]
    return parser.enable(["table", "smartquotes"])  # no replacements: they make © of the (c) in a citation


@bp.app_template_filter("markdown")
def markdown(text: str | None, top: int = 3) -> Markup:
    """Markdown as HTML; links keep to this site, https and mailto.

    `[POA](term:POA)` and `[lead](term:principal-diagnosis)` become glossary terms. `top` is the level that `#` becomes:
    a brief inside a page must not start a second h1.
    """
    parser = _markdown()
    tokens = parser.parse(text or "")
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + top - 1)}"
        if token.type == "table_open":
            token.attrSet("class", "table")
        for cell in ("th_open", "td_open"):
            style = str(token.attrs.pop("style", "")) if token.type == cell else ""
            if "right" in style:
                token.attrSet("class", "num")
    html = str(parser.renderer.render(tokens, parser.options, {}))
    return Markup(_terms(html))  # noqa: S704 - raw HTML is off in the parser, so this is its own markup


def _terms(html: str) -> str:
    """Links of the form `term:POA` as the buttons that terms.js explains."""
    head, *rest = html.split('<a href="term:')
    out = [head]
    for piece in rest:
        name, _, after = piece.partition('">')
        shown, _, tail = after.partition("</a>")
        mark = re.match(r"[.,;:?!)”]*", tail)[0]  # type: ignore[index]  # always matches; a button may break the line
        word = term(unquote(name), Markup(shown))  # noqa: S704 - the parser's own markup
        out.append(f'<span class="nowrap">{word}{mark}</span>{tail[len(mark):]}' if mark else f"{word}{tail}")
    return "".join(out)


@cache
def glossary() -> Mapping[str, str]:
    """The terms of fixtures/glossary.toml, each with its one plain sentence."""
    text = (files("fixtures") / "glossary.toml").read_text(encoding="utf-8")
    return {name: str(entry) for name, entry in tomllib.loads(text)["terms"].items()}


@bp.app_template_global("term")
def term(name: str, shown: str | Markup = "") -> Markup:
    """A word that explains itself on hover, focus and tap; plain text when the glossary does not have it."""
    meaning = glossary().get(name) or glossary().get(name.replace("-", " "))
    label = escape(shown or name)
    if not meaning:
        return label
    return Markup('<button type="button" class="term" data-term="{}">{}</button>').format(meaning, label)
