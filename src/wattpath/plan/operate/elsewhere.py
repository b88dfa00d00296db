r"""Other sites: their halls, their grid, and what may stand in them.

Work that may wait can be done at another site of the operator: batch requests, each alone, and
parts of a training run. A site is a connection that stands, its hourly price and carbon in the
scenario's own time, halls of the scenario's kinds under its own weather, and a rented network.

A run over S sites exchanges what its replicas learnt (`wattpath.training.sites`): by default the
gradients of every step, with low-communication training the change of the weights every few
hundred. All of the run waits for the exposed part of it, so each of its units, here and there,
makes the share of its tokens that the law leaves.

Where it breaks down: one network rate between any two sites; requests and data travel for
nothing; a site's plants are not built anew, its grid never fails and is as clean as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wattpath import catalog, levers, training
from wattpath.models import parameter_count
from wattpath.plan.demand import ServingDemand
from wattpath.plan.halls import Halls, halls_from, hours_of, weather_of
from wattpath.supply.site import site_hours
from wattpath.supply.technology import load_technology
from wattpath.training.islands import sync_of

if TYPE_CHECKING:
    from wattpath.economics import CostBook
    from wattpath.facility import FacilityHours, Weather
    from wattpath.models import Architecture
    from wattpath.plan.columns.deployment import Deployment
    from wattpath.plan.columns.leversets import LeverSet
    from wattpath.plan.demand import Demand
    from wattpath.plan.given import OtherSite
    from wattpath.plan.scenario import Scenario

Floats = NDArray[np.float64]

#: What may stand elsewhere: requests that need no other, and parts of one run.
APART, SPLIT = "apart", "split"


@dataclass(frozen=True, slots=True, eq=False)
class Elsewhere:
    """Another site's grid in the hours of the scenario's own.

    Attributes
    ----------
    key, name : str
        Of the catalogue.
    power_w : float
        Connection that stands and is free [W].
    usd_j, kg_j : ndarray, shape (8760,)
        Price with delivery and carbon price [USD/J], carbon [kg/J].
    usd_per_w_year : float
        Charges of the connection and rent of the network, per W that is used [USD/W/year].
    water_usd_m3 : float
        Price of water [USD/m3].
    """

    key: str
    name: str
    power_w: float
    usd_j: Floats
    kg_j: Floats
    usd_per_w_year: float
    water_usd_m3: float


def others_of(scenario: Scenario, utc_offset_h: float) -> tuple[Elsewhere, ...]:
    """The other sites of a scenario.

    Parameters
    ----------
    scenario : Scenario
    utc_offset_h : float
        Local time of the scenario's own site minus UTC [h].
    """
    grid, rent = load_technology("grid"), catalog.load("cost", "network-wide-area").si("rate_price")
    found = []
    for place, one in enumerate(scenario.other_sites):
        entry = catalog.load("site", one.site, f"other_sites.{place}.site")
        site = site_hours(entry.key)
        marginal = scenario.carbon.grid == "marginal"
        carbon = site.grid_marginal_kg_j if marginal else site.grid_average_kg_j
        later = entry.si("utc_offset_h") - utc_offset_h
        charges = grid.fixed_usd_w_year + site.demand_charge_usd_w_year
        found.append(
            Elsewhere(
                entry.key,
                entry.name,
                one.power,
                in_time_of(site.grid_price_usd_j + carbon * scenario.carbon.price, later),
                in_time_of(carbon, later),
                charges + rent * one.network / one.power,
                site.water_usd_m3,
            )
        )
    return tuple(found)


def in_time_of(series: Floats, later_h: float) -> Floats:
    """A site's hourly year in the hours of another one whose clock is so much behind its own."""
    return np.asarray(np.roll(series, -round(later_h)))


@dataclass(frozen=True, slots=True, eq=False)
class YearThere:
    """A weather year at another site and what all halls make of it, in the site's own time."""

    weather: Weather
    hours: tuple[FacilityHours, ...]


def years_elsewhere(scenario: Scenario) -> tuple[YearThere, ...]:
    """The years of all halls at each other site of a scenario."""
    asked = [_asked(scenario, one) for one in scenario.other_sites]
    weathers = [weather_of(each) for each in asked]
    pairs = zip(asked, weathers, strict=True)
    return tuple(YearThere(weather, hours_of(each, weather)) for each, weather in pairs)


def with_halls_elsewhere(
    scenario: Scenario,
    halls: Halls,
    weather: Weather,
    book: CostBook,
    years: Sequence[YearThere] | None = None,
) -> Halls:
    """The halls with those that may be built at other sites, each under its own weather.

    Parameters
    ----------
    scenario : Scenario
    halls : Halls
        Of the scenario's own site.
    weather : Weather
        Of the scenario's own site.
    book : CostBook
    years : sequence of YearThere, optional
        Of each other site, where they are known already.
    """
    found, refusals = list(halls.halls), list(halls.refusals)
    years = years_elsewhere(scenario) if years is None else years
    for place, (one, year) in enumerate(zip(scenario.other_sites, years, strict=True)):
        entry = catalog.load("site", one.site)
        later = year.weather.utc_offset_h - weather.utc_offset_h
        built = halls_from(_asked(scenario, one), year.hours, book)
        refusals += built.refusals
        found += [
            replace(
                hall,
                key=f"{hall.key} at {entry.key}",
                name=f"{hall.name}, {entry.name}",
                variable=in_time_of(hall.variable, later),
                water=in_time_of(hall.water, later),
                site=place + 1,
                water_usd_m3=entry.si("water_price"),
            )
            for hall in built.halls
        ]
    return Halls(tuple(found), tuple(refusals))


def _asked(scenario: Scenario, other: OtherSite) -> Scenario:
    """The scenario at another site, where nothing stands but the connection."""
    return scenario.model_copy(
        update={
            "site": other.site,
            "weather": None,
            "baseline": scenario.baseline.model_copy(update={"standing_hall": None}),
            "options": scenario.options.model_copy(update={"refits": []}),
        }
    )


def over_sites(
    scenario: Scenario,
    demand: Demand,
    architecture: Architecture,
    chosen: LeverSet,
    columns: Sequence[Deployment],
) -> list[Deployment]:
    """Deployments of a demand with those that may stand elsewhere.

    Batch may stand anywhere; of training, beside each deployment its like as parts of a run that
    waits for its exchange between the sites.
    """
    others = scenario.other_sites
    if not others:
        return list(columns)
    if isinstance(demand, ServingDemand):
        return [replace(c, elsewhere=APART) if demand.flexible else c for c in columns]
    settings = levers.apply_training(chosen.levers, levers.TrainingSettings())
    shape = levers.trained_shape(architecture.shape, settings, demand.tokens)
    weights = float(parameter_count(shape).total)
    rate, sync = min(one.network for one in others), sync_of(settings)
    found = list(columns)
    for column in columns:
        step_s = column.figures["step_s"]
        run = training.several_sites(step_s, weights, 1 + len(others), rate, sync)
        found.append(_split(column, run.efficiency, run.wan_mean_bytes_s, len(others)))
    return found


def _split(column: Deployment, share: float, wan_bytes_s: float, others: int) -> Deployment:
    """A unit of a run over several sites, which makes a share of its tokens for the waiting."""
    once = column.once_usd_per_year * share
    return replace(
        column,
        capacity=column.capacity * share,
        cost_usd_per_year=column.cost_usd_per_year - column.once_usd_per_year + once,
        once_usd_per_year=once,
        label=f"{column.label}, run over {1 + others} sites",
        elsewhere=SPLIT,
        figures={**column.figures, "sites": 1.0 + others, "wan_bytes_s": wan_bytes_s},
    )
