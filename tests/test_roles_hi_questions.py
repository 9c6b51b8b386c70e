"""Questions by language at the analyst's desk: each key against other arithmetic, over the lab's own tables."""

from __future__ import annotations

import math
import random
from functools import cache
from statistics import NormalDist
from typing import Any

import pytest
from pydantic import TypeAdapter
from test_roles_hi_analysis import Desk, desk, lab, proofs, unproven

from fixtures.analysis import referrals
from roles.hi.analyze_data import activity, curves, sugar, verdicts, waits
from roles.hi.analyze_data.intervals import Z
from sandbox.fhir.resources import problems

WAITS = "hi-questions-waits/hi-first-visit"
SUGAR = "hi-questions-hunt/hi-sugar-by-language"
TASKS = (WAITS, SUGAR)
VERDICTS = ("worse", "cannot-tell", "no-difference")

#: One row for each referral: who, in which language, how long followed, how that ended.
QUEUE = """WITH v AS (SELECT based_on, min(start_at) AS seen FROM appointment WHERE status = 'fulfilled' GROUP BY 1),
q AS (SELECT p.language_code AS tongue, CAST(coalesce(seen, deceased_at, now()) AT TIME ZONE 'America/Chicago' AS DATE)
             - CAST(authored_at AT TIME ZONE 'America/Chicago' AS DATE) AS days, authored_at,
             CASE WHEN seen IS NOT NULL THEN 1 WHEN deceased_at IS NOT NULL THEN 2 ELSE 0 END AS fate
      FROM service_request r JOIN patient p USING (patient_id) LEFT JOIN v ON v.based_on = r.service_request_id
      WHERE r.code = 'referral-palliative-clinic')"""
#: By the lab's macros: both shares and their standard errors.
MACROS = f"""{QUEUE} SELECT tongue = 'en', count(*), incidence(list(days), list(fate), 30),
    incidence_se(list(days), list(fate), 30) FROM q WHERE tongue IS NOT NULL GROUP BY 1 ORDER BY 1"""
#: By windows and no macro: hazards day by day, survival as a running product.
WINDOWS = f"""{QUEUE}, d AS (SELECT tongue = 'en' AS en, days, count(*) AS n, count(*) FILTER (fate = 1) AS d1,
    count(*) FILTER (fate > 0) AS d FROM q WHERE tongue IS NOT NULL GROUP BY ALL),
r AS (SELECT *, sum(n) OVER (PARTITION BY en ORDER BY days DESC) AS risk FROM d),
s AS (SELECT *, coalesce(exp(sum(CASE WHEN d < risk THEN ln(1 - d / risk) END) OVER (PARTITION BY en ORDER BY days
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)), 1) AS still FROM r)
SELECT en, sum(still * d1 / risk) FROM s WHERE days <= 30 GROUP BY 1 ORDER BY 1"""
#: Another right road: the dead stay at risk until today, for they can never be seen (subdistribution).
SUBDISTRIBUTION = f"""{QUEUE}, e AS (SELECT tongue = 'en' AS en, fate = 1 AS seen, CASE WHEN fate = 2 THEN
    today() - CAST(authored_at AT TIME ZONE 'America/Chicago' AS DATE) ELSE days END AS days FROM q
    WHERE tongue IS NOT NULL)
SELECT en, 1 - km_left(list(days), list(seen::INT), 30) FROM e GROUP BY 1 ORDER BY 1"""
#: The bounds: each empty box on one side by whether its referral was seen in time, and the reverse.
BOUNDS = f"""{QUEUE}, s AS (SELECT *, fate = 1 AND days <= 30 AS soon FROM q)
SELECT soon_is_english, incidence(list(days) FILTER (NOT en), list(fate) FILTER (NOT en), 30)
       - incidence(list(days) FILTER (en), list(fate) FILTER (en), 30)
FROM (SELECT *, CASE WHEN tongue IS NULL THEN soon = soon_is_english ELSE tongue = 'en' END AS en
      FROM s, (VALUES (true), (false)) b (soon_is_english)) GROUP BY 1 ORDER BY 1 DESC"""


def points(form: dict[str, float], **more: str) -> dict[str, str]:
    return {name: f"{value:.1f}" for name, value in form.items()} | more


@pytest.mark.parametrize("seed", [3, 4, 5])
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_comes_to_its_points_and_names_its_mistake(task: str, seed: int) -> None:
    """Exemplar and alternative 100, blank 0, each known mistake by its name alone; some proof loses each line."""
    assert unproven(task, seed) == []
    assert desk(task, seed).key.known.verdict == VERDICTS[seed % 3]


@pytest.mark.parametrize("seed", [4, *(pytest.param(seed, marks=pytest.mark.long) for seed in (3, 5))])
def test_three_roads_through_the_queue_come_to_the_same_answer(seed: int) -> None:
    """By macros, by windows, and with the dead kept at risk; bounds and answer by SQL alone, through the grader."""
    con, here = lab(WAITS, seed), desk(WAITS, seed)
    (_, n1, f1, s1), (_, n0, f0, s0) = con.execute(MACROS).fetchall()
    half, (least, most) = 100 * Z * math.hypot(s1, s0), [100 * b for _, b in con.execute(BOUNDS).fetchall()]
    roads = [f1 - f0]
    for sql in (WINDOWS, SUBDISTRIBUTION):
        (_, other), (_, english) = con.execute(sql).fetchall()
        roads.append(other - english)
    assert roads[1] == pytest.approx(roads[0], abs=1e-9)
    for figure in (100 * road for road in roads):
        ends = figure - half, figure + half
        form = points({"figure": figure, "low": ends[0], "high": ends[1], "least": least, "most": most},
                      denominator=str(n1 + n0), verdict=verdicts.answer(ends, (least, most), -1))
        assert here.grade(here.right(**form)).score == 100, (form, here.right())


@pytest.mark.parametrize("seed", [4])
def test_the_bounds_hold_whatever_the_missing_languages_are(seed: int) -> None:
    """No other way to fill in the empty boxes, of three hundred drawn, leads beyond them."""
    rows = lab(WAITS, seed).execute(f"{QUEUE} SELECT tongue, days, fate FROM q ORDER BY ALL").fetchall()
    sides: dict[Any, list[tuple[int, int]]] = {True: [], False: [], None: []}
    for tongue, days, fate in rows:
        sides[None if tongue is None else tongue == "en"].append((days, fate))
    least, most = desk(WAITS, seed).key.known.bounds or (0, 0)
    dice = random.Random(seed)
    for _ in range(300):
        share = dice.random()
        filled = [dice.random() < share for _ in sides[None]]
        english = sides[True] + [f for f, is_english in zip(sides[None], filled, strict=True) if is_english]
        other = sides[False] + [f for f, is_english in zip(sides[None], filled, strict=True) if not is_english]
        assert least <= 100 * (aalen(other) - aalen(english)) <= most


def aalen(fates: list[tuple[int, int]], until: int = 30) -> float:
    """A second implementation: each person seen adds the weight that she and the censored before her carry."""
    total, weight, share = len(fates), 1.0, 0.0
    ordered = sorted(fates, key=lambda f: (f[0], f[1] == 0))  # events come before censorings
    for n, (day, fate) in enumerate(ordered):
        if fate == 0:
            weight *= (total - n) / (total - n - 1) if total - n > 1 else 1.0
        elif fate == 1 and day <= until:
            share += weight / total
    return share


def test_incidence_agrees_with_a_second_implementation_and_with_counting() -> None:
    """Any curve, with ties; without censoring it is a plain share, and its error that of a share."""
    dice = random.Random(3)
    for _ in range(60):
        fates = [(dice.randrange(40), dice.choice((0, 1, 1, 2))) for _ in range(dice.randrange(2, 90))]
        assert curves.incidence(fates, 30) == pytest.approx(aalen(fates), abs=1e-9)
    whole = [(d, 1 + d % 2) for d in range(60)]
    share = sum(f == 1 and d <= 30 for d, f in whole) / 60
    assert curves.incidence(whole, 30) == pytest.approx(share)
    assert curves.incidence_se(whole, 30) == pytest.approx(math.sqrt(share * (1 - share) / 60))


def test_events_come_before_censorings_on_the_same_day() -> None:
    """Two on day 3, one seen and one censored: the censored was at risk when the other was seen."""
    con = lab(WAITS, 4)
    assert con.execute("SELECT km_left([3, 3], [1, 0], 3), incidence([3, 3], [1, 0], 3)").fetchall() == [(0.5, 0.5)]
    assert curves.incidence([(3, 1), (3, 0)], 3) == 0.5


#: Remission in weeks under 6-mercaptopurine (Freireich 1963), the classic table: 21 children, 9 relapses.
SIX_MP = [(6, 1), (6, 1), (6, 1), (6, 0), (7, 1), (9, 0), (10, 1), (10, 0), (11, 0), (13, 1), (16, 1), (17, 0), (19, 0),
          (20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0), (34, 0), (35, 0)]


def test_kaplan_and_meier_is_that_of_the_textbooks_table() -> None:
    """0.857, 0.753, 0.627, 0.448 at 6, 10, 16 and 23 weeks; Greenwood's error at 10 weeks is 0.096."""
    con = lab(WAITS, 4)
    days, seen = [d for d, _ in SIX_MP], [s for _, s in SIX_MP]
    sql = f"SELECT {', '.join(f'km_left({days}, {seen}, {t})' for t in (5, 6, 10, 16, 23, 35))}"
    assert [round(x, 3) for x in con.execute(sql).fetchall()[0]] == [1.0, 0.857, 0.753, 0.627, 0.448, 0.448]
    left, low, high, green = con.execute(
        f"SELECT km_left({days}, {seen}, 10), km_low({days}, {seen}, 10), km_high({days}, {seen}, 10), "
        f"sqrt(km_green({days}, {seen}, 10))").fetchall()[0]
    assert round(left * green, 3) == 0.096
    z, half = NormalDist().inv_cdf(0.975), green / math.log(left)
    for end in (low, high):
        assert abs(math.log(-math.log(end)) - math.log(-math.log(left))) == pytest.approx(z * abs(half), rel=1e-4)


def test_people_drawn_again_come_to_the_interval_of_the_standard_errors() -> None:
    """Either method that suits may be named: over 1,000 turns the ends differ by less than a tenth of the width."""
    queue = [r for r in referrals.draw(11, 0.1, 60) if r.language]
    one, none = ([r.fate for r in queue if (r.language == "en") is en] for en in (False, True))
    dice = random.Random(5)
    drawn = sorted(curves.incidence(dice.choices(one, k=len(one)), 30)
                   - curves.incidence(dice.choices(none, k=len(none)), 30) for _ in range(1000))
    middle = curves.incidence(one, 30) - curves.incidence(none, 30)
    half = Z * math.hypot(curves.incidence_se(one, 30), curves.incidence_se(none, 30))
    for end, wanted in ((drawn[24], middle - half), (drawn[975], middle + half)):
        assert abs(end - wanted) < 0.1 * 2 * half


def test_a_curve_whose_june_is_censored_comes_nearer_than_one_that_drops_or_counts_it() -> None:
    """Over many queues without a difference, the figure is near 0 on average; the known mistakes are not."""
    found: dict[str, list[float]] = {}
    for seed in range(24):
        queue = referrals.draw(seed, 0.0, 20)
        one, none = ([r for r in queue if r.language and (r.language == "en") is en] for en in (False, True))
        figure = curves.incidence([r.fate for r in one], 30) - curves.incidence([r.fate for r in none], 30)
        found.setdefault("right", []).append(figure)
        km = [curves.incidence([(d, f % 2) for d, f in (r.fate for r in g)], 30) for g in (one, none)]
        found.setdefault("death_as_censoring", []).append(km[0] - km[1])
        naive = [sum(r.fate[1] == 1 and r.fate[0] <= 30 for r in g) / len(g) for g in (one, none)]
        found.setdefault("all_as_followed", []).append(naive[0] - naive[1])
    means = {name: sum(values) / len(values) for name, values in found.items()}
    assert abs(means["right"]) < 0.008 < 0.02 < min(-means["death_as_censoring"], -means["all_as_followed"])


#: People with type 2 diabetes, their last final result of the year by a window, counted by language.
PEOPLE = """WITH who AS (SELECT patient_id, language_code = 'en' AS english FROM patient WHERE site = 'org-millrace'
  AND EXISTS (SELECT 1 FROM condition c WHERE c.patient_id = patient.patient_id AND c.code LIKE 'E11%')),
last AS (SELECT patient_id, value_number AS a1c FROM observation WHERE code = '4548-4' AND status = 'final'
  AND effective_at >= TIMESTAMPTZ '2025-07-01 00:00:00-05' QUALIFY row_number() OVER (PARTITION BY patient_id
  ORDER BY effective_at DESC) = 1),
p AS (SELECT who.*, a1c, (a1c > 9)::INT AS poor FROM who LEFT JOIN last USING (patient_id)) """


@pytest.mark.parametrize("seed", [4, *(pytest.param(seed, marks=pytest.mark.long) for seed in (3, 5))])
def test_a_second_count_of_the_practice_comes_to_the_same_answer(seed: int) -> None:
    """Counts by SQL; intervals by the macros, each by its name; bounds from the counts; through the grader."""
    con, here = lab(SUGAR, seed), desk(SUGAR, seed)
    (n0, t0, k0), (n1, t1, k1) = con.execute(
        PEOPLE + "SELECT count(*), count(a1c), sum(poor) FROM p GROUP BY english ORDER BY NOT english").fetchall()
    least, most = k1 / n1 - (k0 + n0 - t0) / n0, (k1 + n1 - t1) / n1 - k0 / n0
    spread = Z * math.sqrt(k1 * (t1 - k1) / t1**3 + k0 * (t0 - k0) / t0**3)
    middle = k1 / t1 - k0 / t0
    ends = {"se": (middle - spread, middle + spread)} | {name: con.execute(sql).fetchall()[0] for name, sql in {
        "newcombe": f"SELECT newcombe_low({k1}, {t1}, {k0}, {t0}), newcombe_high({k1}, {t1}, {k0}, {t0})",
        "bootstrap": PEOPLE + """SELECT boot_diff_low(a, b), boot_diff_high(a, b) FROM (
            SELECT list(poor) FILTER (NOT english) AS a, list(poor) FILTER (english) AS b FROM p WHERE poor NOTNULL)"""
    }.items()}
    for method, (low, high) in ends.items():
        form = points({"figure": 100 * middle, "low": 100 * low, "high": 100 * high, "least": 100 * least,
                       "most": 100 * most}, interval=method, denominator=str(t1 + t0))
        form["verdict"] = verdicts.answer((100 * low, 100 * high), (100 * least, 100 * most), 1)
        assert here.grade(here.right(**form)).score == 100, form
        assert here.key.known.interval(method) == pytest.approx((100 * low, 100 * high), abs=1e-4)


@pytest.mark.parametrize("seed", [4])
def test_the_bounds_hold_whatever_the_untested_are(seed: int) -> None:
    """However the untested are filled in, the difference stays within; and more people do not narrow it."""
    people = lab(SUGAR, seed).execute(PEOPLE + "SELECT english, poor FROM p ORDER BY ALL").fetchall()
    least, most = desk(SUGAR, seed).key.known.bounds or (0, 0)
    dice = random.Random(seed)
    for _ in range(300):
        chance = {True: dice.random(), False: dice.random()}
        filled = [(english, dice.random() < chance[english] if poor is None else poor) for english, poor in people]
        shares = [sum(p for e, p in filled if e is side) / sum(e is side for e, _ in filled) for side in (False, True)]
        assert least <= 100 * (shares[0] - shares[1]) <= most


def test_the_bootstrap_is_the_same_on_any_day_and_in_any_order() -> None:
    """The macro sorts before it draws; it agrees with the second implementation to the last digit."""
    con, dice = lab(WAITS, 4), random.Random(8)
    one, none = ([dice.randrange(100) for _ in range(n)] for n in (41, 67))
    found = []
    for a, b in ((one, none), (one[::-1], none[::-1])):
        found.append(con.execute(f"SELECT boot_diff_low({a}, {b}), boot_diff_high({a}, {b}), boot_low({a})").fetchall())
    assert found[0] == found[1]
    low, high, alone = found[0][0]
    assert (low, high) == pytest.approx(curves.bootstrap(sorted(one), sorted(none), lambda v: sum(v) / len(v)))
    half = Z * math.sqrt(sum((v - sum(one) / 41) ** 2 for v in one) / 41 / 41)
    assert alone == pytest.approx(sum(one) / 41 - half, abs=0.4 * half)


@pytest.mark.parametrize("task", TASKS)
def test_blind_answers_stay_low(task: str) -> None:
    """Of 1,000 answers picked blindly from what the page offers, the 99th in 100 stays at 30 or less."""
    here, dice, scores = desk(task, 3), random.Random(7), []
    asked = here.params.answer
    assert asked
    for _ in range(1000):
        numbers = {name: f"{dice.uniform(-30, 30):.1f}" for name in ("figure", "low", "high", "least", "most")}
        form = {**numbers, "verdict": dice.choice(asked.verdicts).value, "denominator": str(dice.randrange(300, 1000)),
                "interval": dice.choice(asked.intervals).value,
                **{f"method_{p.name}": dice.choice(p.offers).value for p in asked.methods},
                **{f"caveat_{name}": "on" for name in asked.caveats if dice.random() < 0.5}}
        scores.append(here.grade(form).score)
    scores.sort()
    assert scores[989] <= 30, scores[980:]


@pytest.mark.parametrize("task", TASKS)
def test_more_right_never_lowers_and_more_wrong_never_raises(task: str) -> None:
    """From many parts of the right answer, with wrong claims beside it."""
    here, dice = desk(task), random.Random(2)
    right, asked = here.right(), here.params.answer
    assert asked
    wrong = [f"caveat_{name}" for name in asked.caveats if name not in here.params.right_caveats]
    for _ in range(150):
        form = {name: value for name, value in right.items() if dice.random() < 0.5}
        form |= {name: "on" for name in wrong if dice.random() < 0.3}
        before = here.grade(form).score
        more, extra = dice.choice(sorted(right)), dice.choice(wrong)
        assert here.grade({**form, more: right[more]}).score >= before
        assert here.grade({**form, extra: "on"}).score <= before


@pytest.mark.parametrize("task", TASKS)
def test_what_is_planted_is_valid_the_same_again_and_another_for_a_neighbour(task: str) -> None:
    """Each kind by the typed models too; the same seed gives the same resources and key; seeds differ in figures."""
    here = desk(task, 4)
    planted = here.planting.resources
    assert not [p for one in planted[::40] for p in problems(one, typed=False)]
    kinds = {one["resourceType"]: one for one in planted}
    assert not [p for one in kinds.values() for p in problems(one, typed=True)]
    assert fresh(task, 4).planting == here.planting
    assert len({round(desk(task, seed).key.known.by("").figure, 3) for seed in (3, 4, 5)}) == 3


@cache
def fresh(task: str, seed: int) -> Desk:
    """Planted anew: what was planted before is forgotten."""
    waits.plant.cache_clear()
    sugar.plant.cache_clear()
    return Desk(task, seed)


@pytest.mark.parametrize("task", TASKS)
def test_what_is_shown_holds_nothing_of_the_key(task: str) -> None:
    """No why, no mistake, no right pick, no figure."""
    here = desk(task)
    shown = TypeAdapter(activity.Shown).dump_json(here.planting.shown).decode()
    secret = [*here.params.whys.values(), *(word for m in here.params.mistakes for word in (m.why, m.name))]
    truth = here.key.known
    secret += [f"{end:.1f}" for end in (*truth.interval(truth.house), *(truth.bounds or ()))]
    assert not [each for each in secret if each in shown]


@pytest.mark.long
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_holds_at_twenty_seeds(task: str) -> None:
    """The whole table of proofs, as `check` runs it."""
    for seed in range(20):
        for proof in proofs(task, seed):
            report = desk(task, seed).grade(proof.form)
            if proof.score is not None:
                assert abs(report.score - proof.score) <= 0.051, (seed, proof.name, report.score)
