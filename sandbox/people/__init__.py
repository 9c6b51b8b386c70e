"""Who is here: guests and accounts, one-time links, and tokens for FHIR clients."""

from __future__ import annotations

from sandbox.people.account import (
    change_password,
    come_back,
    delete,
    leaver,
    left_as,
    move,
    register,
    sign_in,
    sign_out_everywhere,
)
from sandbox.people.link import (
    Token,
    by_token,
    instructor_link,
    linked,
    new_token,
    peek_link,
    place_links,
    reset_link,
    revoke,
    secret,
    teaching_link,
    tokens,
    use_link,
)
from sandbox.people.who import (
    KEPT,
    OWNER,
    Person,
    by_login,
    expect,
    get,
    gone,
    guest,
    now,
    person,
    some,
    touch,
    typed,
    utc,
    visible,
)

__all__ = [
    "KEPT", "OWNER", "Person", "Token", "by_login", "by_token", "change_password", "come_back", "delete", "expect",
    "get", "gone", "guest", "instructor_link", "leaver", "left_as", "linked", "move", "new_token", "now", "peek_link",
    "person", "place_links", "register", "reset_link", "revoke", "secret", "sign_in", "sign_out_everywhere", "some",
    "teaching_link", "tokens", "touch", "typed", "use_link", "utc", "visible",
]
