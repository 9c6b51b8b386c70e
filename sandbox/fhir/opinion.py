"""A second opinion: the typed models of fhir.resources (R4B), asked on every interactive write.

R4B (4.3.0) is not R4 (4.0.1). Of the types kept here one has other elements there: an Extension of R4 may hold a Meta
(`ONLY_R4`), so what R4B says of that is not passed on. The models do not ask for codes, reference targets or
invariants, and they change what they dump: they judge, nothing more.
Importing takes 0.7 s for the first model: it is done when first needed.
"""

from __future__ import annotations

from typing import Any

from sandbox.errors import Issue
from sandbox.fhir.structure import path

ONLY_R4 = frozenset({"valueMeta"})


def issues(resource: dict[str, Any]) -> list[Issue]:
    """What the typed model of the resource's type finds wrong, as Issues."""
    kind = resource["resourceType"]
    from fhir.resources.R4B import get_fhir_model_class
    from pydantic import ValidationError

    try:
        get_fhir_model_class(kind).model_validate(resource)
    except ValidationError as error:
        told = [e for e in error.errors(include_url=False, include_input=False) if not ONLY_R4 & set(e["loc"])]
        return [Issue(path(kind, list(e["loc"])), str(e["msg"]), "invalid") for e in told]
    return []
