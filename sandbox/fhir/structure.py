"""Structure: what elements a resource has and what JSON each may hold, by a JSON schema made from the shapes.

Stricter than the schema that HL7 publishes: no empty objects or lists, whole numbers where FHIR asks for them, and
the characters that FHIR strings may not hold.
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import Any

import jsonschema_rs

from sandbox.errors import Issue
from sandbox.fhir import definitions

Json = dict[str, Any]

_YEAR = r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
_MONTH, _DAY = r"(0[1-9]|1[0-2])", r"(0[1-9]|[1-2][0-9]|3[0-1])"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_OFFSET = r"(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"


def _text(pattern: str, **more: Any) -> Json:
    return {"type": "string", "minLength": 1, "pattern": pattern, **more}


def _whole(low: int) -> Json:
    return {"type": "integer", "minimum": low, "maximum": 2**31 - 1}


#: What each primitive type may hold (FHIR R4 section 2.24.0.1).
PRIMITIVES: dict[str, Json] = {
    "boolean": {"type": "boolean"},
    "decimal": {"type": "number"},
    "integer": _whole(-(2**31)),
    "unsignedInt": _whole(0),
    "positiveInt": _whole(1),
    "string": _text(_PRINTABLE, maxLength=1_048_576),
    "markdown": _text(_PRINTABLE, maxLength=1_048_576),
    "xhtml": _text(_PRINTABLE),
    "base64Binary": _text(r"^[0-9A-Za-z+/=\s]*$"),
    "code": _text(r"^[^\s\x00-\x1f]+( [^\s\x00-\x1f]+)*$"),
    "id": _text(r"^[A-Za-z0-9.\-]{1,64}$"),
    "oid": _text(r"^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$"),
    "uuid": _text(r"^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
    **{name: _text(r"^[^\s\x00-\x1f]+$") for name in ("uri", "url", "canonical")},
    "date": _text(rf"^{_YEAR}(-{_MONTH}(-{_DAY})?)?$"),
    "dateTime": _text(rf"^{_YEAR}(-{_MONTH}(-{_DAY}(T{_CLOCK}{_OFFSET})?)?)?$"),
    "instant": _text(rf"^{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}{_OFFSET}$"),
    "time": _text(rf"^{_CLOCK}$"),
}
_LOOKED_AT = 2_000
_EXPECTED = {
    "object": "an object", "array": "a list", "string": "a text", "number": "a number", "integer": "a whole number",
    "boolean": "true or false", "null": "null",
}


def issues(resource: Json, kind: str, most: int = 25) -> list[Issue]:
    """Where the resource is not shaped like its type, each place with its FHIRPath-like path; no more than `most`."""
    validator = _validator(kind)
    if validator.is_valid(resource):
        return []
    # All errors are found before the first is handed over, at 20 µs each: look at a bounded part first.
    found = list(islice(validator.iter_errors(_part(resource, [_LOOKED_AT])), most))
    if not found:
        try:
            validator.validate(resource)
        except jsonschema_rs.ValidationError as error:
            found = [error]
    return [_issue(error, kind) for error in found]


def path(kind: str, steps: list[Any]) -> str:
    """`Patient.name[0].family` from a type and the keys and indexes that lead there."""
    return kind + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _part(value: Any, left: list[int]) -> Any:
    """The value with its longer lists cut short, once `left[0]` parts have been seen; nothing is made empty."""
    left[0] -= 1
    if isinstance(value, dict):
        return {key: _part(child, left) for key, child in value.items()}
    if isinstance(value, list):
        kept: list[Any] = []
        for item in value:
            if kept and left[0] <= 0:
                break
            kept.append(_part(item, left))
        return kept
    return value


@cache
def _validator(kind: str) -> jsonschema_rs.Draft7Validator:
    schema = {"$ref": f"#/definitions/{kind}", "definitions": _schema()}
    return jsonschema_rs.Draft7Validator(schema)


@cache
def _schema() -> Json:
    extension = {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/Extension"}}
    element = {"id": {"$ref": "#/definitions/string"}, "extension": extension}
    made: Json = {name: _type_schema(name) for name in definitions.shapes()}
    made["Element"] = _object(element)
    typed = {"resourceType": {"type": "string"}}
    made["Resource"] = {"type": "object", "required": ["resourceType"], "properties": typed}
    return {**PRIMITIVES, **made}


def _type_schema(name: str) -> Json:
    properties: Json = {}
    for key, element in definitions.shape(name).items():
        kind = element.types[0]
        value: Json = {"$ref": f"#/definitions/{kind}"}
        primitive = kind in PRIMITIVES
        beside: Json = {"$ref": "#/definitions/Element"}
        if element.many:
            nothing = {"type": "null"}
            value = {"type": "array", "minItems": 1, "items": {"anyOf": [value, nothing]} if primitive else value}
            beside = {"type": "array", "minItems": 1, "items": {"anyOf": [beside, nothing]}}
        properties[key] = value
        if primitive:
            properties[f"_{key}"] = beside
    if name in definitions.kinds():
        properties["resourceType"] = {"const": name}
    return _object(properties)


def _object(properties: Json) -> Json:
    return {"type": "object", "minProperties": 1, "additionalProperties": False, "properties": properties}


def _issue(error: Any, kind: str) -> Issue:
    at = path(kind, list(error.instance_path))
    what = error.kind.name
    if what == "additionalProperties":
        names = ", ".join(f"“{name}”" for name in error.kind.unexpected)
        return Issue(at, f"has no element {names} in FHIR R4", "structure")
    if what == "type":
        wanted = " or ".join(_EXPECTED.get(t, t) for t in error.kind.types)
        return Issue(at, f"must be {wanted}", "structure")
    if what == "anyOf":
        return Issue(at, "is not a value of its type", "value")
    if what in {"minItems", "minProperties", "minLength"}:
        return Issue(at, "must not be empty: leave the element out instead", "structure")
    if what == "pattern":
        return Issue(at, f"is not written as FHIR asks: {_short(error.instance)}", "value")
    return Issue(at, _short(error.message), "structure")


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else text[:117] + "…"
