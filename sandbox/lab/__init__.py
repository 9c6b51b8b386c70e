"""The lab: a workspace as DuckDB tables, and SQL on them in a separate process that can be killed.

    tables.py       Table, LabTable, Column; steps on a copy and what comes of them; the Protocols Lab, Scratch, Labs
    expressions.py  the FHIRPath of ViewDefinitions, compiled to closures
    views.py        a ViewDefinition (SQL on FHIR v2) as a function from resources to rows
    dictionary.py   the shipped views, SQL views and macros of `fixtures/views`, typed
    references.py   DRG weights and value sets, the same in every hospital
    base.py         a hospital's base file, built once
    worker.py       the process that runs her SQL, with refusals.py, answers.py, changes.py (nothing of the house)
    process.py      the house's end of that process, and the pool of warm ones; readings.py reads what it says
    packing.py      a lab to take away, by packer.py (a process like worker.py's), described by leaflet.py
    memory.py       what queries came to on labs that nobody changes
    scratch.py      scratch copies that may be changed, each with its journal.py
    rooms.py        LabRooms: which lab a workspace or a grader gets
"""

from sandbox.lab.rooms import GradingLabs, LabRooms
from sandbox.lab.tables import (
    Applied,
    Column,
    Entry,
    Lab,
    Labs,
    LabTable,
    Scratch,
    Standing,
    Step,
    Table,
    Trouble,
)

__all__ = ["Applied", "Column", "Entry", "GradingLabs", "Lab", "LabRooms", "LabTable", "Labs", "Scratch",
           "Standing", "Step", "Table", "Trouble"]
