"""Facility power and water for every hour of a weather year: the layer's front door.

`simulate` runs the full model on any IT load. `performance` condenses it into the affine
form that the plan optimises with: P[h] = IT[h] * variable[h] + capacity * fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from wattpath.errors import InputError
from wattpath.facility.chain import stage_loss_w
from wattpath.facility.cooling import Cooling, load_cooling, size_plant
from wattpath.facility.electrical import Electrical, load_electrical
from wattpath.facility.reliability import availability
from wattpath.facility.weather import Weather, stamp
from wattpath.facility.year import COLUMNS, moist_air, run_year
from wattpath.units import HOURS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from wattpath.facility.plant import Plant

    Hours = NDArray[np.float64]

#: A supply temperature may exceed its limit by this much before a system is refused [K].
TOLERANCE_K = 0.05

_moist: WeakKeyDictionary[Weather, Hours] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, eq=False)
class FacilityRun:
    """A year of one facility, per W of installed IT capacity.

    Attributes
    ----------
    cooling, electrical, station : str
        Keys.
    parts : dict
        Column of `year.COLUMNS` -> 8,760 values [W per W of IT capacity; water kg/s per W;
        ``excess_k`` K above the allowed supply temperature].
    """

    cooling: str
    electrical: str
    station: str
    parts: dict[str, Hours]

    @property
    def facility_w(self) -> Hours:
        """Facility power per W of IT capacity [W/W]."""
        names = ("it_w", "fans_w", "pumps_w", "compressors_w", "rejection_fans_w", "other_w")
        return sum((self.parts[name] for name in names), self.parts["electrical_w"])

    @property
    def pue_hourly(self) -> Hours:
        """Facility power over IT power, hour by hour."""
        return np.asarray(self.facility_w / self.parts["it_w"])

    @property
    def pue(self) -> float:
        """Annual facility energy over annual IT energy."""
        return float(self.facility_w.sum() / self.parts["it_w"].sum())

    @property
    def wue_l_kwh(self) -> float:
        """Annual site water over annual IT energy [L/kWh]."""
        return float(self.parts["water_kg_s"].sum() / self.parts["it_w"].sum() * 3.6e6)

    @property
    def worst_hour(self) -> int:
        """The hour of the highest facility power."""
        return int(np.argmax(self.facility_w))

    @property
    def excess_k(self) -> float:
        """How far the supply temperature rises above its limit in the worst hour [K]."""
        return float(self.parts["excess_k"].max())

    @property
    def heat_map(self) -> Hours:
        """Hourly PUE as an array of 365 days by 24 hours."""
        return self.pue_hourly.reshape(365, 24)

    def to_frame(self) -> pd.DataFrame:
        """All parts hour by hour [W per W of IT capacity; water kg/s per W], and PUE."""
        import pandas as pd

        return pd.DataFrame({**self.parts, "pue": self.pue_hourly})

    def explain(self) -> str:
        """PUE as the sum of its parts, and the worst hour."""
        shares = {k: v for k, v in self.breakdown().items() if k != "it_w" and v > 5e-5}
        largest = sorted(shares.items(), key=lambda item: -item[1])
        parts = " + ".join(f"{name.removesuffix('_w')} {share:.4f}" for name, share in largest)
        worst = self.worst_hour
        return (
            f"{self.cooling} on {self.electrical} at {self.station}: PUE {self.pue:.3f} = 1 + "
            f"{parts}; {self.wue_l_kwh:.2f} L/kWh; worst hour {stamp(worst)} with "
            f"{self.pue_hourly[worst]:.3f}"
        )

    def breakdown(self) -> dict[str, float]:
        """Annual energy of each part over annual IT energy; with ``it_w`` = 1 it adds to PUE."""
        total = self.parts["it_w"].sum()
        names = COLUMNS[: COLUMNS.index("water_kg_s")]
        return {name: float(self.parts[name].sum() / total) for name in names}


@dataclass(frozen=True, slots=True, eq=False)
class FacilityHours:
    """What the plan needs of a facility at a place; everything per W of IT.

    Attributes
    ----------
    cooling, electrical, station : str
        Keys.
    facility_w_per_it_w : array
        Facility power that follows the IT power, the IT watt included [W/W].
    facility_w_per_it_capacity_w : float
        Facility power without IT load per W of installed IT capacity [W/W].
    water_m3_per_it_j : array
        Site water [m3/J of IT energy].
    parts_w_per_it_w : dict
        Part -> mean power per IT W at the reference load, hour by hour [W/W].
    reference_load : float
        IT power over capacity at which the affine form is exact [0..1].
    affine_error : float
        Largest relative error of facility power at half and at full load.
    design_facility_w_per_it_w : float
        Facility power of the worst hour at full load [W/W].
    heat_supply_c : float
        Temperature of the liquid return water, for heat reuse; 0 without liquid [degC].
    capital_usd_per_it_w : float
        Cooling, hall and electrical chain [USD/W of IT capacity].
    maintenance_usd_per_it_w_year : float
        Upkeep of the same [USD per W of IT capacity and year].
    lead_time_s, life_s : float
        [s].
    accepts : tuple of str
        Kinds of server cooling: ``air``, ``liquid``, ``immersion``.
    feasible : bool
        Whether the supply temperature stays within its limit all year.
    reason : str
        Empty, or one sentence with the margin.
    availability : float
        Of power at the rack [0..1] (see `reliability.availability`).
    it_saving_share : float
        IT power that the chain saves against servers with AC supplies; not taken off the
        arrays above [0..1].
    """

    cooling: str
    electrical: str
    station: str
    facility_w_per_it_w: Hours
    facility_w_per_it_capacity_w: float
    water_m3_per_it_j: Hours
    parts_w_per_it_w: dict[str, Hours]
    reference_load: float
    affine_error: float
    design_facility_w_per_it_w: float
    heat_supply_c: float
    capital_usd_per_it_w: float
    maintenance_usd_per_it_w_year: float
    lead_time_s: float
    life_s: float
    accepts: tuple[str, ...]
    feasible: bool
    reason: str
    availability: float
    it_saving_share: float

    def facility_w(self, it_w: ArrayLike, capacity_w: float) -> Hours:
        """Facility power for an IT load [W].

        Parameters
        ----------
        it_w : array or float
            IT power [W].
        capacity_w : float
            Installed IT capacity [W].
        """
        load = np.broadcast_to(np.asarray(it_w, dtype=np.float64), (HOURS,))
        return load * self.facility_w_per_it_w + capacity_w * self.facility_w_per_it_capacity_w

    def pue(self, load: float = 0.0) -> float:
        """Annual PUE at a constant load share [0..1]; the reference load if left out."""
        share = load or self.reference_load
        return float(self.facility_w_per_it_w.mean() + self.facility_w_per_it_capacity_w / share)

    @property
    def wue_l_kwh(self) -> float:
        """Annual site water at constant load [L/kWh of IT energy]."""
        return float(self.water_m3_per_it_j.mean() * 3.6e9)


def outside_air(weather: Weather) -> Hours:
    """The weather's moist air, computed once per weather year (see `year.moist_air`)."""
    if weather not in _moist:
        _moist[weather] = moist_air(
            weather.dry_bulb_c, weather.relative_humidity, weather.pressure_pa
        )
    return _moist[weather]


def simulate(
    cooling: str | Cooling,
    electrical: str | Electrical,
    weather: Weather,
    load: ArrayLike = 1.0,
) -> FacilityRun:
    """Run a facility through a weather year.

    Parameters
    ----------
    cooling : str or Cooling
        Catalogue name, or a system from `load_cooling`.
    electrical : str or Electrical
        Catalogue name, or a chain from `load_electrical`.
    weather : Weather
    load : float or array of 8,760
        IT power over installed IT capacity, above 0 and at most 1.

    Raises
    ------
    InputError
        For an unknown name, or a load out of range.

    Notes
    -----
    Hours are independent: no thermal storage, no start-up. The plant is sized for the
    rating points of the entry, not for the worst hour of this year; a system without a
    chiller that gets too warm reports it in `FacilityRun.excess_k`.
    """
    loads = np.ascontiguousarray(np.broadcast_to(np.asarray(load, dtype=np.float64), (HOURS,)))
    if not (np.all(loads > 0.0) and np.all(loads <= 1.0)):
        raise InputError("load", "be above 0 and at most 1", float(np.min(loads)))
    system = cooling if isinstance(cooling, Cooling) else load_cooling(cooling)
    chain = electrical if isinstance(electrical, Electrical) else load_electrical(electrical)
    plant = _plant(system, chain, weather)
    out = np.empty((HOURS, len(COLUMNS)))
    run_year(plant, chain.chain, outside_air(weather), loads, out)
    parts = {name: out[:, column] for column, name in enumerate(COLUMNS)}
    return FacilityRun(system.key, chain.key, weather.station, parts)


def _plant(cooling: Cooling, electrical: Electrical, weather: Weather) -> Plant:
    hall = stage_loss_w(electrical.chain.hall, 1.0)
    return size_plant(cooling, float(weather.pressure_pa.mean()), hall)


def performance(
    cooling: str | Cooling,
    electrical: str | Electrical,
    weather: Weather,
    *,
    reference_load: float = 0.8,
) -> FacilityHours:
    """The affine form of a facility at a place.

    Parameters
    ----------
    cooling : str or Cooling
        Catalogue name, or a system from `load_cooling` (with changed numbers).
    electrical : str or Electrical
        Catalogue name, or a chain from `load_electrical` (with another redundancy).
    weather : Weather
    reference_load : float
        IT power over capacity at which the affine form is exact, 0.3 to 1.

    Raises
    ------
    InputError
        For an unknown name, or a reference load out of range.

    Notes
    -----
    The fixed part is the mean of the chords from half to full load, drawn on to zero load;
    the variable part of each hour then meets the full model at the reference load. Fans
    and pumps follow a cube law, so the form is too low at half load and too high at full
    load where they dominate; `affine_error` states by how much.
    """
    if not 0.3 <= reference_load <= 1.0:
        raise InputError("reference_load", "be between 0.3 and 1", reference_load)
    system = cooling if isinstance(cooling, Cooling) else load_cooling(cooling)
    chain = electrical if isinstance(electrical, Electrical) else load_electrical(electrical)
    half, full = (simulate(system, chain, weather, load) for load in (0.5, 1.0))
    at = simulate(system, chain, weather, reference_load)
    variable, fixed, error = _affine(half, at, full, reference_load)
    excess = max(run.excess_k for run in (half, at, full))
    n = system.numbers
    build, upkeep = _costs(n, chain)
    return FacilityHours(
        cooling=system.key,
        electrical=chain.key,
        station=weather.station,
        facility_w_per_it_w=variable,
        facility_w_per_it_capacity_w=fixed,
        water_m3_per_it_j=at.parts["water_kg_s"] / reference_load / 1000.0,
        parts_w_per_it_w=_parts(at, reference_load),
        reference_load=reference_load,
        affine_error=error,
        design_facility_w_per_it_w=float(full.facility_w.max()),
        heat_supply_c=_heat_supply_c(n),
        capital_usd_per_it_w=build,
        maintenance_usd_per_it_w_year=upkeep,
        lead_time_s=max(n["lead_time_s"], chain.entry.si("lead_time_s")),
        life_s=min(n["life_s"], chain.entry.si("life_s")),
        accepts=system.entry.texts("accepts"),
        feasible=excess <= TOLERANCE_K,
        reason=_reason(system, weather, full, excess),
        availability=availability(chain).total,
        it_saving_share=chain.entry.si("it_saving_share"),
    )


def _affine(
    half: FacilityRun, at: FacilityRun, full: FacilityRun, load: float
) -> tuple[Hours, float, float]:
    """Variable and fixed part, and the largest relative error at half and full load."""
    fixed = max(float((2.0 * half.facility_w - full.facility_w).mean()), 0.0)
    variable = (at.facility_w - fixed) / load
    errors = [
        np.abs((share * variable + fixed) / run.facility_w - 1.0).max()
        for share, run in ((0.5, half), (1.0, full))
    ]
    return variable, fixed, float(max(errors))


def _costs(n: Mapping[str, float], chain: Electrical) -> tuple[float, float]:
    """Capital [USD/W] and yearly upkeep [USD/W/year] of cooling, hall and chain."""
    chain_usd = chain.capital_usd_per_it_w
    build = n["capital_usd_per_it_w"] + n["building_usd_per_it_w"] + chain_usd
    upkeep = (
        n["capital_usd_per_it_w"] * n["maintenance_per_year"]
        + n["building_usd_per_it_w"] * n["building_maintenance_per_year"]
        + chain_usd * chain.entry.si("maintenance_per_year")
    )
    return build, upkeep


def _parts(run: FacilityRun, load: float) -> dict[str, Hours]:
    names = COLUMNS[1 : COLUMNS.index("water_kg_s")]
    return {name: run.parts[name] / load for name in names}


def _heat_supply_c(n: Mapping[str, float]) -> float:
    return n["liquid_supply_c"] + n["liquid_range_k"] if n["liquid_share"] > 0.0 else 0.0


def _reason(system: Cooling, weather: Weather, full: FacilityRun, excess_k: float) -> str:
    if excess_k <= TOLERANCE_K:
        return ""
    hot = full.parts["excess_k"] > TOLERANCE_K
    hour = stamp(int(np.argmax(full.parts["excess_k"])))
    return (
        f"{system.name} at {weather.station} runs {excess_k:.1f} K above its supply limit in the "
        f"worst hour ({hour}; {int(hot.sum())} hours in the year at full load): raise the limit "
        "or add a chiller."
    )
