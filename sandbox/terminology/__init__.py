"""ICD-10-CM: look-up, the coder's search, tabular notes as inherited, edits, and the POA-exempt list.

    codes = open_codes(folder)                       builds folder/icd10cm-<digest>.sqlite on first use
    codes.search("left ankle sprain")                [Hit("S93.402", …, kind="choose encounter"), …]
    codes.notes("E11.22").notes                      own and inherited, with the codes that each note names
    codes.check(["N18.30", "E11.22"], setting=…)     [Edit(severity="error", rule="code_first", …)]
    covers("T36-T50 with fifth or sixth character 5", "T45.1X5A")    True
"""

from sandbox.terminology.codes import Codes, open_codes
from sandbox.terminology.model import Code, Edit, Hit, Note, NoteKind, Notes, Setting
from sandbox.terminology.patterns import codes_in, covers, dotted, flat

__all__ = [
    "Code", "Codes", "Edit", "Hit", "Note", "NoteKind", "Notes", "Setting", "codes_in", "covers", "dotted", "flat",
    "open_codes",
]
