"""What a place offers to a supply: sun, wind, grid, fuel and water prices, hour by hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.supply.price import HOURS, hourly_price

if TYPE_CHECKING:
    from wattpath.catalog import Entry

Floats = NDArray[np.float64]

#: Technology -> attribute of a site that limits it.
LIMITED = {
    "solar-single-axis": "solar_limit",
    "wind-onshore": "wind_limit",
    "geothermal-hydrothermal": "geothermal_limit",
    "geothermal-enhanced": "enhanced_geothermal_limit",
    "hydro": "hydro_limit",
    "nuclear-large": "nuclear_limit",
    "nuclear-smr": "nuclear_limit",
}


@dataclass(frozen=True, slots=True, eq=False)
class SiteHours:
    """One place over one year of 8,760 hours in local standard time.

    Attributes
    ----------
    name : str
        Where.
    solar_cf, wind_cf, offshore_cf : ndarray or None
        Output over capacity of solar, onshore and offshore wind before availability [0..1].
    dry_bulb_c : ndarray or None
        Air temperature [degC], for the derating of gas plants.
    grid_limit_w : float
        Largest import [W]; 0 for a site without grid.
    grid_price_usd_j : ndarray
        Energy price with delivery charges [USD/J].
    grid_available : ndarray
        Share of the connection that may be used in each hour [0..1], before `curtailed_h`
        and `outage_h`.
    demand_charge_usd_w_year, connection_usd_w : float
        Charge on the year's peak import [USD/W/year]; one-off cost of the connection [USD/W].
    grid_lead_s, firm_lead_s : float
        Time to an energised connection, and to one that is never called off [s].
    grid_average_kg_j, grid_marginal_kg_j : ndarray
        Carbon of grid electricity [kg/J].
    grid_free_share : float
        Carbon-free share of grid energy.
    gas_usd_j : float
        Delivered gas [USD/J of heat].
    water_usd_m3 : float
        [USD/m3].
    tax : float
        Property tax a year over capital.
    limits_w : mapping
        Largest capacity per technology that land, rivers or law allow [W]; none where absent.
    gas_limit_w : float
        Heat that pipelines can bring [W].
    curtailed_h, outage_h : float
        Hours a year in which the grid is called off by agreement, and in which it fails
        (`wattpath.supply.gridshare` says which).
    """

    name: str
    solar_cf: Floats | None
    wind_cf: Floats | None
    offshore_cf: Floats | None
    dry_bulb_c: Floats | None
    grid_limit_w: float
    grid_price_usd_j: Floats
    grid_available: Floats
    demand_charge_usd_w_year: float
    connection_usd_w: float
    grid_lead_s: float
    grid_average_kg_j: Floats
    grid_marginal_kg_j: Floats
    grid_free_share: float
    gas_usd_j: float
    water_usd_m3: float
    tax: float
    limits_w: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    gas_limit_w: float = np.inf
    firm_lead_s: float = np.inf
    curtailed_h: float = 0.0
    outage_h: float = 0.0


def load_site(name: str, path: str = "site") -> Entry:
    """The catalogue entry of a site by key, name or alias."""
    return catalog.load("site", name, path)


def site_hours(
    site: str,
    *,
    solar_cf: ArrayLike | None = None,
    wind_cf: ArrayLike | None = None,
    offshore_cf: ArrayLike | None = None,
    dry_bulb_c: ArrayLike | None = None,
    grid_limit_w: float = np.inf,
    grid_price_usd_j: ArrayLike | None = None,
    grid_carbon_kg_j: ArrayLike | None = None,
    grid_marginal_kg_j: ArrayLike | None = None,
    grid_available: ArrayLike | None = None,
    path: str = "site",
) -> SiteHours:
    """The hours of a catalogued site.

    Parameters
    ----------
    site : str
        Key, name or alias.
    solar_cf, wind_cf, offshore_cf, dry_bulb_c : array of shape (8760,), optional
        Hourly resource and temperature; a technology without its resource is left out.
    grid_limit_w : float
        Largest import [W].
    grid_price_usd_j, grid_carbon_kg_j, grid_marginal_kg_j : array, optional
        Measured hourly price, average and marginal carbon in place of the site's own.
    grid_available : array, optional
        Usable share of the connection per hour; all of it if not given.
    path : str
        Where the name was given, for the error message.

    Raises
    ------
    InputError
        For an array that is not 8,760 finite hours, or a limit below 0.
    """
    entry = load_site(site, path)
    if not grid_limit_w >= 0.0:
        raise InputError(f"{path}.grid.limit", "be a power >= 0 W", grid_limit_w)
    return SiteHours(
        name=entry.name,
        solar_cf=_optional(f"{path}.solar", solar_cf),
        wind_cf=_optional(f"{path}.wind", wind_cf),
        offshore_cf=_optional(f"{path}.offshore", offshore_cf),
        dry_bulb_c=_optional(f"{path}.dry_bulb", dry_bulb_c),
        grid_limit_w=float(grid_limit_w),
        grid_available=_hours(f"{path}.grid.available", grid_available, 1.0),
        gas_usd_j=entry.si("gas_price"),
        water_usd_m3=entry.si("water_price"),
        tax=entry.si("tax"),
        limits_w=_limits(entry),
        gas_limit_w=_or_none(entry, "gas_limit"),
        **_connection(entry),
        **_energy(entry, path, grid_price_usd_j, grid_carbon_kg_j, grid_marginal_kg_j),
    )


def _connection(entry: Entry) -> dict[str, Any]:
    """Charges and times of the connection, by field of `SiteHours`."""
    return {
        "demand_charge_usd_w_year": entry.si("demand_charge"),
        "connection_usd_w": entry.si("connection_cost"),
        "grid_lead_s": entry.si("grid_lead_time"),
        "firm_lead_s": entry.si("grid_lead_time"),
        "grid_free_share": entry.get("carbon_free_share") or 0.0,
    }


def _energy(
    entry: Entry,
    path: str,
    price_usd_j: ArrayLike | None,
    carbon_kg_j: ArrayLike | None,
    marginal_kg_j: ArrayLike | None,
) -> dict[str, Any]:
    """Price and carbon of the grid's energy, measured or the site's own, by field."""
    average = _hours(f"{path}.grid.carbon", carbon_kg_j, entry.si("carbon_average"))
    marginal = entry.get("carbon_marginal") if marginal_kg_j is None else marginal_kg_j
    marginal = average if marginal is None else marginal
    price = _hours(f"{path}.grid.price", _price(entry) if price_usd_j is None else price_usd_j)
    return {
        "grid_price_usd_j": price + entry.si("delivery_charge"),
        "grid_average_kg_j": average,
        "grid_marginal_kg_j": _hours(f"{path}.grid.carbon", np.full(HOURS, marginal)),
    }


def _limits(entry: Entry) -> Mapping[str, float]:
    found = {key: _or_none(entry, name) for key, name in LIMITED.items()}
    return MappingProxyType({key: limit for key, limit in found.items() if np.isfinite(limit)})


def _or_none(entry: Entry, name: str) -> float:
    """A limit of the catalogue [W]; infinite where it is silent."""
    limit = entry.get(name)
    return np.inf if limit is None else limit


def _price(entry: Entry) -> Floats:
    return hourly_price(
        entry.si("grid_price"),
        entry.si("price_evening"),
        entry.si("price_midday"),
        entry.si("price_season"),
        entry.si("price_peak_day"),
    )


def _optional(path: str, values: ArrayLike | None) -> Floats | None:
    return None if values is None else _hours(path, values)


def _hours(path: str, values: ArrayLike | None, default: float = 0.0) -> Floats:
    """8,760 finite hours."""
    if values is None:
        return np.full(HOURS, default)
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (HOURS,):
        raise InputError(path, "have 8,760 hours (drop 29 February)", array.shape)
    if not np.isfinite(array).all():
        hour = int(np.flatnonzero(~np.isfinite(array))[0])
        raise InputError(path, "be finite in every hour", f"{array[hour]} in hour {hour}")
    return array
