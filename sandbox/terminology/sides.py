"""The house's own side check: an operation on one side, where every sided diagnosis of that part is of the other.

Neither grouper nor the Medicare Code Editor looks at this: a hip replaced on the wrong side falls into the same group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sandbox.terminology.model import Classification, Edit
from sandbox.terminology.procedures import Procedures

SOURCE = "The house's side check; Guidelines I.B.13"
_BOTH = frozenset({"left", "right"})
_PARTS = {  # what is one part for this check: a fracture of the femur is operated on at the hip joint
    "arm": "shoulder arm humerus humeral elbow forearm radius radial ulna ulnar wrist hand finger thumb carpal "
           "metacarpal clavicle scapula axilla axillary brachial",
    "leg": "hip femur femoral thigh knee patella leg tibia tibial fibula ankle foot toe tarsal metatarsal "
           "calcaneus heel calf popliteal acetabulum acetabular",
    "eye": "eye eyelid retina retinal cornea corneal lens orbit conjunctiva vitreous iris lacrimal choroid sclera "
           "cataract",
    "ear": "ear tympanic mastoid cochlea auditory",
    "breast": "breast nipple",
    "chest": "lung bronchus pleura pleural lobe rib hemidiaphragm",
    "kidney": "kidney ureter renal ureteral",
    "ovary or testis": "ovary ovarian fallopian testis testicle spermatic epididymis",
    "carotid artery": "carotid",
    "adrenal gland": "adrenal",
}
_PART_OF = {word: part for part, words in _PARTS.items() for word in words.split()}


def edits(codes: Classification, operations: Procedures, diagnoses: Sequence[str],
          procedures: Sequence[str]) -> Iterator[Edit]:
    """A warning for each procedure on a side that no diagnosis of the same part has, where some have the other."""
    known = [(entry.code, entry.title) for entry in map(codes.get, diagnoses) if entry]
    sided = [(code, _sides(title), _parts(title)) for code, title in known]
    for given in procedures:
        done = operations.get(given)
        side, parts = (_sides(done.title), _parts(done.title)) if done else (frozenset(), frozenset())
        if done is None or len(side) != 1:
            continue
        alike = [(code, sides) for code, sides, others in sided if sides and parts & others]
        if alike and not any(side & sides for _, sides in alike):
            of = ", ".join(code for code, _ in alike)
            yield Edit(done.code, "warning", "side", f"{done.code} is on the {' '.join(side)} side ({done.title}), but "
                       f"the diagnosis of that part is on the other: {of}. Look in the record which is right.", SOURCE)


def _sides(title: str) -> frozenset[str]:
    words = set(re.findall(r"[a-z]+", title.casefold()))
    return _BOTH if "bilateral" in words else frozenset(words & _BOTH)


def _parts(title: str) -> frozenset[str]:
    words = re.findall(r"[a-z]+", title.casefold())
    singular = {word for one in words for word in (one, one.removesuffix("s"), one.removesuffix("es"))}
    return frozenset(_PART_OF[word] for word in singular if word in _PART_OF)
