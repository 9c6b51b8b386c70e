"""two-seats codes: search, show, check, group, build. The classifications from the command line; no data directory."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import platformdirs

from sandbox.cli import print_json, whole
from sandbox.errors import NotFound


def add_to(commands: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The commands of this module. None of them takes --data."""
    parser = commands.add_parser("codes", help="the classifications: search, show, check, group, build")
    under = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    added = [_search(under), _show(under), _check(under), _group(under), _build(under)]
    for each in added:
        each.add_argument("--json", action="store_true", help="as JSON")


def _search(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "search", help="what a coder would find for a phrase, best first")
    parser.add_argument("phrase")
    _system(parser)
    parser.add_argument("--limit", type=whole(1), default=20, metavar="N", help="how many at most (default 20)")
    parser.set_defaults(run=search)
    return parser


def _show(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "show", help="a diagnosis code with its notes, as inherited; a procedure code with its places; with --system "
                     "a LOINC, RxNorm or HCPCS code")
    parser.add_argument("code")
    _system(parser)
    parser.set_defaults(run=show)
    return parser


def _system(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--system", choices=("icd", "loinc", "rxnorm", "hcpcs"), default="icd",
                        help="LOINC, RxNorm and HCPCS Level II hold what the hospital uses (default icd)")


def _check(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser("check", help="edits on diagnosis codes in sequence")
    parser.add_argument("codes", nargs="+", metavar="CODE")
    parser.add_argument("--setting", choices=("inpatient", "outpatient"), required=True)
    _patient(parser)
    parser.set_defaults(run=check)
    return parser


def _group(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "group", help="the MS-DRG of an inpatient stay, with the Medicare Code Editor's edits")
    parser.add_argument("codes", nargs="+", metavar="CODE[:POA]", help="diagnoses in sequence, as I13.0:Y")
    parser.add_argument("--procedure", action="append", default=[], metavar="CODE", help="ICD-10-PCS, repeatable")
    parser.add_argument("--disposition", default="01", help="patient status, two digits (default 01)")
    parser.add_argument("--engine", choices=("msdrg", "drgpy"), default="msdrg")
    _patient(parser)
    parser.set_defaults(run=group)
    return parser


def _build(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "build", help="ICD-10-PCS by table: what may stand at the next place")
    parser.add_argument("prefix", nargs="?", default="", help="the characters so far, as 0SR")
    parser.set_defaults(run=build)
    return parser


def _patient(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sex", choices=("F", "M"))
    parser.add_argument("--age", type=whole(0), metavar="YEARS")
    parser.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="of discharge or service")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day, as 2026-04-30 is") from None


def search(args: argparse.Namespace) -> int:
    """Best first: code, title, billable, what is still to be chosen, what matched; else system, code, title."""
    if args.system != "icd":
        terms = [asdict(term) for term in opened().terms.search(args.phrase, args.system, args.limit)]
        if not terms and not args.json:
            raise NotFound(f"The hospital uses no {args.system} code for “{args.phrase}”.", hint="Try fewer words.")
        return _say(args, terms, lambda r: f"{r['code']:9} {r['title']}")
    rows = [asdict(hit) for hit in opened().search(args.phrase, args.limit)]
    if not rows and not args.json:
        raise NotFound(f"Nothing is found for “{args.phrase}”.", hint="Try other words, or the start of a code.")
    return _say(args, rows, lambda r: f"{r['code']:9} {r['title']}" + ("" if r["billable"] else "  (not billable)"))


def show(args: argparse.Namespace) -> int:
    """A diagnosis code with its path and the notes it inherits; a procedure code with its seven places."""
    codes = opened()
    if args.system != "icd":
        return _term(args, codes)
    found = codes.get(args.code)
    if found is None:
        return _procedure(args, codes)
    shown = {**asdict(found), **asdict(codes.notes(found.code))}
    return _say(args, [shown], lambda r: "\n".join(
        [f"{r['code']}  {r['title']}", *(f"  {n['kind']} at {n['at']}: {n['text']}" for n in r["notes"])]), one=True)


def _term(args: argparse.Namespace, codes: Any) -> int:
    term = codes.terms.get(args.system, args.code)
    if term is None:
        raise NotFound(f"The hospital uses no {args.system} code “{args.code}”.",
                       hint=f"Search by words: two-seats codes search --system {args.system} WORDS")
    return _say(args, [asdict(term)], lambda r: f"{r['code']}  {r['title']}  ({r['system']})", one=True)


def _procedure(args: argparse.Namespace, codes: Any) -> int:
    done = codes.procedures.get(args.code)
    if done is None:
        raise NotFound(f"There is no code “{args.code}” in the April 2026 ICD-10-CM or ICD-10-PCS.",
                       hint="Search by words: two-seats codes search \"left ankle sprain\"")
    axes = [{"name": name, "value": value, "label": label} for name, value, label in done.axes]
    shown = {"code": done.code, "title": done.title, "billable": True, "axes": axes}
    return _say(args, [shown], lambda r: "\n".join(
        [f"{r['code']}  {r['title']}" + ("" if done.titled else "  (the words of its places; CMS's title is not here)"),
         *(f"  {a['value']}  {a['name']}: {a['label']}" for a in r["axes"])]), one=True)


def check(args: argparse.Namespace) -> int:
    """Errors first, then in the order of the codes; exit status 1 where an error stands."""
    edits = opened().check(args.codes, setting=args.setting, sex=args.sex, age=args.age, on=args.date)
    _say(args, [asdict(edit) for edit in edits], _edit)
    return 1 if any(edit.severity == "error" for edit in edits) else 0


def group(args: argparse.Namespace) -> int:
    """The group with its weight, and what grouper, code editor and side check have to say."""
    from sandbox.terminology import Claim

    given = (text.partition(":") for text in args.codes)
    claim = Claim.of([(code, poa) for code, _, poa in given], args.procedure, sex=args.sex, age=args.age,
                     disposition=args.disposition, discharged=args.date or date(2026, 6, 30))
    codes = opened()
    found = codes.group(claim, args.engine)
    edits = [asdict(edit) for edit in (*found.poa, *codes.claim_edits(claim))]
    shown = {**{name: value for name, value in asdict(found).items() if name != "poa"}, "edits": edits}
    return _say(args, [shown], lambda r: "\n".join(
        [f"{r['drg']}  {r['title']}  weight {r['weight']}  MDC {r['mdc']}  ({r['return_code']}, v{r['version']})",
         *(f"  {level}: {code}" for code, level in r["counted"]), *map(_edit, r["edits"])]), one=True)


def build(args: argparse.Namespace) -> int:
    """The next place of a procedure code and what may stand there."""
    place = opened().procedures.choices(args.prefix)
    rows = [{"code": args.prefix.upper() + c.value, "place": place.name, **asdict(c)} for c in place.choices]
    return _say(args, rows, lambda r: f"{r['code']:8} {r['place']}: {r['label']}"
                                      + (f" ({r['means']})" if r["means"] else ""))


def _edit(row: dict[str, Any]) -> str:
    return f"{row['severity']:8} {row['code']:9} {row['why']} ({row['source']})"


def folder() -> Path:
    """Where commands that need no data directory keep the classification; a temporary place where home is closed."""
    home = Path(platformdirs.user_cache_dir("two-seats", appauthor=False)) / "codes"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="two-seats-codes-"))
    return home if os.access(home, os.W_OK) else Path(tempfile.mkdtemp(prefix="two-seats-codes-"))


def opened() -> Any:
    """The classification of diagnoses; its procedures and groupers open from it."""
    from sandbox.terminology import open_codes

    return open_codes(folder())


def _say(args: argparse.Namespace, rows: list[dict[str, Any]], line: Callable[[dict[str, Any]], str], *,
         one: bool = False) -> int:
    if args.json:
        print_json(rows[0] if one else rows)
    else:
        for row in rows:
            print(line(row))
    return 0
