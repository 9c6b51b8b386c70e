"""The encoder: search in ICD-10-CM, and one code opened with its notes and choices. Needs no sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from sandbox.errors import BadInput
from sandbox.terminology import Code, Note
from sandbox.terminology.asked import Piece, marked, named
from sandbox.terminology.choices import choices
from sandbox.web import house

bp = Blueprint("encoder", __name__)
_MOST = 50
_LONG = 5  # codes that a note may name before it is cut
_HEADS = {
    "inclusion": "Includes", "includes": "Includes", "code_first": "Code first", "use_additional": "Use additional",
    "code_also": "Code also", "excludes1": "Excludes1", "excludes2": "Excludes2", "note": "Note",
}


@dataclass(frozen=True)
class Line:
    """One note as it is shown: where it stands if not at the code itself, and its text with the codes told apart."""

    at: str
    pieces: Sequence[Piece]
    rest: Sequence[Piece] = ()  # what follows after the first few codes of a long list

    @property
    def more(self) -> int:
        """How many codes the rest names."""
        return sum(bool(piece.pattern) for piece in self.rest)


@bp.get("/codes/search")
def search() -> Response:
    """Hits for `q` (at most `limit`, 20 unless told), best first: a fragment, or JSON where that is accepted."""
    phrase, limit = request.args.get("q", "").strip(), request.args.get("limit", "20")
    if not (limit.isascii() and limit.isdigit()) or not 1 <= int(limit) <= _MOST:
        raise BadInput(f"limit: “{limit[:20]}” is not a number from 1 to {_MOST}.")
    hits = house().codes.search(request.args.get("q", ""), int(limit))
    if _json():
        return _kept(jsonify([asdict(hit) for hit in hits]))
    shown = [(hit, marked(hit.title, phrase)) for hit in hits]
    return _kept(make_response(render_template("encoder_hits.html", hits=shown, phrase=phrase)))


@bp.get("/codes/<code>")
def show(code: str) -> Response:
    """One code: path, notes as inherited, choices. NotFound where there is none."""
    codes = house().codes
    entry = codes.known(code[:20])
    notes = codes.notes(entry.code)
    if _json():
        below = [asdict(child) for child in codes.children(entry.code)]
        return _kept(jsonify({**asdict(entry), "path": [asdict(above) for above in notes.path],
                              "notes": [asdict(note) for note in notes.notes], "children": below}))
    near = [note for note in notes.notes if "-" not in note.at and note.kind in _HEADS]
    far = [note for note in notes.notes if "-" in note.at and note.kind in _HEADS and _brief(note)]
    return _kept(make_response(render_template(
        "encoder_code.html", entry=entry, path=_shortened(notes.path), near=_grouped(near, entry.code),
        far=_grouped(far, entry.code), sets=choices(codes, entry.code))))


def _grouped(notes: Sequence[Note], own: str) -> list[tuple[str, list[Line]]]:
    """The notes under their headings, in the order in which a coder needs them."""
    groups: dict[str, list[Line]] = {head: [] for head in _HEADS.values()}
    for note in notes:
        groups[_HEADS[note.kind]].append(_line("" if note.at == own else note.at, named(note.text)))
    return [(head, lines) for head, lines in groups.items() if lines]


def _line(at: str, pieces: Sequence[Piece]) -> Line:
    """The note cut after its third code where it names six or more."""
    codes = [place for place, piece in enumerate(pieces) if piece.pattern]
    cut = codes[3] if len(codes) > _LONG else len(pieces)
    return Line(at, pieces[:cut], pieces[cut:])


def _brief(note: Note) -> bool:
    """Whether a block's or chapter's note is an instruction for the coder, not its essay on how it is arranged."""
    return note.kind != "note" or "additional" in note.text


def _shortened(path: Sequence[Code]) -> list[tuple[str, str, bool]]:
    """Block and what stands below it as (code, title, whether it can be opened); what a title repeats is left out."""
    shown: list[tuple[str, str, bool]] = []
    before: list[str] = []
    for entry in path[1:]:
        block = "-" in entry.code
        words = entry.title.split()
        same = 0
        while same < min(len(words) - 1, len(before)) and words[same].casefold() == before[same].casefold():
            same += 1
        cut = words[same:] if same > 1 else words
        shown.append((entry.code.replace("-", "–"), "" if block else " ".join(cut), not block))
        before = [] if block else words
    return shown


def _json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _kept(response: Response) -> Response:
    """A browser may keep it for an hour: the classification changes with the release, not with the learner."""
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.vary.add("Accept")
    return response
