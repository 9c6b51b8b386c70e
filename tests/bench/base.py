"""How long the whole hospital takes, who spends it, and what it weighs: `python -m tests.bench.base [patients]`.

Wall time says what somebody waits, and is disturbed by whatever else the machine does; the processor time of each
process says what the work costs. Bars, on two idle cores: ready in 30 s, the longest process 26 s of its own time and
all together 45 s; 3.5 KB stored for each resource; a hidden hospital of 60 patients in 2 s.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fixtures import hospital
from sandbox.db import Database
from sandbox.fhir import store
from sandbox.lab import LabRooms
from sandbox.terminology import open_codes

Spent = dict[str, float]
NAMES = {"build": "store", "prepare": "generate", "tables": "tables"}


def main(patients: int) -> None:
    """Build, print the figures with their bars, and the machine beside them."""
    folder = Path(tempfile.mkdtemp(prefix="two-seats-bench-"))
    try:
        codes = open_codes(folder / "codes")
        before, wall, spent = pace(), *built(folder, patients)
        print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
              f"load {os.getloadavg()[0]:.1f}; ten million additions take {before:.2f} to {pace():.2f} s")
        database = Database(f"sqlite:///{folder / 'two-seats.sqlite'}")
        with database.reading() as conn:
            whole = next(one for one in store.hospitals(conn) if one.default)
        many = sum(whole.counts.values())
        say("ready base", wall, 30, "s", f"{patients} patients, {many:,} resources, {many / wall:,.0f} a second")
        for name, seconds in spent.items():
            say(f"  {name}, processor time", seconds, 26, "s", "")
        say("  all three", sum(spent.values()), 45, "s", "")
        size = sum(path.stat().st_size for path in folder.glob("two-seats.sqlite*"))
        say("stored for each resource", size / many / 1000, 3.5, "KB", "with its index rows")
        begun = time.process_time()
        rooms = LabRooms(folder / "labs")
        rooms.hidden("bench", lambda: hospital.build(7, 60, codes), hospital.TODAY)
        say("hidden hospital, processor time", time.process_time() - begun, 2, "s", "60 patients, with its tables")
        rooms.close()
        begun = time.process_time()
        count = sum(1 for _ in hospital.build(7, 60, codes))
        say("  generated alone", time.process_time() - begun, 2, "s", f"{count:,} resources")
        database.close()
    finally:
        shutil.rmtree(folder)


def built(data: Path, patients: int) -> tuple[float, Spent]:
    """Seconds from the command to the ready base, and the processor time of each process."""
    begun, spent = time.perf_counter(), dict.fromkeys(NAMES.values(), 0.0)
    process = subprocess.Popen([sys.executable, "-m", "sandbox", "hospital", "build", "--data", str(data),
                                "--patients", str(patients)], stdout=subprocess.DEVNULL)
    while process.poll() is None:
        look(process.pid, spent)
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit("the build failed")
    return time.perf_counter() - begun, spent


def look(parent: int, spent: Spent) -> None:
    """Note what the build and its helpers have used so far (where there is /proc: else nothing is known of them)."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            if parent in (int(path.name), int(fields[1])):
                words = (path / "cmdline").read_text().split("\0")
                name = next((NAMES[word] for word in words if word in NAMES), "")
                if name:
                    spent[name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            continue  # it has ended meanwhile


def pace(additions: int = 10_000_000) -> float:
    """Seconds of processor time for a fixed piece of work: beside others the same work takes longer."""
    begun, total = time.thread_time(), 0
    for number in range(additions):
        total += number
    return time.thread_time() - begun


def say(what: str, figure: float, bar: float, unit: str, note: str) -> None:
    """One line of the table."""
    print(f"{what:<34}{figure:>7.2f} {unit:<2} (bar {bar:g} {unit})  {note}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 600)
