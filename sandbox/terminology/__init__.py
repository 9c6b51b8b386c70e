"""ICD-10-CM: look-up, the coder's search, tabular notes as inherited, edits, the POA-exempt list; and MS-DRG.

    codes = open_codes(folder)                       builds folder/icd10cm-<digest>.sqlite on first use
    codes.search("left ankle sprain")                [Hit("S93.402", …, kind="choose encounter"), …]
    codes.notes("E11.22").notes                      own and inherited, with the codes that each note names
    codes.check(["N18.30", "E11.22"], setting=…)     [Edit(severity="error", rule="code_first", …)]
    covers("T36-T50 with fifth or sixth character 5", "T45.1X5A")    True
    claim = Claim.of([("I13.0", "Y"), ("I50.33", "Y")], sex="M", age=71)
    open_grouper().group(claim)                      Grouping(drg="291", weight=1.2838, …, poa=())
    open_code_editor().edits(claim)                  [] where the Medicare Code Editor is silent
"""

from sandbox.terminology.claim import Claim, Diagnosis, Grouping
from sandbox.terminology.code_editor import open_code_editor
from sandbox.terminology.codes import Codes, open_codes
from sandbox.terminology.grouper import Grouper, open_grouper
from sandbox.terminology.model import Code, Edit, Hit, Note, NoteKind, Notes, Setting
from sandbox.terminology.patterns import codes_in, covers, dotted, flat

__all__ = [
    "Claim", "Code", "Codes", "Diagnosis", "Edit", "Grouper", "Grouping", "Hit", "Note", "NoteKind", "Notes", "Setting",
    "codes_in", "covers", "dotted", "flat", "open_code_editor", "open_codes", "open_grouper",
]
