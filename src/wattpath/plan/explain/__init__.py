"""The chain of factors behind any number of a plan, with units, sources and grades.

A number is named as the JSON of `wattpath plan` names it, without "plans":
``both.facility_power_peak_w``, ``both.supply.grid.cost_usd_per_year``, ``both.binding.1``,
``replaceable_share.power``, ``after_rebound.power``, ``attribution.chips.power_w``. Of several
years ``PLAN.FIELD`` is the last one; ``PLAN.YEAR.FIELD`` asks for another by its label or number
(``both.2029.chips``, ``both.2.chips``) and ``PLAN.npv_usd`` for all. `names` lists all of them.

A chain begins with what the scenario asks and the catalogue's numbers, goes through what the
plan computes from them, and ends with the number. Where a factor has a chain of its own, its
source says by which name.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from wattpath.errors import InputError
from wattpath.plan.explain.between import ROOTS, between
from wattpath.plan.explain.headline import FIELDS, Account
from wattpath.plan.explain.rows import GROUPS, rows
from wattpath.plan.explain.step import Number, Step, computed
from wattpath.plan.result import PLANS, PlanResult
from wattpath.plan.scenario import Scenario
from wattpath.plan.years.horizon import years_of

__all__ = ["FIELDS", "NPV", "Step", "chain", "check", "names"]

#: The one number of all years together.
NPV = "npv_usd"


def check(number: str) -> None:
    """Refuse what names no number of any plan, before one is made.

    Raises
    ------
    InputError
        If the first word is no plan and no quantity between plans, or the last one no field.
    """
    root, _, rest = number.partition(".")
    words = rest.split(".")
    if root in ROOTS and rest:
        return
    if root in PLANS and (words[-1] in FIELDS or rest == NPV or set(words) & set(GROUPS)):
        return
    raise InputError(
        "number",
        f"be PLAN.FIELD with a plan of {', '.join(PLANS)} and a field of {', '.join(FIELDS)}; or "
        f"begin with {', '.join(ROOTS)}",
        number,
        "`wattpath explain FILE --list` names every number.",
    )


def chain(scenario: Scenario | None, result: PlanResult, number: str) -> list[Step]:
    """The factors of a number, from demand to grid.

    Raises
    ------
    InputError
        If the number is unknown, or its year.
    """
    check(number)
    name = _with_label(result, number)
    known = {one.name: one for one in _numbers(scenario, result)}
    if name in known:
        steps = known[name].steps()
        last = steps.pop()
        return [*steps, computed(number, last.value, last.unit, known[name].law)]
    plan = result.plans.get(number.partition(".")[0])
    if plan is not None and not plan.feasible:
        raise InputError("number", "be of a plan that has an answer", number, plan.reasons[0])
    near = get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f"Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
    raise InputError("number", "name a number of this plan", number, hint)


def names(scenario: Scenario | None, result: PlanResult) -> list[Step]:
    """Every number that has a chain, with its value."""
    return [computed(one.name, one.value, one.unit, one.law) for one in _numbers(scenario, result)]


def _with_label(result: PlanResult, number: str) -> str:
    """The name with its year's label in place of its number; ``PLAN.FIELD`` of the last year."""
    plan, _, rest = number.partition(".")
    if result.years is None or plan not in PLANS or rest == NPV:
        return number
    labels = result.years.labels
    word, _, after = rest.partition(".")
    if not after or word in GROUPS:
        return f"{plan}.{labels[-1]}.{rest}"
    if word.isdigit() and 1 <= int(word) <= len(labels) and word not in labels:
        return f"{plan}.{labels[int(word) - 1]}.{after}"
    if word not in labels:
        hint = f"It has {', '.join(labels)}."
        raise InputError("number", "name a year of the plan", number, hint)
    return number


def _numbers(scenario: Scenario | None, result: PlanResult) -> Iterator[Number]:
    """Every number, the headlines of each plan first."""
    for account in _accounts(scenario, result):
        yield from account.headlines()
        yield from rows(account)
    if result.years is not None:
        for plan, path in result.years.paths.items():
            if path.feasible:
                yield _present_value(result, plan)
    if result.plans["blue"].feasible and result.plans["both"].feasible:
        yield from between(result)


def _accounts(scenario: Scenario | None, result: PlanResult) -> Iterator[Account]:
    """Each feasible plan, year by year if there are several."""
    if result.years is None:
        for name, outcome in result.plans.items():
            if outcome.feasible:
                yield Account(name, outcome, scenario)
        return
    asked = [None] * len(result.years.labels) if scenario is None else [
        year.scenario for year in years_of(scenario)
    ]  # fmt: skip
    for name, path in result.years.paths.items():
        for year, own in zip(path.years, asked, strict=False):
            yield Account(f"{name}.{year.label}", year.outcome, own)


def _present_value(result: PlanResult, plan: str) -> Number:
    """Each year's cost and weight, and their sum."""
    assert result.years is not None
    path = result.years.paths[plan]

    def factors() -> Iterator[Step]:
        for year in path.years:
            name = f"{plan}.{year.label}.cost_usd_per_year"
            cost = year.outcome.cost_usd_per_year
            yield computed(f"cost in {year.label}", cost, "USD/year", name)
            law = "1 / (1 + interest)^years"
            yield computed(f"weight of {year.label}", year.weight, "-", law)

    return Number(f"{plan}.{NPV}", path.npv_usd, "USD", "the sum of cost x weight", factors)
