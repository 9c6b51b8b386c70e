"""What judging needs of the record: which papers were pointed to. What does not belong to its chart is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.activity import BadInput, BadWork, Chart, Resource

from .look import title_of
from .planting import walk
from .rows import ROWS
from .work import Filed, Work


@dataclass(frozen=True)
class Evidence:
    """The titles of the papers that findings point to, by reference."""

    papers: dict[str, str]


def freeze(work: Work, chart: Chart) -> Evidence:
    """The evidence for judging `work`. BadWork on a chart or paper that is not there, or not of that chart."""
    cited = {filed.document for filed in work.findings if filed.document}
    charts = {f"Encounter/{chart}" for chart in work.charts}
    held = fetch({*cited, *charts}, chart)
    missing = sorted(charts - set(held))
    if missing:
        raise BadWork("A verdict or finding is about a chart that is not here.", field="verdicts",
                      hint="Remove it, or reload the page.")
    for number, filed in enumerate(work.findings, 1):
        _belongs(filed, number, held)
    return Evidence({ref: title_of(held[ref]) for ref in sorted(cited)})


def fetch(refs: Iterable[str], chart: Chart) -> dict[str, Resource]:
    """The resources of these references that there are, one search for each type."""
    by_kind: dict[str, list[str]] = {}
    for ref in sorted(refs):
        kind, _, id = ref.partition("/")
        by_kind.setdefault(kind, []).append(id)
    found: dict[str, Resource] = {}
    for kind, ids in sorted(by_kind.items()):
        if kind in ROWS:
            try:
                rows = chart.search(kind, {"_id": ",".join(ids)})
            except BadInput:
                continue
            found |= {f"{kind}/{one['id']}": one for one in rows}
    return found


def _belongs(filed: Filed, number: int, held: dict[str, Resource]) -> None:
    if not filed.document:
        return
    paper, stay = held.get(filed.document), held[f"Encounter/{filed.chart}"]
    about = {f"Encounter/{filed.chart}", stay["subject"]["reference"]}
    if paper is None or not (about & {filed.document, *walk(paper)} or filed.document.startswith("Patient/")):
        raise BadWork(f"Finding {number} points to a paper that is not in its chart.", field="findings",
                      hint="Choose the paper again from the chart that the finding is about.")
