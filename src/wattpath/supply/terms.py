"""What a technology can give, costs and emits at a site in each hour of the year."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wattpath.supply.gridshare import grid_hours, grid_share
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import HOURS, Periods
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import HOUR_S, Technology

Floats = NDArray[np.float64]

MONTH_S = 2_629_800.0

#: Air temperature at which gas plants give their rated output [degC].
RATED_C = 15.0


class Excluded(NamedTuple):
    """A technology that may not be built, and why; `months` is its lead time."""

    key: str
    reason: str
    months: float


def lead_months(technology: Technology, site: SiteHours, options: SupplyOptions) -> float:
    """Months from order to power; for the grid those of the site."""
    lead_s = technology.lead_s(options.lead)
    return (site.grid_lead_s if technology.role == "grid" else lead_s) / MONTH_S


def late(technology: Technology, site: SiteHours, options: SupplyOptions) -> bool:
    """Whether new capacity comes after the date."""
    return lead_months(technology, site, options) > options.months


def exclusion(technology: Technology, site: SiteHours, options: SupplyOptions) -> Excluded | None:
    """Why a technology may not be built here by the date, or None."""
    months = lead_months(technology, site, options)
    if technology.role == "solar" and site.solar_cf is None:
        return Excluded(technology.key, "the site has no solar resource", months)
    if technology.role == "wind" and wind_resource(technology, site) is None:
        return Excluded(technology.key, "the site has no wind resource", months)
    if technology.role == "grid" and site.grid_limit_w == 0.0:
        return Excluded(technology.key, "the site has no grid", months)
    standing = options.existing_w.get(technology.key, 0.0)
    if standing <= 0.0 and limit_w(technology, site, options) == 0.0:
        return Excluded(technology.key, _barred(technology, site), months)
    if standing <= 0.0 and late(technology, site, options):
        reason = f"takes {months:.0f} months, the date is in {options.months:.0f}"
        return Excluded(technology.key, reason, months)
    return None


def limit_w(technology: Technology, site: SiteHours, options: SupplyOptions) -> float:
    """Largest capacity that site and options allow [W]."""
    limit = min(
        options.limits_w.get(technology.key, np.inf), site.limits_w.get(technology.key, np.inf)
    )
    if technology.role == "grid":
        limit = min(limit, site.grid_limit_w)
    if technology.fuel == "gas":
        limit = min(limit, site.gas_limit_w * technology.efficiency)
    return limit


def _barred(technology: Technology, site: SiteHours) -> str:
    """Why there is no room for a technology at all."""
    if technology.fuel == "gas" and site.gas_limit_w == 0.0:
        return "the site has no gas pipeline"
    if site.limits_w.get(technology.key, np.inf) == 0.0:
        return "the site has no place for it"
    return "its limit is 0 W"


def wind_resource(technology: Technology, site: SiteHours) -> Floats | None:
    """The wind year that a technology uses."""
    return site.offshore_cf if technology.key == "wind-offshore" else site.wind_cf


def potential(technology: Technology, site: SiteHours) -> Floats:
    """Largest output over capacity in each hour of the year [0..1]."""
    share = technology.availability
    if technology.role == "grid":
        return grid_hours(site)
    if technology.role == "solar":
        assert site.solar_cf is not None
        return site.solar_cf * share
    if technology.role == "wind":
        resource = wind_resource(technology, site)
        assert resource is not None
        return resource * share
    if technology.derate_per_k > 0.0 and site.dry_bulb_c is not None:
        hot = np.maximum(site.dry_bulb_c - RATED_C, 0.0)
        return share * np.maximum(1.0 - technology.derate_per_k * hot, 0.0)
    return np.full(HOURS, share)


def able_at(technology: Technology, site: SiteHours, periods: Periods) -> Floats:
    """The same at the steps of time; of the grid, without the steps that are off."""
    if technology.role == "grid":
        return grid_share(site, periods)
    return periods.take(potential(technology, site))


def firm_at(technology: Technology, site: SiteHours, periods: Periods) -> Floats:
    """`firm_share` at the steps of time."""
    if technology.role == "grid":
        return grid_share(site, periods)
    return periods.take(firm_share(technology, site))


def firm_share(technology: Technology, site: SiteHours) -> Floats:
    """Output over capacity that counts against an outage in each hour of the year [0..1].

    Sun, wind and grid as they come, plants as far as the air lets them, and of storage the
    part of its power that the catalogue counts.
    """
    if technology.role == "storage":
        return np.full(HOURS, technology.firm_credit * technology.availability)
    able = potential(technology, site)
    if technology.role in ("grid", "solar", "wind"):
        return able
    return np.minimum(able / max(technology.availability, 1e-9), 1.0)


def marginal_usd_j(technology: Technology, site: SiteHours, carbon: Floats, price: float) -> Floats:
    """Cost of one more joule in each hour: energy, operation, water and carbon [USD/J]."""
    if technology.role == "grid":
        energy = site.grid_price_usd_j
    else:
        energy = np.full(HOURS, technology.marginal_usd_j(site.gas_usd_j))
    return energy + technology.water_m3_j * site.water_usd_m3 + carbon * price


def carbon_kg_j(technology: Technology, site: SiteHours, options: SupplyOptions) -> Floats:
    """Carbon of one joule in each hour [kg/J] in the scope of the options."""
    if technology.role == "grid":
        marginal = options.grid_carbon == "marginal"
        return site.grid_marginal_kg_j if marginal else site.grid_average_kg_j
    return np.full(HOURS, technology.carbon_kg_j(options.carbon_scope))


def clean_share(technology: Technology, site: SiteHours) -> float:
    """Share of output that counts as free of fossil fuel [0..1]; of the grid, the site's mean."""
    if technology.role == "grid":
        return site.grid_free_share
    return float(technology.fuel in ("none", "uranium"))


def yearly_usd_w(technology: Technology, site: SiteHours, rate: float) -> tuple[float, float]:
    """Capital with property tax, and fixed operation with charges [USD/W/year]."""
    if technology.role == "grid":
        share = technology.capital_usd_w_year(rate) / technology.capex_usd_w
        capital = site.connection_usd_w * share
        return capital, technology.fixed_usd_w_year + site.demand_charge_usd_w_year
    tax = site.tax * technology.capex_usd_w
    return technology.capital_usd_w_year(rate) + tax, technology.fixed_usd_w_year


def hour_cost(scale: Scale) -> float:
    """Factor from USD/J to money units per power unit and hour."""
    return HOUR_S * scale.power_w / scale.money_usd
