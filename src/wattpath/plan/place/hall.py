"""A scenario's site seen by a facility engineer: one hall through a year, and all others.

The load is a given IT power or that of the scenario's own baseline plan. What a system costs
a year is what differs between systems:

    cost = a(r, n) capital + upkeep + sum_t (P_t - IT_t) price_t + water

Where it breaks down: the electricity is counted at the site's grid price, although the plan
may build its own supply; every system has the scenario's electrical chain; land, staff and
servers are left out, for they are the same for all.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wattpath import catalog, facility, hardware
from wattpath.economics import load_book, yearly_capital_usd
from wattpath.errors import InputError
from wattpath.facility import FacilityHours, FacilityRun, Weather
from wattpath.facility.comparison import offered
from wattpath.facility.weather import MONTH_STARTS, stamp
from wattpath.plan.build import site_of
from wattpath.plan.halls import weather_of
from wattpath.plan.result import Outcome
from wattpath.plan.scenario import Scenario
from wattpath.progress import Progress
from wattpath.supply.site import SiteHours
from wattpath.supply.terms import MONTH_S
from wattpath.units import HOUR_S, HOURS

Floats = NDArray[np.float64]
#: m3/J to L/kWh.
LITRES = 3.6e9

#: IT power over installed IT capacity at which part load is told.
LOADS = (0.1, 0.25, 0.5, 0.75, 1.0)

#: Quantiles of the hourly PUE that are told.
QUANTILES = {"min": 0.0, "p05": 0.05, "median": 0.5, "p95": 0.95, "max": 1.0}


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """A year of power.

    Attributes
    ----------
    power_w : ndarray, shape (8760,)
        [W]; empty where a plan that should give it is infeasible.
    capacity_w : float
        Installed IT capacity [W]; 0 for a load of facilities.
    source : str
        ``given``, or the plan that it comes from.
    reasons : tuple of str
        Why there is no load.
    """

    power_w: Floats
    capacity_w: float
    source: str
    reasons: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Mean, peak and energy."""
        known = self.power_w.size > 0
        return {
            "source": self.source,
            "mean_w": float(self.power_w.mean()) if known else None,
            "peak_w": float(self.power_w.max()) if known else None,
            "energy_wh_per_year": float(self.power_w.sum()) if known else None,
        }


@dataclass(frozen=True, slots=True)
class System:
    """A cooling system at the site under the load.

    Attributes
    ----------
    cooling, name : str
        Key and name.
    pue, wue_m3_j, worst_hour_pue : float
        Annual PUE and site water [m3/J]; PUE of the hour of the highest facility power.
    peak_w, capital_usd, cost_usd_per_year, lead_time_months : float
        Of the whole site; the cost as in the module's equation.
    accepts : tuple of str
        Kinds of server cooling.
    refusal, margin : str
        Why it does not fit the site, and by how much; empty where it does.
    """

    cooling: str
    name: str
    pue: float
    wue_m3_j: float
    worst_hour_pue: float
    peak_w: float
    capital_usd: float
    cost_usd_per_year: float
    lead_time_months: float
    accepts: tuple[str, ...]
    refusal: str = ""
    margin: str = ""

    @property
    def wue_l_kwh(self) -> float:
        """Annual site water [L/kWh]."""
        return self.wue_m3_j * LITRES

    def to_json(self) -> dict[str, Any]:
        """The fields, water in L/kWh."""
        plain = asdict(self)
        del plain["wue_m3_j"]
        return {**plain, "wue_l_kwh": self.wue_l_kwh}


@dataclass(frozen=True, slots=True, eq=False)
class FacilityAnswer:
    """The scenario's hall through the year, and what other cooling would do.

    Attributes
    ----------
    hours : FacilityHours
        Capital, lead time, availability.
    run : FacilityRun
        Every part in every hour, per W of installed IT capacity.
    systems : tuple of System
        All of the catalogue: those that fit by cost, then those that do not.
    """

    scenario: Scenario
    weather: Weather
    load: Load
    hours: FacilityHours
    run: FacilityRun
    systems: tuple[System, ...]

    @property
    def feasible(self) -> bool:
        """Whether the scenario's own hall fits."""
        return self.refusal == ""

    @property
    def refusal(self) -> str:
        """Why the scenario's own hall does not fit; empty where it does."""
        return next(s.refusal for s in self.systems if s.cooling == self.hours.cooling)

    @property
    def facility_w(self) -> Floats:
        """Facility power hour by hour [W]."""
        return np.asarray(self.run.facility_w * self.load.capacity_w)

    def monthly(self) -> list[dict[str, float]]:
        """PUE, water and highest power of each month."""
        it = self.run.parts["it_w"]
        rows = []
        for month, (begin, end) in enumerate(pairwise(MONTH_STARTS), start=1):
            part = slice(begin, end)
            energy = it[part].sum()
            water = self.run.parts["water_kg_s"][part].sum()
            rows.append(
                {
                    "month": month,
                    "pue": float(self.run.facility_w[part].sum() / energy),
                    "wue_l_kwh": float(water / energy * 3.6e6),
                    "facility_peak_w": float(self.facility_w[part].max()),
                }
            )
        return rows

    def worst_hour(self) -> dict[str, Any]:
        """The hour of the highest facility power, with its weather."""
        hour = self.run.worst_hour
        return {
            "hour": hour,
            "when": stamp(hour),
            "pue": float(self.run.pue_hourly[hour]),
            "facility_w": float(self.facility_w[hour]),
            "dry_bulb_c": float(self.weather.dry_bulb_c[hour]),
            "relative_humidity": float(self.weather.relative_humidity[hour]),
        }

    def pue_map(self) -> Floats:
        """Mean hourly PUE by month and hour of the day, shape (12, 24)."""
        days = self.run.heat_map
        months = pairwise(start // 24 for start in MONTH_STARTS)
        return np.array([days[begin:end].mean(axis=0) for begin, end in months])

    def part_load(self) -> list[dict[str, float]]:
        """Annual PUE, and power behind the electrical chain over power before it, by IT load."""
        rows = []
        for share in LOADS:
            run = facility.simulate(self.run.cooling, self.run.electrical, self.weather, share)
            lost = run.breakdown()["electrical_w"] / run.pue
            row = {"it_share": share, "pue": run.pue, "chain_efficiency": 1.0 - lost}
            rows.append(row)
        return rows

    def to_json(self) -> dict[str, Any]:
        """The form of `wattpath facility --json`."""
        run, hours, capacity = self.run, self.hours, self.load.capacity_w
        levels = np.quantile(run.pue_hourly, list(QUANTILES.values()))
        parts = run.breakdown()
        return {
            "scenario": self.scenario.name,
            "site": self.scenario.site,
            "weather": weather_json(self.weather),
            "load": {**self.load.to_json(), "it_capacity_w": capacity},
            "cooling": hours.cooling,
            "electrical": hours.electrical,
            "feasible": self.feasible,
            "reason": self.refusal,
            "pue": run.pue,
            "wue_l_kwh": run.wue_l_kwh,
            "facility_energy_wh_per_year": float(self.facility_w.sum()),
            "water_m3_per_year": float(run.parts["water_kg_s"].sum()) * capacity * HOUR_S / 1e3,
            "worst_hour": self.worst_hour(),
            "pue_quantiles": dict(zip(QUANTILES, map(float, levels), strict=True)),
            "breakdown": {name.removesuffix("_w"): share for name, share in parts.items()},
            "part_load": self.part_load(),
            "months": self.monthly(),
            "pue_by_month_and_hour": self.pue_map().tolist(),
            "capital_usd": hours.capital_usd_per_it_w * capacity,
            "lead_time_months": _lead_months(hours),
            "availability": hours.availability,
            "comparison": [system.to_json() for system in self.systems],
        }


def weather_json(weather: Weather) -> dict[str, Any]:
    """Where the weather comes from."""
    return {
        "station": weather.station,
        "source": weather.source,
        "evidence": weather.evidence,
    }


def of_plan(scenario: Scenario, name: str, progress: Progress) -> Outcome:
    """One of the four plans of a scenario."""
    from wattpath.plan import study

    return study.run(scenario, progress=progress, attribute=False).plans[name]


def it_load(scenario: Scenario, it_w: float | None, share: float, progress: Progress) -> Load:
    """IT power of the year: constant as given, or that of the baseline plan.

    Parameters
    ----------
    it_w : float or None
        Constant IT power [W].
    share : float
        Given IT power over installed IT capacity [0..1].
    """
    if it_w is not None:
        if not 0.0 < share <= 1.0:
            raise InputError("--load-share", "be above 0 and at most 1", share)
        return Load(np.full(HOURS, it_w), it_w / share, "given")
    outcome = of_plan(scenario, "baseline", progress)
    if outcome.hourly is None:
        return Load(np.empty(0), 0.0, "baseline", outcome.reasons)
    capacity = sum(hall.capacity_w for hall in outcome.cooling)
    return Load(outcome.hourly.it_w, max(capacity, float(outcome.hourly.it_w.max())), "baseline")


def facility_of(scenario: Scenario, load: Load) -> FacilityAnswer:
    """The scenario's hall and all other cooling systems under an IT load.

    Parameters
    ----------
    scenario : Scenario
    load : Load
        Of IT (see `it_load`), with its power known.

    Raises
    ------
    InputError
        For names that the catalogue does not hold.
    """
    weather = weather_of(scenario)
    base = scenario.baseline
    hours = facility.performance(base.cooling, base.electrical, weather)
    run = facility.simulate(base.cooling, base.electrical, weather, share_of(load))
    site = site_of(scenario, weather)
    kinds = _server_kinds(scenario)
    found = [_system(scenario, key, weather, load, site, kinds) for key in offered()]
    ranked = sorted(found, key=lambda system: (system.refusal != "", system.cost_usd_per_year))
    return FacilityAnswer(scenario, weather, load, hours, run, tuple(ranked))


def share_of(load: Load) -> Floats:
    """IT power over installed IT capacity, hour by hour [0..1]."""
    return np.asarray(np.minimum(load.power_w / load.capacity_w, 1.0))


def _server_kinds(scenario: Scenario) -> set[str]:
    """How the servers of the scenario are cooled."""
    names = [scenario.baseline.server, *scenario.options.servers]
    paths = ["baseline.server", *(f"options.servers.{i}" for i in range(len(names) - 1))]
    servers = [hardware.load_server(name, path) for name, path in zip(names, paths, strict=True)]
    return {kind for server in servers for kind in server.cooling}


def _system(
    scenario: Scenario, key: str, weather: Weather, load: Load, site: SiteHours, kinds: set[str]
) -> System:
    """One cooling system on the scenario's electrical chain."""
    hours = facility.performance(key, scenario.baseline.electrical, weather)
    run = facility.simulate(key, hours.electrical, weather, share_of(load))
    power = run.facility_w * load.capacity_w
    water = float(run.parts["water_kg_s"].sum()) * load.capacity_w * HOUR_S / 1e3
    capital = hours.capital_usd_per_it_w * load.capacity_w
    rate = scenario.finance.discount_rate
    cost = yearly_capital_usd(capital, hours.life_s, rate)
    cost += hours.maintenance_usd_per_it_w_year * load.capacity_w
    cost += float((power - load.power_w) @ site.grid_price_usd_j) * HOUR_S
    cost += water * site.water_usd_m3
    refusal, margin = _refusal(scenario, hours, weather, kinds)
    return System(
        cooling=key,
        name=catalog.load("cooling", key).name,
        pue=run.pue,
        wue_m3_j=run.wue_l_kwh / LITRES,
        worst_hour_pue=float(run.pue_hourly[run.worst_hour]),
        peak_w=float(power.max()),
        capital_usd=capital,
        cost_usd_per_year=cost,
        lead_time_months=_lead_months(hours),
        accepts=hours.accepts,
        refusal=refusal,
        margin=margin,
    )


def _lead_months(hours: FacilityHours) -> float:
    """Months until a hall stands: its plant and chain, or the shell if that takes longer."""
    return max(hours.lead_time_s, load_book().shell_lead_s) / MONTH_S


def _refusal(
    scenario: Scenario, hours: FacilityHours, weather: Weather, kinds: set[str]
) -> tuple[str, str]:
    """Why a system does not fit, and by how much."""
    if not hours.feasible:
        loads = (0.5, 0.8, 1.0)
        runs = [facility.simulate(hours.cooling, hours.electrical, weather, x) for x in loads]
        return hours.reason, f"{max(run.excess_k for run in runs):.1f} K too warm"
    if not kinds & set(hours.accepts):
        own, needed = " and ".join(hours.accepts), " or ".join(sorted(kinds))
        return f"It cools {own}, the scenario's servers need {needed}.", ""
    months = _lead_months(hours)
    late = months - scenario.months_available
    standing = scenario.baseline.standing_hall is not None
    if late > 0.0 and not (standing and hours.cooling == scenario.baseline.cooling):
        date = scenario.months_available
        return f"It takes {months:.0f} months, the date is in {date:.0f}.", f"{late:.0f} months"
    return "", ""
