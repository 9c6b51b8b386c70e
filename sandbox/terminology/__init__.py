"""ICD-10-CM: look-up, the coder's search, tabular notes as inherited, edits, the POA-exempt list; ICD-10-PCS; MS-DRG.

    codes = open_codes(folder)                       builds folder/icd10cm-<digest>.sqlite on first use
    codes.search("left ankle sprain")                [Hit("S93.402", …, kind="choose encounter"), …]
    codes.notes("E11.22").notes                      own and inherited, with the codes that each note names
    codes.check(["N18.30", "E11.22"], setting=…)     [Edit(severity="error", rule="code_first", …)]
    covers("T36-T50 with fifth or sixth character 5", "T45.1X5A")    True
    claim = Claim.of([("I13.0", "Y"), ("I50.33", "Y")], sex="M", age=71)
    codes.group(claim), codes.claim_edits(claim)     its MS-DRG; the Medicare Code Editor's and the side check's edits
    codes.procedures.choices("0SRS")                 ICD-10-PCS, place by place
    codes.terms.get("loinc", "4548-4")               LOINC, RxNorm and HCPCS Level II as far as the hospital uses them
"""

from sandbox.terminology.claim import Claim, Diagnosis, Grouping
from sandbox.terminology.code_editor import open_code_editor
from sandbox.terminology.codes import Codes, open_codes
from sandbox.terminology.grouper import Grouper, open_grouper
from sandbox.terminology.model import Code, Edit, Hit, Note, NoteKind, Notes, Setting
from sandbox.terminology.patterns import codes_in, covers, dotted, flat
from sandbox.terminology.procedures import Choice, Place, Procedure, Procedures, Table, open_procedures
from sandbox.terminology.terms import SYSTEMS, Term, Terms, open_terms

__all__ = [
    "SYSTEMS", "Choice", "Claim", "Code", "Codes", "Diagnosis", "Edit", "Grouper", "Grouping", "Hit", "Note",
    "NoteKind", "Notes", "Place", "Procedure", "Procedures", "Setting", "Table", "Term", "Terms", "codes_in",
    "covers", "dotted", "flat", "open_code_editor", "open_codes", "open_grouper", "open_procedures", "open_terms",
]
