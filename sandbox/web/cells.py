"""The cells of the class grid: a class of 300 has 6,000, and a template takes ten times as long to write them."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint
from markupsafe import Markup, escape

from sandbox.classroom import Cell, Line

bp = Blueprint("cells", __name__)
_NOTHING = '<td class="quiet"><span aria-hidden="true">·</span><span class="visually-hidden">not started</span></td>'


@bp.app_template_filter("cells")
def cells(line: Line, columns: Sequence[tuple[str, str, int]], tick: str, alert: str, pen: str) -> Markup:
    """One learner's cells, for columns of (seat, title, place); the icons as the page draws them."""
    name = str(escape(line.person.name))
    return Markup("\n".join(_cell(line.cells[at], name, seat, title, tick, alert, pen)  # noqa: S704 - names are escaped
                            for seat, title, at in columns))


def _cell(cell: Cell, name: str, seat: str, title: str, tick: str, alert: str, pen: str) -> str:
    late = '<span class="tag caution">late</span>' if cell.late else ""
    if cell.status == "graded":
        share, tone = cell.met / cell.asked if cell.asked else 0, "ok" if cell.met == cell.asked else "quiet"
        return (f'<td data-value="{share:.4g}"><a class="cellb" href="/attempt/{cell.attempt}" aria-label="{name}, '
                f'{escape(title)}: met {cell.met} of {cell.asked}{", late" if cell.late else ""}"><span class="{tone}">'
                f'{tick}</span>{cell.met}<span class="quiet">/{cell.asked}</span>{late}</a></td>')
    if cell.status == "submitted":
        return (f'<td data-value="0.002"><a class="tag stop" href="/attempt/{cell.attempt}">{alert}not judged yet</a>'
                f'{" " if late else ""}{late}</td>')
    if cell.status == "in progress":
        return f'<td data-value="0.001"><span class="tag {seat}">{pen}in progress</span></td>'
    return _NOTHING
