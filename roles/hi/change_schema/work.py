"""What the page sends, read once: the way there and the way back."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.activity import BadWork, Form

MOST = 40_000
NAMES = {"forward": "The forward script", "rollback": "The rollback script"}
DEFINITION = "definition"


@dataclass(frozen=True)
class Work:
    """Two SQL scripts, and a definition for the record in JSON, "" where she wrote none; `note` is for whoever reads
    the change, and is not scored."""

    forward: str = ""
    rollback: str = ""
    note: str = ""
    definition: str = ""


def read(form: Form) -> Work:
    """The form as Work; BadWork names the field that cannot be read."""
    return Work(script(form, "forward"), script(form, "rollback"), _text(form, "note", "The note"), definition(form))


def script(form: Form, name: str) -> str:
    """One script of the form."""
    return _text(form, name, NAMES[name])


def definition(form: Form) -> str:
    """The definition for the record, as it was typed."""
    return _text(form, DEFINITION, "The definition")


def _text(form: Form, name: str, what: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str):
        raise BadWork(f"{what} did not arrive as text.", field=name)
    value = value.strip().replace("\r\n", "\n")
    if "\x00" in value:
        raise BadWork(f"{what} holds a character that no text has.", field=name, hint="Type it again.")
    if len(value) > MOST:
        raise BadWork(f"{what} is longer than {MOST:,} characters.", field=name, hint="Shorten it.")
    return value
