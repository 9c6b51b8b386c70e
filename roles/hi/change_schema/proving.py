"""Proofs as forms. A proofs/*.toml table may say:

    base = "right" | "blank"     start from the exemplar's scripts, or from nothing
    [form]                       fields that replace those of the base ("" blanks one)
    edits = [{script, from, to}] edits of the exemplar's scripts
    [mistakes]                   name = points: one proof for each known mistake
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roles.hi.change_schema.definition import Params, edited
from sandbox.activity import BadPack, Proof

_KNOWN = {"name", "base", "form", "edits", "mistakes", "score", "at_most", "at_least", "mistake", "findings"}


def proofs(params: Params, table: Mapping[str, Any]) -> list[Proof]:
    """The table's proofs: one, or one for each of its mistakes. BadPack on an unknown word or mistake."""
    if unknown := set(table) - _KNOWN:
        raise BadPack(f"{table['name']}: a proof knows no {', '.join(sorted(unknown))}.")
    if "mistakes" in table:
        named = {m.name: m for m in params.mistakes}
        if strange := set(table["mistakes"]) ^ set(named):
            raise BadPack(f"{table['name']}: its mistakes are not the task's: {sorted(strange)}.")
        return [Proof(f"mistake {name}", right(params, named[name].edits), score=points, mistake=name)
                for name, points in table["mistakes"].items()]
    form = right(params, table.get("edits", ())) if table.get("base") == "right" else {}
    return [Proof(str(table["name"]), {**form, **table.get("form", {})}, table.get("score"), table.get("at_most"),
                  table.get("at_least"), table.get("mistake", ""), tuple(table.get("findings", ())))]


def right(params: Params, edits: Any = ()) -> dict[str, str]:
    """The exemplar's form, with edits."""
    texts = edited(params, edits)
    return {"forward": texts.forward, "rollback": texts.rollback,
            **({"definition": texts.definition} if params.definition else {})}
