"""What judging needs of the record as it stands at submission: which charts she opened that no lead names."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.activity import Chart

from .work import Work

#: A search lists; only a chart that was read counts as opened.
_OPENED = ("read", "vread")


@dataclass(frozen=True)
class Evidence:
    """Ids of the patients whose charts she read in this workspace, each once."""

    opened: tuple[str, ...] = ()


def freeze(work: Work, chart: Chart) -> Evidence:
    """From her own trail."""
    return Evidence(tuple(sorted({entry.patient for entry in chart.trail()
                                  if entry.patient and entry.subtype in _OPENED and entry.outcome == "0"})))
