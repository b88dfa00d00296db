"""The announced supply of a project against others that could carry the same load.

Each mix of technologies is optimised for the hourly load of one plan on representative days,
without a date, so that its own time to power is an answer and not a limit.

Where it breaks down: technologies come in any size; the site's grid is taken as strong enough
unless the catalogue limits it; days stand for the year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wattpath.plan.build import site_of
from wattpath.plan.front import load_scenario
from wattpath.plan.halls import weather_of
from wattpath.projects.replan import Replan
from wattpath.supply.dispatch import dispatch
from wattpath.supply.options import SupplyOptions
from wattpath.supply.technology import load_technology
from wattpath.units import HOUR_S

#: Representative days.
DAYS = 12

#: Name of a mix -> technologies; the announced one is the project's own.
MIXES: Mapping[str, tuple[str, ...]] = {
    "grid": ("grid",),
    "combined-cycle gas": ("gas-combined-cycle-h",),
    "gas turbines": ("gas-simple-cycle",),
    "sun, wind, storage, gas behind": (
        "solar-single-axis",
        "wind-onshore",
        "battery-lithium",
        "gas-simple-cycle",
    ),
    "sun, wind, storage alone": ("solar-single-axis", "wind-onshore", "battery-lithium"),
    "small reactors": ("nuclear-smr", "battery-lithium"),
    "anything": (
        "grid",
        "gas-combined-cycle-h",
        "gas-simple-cycle",
        "nuclear-smr",
        "solar-single-axis",
        "wind-onshore",
        "battery-lithium",
    ),
}


@dataclass(frozen=True, slots=True)
class Alternative:
    """One mix for the load; per unit of energy used. NaN where it cannot carry the load.

    Attributes
    ----------
    name : str
    feasible : bool
    reason : str
        Why not.
    levelised_usd_j, carbon_kg_j, water_m3_j : float
        Levelised cost [USD/J], direct carbon [kg/J] and water [m3/J].
    months_to_power : float
        The slowest of what is built.
    capacity_w : mapping
        Technology -> power built [W].
    """

    name: str
    feasible: bool
    reason: str
    levelised_usd_j: float
    carbon_kg_j: float
    water_m3_j: float
    months_to_power: float
    capacity_w: Mapping[str, float]


def alternatives(answer: Replan, plan: str = "both") -> tuple[Alternative, ...]:
    """The announced mix and the others for a plan's load, the cheapest first.

    Parameters
    ----------
    answer : Replan
    plan : str
        Whose hourly facility power is carried.
    """
    own = answer.project.entry.texts("supply")
    mixes = {"as announced": own, **MIXES} if own else MIXES
    found = [_alternative(answer, plan, name, keys) for name, keys in mixes.items()]
    return tuple(sorted(found, key=lambda each: (not each.feasible, each.levelised_usd_j)))


def _alternative(answer: Replan, plan: str, name: str, keys: tuple[str, ...]) -> Alternative:
    hourly = answer.result.plans[plan].hourly
    nan = float("nan")
    if hourly is None:
        return Alternative(name, False, f"The plan {plan} is infeasible.", nan, nan, nan, nan, {})
    load = hourly.facility_w * answer.factor
    scenario = load_scenario(dict(answer.scenario))
    site = site_of(scenario, weather_of(scenario))
    options = SupplyOptions(rate=scenario.finance.discount_rate)
    result = dispatch(load, [load_technology(key) for key in keys], site, options, days=DAYS)
    if not result.feasible:
        reason = " ".join(relaxation.sentence for relaxation in result.relaxations[:1])
        return Alternative(name, False, reason, nan, nan, nan, nan, {})
    energy_j = float(result.periods.total(result.load_w[result.periods.hours])) * HOUR_S
    built = {key: w for key, w in result.capacity_w.items() if w > 1e-3 * load.max()}
    return Alternative(
        name=name,
        feasible=True,
        reason="",
        levelised_usd_j=result.levelised_usd_j,
        carbon_kg_j=result.carbon_kg / energy_j,
        water_m3_j=result.water_m3 / energy_j,
        months_to_power=result.months_to_power,
        capacity_w=built,
    )
