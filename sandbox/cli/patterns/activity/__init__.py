"""new-thing: say how many people live in a street. A pattern to change into an activity of your own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.activity import (
    BadWork,
    Chart,
    Finding,
    Form,
    Labs,
    Planting,
    Proof,
    Report,
    Resource,
    Task,
)


@dataclass(frozen=True)
class Params:
    """What task.toml may say: [params] street, [key] most (the largest number that may be planted)."""

    street: str
    most: int


@dataclass(frozen=True)
class Shown:
    """What the page may show of what was planted."""

    street: str
    people: tuple[str, ...]


@dataclass(frozen=True)
class Key:
    """What is right. Never stored: made again when an attempt is judged."""

    count: int


@dataclass(frozen=True)
class Work:
    """What she answered; None: nothing yet."""

    answer: int | None


@dataclass(frozen=True)
class Evidence:
    """What judging needs of the record: nothing here."""


@dataclass(frozen=True)
class View:
    """What page.html gets as `view`."""

    street: str
    people: tuple[str, ...]


class CountPeople:
    """The activity. The class name is yours to choose; the folder's name is what task.toml says."""

    title = "Count the people"
    version = "1"
    Params, Shown, Key, Work, Evidence = Params, Shown, Key, Work, Evidence

    def plant(self, params: Params, seed: int, base: Chart) -> Planting[Shown, Key]:
        """One patient in the street for each that the seed asks for."""
        count = 2 + seed % (params.most - 1)
        people: list[Resource] = [
            {"resourceType": "Patient", "id": f"street-{seed}-{n}", "gender": "unknown",
             "name": [{"family": f"Street{n}", "given": ["Resident"]}],
             "address": [{"line": [f"{n + 1} {params.street}"], "city": "Two Rivers"}]}
            for n in range(count)]
        return Planting(people, Shown(params.street, tuple(p["name"][0]["family"] for p in people)), Key(count))

    def show(self, task: Task[Shown], chart: Chart) -> View:
        """The names; the learner counts them."""
        return View(task.shown.street, task.shown.people)

    def parse(self, form: Form) -> Work:
        """A whole number, or nothing."""
        text = form.get("answer", "").strip()
        if text and not text.isdecimal():
            raise BadWork(f"“{text[:40]}” is not a whole number.", field="answer", hint="Write it in figures: 7.")
        return Work(min(int(text[:9]), 10**6) if text else None)

    def evidence(self, work: Work, chart: Chart) -> Evidence:
        """Nothing of the record is needed."""
        return Evidence()

    def deliver(self, work: Work, task: Task[Shown], chart: Chart) -> list[Resource]:
        """This activity leaves the record as it is."""
        return []

    def grade(self, work: Work, key: Key, evidence: Evidence, labs: Labs) -> Report:
        """All or nothing."""
        right = work.answer == key.count
        said = "nothing" if work.answer is None else work.answer
        why = f"There are {key.count}." if right else f"You wrote {said}; the list holds {key.count} names."
        return Report((Finding(
            criterion="count", axis="Count", competency="data-quality", earned=100.0 * right, possible=100.0,
            title="How many people live in the street", why=why, group="right" if right else "missed",
            rule="One row, one person."),), axes=("Count",))

    def step(self, name: str, form: Form, task: Task[Shown], chart: Chart) -> Any:
        """The foot bar's check: whether the form can be read."""
        answer = self.parse(form).answer
        return {"ok": answer is not None, "messages": [] if answer is not None else ["There is no number yet."]}

    def blank(self) -> Form:
        """Somebody who submits at once."""
        return {"answer": ""}

    def proofs(self, params: Params, planting: Planting[Shown, Key], table: Mapping[str, Any]) -> list[Proof]:
        """proofs/*.toml: `off` is how far from the right count the answer lies."""
        form = {"answer": str(planting.key.count + int(table["off"]))}
        return [Proof(str(table["name"]), form, score=table.get("score"), at_most=table.get("at_most"),
                      findings=tuple(table.get("findings", ())))]

    def summary(self, work: Work) -> str:
        """One line for lists."""
        return "no answer" if work.answer is None else f"answered {work.answer}"

    def material(self, params: Params) -> Sequence[str]:
        """Texts of fixtures that this task's judging rests on: none."""
        return ()


activity = CountPeople()
