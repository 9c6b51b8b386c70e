"""Two Seats: a small hospital and a classroom, knowing nothing of who sits in it.

The public face is lazy, so that a seat or the SQL worker never imports Flask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.app import create_app
    from sandbox.config import Settings

__all__ = ["Settings", "__version__", "create_app"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "create_app":
        from sandbox.app import create_app

        return create_app
    if name == "Settings":
        from sandbox.config import Settings

        return Settings
    raise AttributeError(name)
