"""How often the encoder finds what is meant, and how fast: `python -m tests.bench.encoder`.

The first hundred phrases were written before the synonyms: odd lines tuned them, even lines are held out. The last
fifty were written after them and never tuned on. The second list was written before its author saw any synonym (and
then wrote more of them, by subject); a digest splits it, and one half was tuned on.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from sandbox.terminology import Codes, open_codes
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
        codes = open_codes(Path(folder))
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
        print(f"a search: median {middle:.1f} ms, p95 {late:.1f} ms of own time")


if __name__ == "__main__":
    main()
