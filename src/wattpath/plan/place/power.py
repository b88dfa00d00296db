"""A scenario's site seen by an energy engineer: the cheapest supply of a load alone.

The load is constant as given, or the facility power of the scenario's plan *both*; site,
technologies, date, interest, carbon and matching are the scenario's own. `Asked` may put others
in their place, and add whole units and cover for the loss of the largest one.

Where it breaks down: the load is fixed, so work that could move is not asked to; see
`wattpath.supply.block` for the rest.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wattpath.errors import InputError
from wattpath.facility import Weather
from wattpath.plan.build import parts_of
from wattpath.plan.halls import weather_of
from wattpath.plan.operate.elsewhere import others_of
from wattpath.plan.optimise import Parts
from wattpath.plan.place.hall import Load, of_plan, weather_json
from wattpath.plan.scenario import Scenario
from wattpath.progress import Progress, silent
from wattpath.supply.dispatch import dispatch
from wattpath.supply.options import SupplyOptions
from wattpath.supply.result import SupplyResult
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import HOUR_S
from wattpath.supply.terms import lead_months
from wattpath.supply.whole import dispatch_units
from wattpath.units import HOURS

Floats = NDArray[np.float64]

#: USD/J to USD/MWh.
MWH_J = 3.6e9

#: Capacity below this share of the load's peak counts as not built.
NEGLIGIBLE = 1e-4

#: A plant runs above this share of its capacity, and is full above its complement.
RUNNING = 1e-3


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the supply beside the scenario.

    Attributes
    ----------
    whole_units : bool
        Plants in whole units that are switched on and off.
    outage_reserve : bool
        The load is met in every hour after the loss of the largest unit.
    carbon_cap_kg : float or None
        In place of the scenario's [kg/year].
    carbon_free_share, matched_share : float or None
        Hourly (24/7) and annual matching in place of the scenario's, see
        `wattpath.supply.SupplyOptions`.
    grid_off_h : float or None
        Hours a year, its dearest, in which the grid is called off, in place of the scenario's.
    """

    whole_units: bool = False
    outage_reserve: bool = False
    carbon_cap_kg: float | None = None
    carbon_free_share: float | None = None
    matched_share: float | None = None
    grid_off_h: float | None = None

    def of(self, options: SupplyOptions) -> SupplyOptions:
        """The scenario's options with these."""
        names = ("carbon_cap_kg", "carbon_free_share", "matched_share")
        given = {name: getattr(self, name) for name in names}
        own: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        return replace(options, outage_reserve=self.outage_reserve, **own)

    def at(self, site: SiteHours) -> SiteHours:
        """The site with the hours that are called off.

        Raises
        ------
        InputError
            For more hours than a year has.
        """
        if self.grid_off_h is None:
            return site
        if not 0.0 <= self.grid_off_h <= HOURS:
            raise InputError("grid_off_h", "lie between 0 and 8,760 hours", self.grid_off_h)
        return replace(site, curtailed_h=self.grid_off_h)


@dataclass(frozen=True, slots=True, eq=False)
class PowerAnswer:
    """The cheapest supply of a load; `days` is None where all 8,760 hours were solved."""

    scenario: Scenario
    weather: Weather
    load: Load
    parts: Parts
    days: int | None
    result: SupplyResult | None

    @property
    def feasible(self) -> bool:
        """Whether the load is known and can be met."""
        return self.result is not None and self.result.feasible

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why not: the plan's own reasons, or the smallest relaxation of each limit."""
        if self.result is None:
            return self.load.reasons
        return tuple(relaxation.sentence for relaxation in self.result.relaxations)

    def technologies(self) -> list[dict[str, Any]]:
        """What is built, the largest energy first."""
        result = self.result
        if result is None or not result.feasible:
            return []
        least = NEGLIGIBLE * self.load.power_w.max()
        rows = [self._technology(result, key) for key, w in result.capacity_w.items() if w > least]
        return sorted(rows, key=lambda row: -row["energy_wh_per_year"])

    def _technology(self, result: SupplyResult, key: str) -> dict[str, Any]:
        technology = next(t for t in self.parts.technologies if t.key == key)
        capacity, periods = result.capacity_w[key], result.periods
        share = result.output_w[key][periods.hours] / capacity
        energy, cost = result.year_j[key], sum(result.cost_usd[key].values())
        standing = self.parts.options.existing_w.get(key, 0.0) * (1.0 + NEGLIGIBLE)
        months = lead_months(technology, self.parts.site, self.parts.options)
        return {
            "key": key,
            "name": technology.name,
            "capacity_w": capacity,
            "energy_capacity_wh": result.energy_j.get(key, 0.0) / HOUR_S,
            "energy_wh_per_year": energy / HOUR_S,
            "capacity_factor": energy / (capacity * HOURS * HOUR_S),
            "hours_running": periods.total(share > RUNNING),
            "hours_full": periods.total(share > 1.0 - RUNNING),
            "cost_usd_per_year": cost,
            "cost_parts": dict(result.cost_usd[key]),
            "usd_per_mwh": cost / energy * MWH_J if energy > 0.0 else None,
            "lead_time_months": months if capacity > standing else 0.0,
            "units": result.units.get(key),
            "starts_per_year": result.starts.get(key),
        }

    def prices(self) -> dict[str, float]:
        """Duals of the balance: what one more MWh costs [USD/MWh], with the dearest hour."""
        assert self.result is not None
        periods, hourly = self.result.periods, self.result.price_usd_j * MWH_J
        price, load = hourly[periods.hours], periods.take(self.load.power_w)
        levels = _quantiles(price, periods.weights, (0.05, 0.5, 0.95))
        return {
            "mean": periods.total(price) / HOURS,
            "load_weighted": periods.total(price * load) / periods.total(load),
            "p05": float(levels[0]),
            "median": float(levels[1]),
            "p95": float(levels[2]),
            "max": float(price.max()),
            "dearest_hour": int(np.argmax(hourly)),
        }

    def to_json(self) -> dict[str, Any]:
        """The form of `wattpath power --json`."""
        head: dict[str, Any] = {
            "scenario": self.scenario.name,
            "site": self.scenario.site,
            "weather": weather_json(self.weather),
            "load": self.load.to_json(),
            "representative_days": self.days,
            "feasible": self.feasible,
            "reasons": list(self.reasons),
        }
        result = self.result
        if result is None:
            return head
        head["relaxations"] = [asdict(relaxation) for relaxation in result.relaxations]
        head["excluded"] = [excluded._asdict() for excluded in result.excluded]
        if not result.feasible:
            return head
        return {**head, "technologies": self.technologies(), **self._totals(result)}

    def _totals(self, result: SupplyResult) -> dict[str, Any]:
        curtailed = result.periods.total(result.curtailed_w[result.periods.hours])
        produced = curtailed + sum(result.year_j.values()) / HOUR_S
        return {
            "cost_usd_per_year": result.total_usd,
            "usd_per_mwh": result.levelised_usd_j * MWH_J,
            "carbon_kg_per_year": {
                "direct": result.carbon_kg,
                "life_cycle": result.life_cycle_kg,
                "marginal": result.marginal_kg,
            },
            "carbon_kg_per_mwh": result.carbon_kg / float(self.load.power_w.sum()) * 1e6,
            "marginal_carbon_kg_per_mwh": result.marginal_kg / float(self.load.power_w.sum()) * 1e6,
            "water_m3_per_year": result.water_m3,
            "curtailed_wh_per_year": curtailed,
            "curtailed_share": curtailed / produced,
            "months_to_power": result.months_to_power,
            "prices_usd_per_mwh": self.prices(),
            "grid_limit_worth_usd_per_w_year": result.grid_worth_usd_w,
            "carbon_cap_worth_usd_per_t": result.carbon_worth_usd_kg * 1e3,
            "hourly_matching_usd_per_mwh": result.free_worth_usd_j * MWH_J,
            "annual_matching_usd_per_mwh": result.match_worth_usd_j * MWH_J,
            "covered_loss_w": result.lost_w,
            "gap_of_whole_units": None
            if math.isnan(result.bound_usd)
            else result.total_usd / result.bound_usd - 1.0,
        }


def _quantiles(values: Floats, weights: Floats, shares: tuple[float, ...]) -> Floats:
    """The values below which lie these shares of the weight."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order]) / weights.sum()
    places = np.minimum(np.searchsorted(below, shares), values.size - 1)
    return np.asarray(values[order][places])


def facility_load(scenario: Scenario, load_w: float | None, progress: Progress) -> Load:
    """Facility power of the year: constant as given [W], or that of the plan *both*.

    What the plan does at other sites is a load of theirs.
    """
    if load_w is not None:
        return Load(np.full(HOURS, load_w), 0.0, "given")
    outcome = of_plan(scenario, "both", progress)
    if outcome.hourly is None:
        return Load(np.empty(0), 0.0, "both", outcome.reasons)
    named = {f"Grid connection, {other.name}" for other in others_of(scenario, 0.0)}
    away = [power for name, power in outcome.hourly.supply_w.items() if name in named]
    own = np.asarray(outcome.hourly.facility_w) - sum(away, np.zeros(HOURS))
    return Load(own, 0.0, "both")


def power_of(
    scenario: Scenario,
    load: Load,
    days: int | None = None,
    asked: Asked | None = None,
    progress: Progress = silent,
) -> PowerAnswer:
    """The cheapest supply of a load with the scenario's technologies.

    Parameters
    ----------
    scenario : Scenario
    load : Load
        Facility power (see `facility_load`); one without power is answered with its reasons.
    days : int, optional
        Representative days; all 8,760 hours if not given.
    asked : Asked, optional
        Matching, whole units, cover for an outage.
    progress : callable
        Told the stage and the share of it.

    Raises
    ------
    InputError
        For names that the catalogue does not hold, or a share outside its range.
    """
    asked = asked or Asked()
    weather = weather_of(scenario)
    known = load.power_w.size > 0
    parts = parts_of(scenario, weather, (), float(load.power_w.max()) if known else 1e6)
    parts = replace(parts, options=asked.of(parts.options), site=asked.at(parts.site))
    given = (load.power_w, parts.technologies, parts.site, parts.options)
    result = None
    if known and asked.whole_units:
        result = dispatch_units(*given, days=days, progress=progress)
    elif known:
        result = dispatch(*given, days=days)
    return PowerAnswer(scenario, weather, load, parts, days, result)
