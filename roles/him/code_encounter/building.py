"""ICD-10-PCS at the desk: what may stand at the next place, and a whole code's words."""

from __future__ import annotations

from typing import Any

from sandbox.activity import Chart, Form, NotFound

_PLACES = 7


def places(form: Form, chart: Chart) -> dict[str, Any]:
    """Behind the characters of `prefix`: {prefix, so_far, place, choices}; of a whole code its code and title instead.

    NotFound where no code begins so.
    """
    prefix = "".join(str(form.get("prefix", "")).upper().split())[:_PLACES]
    procedures = chart.codes.procedures
    place = procedures.choices(prefix)
    so_far = [procedures.label(prefix[: n + 1]) for n in range(len(prefix))]
    if len(prefix) < _PLACES:
        return {"prefix": prefix, "so_far": so_far, "place": place.name, "choices": [
            {"value": one.value, "label": one.label, "means": one.means, "codes": one.codes} for one in place.choices]}
    done = procedures.get(prefix)
    if done is None:
        raise NotFound(f"There is no procedure code {prefix}.", hint="Build it place by place.")
    return {"prefix": prefix, "so_far": so_far, "code": done.code, "title": done.title}
