"""Retrofit of a standing hall: another cooling system behind the same grid connection.

The hall keeps its shell, its substation and its limit of facility power in the worst hour.
A system that needs less for itself leaves more for servers:

    new capacity = old capacity * old worst hour [W/W] / new worst hour [W/W]

Where it breaks down: floor loads, pipe routes and switchgear of single rooms may stop it
earlier; the gain counts only where the electrical rooms have the breakers for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from wattpath.errors import InputError
from wattpath.facility.hourly import FacilityHours, performance
from wattpath.facility.modules import Module, modules_for
from wattpath.units import HOURS

if TYPE_CHECKING:
    from wattpath.facility.weather import Weather


@dataclass(frozen=True, slots=True, eq=False)
class Retrofit:
    """A standing hall with another cooling system.

    Attributes
    ----------
    module : Module
        The unit in which rooms are refitted.
    before, after : FacilityHours
    capacity_w, new_capacity_w : float
        IT capacity before and after [W].
    capital_usd : float
        [USD].
    ready_s : float
        From the order until the last room is back [s].
    saved_w : float
        Mean facility power saved at the old IT load [W].
    saved_water_m3_year : float
        Site water saved at the old IT load [m3/year]; below 0 it takes more.
    """

    module: Module
    before: FacilityHours
    after: FacilityHours
    capacity_w: float
    new_capacity_w: float
    capital_usd: float
    ready_s: float
    saved_w: float
    saved_water_m3_year: float

    @property
    def gained_w(self) -> float:
        """IT capacity that the same grid connection carries in addition [W]."""
        return self.new_capacity_w - self.capacity_w

    @property
    def rooms(self) -> int:
        """Rooms that are refitted one after the other by each crew."""
        return ceil(self.capacity_w / self.module.module_w)


def refit(
    before: FacilityHours,
    cooling: str,
    weather: Weather,
    capacity_w: float,
    load: float = 0.8,
) -> Retrofit:
    """Give a standing hall another cooling system.

    Parameters
    ----------
    before : FacilityHours
        The hall as it stands.
    cooling : str
        Catalogue name of the new system.
    weather : Weather
    capacity_w : float
        IT capacity of the standing hall [W].
    load : float
        IT power over capacity at which energy and water are compared [0..1].

    Raises
    ------
    InputError
        For a capacity that is not above 0, or a system that no refit can hold.
    """
    return refit_from(before, performance(cooling, before.electrical, weather), capacity_w, load)


def refit_from(
    before: FacilityHours, after: FacilityHours, capacity_w: float, load: float = 0.8
) -> Retrofit:
    """A refit between two systems whose years are known (see `refit`).

    Parameters
    ----------
    before, after : FacilityHours
        The hall as it stands and with the new system, on the same chain.
    capacity_w : float
        IT capacity of the standing hall [W].
    load : float
        IT power over capacity at which energy and water are compared [0..1].

    Raises
    ------
    InputError
        For a capacity that is not above 0, or a system that no refit can hold.
    """
    if capacity_w <= 0.0:
        raise InputError("capacity_w", "be above 0 W", capacity_w)
    units = [m for m in modules_for(after.cooling, before.electrical) if m.form == "retrofit"]
    if not units:
        raise InputError("cooling", "be a system that a refit can hold", after.cooling)
    unit = units[0]
    it_w = load * capacity_w
    saved = before.facility_w(it_w, capacity_w) - after.facility_w(it_w, capacity_w)
    water = float((before.water_m3_per_it_j - after.water_m3_per_it_j).mean())
    ratio = before.design_facility_w_per_it_w / after.design_facility_w_per_it_w
    return Retrofit(
        module=unit,
        before=before,
        after=after,
        capacity_w=capacity_w,
        new_capacity_w=capacity_w * ratio,
        capital_usd=unit.capital_usd_per_it_w * capacity_w,
        ready_s=unit.time_to_s(capacity_w) + unit.outage_s,
        saved_w=float(saved.mean()),
        saved_water_m3_year=water * it_w * HOURS * 3600.0,
    )
