"""The comparison: what a learner did in each seat, and how much of it can be said. Functions of reports only."""

from __future__ import annotations

from sandbox.comparison.clustering import clustering
from sandbox.comparison.evidence import Count, Tally, Tried, tally
from sandbox.comparison.interval import RHO, effective, newcombe, twenty, wilson
from sandbox.comparison.paragraph import Paragraph, missed, paragraph
from sandbox.comparison.picture import DotColumn, columns
from sandbox.comparison.saying import SENTENCES, between, confidence, difficulty, in_100, interest, say, seat_sentence
from sandbox.comparison.sides import Comparison, Side, compare

__all__ = ["RHO", "SENTENCES", "Comparison", "Count", "DotColumn", "Paragraph", "Side", "Tally", "Tried", "between",
           "clustering", "columns", "compare", "confidence", "difficulty", "effective", "in_100", "interest", "missed",
           "newcombe", "paragraph", "say", "seat_sentence", "tally", "twenty", "wilson"]
