"""A scenario's grid connection and carbon rules, as the supply's optimisation takes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wattpath import catalog
from wattpath.plan.scenario import Scenario
from wattpath.supply.options import SupplyOptions
from wattpath.supply.readers import exchange_of, read_carbon, read_price
from wattpath.supply.site import SiteHours
from wattpath.units import HOURS, MONTH_S

Floats = NDArray[np.float64]


def series_of(scenario: Scenario, utc_offset_h: float) -> dict[str, Any]:
    """The scenario's own price and carbon of the grid, by argument of `site_hours`.

    What the scenario gives as carbon, in a number or a file, is of the kind that `carbon.grid`
    names: average, or marginal.

    Parameters
    ----------
    scenario : Scenario
    utc_offset_h : float
        Local standard time of the site minus UTC [h].

    Raises
    ------
    FileInputError
        For a file that cannot be used.
    """
    grid, folder = scenario.grid, Path(scenario.folder)
    price = None if grid.price is None else np.full(HOURS, grid.price)
    if grid.price_file is not None:
        price = read_price(folder / grid.price_file, utc_offset_h, usd_per_unit=grid.exchange_rate)
    carbon = None if grid.carbon is None else np.full(HOURS, grid.carbon)
    if grid.carbon_file is not None:
        carbon = read_carbon(folder / grid.carbon_file, utc_offset_h)
    kind = "grid_marginal_kg_j" if scenario.carbon.grid == "marginal" else "grid_carbon_kg_j"
    return {"grid_price_usd_j": price, kind: carbon}


def exchange(scenario: Scenario) -> dict[str, Any]:
    """The exchange rate of the price file, where its money is not the dollar, and its source."""
    grid = scenario.grid
    if grid.price_file is None:
        return {}
    if grid.exchange_rate is not None:
        rate = f"{grid.exchange_rate:g} USD per unit of the price file's money, as given"
        return {"exchange_rate": rate}
    money, year, rate_usd = exchange_of(Path(scenario.folder) / grid.price_file)
    if money == "USD":
        return {}
    source = catalog.load("currency", money).quantity("first_year").source
    return {
        "exchange_rate": f"{rate_usd:g} USD per {money}, mean of {year} "
        f"({catalog.sources()[source].title})"
    }


def connected(scenario: Scenario, site: SiteHours) -> SiteHours:
    """A site whose connection is called off, fails and is built as the scenario says."""
    grid = scenario.grid
    months = grid.curtailed_months
    return replace(
        site,
        curtailed_h=grid.curtailed_hours,
        outage_h=grid.outage_hours,
        grid_lead_s=site.grid_lead_s if months is None else months * MONTH_S,
    )


def supply_options(scenario: Scenario) -> SupplyOptions:
    """What the scenario asks of its supply."""
    carbon, grid = scenario.carbon, scenario.grid
    return SupplyOptions(
        rate=scenario.finance.discount_rate,
        carbon_price_usd_kg=carbon.price,
        carbon_cap_kg=np.inf if carbon.cap is None else carbon.cap,
        carbon_scope=carbon.scope,
        grid_carbon=carbon.grid,
        carbon_free_share=carbon.carbon_free_share,
        matched_share=carbon.matched_share,
        months=scenario.months_available,
        existing_w={} if grid.existing is None else {"grid": grid.existing},
    )
