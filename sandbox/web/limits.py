"""How often somebody may knock: per person and address, because a classroom shares one address."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from sandbox.web.policy import visitor

EVERYTHING = "1200 per minute"
SIGN_IN = "20 per minute"  # guesses at a password, per person and address
JOIN = "30 per minute"


def who_and_where() -> str:
    """Person and address; strangers share their address's allowance."""
    person = visitor().person
    return f"{person.id if person else 'stranger'}@{get_remote_address()}"


limiter = Limiter(key_func=who_and_where, default_limits=[EVERYTHING], storage_uri="memory://")
