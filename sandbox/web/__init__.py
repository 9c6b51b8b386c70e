"""The rooms that speak HTTP: the edge, and the only place that commits."""

from __future__ import annotations

from typing import cast

from flask import current_app

from sandbox.house import House


def house() -> House:
    """The house that this application serves."""
    return cast(House, current_app.extensions["two_seats"])
