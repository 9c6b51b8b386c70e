"""Naming a mistake, and only when it is sure: every check on every hospital came out as it does with that mistake, and
with no other. Trials are kept for each hospital, the exemplar's and the mistakes' among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roles.hi.change_schema import comparing, recording, trial
from roles.hi.change_schema.comparing import Verdict
from roles.hi.change_schema.definition import Key, Mistake, Texts, edited
from roles.hi.change_schema.people import Hospital
from roles.hi.change_schema.trial import Trial
from sandbox.activity import Lab

_KEPT: dict[tuple[str, str, str, str], Trial] = {}
_MOST = 400


@dataclass(frozen=True)
class Judged:
    """One hospital, its lab and what every check found there."""

    hospital: Hospital
    lab: Lab
    verdicts: dict[str, Verdict]


def exemplar(key: Key, hospital: Hospital, lab: Lab) -> Trial:
    """The exemplar's trial; what fails in it is the author's fault, and shows in the proofs."""
    return kept(key, hospital, lab, edited(key.params, ()))


def fits(key: Key, judged: Sequence[Judged]) -> tuple[Mistake, ...]:
    """Every single known mistake after which all checks come out as hers did. Empty where all is right."""
    if all(v.state == "right" for each in judged for v in each.verdicts.values()):
        return ()
    broken = {name for each in judged for name, v in each.verdicts.items() if v.state == "wrong"}
    likely = [m for m in key.params.mistakes if not m.breaks or set(m.breaks) == broken]
    return tuple(m for m in likely if all(_same(key, m, each) for each in judged))


def _same(key: Key, mistake: Mistake, each: Judged) -> bool:
    texts = edited(key.params, mistake.edits)
    made = kept(key, each.hospital, each.lab, texts)
    right = exemplar(key, each.hospital, each.lab)
    wrong = comparing.compare(made, right, key.params, each.hospital, texts)
    wrong |= recording.compare(key, each.hospital, texts.definition)
    return _signature(wrong) == _signature(each.verdicts)


def _signature(verdicts: dict[str, Verdict]) -> list[tuple[str, str, object]]:
    return [(name, v.state, v.mark) for name, v in verdicts.items()]


def kept(key: Key, hospital: Hospital, lab: Lab, texts: Texts) -> Trial:
    """The trial of two scripts on a hospital, run once: nothing in it depends on who asks, or when."""
    forward, rollback, _ = texts
    place = (lab.name, repr(trial.setup_of(key.params, hospital)), repr([c.sql for c in key.params.checks]),
             repr((forward, rollback)))
    if place not in _KEPT:
        made = trial.run(lab, key.params, hospital, forward, rollback)
        if made.stopped:  # for time: another day the machine may have more of it
            return made
        if len(_KEPT) >= _MOST:
            _KEPT.clear()
        _KEPT[place] = made
    return _KEPT[place]
