"""`hi.build_report`: a director asks, the learner queries the hospital's tables and says what they say, and what not.

definition   what a task asks and what is right      timeline   people and visits as FHIR resources
billing, whereabouts, ledgers, gaps   what hangs on a visit: bills, places, charges, what its record lacks
returns, lengths, visits, groups, emergency, unbilled, records   a family of patterns for each report
practice, facts, entries     patients and charts     sugars, pressures, exclusions   the quality measures' patterns
work         what the page sends                     hospitals   which pattern stands where, how often
running      queries on labs                         comparing, mistakes, naming   her rows, and what explains them
forms        other spellings of the same                rollup, seeing, rows, saying   what it comes to, and its words
headline, presenting, menus, checking, delivering, passages    judging     all of it together
"""

from __future__ import annotations

from roles.hi.build_report.desk import BuildReport

__all__ = ["activity"]

activity = BuildReport()
