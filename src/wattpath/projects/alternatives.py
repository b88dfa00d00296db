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
    usd_mwh, carbon_kg_mwh, water_l_mwh : float
        Levelised cost, direct carbon and water.
    months_to_power : float
        The slowest of what is built.
    capacity_mw : mapping
        Technology -> power built [MW].
    """

    name: str
    feasible: bool
    reason: str
    usd_mwh: float
    carbon_kg_mwh: float
    water_l_mwh: float
    months_to_power: float
    capacity_mw: Mapping[str, float]


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
    return tuple(sorted(found, key=lambda each: (not each.feasible, each.usd_mwh)))


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
    energy = float(result.periods.total(result.load_w[result.periods.hours])) / 1e6
    built = {key: w / 1e6 for key, w in result.capacity_w.items() if w > 1e-4 * load.max()}
    return Alternative(
        name=name,
        feasible=True,
        reason="",
        usd_mwh=result.levelised_usd_j * 3.6e9,
        carbon_kg_mwh=result.carbon_kg / energy,
        water_l_mwh=1e3 * result.water_m3 / energy,
        months_to_power=result.months_to_power,
        capacity_mw=built,
    )
