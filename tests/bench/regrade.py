"""How long a key amendment's preview takes for a large class: `python -m tests.bench.regrade [learners] [attempts]`.

Bar (issue 6): 300 learners with 10 attempts each previewed in 10 s.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sandbox import gradebook
from sandbox.attempts import Amendment
from sandbox.attempts.ledger import attempt, grade, report_text
from sandbox.db import Database
from sandbox.migrations import migrate
from sandbox.report import Finding, Quote, Report

START = datetime(2026, 9, 1, 14, tzinfo=UTC)
WORK = '{"codes": [{"code": "R10.31", "poa": ""}, {"code": "E11.9", "poa": ""}]}'


def report(seed: int) -> Report:
    """Thirty findings with words and evidence, as a coding report has; one in three missed."""
    quote = Quote("DocumentReference/d-1", "Discharge summary, 18 May", "pain in the right lower quadrant", "No ")
    return Report(tuple(
        Finding(f"c-{i}", "Axis", "coding", 0.0 if (i + seed) % 3 == 0 else 100 / 30, 100 / 30, f"Finding {i}",
                "The record says so. " * 6, "missed" if (i + seed) % 3 == 0 else "right", f"C{i}", "I.B.5", (quote,))
        for i in range(30)))


def main(learners: int, each: int) -> None:
    """Write the class, preview an amendment, make it, and print what each took."""
    folder = Path(tempfile.mkdtemp(prefix="two-seats-bench-"))
    db = Database(f"sqlite:///{folder / 'two-seats.sqlite'}", folder / "lock")
    migrate(db, folder)
    texts = [report_text(report(seed)) for seed in range(3)]
    common = {"workspace": "w", "base": 1, "story": "s", "assignment": "g-1", "task": "t", "seed": 1, "digest": "d",
              "trail": 0, "work": WORK, "evidence": "{}", "summary": "", "active": 0, "hints": 0, "submitted": START}
    ids = [(f"p-{p}", f"a-{p}-{n}", n) for n in range(1, each + 1) for p in range(learners)]
    with db.writing() as conn:
        conn.execute(attempt.insert(), [
            {**common, "id": id, "token": id, "person": p, "number": n} for p, id, n in ids])
        conn.execute(grade.insert(), [
            {"attempt": id, "report": texts[i % 3], "reason": "", "digest": "d", "at": START}
            for i, (_, id, _) in enumerate(ids)])
    made = Amendment("t", "c-0", "full", "Both readings hold.")
    with db.reading() as conn:
        first = None
        begun = time.perf_counter()
        changed = 0
        for change in gradebook.preview(conn, "g-1", "t", adding=made):
            first = first or time.perf_counter() - begun
            changed += change is not None
        took = time.perf_counter() - begun
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}")
    print(f"preview of {learners} learners with {each} attempts   {took:6.2f} s (bar 10 s)  {changed} would change; "
          f"the first is known after {first or 0:.2f} s")
    with db.writing() as conn:
        begun = time.perf_counter()
        done = len(gradebook.amend(conn, "g-1", made, "p-ines"))
    print(f"made, {done} grades appended                       {time.perf_counter() - begun:6.2f} s")
    db.close()


if __name__ == "__main__":
    main(*(int(each) for each in (sys.argv[1:] + ["300", "10"][len(sys.argv) - 1:])))
