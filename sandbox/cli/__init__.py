"""two-seats: the house from the command line. Every command is one function that a test or a page could call."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
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


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings that these arguments and the environment come to."""
    given = vars(args)
    return Settings.read({name: given.get(name) for name in Settings.__dataclass_fields__})


def _parser() -> argparse.ArgumentParser:
    from sandbox.cli import codes, content, record, serving

    parser = argparse.ArgumentParser(prog="two-seats", description=__doc__)
    parser.add_argument("--version", action="version", version=f"two-seats {__version__}")
    parser.set_defaults(run=serving.serve, explicit_port=False)
    _common(parser)
    commands = parser.add_subparsers(title="commands", metavar="")
    for add in (serving.add_to, record.add_to, content.add_to, codes.add_to):
        add(commands, _common)
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="directory that holds everything (default: your data directory)")


def print_json(value: Any) -> None:
    """JSON on standard output, readable and stable."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    print()
