"""two-seats: the house from the command line. Every command is one function that a test or a page could call."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sandbox import __version__
from sandbox.config import Settings
from sandbox.errors import SandboxError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; bare `two-seats` serves. Returns the exit status; errors are one plain line and a hint."""
    args = _parser().parse_args(sys.argv[1:] if argv is None else list(argv))
    try:
        return int(args.run(args) or 0)
    except SandboxError as error:
        print(f"two-seats: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141
    except OSError as error:  # the machine's own no: a file that may not be written, a disk that is full
        print(f"two-seats: {error.filename or 'this machine'}: {error.strerror or error}", file=sys.stderr)
        return 1


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings that these arguments and the environment come to."""
    given = vars(args)
    return Settings.read({name: given.get(name) for name in Settings.__dataclass_fields__})


def _parser() -> argparse.ArgumentParser:
    from sandbox.cli import codes, content, hospitals, leaving, proving, record, regrading, serving

    parser = argparse.ArgumentParser(prog="two-seats", description="A small hospital record, seen from two "
                                     "chairs. Without a command it is served on this machine, and your browser opens.")
    parser.add_argument("--version", action="version", version=f"two-seats {__version__}")
    parser.set_defaults(run=serving.serve)
    serving.options(parser, _common)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", description="without one: serve")
    for part in (serving, record, hospitals, proving, regrading, leaving, content, codes):
        part.add_to(commands, _common)
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    # Not given is absent, not None: a command would write its None over what was given before it.
    parser.add_argument("--data", type=Path, default=argparse.SUPPRESS,
                        help="directory that holds everything (default: your data directory)")


def whole(least: int) -> Callable[[str], int]:
    """The type of an option that is a whole number of at least so many."""
    def read(text: str) -> int:
        if not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
        return int(text)

    return read


def print_json(value: Any) -> None:
    """JSON on standard output, readable and stable."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    print()
