"""What queries came to on labs that nobody changes: asked again, they are not run again.

A lab's name stands for its content, and a query that may answer otherwise the next time is refused (`refusals.py`), so
an answer holds for as long as it is kept. Only graders and proofs remember: a learner's own lab is always asked.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from sandbox.lab.tables import Table

Question = tuple[str, str, int]  # a lab's name, the statement, how many rows at most


class Memory:
    """Answers by question, those used longest ago let go where `most` values are kept altogether."""

    def __init__(self, most: int = 400_000) -> None:
        self._most, self._held = most, 0
        self._answers: OrderedDict[Question, Table] = OrderedDict()
        self._turn = threading.Lock()

    def recall(self, question: Question) -> Table | None:
        """The answer that this question had, or None."""
        with self._turn:
            if (known := self._answers.get(question)) is not None:
                self._answers.move_to_end(question)
            return known

    def keep(self, question: Question, answer: Table) -> None:
        """Remember an answer; one of more than an eighth of all that is kept is not worth the others' place."""
        if (size := _size(answer)) > self._most // 8:
            return
        with self._turn:
            if question in self._answers:
                return
            self._answers[question] = answer
            self._held += size
            while self._held > self._most:
                _, gone = self._answers.popitem(last=False)
                self._held -= _size(gone)


def _size(answer: Table) -> int:
    """How many values an answer has, and a few for being one."""
    return 20 + len(answer.columns) * len(answer.rows)
