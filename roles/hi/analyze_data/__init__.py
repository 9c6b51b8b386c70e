"""`hi.analyze_data`: a question, a notebook, and an answer with its interval, its method and its limits.

definition   what a task asks and what is right      truth       what is true of a question
ledger       thirty-six months of falls, and every reading
calls        calls after discharge                  mortality   two wards, like with like
differences  of two shares, over strata             missed      appointments by race and site, for outside
disclosure   what a published table gives away      publishing  judging such a table
work         what the page sends                     intervals   about a ratio of two rates
waits        a queue with missing languages          sugar       a practice where not everybody was tested
curves       incidence, its error, the bootstrap     verdicts    which answer follows by Policy EQ-01
defects      a clinic with planted defects           answering, hunting   the two ways of judging
checking, delivering, view, proving                  desk        the verbs of the door
"""

from __future__ import annotations

from roles.hi.analyze_data.desk import AnalyzeData

__all__ = ["activity"]

activity = AnalyzeData()
