"""How long a refusal takes, whatever is sent: `python -m tests.bench.refusals`.

Each body of `tests/test_limits.py` is sent to a house, each text and resource of `tests/test_resources.py` to the
parser; processor time of this process, the test client's own share included, in milliseconds and as a ratio to reading
a 2 MB body with `json.loads` in the same run. Bars: 250 ms at the door, 250 ms for a text, 1.5 s for a resource.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sandbox.errors import BadInput
from sandbox.fhir import resources
from sandbox.terminology import open_codes

sys.path.insert(0, str(Path(__file__).parents[1]))
import houses
import test_limits
import test_resources

YARD = json.dumps([{"a": "x" * 20, "b": [1, 2, 3]}] * 45_000)


def main() -> None:
    """Print what was measured, the slowest first, and exit with 1 where a bar is missed."""
    yard = min(spent(lambda: json.loads(YARD)) for _ in range(5))
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}; json.loads of {len(YARD):,} bytes: {yard:.0f} ms")
    found: list[tuple[float, int, str]] = []
    with tempfile.TemporaryDirectory(prefix="two-seats-bench-") as place:
        folder = Path(place)
        open_codes(folder / "codes")
        with test_limits.sitting(houses.build(folder / "built", folder / "codes"), folder / "data") as desk:
            for name, (send, _) in test_limits.TOO_MUCH.items():
                send(desk)  # the first time pays for imports and compiled rules
                found.append((min(spent(lambda send=send: send(desk)) for _ in range(3)), 250, name))
    for text in test_resources.BOMBS:
        found.append((spent(lambda text=text: read(text)), 250, f"the text {text[:20]!r}, {len(text):,} long"))
    for resource in test_resources.FAULTS:
        text = str(resource)
        found.append((spent(lambda one=resource: refused(one)), 1500, f"the resource {text[:50]}, {len(text):,} long"))
    for took, bar, name in sorted(found, reverse=True):
        print(f"{took:8.1f} ms {took / yard:6.2f} x  (bar {bar} ms)  {name}")
    sys.exit(any(took > bar for took, bar, _ in found))


def read(text: str) -> None:
    """Parse and check a text that is refused."""
    with suppress(BadInput):
        resources.validate(resources.parse(text)[0])


def refused(resource: dict[str, Any]) -> None:
    """Check a resource that is refused."""
    with suppress(BadInput):
        resources.validate(resource)


def spent(act: Callable[[], Any]) -> float:
    """Milliseconds of this process's own time."""
    begun = time.process_time()
    act()
    return (time.process_time() - begun) * 1000


if __name__ == "__main__":
    main()
