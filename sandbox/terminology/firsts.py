"""What the Guidelines say of the first place and no note does: who must have it, who must not, what contends for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sandbox.terminology.listed import Listed, first_word
from sandbox.terminology.model import Edit, Setting
from sandbox.terminology.patterns import covers

_ONLY_FIRST = (
    "Z00.-", "Z01.-", "Z02.-", "Z04.-", "Z31.81", "Z31.83", "Z31.84", "Z33.2", "Z34.-", "Z38.-", "Z39.-", "Z40.-",
    "Z42.-", "Z51.0", "Z51.1-", "Z52.-", "Z76.1", "Z76.2", "Z99.12",
)
_NOT_SO = ("Z00.6", "Z52.9")  # named as exceptions
_SEPSIS = ("A40.-", "A41.-")
_POISONING = "T36-T50 with fifth or sixth character 1-4"
_LOCAL = ("J13-J18", "J69.0", "J85-J86", "K35.-", "K57.-", "K65.-", "K80.0-", "K81.0", "K83.0-", "L02-L03", "L08.-",
          "M00.-", "M86.-", "N10", "N30.0-", "N39.0", "N41.0")


def edits(valid: Sequence[Listed], setting: Setting) -> Iterator[Edit]:
    """Warnings, since the record may hold the reason: two encounters of one day, or sepsis that arose later."""
    if not valid:
        return
    yield from _pushed_back(valid, setting)
    yield from _sequela(valid[0], setting)
    yield from _poisoning(valid)
    if setting == "inpatient":
        yield from _sepsis(valid)


def _pushed_back(valid: Sequence[Listed], setting: Setting) -> Iterator[Edit]:
    if _only_first(valid[0].code):
        return
    for one in valid[1:]:
        if _only_first(one.code):
            yield Edit(one.code, "warning", "only_first", f"{one.code} stands behind {valid[0].code}, but may only be "
                       f"the {first_word(setting)} diagnosis, unless the records of two encounters on one day are "
                       "combined.", "Guidelines I.C.21.c.16")


def _sequela(first: Listed, setting: Setting) -> Iterator[Edit]:
    if first.code[0] in "ST" and first.code.endswith("S"):
        yield Edit(first.code, "warning", "sequela_first", f"{first.code} says what a condition comes from (S, "
                   f"sequela); what is treated now is the {first_word(setting)} diagnosis, and this code follows it.",
                   "Guidelines I.B.10")


def _poisoning(valid: Sequence[Listed]) -> Iterator[Edit]:
    if covers("T36-T65", valid[0].code) or valid[0].code[0] == "O":
        return
    for one in valid[1:]:
        if covers(_POISONING, one.code) and one.code.endswith("A"):
            yield Edit(one.code, "warning", "poisoning_first", f"{one.code} stands behind {valid[0].code}: poisoning "
                       "comes first, then what it did. Where it has nothing to do with the reason for the visit, this "
                       "order is right.", "Guidelines I.C.19.e.5.b")


def _sepsis(valid: Sequence[Listed]) -> Iterator[Edit]:
    first = valid[0]
    behind = next((one for one in valid[1:] if any(covers(pattern, one.code) for pattern in _SEPSIS)), None)
    if behind and any(covers(pattern, first.code) for pattern in _LOCAL):
        yield Edit(first.code, "warning", "sepsis_first", f"{first.code} stands before {behind.code}: where sepsis and "
                   "the infection in one place are both there on admission, sepsis comes first. Where sepsis arose "
                   "later, this order is right.", "Guidelines I.C.1.d.4")


def _only_first(code: str) -> bool:
    return any(covers(each, code) for each in _ONLY_FIRST) and not any(covers(each, code) for each in _NOT_SO)
