"""The chain of factors behind a headline number, with units, sources and grades.

A number is named ``PLAN.FIELD``, such as ``both.facility_power_peak_w``. Of several years that is
the last one; ``PLAN.YEAR.FIELD`` asks for another by its label or number (``both.2029.chips``,
``both.2.chips``) and ``PLAN.npv_usd`` for all. The chain begins with what the scenario asks, goes
through the chosen deployments, the sourced quantities of their chips, servers and levers, the
halls and the supply, and ends with the number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from wattpath import catalog
from wattpath.catalog.entry import Entry
from wattpath.errors import InputError
from wattpath.plan.result import PLANS, Chosen, Outcome, PlanResult
from wattpath.plan.scenario import Scenario
from wattpath.plan.search import serving_need, training_need
from wattpath.plan.years.horizon import years_of
from wattpath.plan.years.path import PlanYear

#: Field -> unit; what `explain` can be asked for.
FIELDS = {
    "facility_power_peak_w": "W",
    "it_power_peak_w": "W",
    "energy_wh_per_year": "Wh/year",
    "cost_usd_per_year": "USD/year",
    "carbon_kg_per_year": "kg/year",
    "water_m3_per_year": "m3/year",
    "months_to_power": "months",
    "chips": "chips",
    "capital_usd": "USD",
}

#: The one number of all years together.
NPV = "npv_usd"

#: Words in an attribute's name that make it matter for a field.
_MATTERS = {
    "facility_power_peak_w": ("flops", "bandwidth", "mem_bytes", "_w", "bits", "factor"),
    "it_power_peak_w": ("flops", "bandwidth", "mem_bytes", "_w", "bits", "factor"),
    "energy_wh_per_year": ("flops", "bandwidth", "_w", "bits", "factor", "efficiency"),
    "cost_usd_per_year": ("usd", "life", "flops", "bandwidth", "fuel", "efficiency"),
    "capital_usd": ("usd",),
    "carbon_kg_per_year": ("carbon", "embodied", "efficiency", "heat_rate", "_w"),
    "water_m3_per_year": ("water", "cycles"),
    "months_to_power": ("lead", "adopt"),
    "chips": ("flops", "bandwidth", "mem_bytes", "bits", "factor"),
}

#: Peaks that no kernel of this package runs at.
_UNUSED = ("fp64", "fp32", "tf32", "sparse")


@dataclass(frozen=True, slots=True)
class Step:
    """One factor: what, how much, where it comes from and how good it is."""

    factor: str
    value: float
    unit: str
    low: float | None
    high: float | None
    source: str
    evidence: str

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def check(number: str) -> tuple[str, str]:
    """Split and check ``PLAN.FIELD`` or ``PLAN.YEAR.FIELD``; the plan and the field.

    Raises
    ------
    InputError
        If the plan or the field is unknown.
    """
    plan, _, rest = number.partition(".")
    field = rest.rpartition(".")[2]
    alone = field in FIELDS or rest == NPV
    if plan not in PLANS or not alone:
        raise InputError(
            "number",
            f"be PLAN.FIELD with a plan of {', '.join(PLANS)} and a field of {', '.join(FIELDS)}",
            number,
        )
    return plan, field


def chain(scenario: Scenario | None, result: PlanResult, number: str) -> list[Step]:
    """The factors of a number, from demand to grid.

    Raises
    ------
    InputError
        If the number is unknown (see `check`), or its year.
    """
    plan, field = check(number)
    if field == NPV:
        return _present_value(result, plan)
    year = _year(result, plan, number)
    outcome = result.plans[plan] if year is None else year.outcome
    asked = scenario if year is None or scenario is None else _scenario_of(scenario, result, year)
    steps = [] if asked is None else list(_demands(asked))
    for item in outcome.chosen:
        steps += _deployment(item)
        steps += _sourced(catalog.load("chip", item.deployment.chip), field)
        steps += _sourced(catalog.load("server", item.deployment.server), field)
        for lever in item.deployment.levers:
            steps += _sourced(catalog.load("lever", lever), field)
        if field != "chips":
            steps += _sourced(catalog.load("cooling", item.cooling), field)
    steps += _hall(outcome)
    for built in outcome.supply:
        steps += _sourced(catalog.load("supply", built.key), field)
        steps.append(_model(f"{built.name}: capacity built", built.capacity_w, "W"))
    steps.append(_model(number, getattr(outcome, field), FIELDS[field]))
    unique = {(step.factor, step.value): step for step in steps}
    return list(unique.values())


def _year(result: PlanResult, plan: str, number: str) -> PlanYear | None:
    """The year that a number names, or the last one of several."""
    label = number.partition(".")[2].rpartition(".")[0]
    years = () if result.years is None else result.years.paths[plan].years
    if not label:
        return years[-1] if years else None
    for place, year in enumerate(years):
        if label in (year.label, str(place + 1)):
            return year
    known = ", ".join(year.label for year in years) or "no years"
    raise InputError("number", "name a year of the plan", number, f"It has {known}.")


def _scenario_of(scenario: Scenario, result: PlanResult, year: PlanYear) -> Scenario:
    """The scenario with the demands of a year."""
    assert result.years is not None
    return years_of(scenario)[result.years.labels.index(year.label)].scenario


def _present_value(result: PlanResult, plan: str) -> list[Step]:
    """Each year's cost and weight, and their sum."""
    if result.years is None:
        raise InputError("number", "be asked of a plan with a horizon of several years", NPV)
    path = result.years.paths[plan]
    steps = []
    for year in path.years:
        cost = year.outcome.cost_usd_per_year
        steps.append(_model(f"cost in {year.label}", cost, "USD/year"))
        steps.append(_model(f"weight of {year.label}", year.weight, "-"))
    return [*steps, _model(f"{plan}.{NPV}", path.npv_usd, "USD")]


def _model(factor: str, value: float, unit: str) -> Step:
    return Step(factor, float(value), unit, None, None, "computed by this plan", "derived")


def _demands(scenario: Scenario) -> Iterator[Step]:
    for demand in scenario.demands:
        if demand.kind == "serving":
            need, unit = serving_need(demand), "requests/s"
            label = "work to be done" if demand.flexible else "peak to be served, with spare"
        else:
            need, unit = training_need(demand), "tokens/s"
            label = "rate that meets the deadline"
        yield Step(f"{demand.name}: {label}", need, unit, None, None, "the scenario", "the user's")


def _deployment(item: Chosen) -> Iterator[Step]:
    column = item.deployment
    name = f"{column.demand} on {column.server} ({column.label})"
    yield _model(f"{name}: capacity of a unit", column.capacity, "per s")
    yield _model(f"{name}: units", item.units, "units")
    yield _model(f"{name}: chips of a unit", column.chips, "chips")
    yield _model(f"{name}: IT power of a unit at capacity", column.full_w, "W")


def _hall(outcome: Outcome) -> Iterator[Step]:
    if outcome.hourly is None:
        return
    hour = int(outcome.hourly.facility_w.argmax())
    yield _model(f"PUE in the highest hour ({hour} of 8760)", outcome.hourly.pue[hour], "-")
    mean = outcome.hourly.facility_w.sum() / outcome.hourly.it_w.sum()
    yield _model("PUE over the year", mean, "-")


def _sourced(entry: Entry, field: str) -> Iterator[Step]:
    """The quantities of a catalogue entry that matter for the field."""
    for quantity in entry.quantities.values():
        name = quantity.attribute
        if not any(word in name for word in _MATTERS[field]) or name.startswith(_UNUSED):
            continue
        factor = quantity.si_factor
        yield Step(
            f"{entry.name}: {quantity.attribute}",
            quantity.value / factor,
            quantity.unit,
            quantity.low / factor,
            quantity.high / factor,
            catalog.sources()[quantity.source].title,
            quantity.evidence,
        )
