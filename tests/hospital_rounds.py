"""What the hospital's tests share: the default hospital, built once, and small ways to look at it."""

from __future__ import annotations

from base64 import b64decode
from collections import defaultdict
from functools import cache
from typing import Any

from fixtures.hospital import PATIENTS, SEED, build
from sandbox.cli.codes import folder
from sandbox.terminology import Codes, open_codes

Resource = dict[str, Any]
Wards = dict[str, list[Resource]]
#: Where the classification is kept: where commands without a data directory keep it, so that a run makes it once.
CODES = folder()
MORNING = "2026-06-30T08:00:00-05:00"


@cache
def real_codes() -> Codes:
    """The real classification, built once for all tests of this machine."""
    return open_codes(CODES)


@cache
def default_hospital() -> tuple[Resource, ...]:
    """Every resource of the default hospital."""
    return tuple(build(SEED, PATIENTS, real_codes()))


@cache
def default_by_kind() -> Wards:
    """The default hospital by resource type."""
    out: Wards = defaultdict(list)
    for one in default_hospital():
        out[one["resourceType"]].append(one)
    return out


def text_of(note: Resource) -> str:
    """A note as it is read."""
    return b64decode(note["content"][0]["attachment"]["data"]).decode()


def icd(condition: Resource) -> str:
    """The diagnosis code of a Condition."""
    return str(condition["code"]["coding"][0]["code"])
