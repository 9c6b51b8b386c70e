"""The comparison: what a learner did in each seat, and how much of it can be said. Functions of reports only."""

from __future__ import annotations

from sandbox.comparison.clustering import clustering
from sandbox.comparison.cohort import (
           CLASS,
           DIFFICULTY,
           DISCRIMINATION,
           Cohort,
           Miss,
           TaskFigures,
           Voices,
           cohort,
           quarters,
           voices,
)
from sandbox.comparison.evidence import Count, Tally, Tried, tally
from sandbox.comparison.interval import RHO, effective, newcombe, twenty, wilson
from sandbox.comparison.paragraph import Paragraph, missed, paragraph
from sandbox.comparison.picture import DotColumn, columns
from sandbox.comparison.saying import SENTENCES, between, confidence, difficulty, in_100, interest, say, seat_sentence
from sandbox.comparison.sides import Comparison, Side, compare

__all__ = ["CLASS", "DIFFICULTY", "DISCRIMINATION", "RHO", "SENTENCES", "Cohort", "Comparison", "Count", "DotColumn",
           "Miss", "Paragraph", "Side", "Tally", "TaskFigures", "Tried", "Voices", "between", "clustering", "cohort",
           "columns", "compare", "confidence", "difficulty", "effective", "in_100", "interest", "missed", "newcombe",
           "paragraph", "quarters", "say", "seat_sentence", "tally", "twenty", "voices", "wilson"]
