"""How findings are said: axes, lists, quotes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sandbox.activity import Quote

from .key import ChartKey
from .papers import LABELS
from .standing import Standing
from .work import Filed

AXES = {"found": "Deficiencies found", "restraint": "Nobody wrongly accused", "citation": "Rule and its kind",
        "evidence": "Evidence", "actor": "Who must act", "clock": "Clock and due date"}
POINTS = {"found": 35.0, "restraint": 25.0, "citation": 10.0, "evidence": 12.0, "actor": 8.0, "clock": 10.0}


def listed(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def numbered(standings: Iterable[Standing]) -> str:
    """ "Chart 3" or "Charts 3 and 7"."""
    found = [str(one.chart.number) for one in standings]
    return f"Chart{'' if len(found) == 1 else 's'} {listed(found)}"


def label(chart: ChartKey) -> str:
    """A chart's short name for the list."""
    return f"Chart {chart.number}"


def quotes(chart: ChartKey, filed: Iterable[Filed] = ()) -> tuple[Quote, ...]:
    """The places that show the matter, those that she pointed to marked so."""
    hers = {(one.document, one.field) for one in filed}
    found: dict[tuple[str, str], Quote] = {}
    for spot in chart.spots:
        cited = any((spot.paper, field) in hers for field in spot.fields)
        found.setdefault((spot.paper, spot.passage), Quote(spot.paper, spot.dated, spot.passage, cited=cited))
    return tuple(found.values())


def places(chart: ChartKey) -> str:
    """Where it shows, as a clause: " It shows in …."."""
    return f" It shows in {shown(chart)}." if chart.spots else ""


def shown(chart: ChartKey) -> str:
    """The papers and fields that show the matter: "“Release of information” (Sent) and “Request” (Text)"."""
    return listed(list(dict.fromkeys(f"“{spot.title}” ({LABELS[spot.fields[0]]})" for spot in chart.spots)))
