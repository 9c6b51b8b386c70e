"""How long a newcomer waits: first start and later start, from the command to the first page; and the whole hospital.

    python -m tests.bench.start [rounds]

Bars (2 cores): first start to first page 20 s, later 3 s; six hundred patients, built by themselves, 30 s. Prints the
figures with the machine beside them.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

PORT = 8399


def until_first_page(data: Path) -> float:
    """Seconds from starting the process to the front page's last byte; the process is stopped afterwards."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "serve", "--no-browser", "--port", str(PORT), "--data", str(data)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=10).read()
                return time.perf_counter() - begun
            except OSError:
                if process.poll() is not None:
                    raise SystemExit("the server stopped") from None
                time.sleep(0.02)
    finally:
        process.terminate()
        process.wait(20)


def until_whole(data: Path) -> float:
    """Seconds from the command to the whole hospital with its tables; the classification is there already."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "sandbox", "hospital", "build", "--data", str(data)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    os.environ["TWO_SEATS_PATIENTS"] = "80"  # what is built behind the first page is measured by itself
    first, later, whole = [], [], []
    for _ in range(rounds):
        data = Path(tempfile.mkdtemp(prefix="two-seats-bench-"))
        first.append(until_first_page(data))
        later.append(until_first_page(data))
        os.environ["TWO_SEATS_PATIENTS"] = "600"
        whole.append(until_whole(data))
        os.environ["TWO_SEATS_PATIENTS"] = "80"
        shutil.rmtree(data)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}")
    for name, bar, seen in (("first start", 20, first), ("later start", 3, later), ("whole hospital", 30, whole)):
        print(f"{name}: {min(seen):.1f} to {max(seen):.1f} s in {rounds} rounds (bar {bar} s)")
    print(f"first ÷ later: {sum(first) / sum(later):.1f}")


if __name__ == "__main__":
    main()
