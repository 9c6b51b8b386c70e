"""Charts drawn for one workspace: which pairs are faulty, which look-alike, which cannot be told, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fixtures.hospital.randomness import Dice
from fixtures.planting.deficiencies import CLEAN, NAMES, ChartTruth, plant_deficiencies
from fixtures.planting.ward import Hospital
from sandbox.activity import BadPack, Resource

from .book import USUAL, Policy
from .scanning import UNREADABLE, blacken


@dataclass(frozen=True)
class Params:
    """`faults` of the `pairs` are drawn faulty, the others as their look-alikes; `clean` charts imitate nothing.

    `sound` names pairs that come as their look-alikes only. `open` names pairs whose clearing paper cannot be read:
    there the honest verdict is to ask.
    """

    pairs: tuple[str, ...]
    faults: int
    clean: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    policy: Policy = USUAL
    sound: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """The charts in the order shown, each truth with its own resources, and all that is planted."""

    charts: tuple[tuple[ChartTruth, bool], ...]  # (truth, whether it cannot be told)
    resources: tuple[Resource, ...]


def check(params: Params) -> None:
    """BadPack where there are no such charts, or too few of either side."""
    unknown = [name for name in (*params.pairs, *params.sound, *params.clean, *params.open)
               if name not in (*NAMES, *CLEAN) or (name in params.open and name not in UNREADABLE)]
    if unknown:
        raise BadPack(f"There is no chart “{unknown[0]}”.", hint=f"Pairs: {', '.join(NAMES)}; clean: "
                      f"{', '.join(CLEAN)}; open: {', '.join(UNREADABLE)}.")
    drawn = (*params.pairs, *params.sound, *params.open)
    if len(set(drawn)) < len(drawn):
        raise BadPack("A pair stands twice among `pairs`, `sound` and `open`.")
    if not 0 < params.faults < len(params.pairs) + len(params.clean) + len(params.sound):
        raise BadPack("`faults` must leave at least one chart that breaks no rule, and one that does.")


def draw(params: Params, seed: int, base: Hospital) -> Drawn:
    """The charts of one seed. BadPack as in `check`."""
    check(params)
    dice = Dice(seed, "review_record", "sides")
    faulty = set(dice.shuffled(params.pairs)[: params.faults])
    wanted = [*((name, name in faulty) for name in params.pairs),
              *((name, False) for name in (*params.sound, *params.clean, *params.open))]
    planted = plant_deficiencies(base, seed, wanted)
    blackened = {truth.patient for truth in planted.truth.charts if truth.name in params.open}
    resources = list(planted.resources)
    for truth in planted.truth.charts:
        if truth.patient in blackened:
            resources = blacken(truth, resources)
    order = dice.shuffled(planted.truth.charts)
    return Drawn(tuple((truth, truth.patient in blackened) for truth in order), tuple(resources))


def own(truth: ChartTruth, resources: tuple[Resource, ...]) -> list[Resource]:
    """What belongs to one chart: what names its patient or stay, the marks on that, and whom its papers are about."""
    known = {f"Patient/{truth.patient}", f"Encounter/{truth.encounter}"}
    found = [one for one in resources if known & {*walk(one), _ref(one)}]
    refs = {_ref(one) for one in found}
    more = {one["subject"]["reference"] for one in found if "subject" in one} - known
    found += [one for one in resources if _ref(one) not in refs and (
        _ref(one) in more or (one["resourceType"] == "Provenance" and one["target"][0]["reference"] in refs))]
    return [one for one in found if _ref(one) != f"Patient/{truth.patient}"]


def walk(value: object) -> Iterator[str]:
    """Every reference in a resource."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for part in value.values():
            yield from walk(part)
    elif isinstance(value, list):
        for part in value:
            yield from walk(part)


def _ref(one: Resource) -> str:
    return f"{one['resourceType']}/{one['id']}"
