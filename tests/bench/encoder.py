"""How often the encoder finds what is meant, and how fast the terminology is: `python -m tests.bench.encoder`.

The first hundred phrases were written before the synonyms: odd lines tuned them, even lines are held out. The last
fifty were written after them and never tuned on. The second list was written before its author saw any synonym (and
then wrote more of them, by subject); a digest splits it, and one half was tuned on.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.terminology import Codes, open_codes
from sandbox.terminology.claim import Claim
from sandbox.terminology.grouper import open_grouper
from sandbox.terminology.procedures import open_procedures
from tests import second_list

PHRASES = Path(__file__).parents[1] / "test_terminology_phrases.tsv"
Asked = list[tuple[str, set[str]]]


def asked() -> dict[str, Asked]:
    """The three lists of phrases, each phrase with the entries that answer it."""
    early, _, late = PHRASES.read_text(encoding="utf-8").partition("# Written after")
    first, last = ([line.split("\t") for line in part.splitlines() if "\t" in line] for part in (early, late))
    before, after = ([(phrase, set(codes.split("|"))) for phrase, codes in part if phrase != "phrase"]
                     for part in (first, last))
    return {"tuned on": before[::2], "held out": before[1::2], "written after": after}


def report(codes: Codes, phrases: Asked) -> tuple[float, float, list[str]]:
    """The share answered by the first hit, by the first five, and the phrases with no answer among those."""
    hits = {phrase: [hit.code for hit in codes.search(phrase, 5)] for phrase, _ in phrases}
    top = sum(bool(answers & set(hits[phrase][:1])) for phrase, answers in phrases)
    missed = [phrase for phrase, answers in phrases if not answers & set(hits[phrase])]
    return top / len(phrases), 1 - len(missed) / len(phrases), missed


def main() -> None:
    """Print one line for each list, then the time of a search."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        codes = open_codes(Path(folder))
        print(f"building the index: {time.process_time() - begun:.1f} s of own time (bar 8 s)")
        print(f"{codes.release}\n{'phrases':14} {'many':>5} {'top 1':>6} {'top 5':>6}  not among five")
        for name, phrases in asked().items():
            top, five, missed = report(codes, phrases)
            print(f"{name:14} {len(phrases):5} {top:6.2f} {five:6.2f}  {', '.join(missed) or '-'}")
        for name, half in zip(("second, tuned", "second, held"), second_list.halves(), strict=True):
            top, five, missed = second_list.report(codes, half)
            print(f"{name:14} {len(half):5} {top:6.2f} {five:6.2f}  {', '.join(missed) or '-'}")
        taken = []
        both = [phrase for half in second_list.halves() for phrase, _ in half]
        for phrase in [phrase for phrases in asked().values() for phrase, _ in phrases] + both:
            begun = time.thread_time()
            codes.search(phrase)
            taken.append((time.thread_time() - begun) * 1000)
        taken.sort()
        middle, late = taken[len(taken) // 2], taken[int(len(taken) * 0.95)]
        print(f"a search: median {middle:.1f} ms, p95 {late:.1f} ms of own time (bar 20 ms)")
    claim = Claim.of([("M80.052A", "Y"), ("D62", "N"), ("I48.21", "Y")], ["0SRS019"], sex="F", age=82, disposition="03")
    grouper = open_grouper()
    print(f"a claim grouped: {each(lambda: grouper.group(claim), 400):.2f} ms (bar 1 ms)")
    print(f"procedures read: {each(open_procedures, 1):.0f} ms (bar 1,000 ms)")
    prefixes = ("", "0", "0S", "0SR", "0SRS", "0SRS0", "0SRS01", "3E0", "3E03", "3E033", "XW0")
    choices = each(lambda: [open_procedures().choices(prefix) for prefix in prefixes], 1) / len(prefixes)
    print(f"the choices after a prefix: {choices:.1f} ms (bar 50 ms)")


def each(act: Callable[[], Any], times: int) -> float:
    """Milliseconds of own time for one of so many."""
    begun = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - begun) * 1000 / times


if __name__ == "__main__":
    main()
