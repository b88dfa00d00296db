"""What else a hall must do: stay powered, swallow swings, be built in units, be refitted,
give heat away.

Beside `plan.site`, whose answer it takes. Everything is for the scenario's own hall and load.
Where it breaks down: see `facility.reliability`, `facility.swings`, `facility.modules`,
`facility.retrofit` and `facility.reuse`, which do the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wattpath import facility
from wattpath.facility import Availability, HeatReuse, Module, Retrofit, Swings
from wattpath.facility.comparison import offered
from wattpath.facility.electrical import REDUNDANCIES
from wattpath.facility.reuse import flow_temperature_c, source_temperature_c
from wattpath.plan.place.hall import FacilityAnswer, Load, share_of
from wattpath.units import MONTH_S, YEAR_S

#: Refits that are told, those that save the most power first.
REFITS = 5


@dataclass(frozen=True, slots=True)
class Redundancy:
    """The chain with one redundancy: availability, PUE of the year, capital [USD/W]."""

    availability: Availability
    pue: float
    capital_usd_per_it_w: float

    def to_json(self) -> dict[str, Any]:
        """The figures."""
        return {
            "redundancy": self.availability.redundancy,
            "availability": self.availability.total,
            "hours_without_power_per_year": self.availability.downtime_h_year,
            "pue": self.pue,
            "capital_usd_per_it_w": self.capital_usd_per_it_w,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """Heat given to a demand over the year."""

    demand_w: np.ndarray
    demand_c: float
    source_c: float
    reuse: HeatReuse
    reuse_factor: float

    def to_json(self) -> dict[str, Any]:
        """Energies, COP and the energy reuse factor."""
        met = float(self.reuse.delivered_w.sum() / self.demand_w.sum())
        cop = self.reuse.cop
        return {
            "demand_c": self.demand_c,
            "source_c": self.source_c,
            "demand_wh_per_year": float(self.demand_w.sum()),
            "delivered_wh_per_year": float(self.reuse.delivered_w.sum()),
            "met_share": met,
            "heat_pump_wh_per_year": float(self.reuse.pump_w.sum()),
            "heat_pump_peak_w": float(self.reuse.pump_w.max()),
            "cop": cop if np.isfinite(cop) else None,
            "energy_reuse_factor": self.reuse_factor,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Duties:
    """What else the hall of a `FacilityAnswer` must do.

    Attributes
    ----------
    capacity_w : float
        IT capacity [W].
    redundancies : tuple of Redundancy
        N, N+1 and 2N.
    swings : Swings
        Of training, against the battery.
    modules : tuple of Module
        Whole units that can hold the cooling system, the soonest first.
    refits : tuple of Retrofit
        Other systems in the hall as it stands, the most power saved first.
    heat : Heat or None
        Where a demand was given.
    """

    capacity_w: float
    redundancies: tuple[Redundancy, ...]
    swings: Swings
    modules: tuple[Module, ...]
    refits: tuple[Retrofit, ...]
    heat: Heat | None

    def to_json(self) -> dict[str, Any]:
        """The part of `wattpath facility --json` beside the year."""
        return {
            "redundancy": [one.to_json() for one in self.redundancies],
            "swings": self._swings(),
            "modules": [self._module(one) for one in self.modules],
            "retrofits": [_refit(one) for one in self.refits],
            "heat_reuse": None if self.heat is None else self.heat.to_json(),
        }

    def _swings(self) -> dict[str, Any]:
        swings = self.swings
        return {
            "share": swings.share,
            "period_s": swings.period_s,
            "battery_needed_wh": swings.energy_j_per_w * self.capacity_w / 3600.0,
            "battery_given_wh": swings.battery_j_per_w * self.capacity_w / 3600.0,
            "battery_power_w": swings.power_w_per_w * self.capacity_w,
            "loss_w": swings.loss_w_per_w * self.capacity_w,
            "covered": swings.covered,
            "longest_period_s": swings.longest_s,
            "battery_life_years": swings.life_s / YEAR_S,
        }

    def _module(self, module: Module) -> dict[str, Any]:
        return {
            "key": module.key,
            "form": module.form,
            "module_w": module.module_w,
            "units": module.units_for(self.capacity_w),
            "months_to_first": module.lead_time_s / MONTH_S,
            "months_to_all": module.time_to_s(self.capacity_w) / MONTH_S,
            "crews": module.crews,
            "units_per_year": module.units_per_year,
            "capital_usd": module.units_for(self.capacity_w)
            * module.module_w
            * module.capital_usd_per_it_w,
        }


def _refit(one: Retrofit) -> dict[str, Any]:
    return {
        "cooling": one.after.cooling,
        "pue": one.after.pue(),
        "gained_it_w": one.gained_w,
        "saved_w": one.saved_w,
        "saved_water_m3_per_year": one.saved_water_m3_year,
        "capital_usd": one.capital_usd,
        "months": one.ready_s / MONTH_S,
    }


def duties_of(
    answer: FacilityAnswer, heat_peak_w: float | None = None, heat_c: float | None = None
) -> Duties:
    """Everything else that the scenario's hall must do.

    Parameters
    ----------
    answer : FacilityAnswer
        Of `plan.site.facility_of`.
    heat_peak_w : float, optional
        Heat demand of the coldest hour [W]; its year follows the site's temperature.
    heat_c : float, optional
        Flow temperature of that demand [degC]; that of the usual network if left out.
    """
    hours, load = answer.hours, answer.load
    chain = facility.load_electrical(hours.electrical)
    flow_c = flow_temperature_c() if heat_c is None else heat_c
    return Duties(
        capacity_w=load.capacity_w,
        redundancies=tuple(_redundancy(answer, one) for one in REDUNDANCIES),
        swings=facility.ride_swings(chain),
        modules=facility.modules_for(hours.cooling, hours.electrical),
        refits=_refits(answer),
        heat=None if heat_peak_w is None else _heat(answer, load, heat_peak_w, flow_c),
    )


def _redundancy(answer: FacilityAnswer, redundancy: str) -> Redundancy:
    chain = facility.load_electrical(answer.hours.electrical, redundancy)
    run = facility.simulate(answer.hours.cooling, chain, answer.weather, share_of(answer.load))
    return Redundancy(facility.availability(chain), run.pue, chain.capital_usd_per_it_w)


def _refits(answer: FacilityAnswer) -> tuple[Retrofit, ...]:
    """Systems for the same servers that stay within their limits and save power."""
    before, capacity = answer.hours, answer.load.capacity_w
    kinds = set(before.accepts)
    found = []
    for system in answer.systems:
        if system.cooling == before.cooling or system.cooling not in offered():
            continue
        if not kinds & set(system.accepts):
            continue
        one = facility.refit(before, system.cooling, answer.weather, capacity)
        if one.after.feasible and one.saved_w > 0.0:
            found.append(one)
    return tuple(sorted(found, key=lambda one: -one.saved_w)[:REFITS])


def _heat(answer: FacilityAnswer, load: Load, peak_w: float, demand_c: float) -> Heat:
    cooling = facility.load_cooling(answer.hours.cooling)
    demand = facility.heating_demand(answer.weather, peak_w)
    reuse = facility.reuse_of_run(cooling, answer.run, load.capacity_w, demand, demand_c)
    factor = reuse.reuse_factor(answer.facility_w + reuse.pump_w)
    return Heat(demand, demand_c, source_temperature_c(cooling), reuse, factor)
