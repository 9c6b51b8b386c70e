"""Narrative: XHTML that may be shown to a person. What is not plainly safe is refused, never silently changed.

FHIR R4 section 2.4.0: basic formatting only, no script, no form, no external part. The text must be well-formed; then
nh3 (a browser's own HTML rules) must keep every element of it.
"""

from __future__ import annotations

import re
from collections import Counter
from html import entities
from xml.parsers import expat

import nh3

#: As much narrative as one resource may carry, in characters, and how deep its elements may nest.
LONGEST, DEEPEST = 200_000, 60
_TAGS = (
    "a abbr acronym b big blockquote br caption center cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr "
    "i img li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var"
)
TAGS = frozenset(_TAGS.split())
_ATTRIBUTES = (
    "abbr align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff cite class colspan "
    "dir headers height href id lang name nowrap rowspan rules scope span src start style summary title type valign "
    "width xml:lang xml:id xmlns"
)
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
_LINK = re.compile(r"(?i)(?:https?://|mailto:|tel:|#|[A-Z][A-Za-z]+/)")
_STYLE = re.compile(r"(?i)url\s*\(|expression|@import|\\|javascript|/\*")


def problem(div: str) -> str:
    """What is wrong with a narrative's `div`, in a few words; "" when it may be stored."""
    if len(div) > LONGEST:
        return f"is longer than {LONGEST:,} characters"
    if "<!" in div or "<?" in div:
        return "must hold no declaration, comment or processing instruction"
    seen = _Seen()
    try:
        seen.read(div)
    except expat.ExpatError as error:
        return f"is not well-formed XHTML: {error}"
    if seen.problem:
        return seen.problem
    if seen.tags[:1] != ["div"]:
        return "must be one div element"
    lost = Counter(seen.tags) - Counter(re.findall(r"<([a-z][a-z0-9]*)", nh3.clean(div, tags=set(TAGS))))
    return f"holds what may not be shown: {', '.join(sorted(lost))}" if lost else ""


class _Seen:
    """The elements of a narrative, in order, and the first problem met."""

    def __init__(self) -> None:
        self.tags: list[str] = []
        self.problem = ""
        self._depth = 0

    def read(self, div: str) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.Parse(re.sub(r"&([A-Za-z][A-Za-z0-9]*);", _entity, div), True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.tags.append(tag)
        self._depth += 1
        found = ""
        if self._depth > DEEPEST:
            found = f"nests more than {DEEPEST} elements deep"
        elif tag not in TAGS:
            found = f"must not hold the element <{tag}>"
        for name, value in attributes.items():
            found = found or _attribute_problem(tag, name, value.strip())
        self.problem = self.problem or found

    def _end(self, _tag: str) -> None:
        self._depth -= 1


def _attribute_problem(tag: str, name: str, value: str) -> str:
    if name not in ATTRIBUTES:
        return f"must not hold the attribute {name} on <{tag}>"
    if name == "src" and not value.startswith("#"):
        return "must not load a picture from elsewhere"
    if name in {"href", "cite"} and not _LINK.match(value):
        return f"must not link to {value[:60]}"
    return "must not hold that style" if name == "style" and _STYLE.search(value) else ""


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if name in {"amp", "lt", "gt", "quot", "apos"} or name not in entities.name2codepoint:
        return match[0]
    return chr(entities.name2codepoint[name])
