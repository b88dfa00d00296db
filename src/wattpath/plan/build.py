"""From a scenario to the parts of the programme: needs, halls, site hours, technologies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wattpath import catalog, hardware, levers
from wattpath.economics import yearly_capital_usd
from wattpath.facility import Weather
from wattpath.plan.ceilings import Ceilings
from wattpath.plan.columns.leversets import player
from wattpath.plan.columns.search import serving_need, training_need
from wattpath.plan.compute import Hall, Need, Slot
from wattpath.plan.connection import connected, series_of, supply_options
from wattpath.plan.demand import ServingDemand
from wattpath.plan.operate.adoption import PLACE, SHIFTING
from wattpath.plan.operate.elsewhere import others_of
from wattpath.plan.operate.provisioning import OVERSUBSCRIPTION
from wattpath.plan.operate.response import RESPONSE, Calls
from wattpath.plan.operate.sharing import lent_needs, lent_slots, shares
from wattpath.plan.optimise import Parts
from wattpath.plan.prices import Prices
from wattpath.plan.rhythm import relative_rate
from wattpath.plan.scenario import Scenario
from wattpath.supply.dispatch import choose_days
from wattpath.supply.options import Scale
from wattpath.supply.periods import Periods
from wattpath.supply.resource import solar_capacity_factor, wind_capacity_factor
from wattpath.supply.site import SiteHours, site_hours
from wattpath.supply.technology import Technology, load_technology
from wattpath.units import HOURS, MONTH_S

Floats = NDArray[np.float64]

#: Levers of operation whose software is paid for by the work that it acts on.
PAID = (SHIFTING, PLACE, RESPONSE, OVERSUBSCRIPTION)

#: Representative days of the search.
DAYS = 8


def needs_of(scenario: Scenario) -> tuple[Need, ...]:
    """What each demand asks of its columns."""
    movable = _operation(scenario)
    once = _once(scenario)
    found = []
    for demand in scenario.demands:
        if not isinstance(demand, ServingDemand):
            share = movable.shift_training
            found.append(_flexible(demand.name, training_need(demand), share, movable, once))
        elif demand.flexible:
            share = movable.shift_batch
            found.append(_flexible(demand.name, serving_need(demand), share, movable, once))
        else:
            rate = serving_need(demand)
            load = demand.requests * relative_rate(demand.rhythm) / rate
            found.append(Need(demand.name, rate, load, False))
    return tuple(found)


def _flexible(
    name: str,
    rate: float,
    share: float,
    use: levers.OperationSettings,
    once: Mapping[str, float],
) -> Need:
    """Work that may move, as far as the levers of operation let it."""
    return Need(
        name, rate, np.ones(HOURS), True, share,
        shed=use.demand_response, shed_s=use.demand_response_s,
        place=min(use.shift_place, 1.0 - share), once=once,
    )  # fmt: skip


def _once(scenario: Scenario) -> dict[str, float]:
    """What the software of operation costs a year for a demand, by lever [USD/year].

    It is repaid over the life of the baseline's servers, like the software of a deployment.
    """
    prices = Prices.of(scenario)
    life_s = hardware.load_server(scenario.baseline.server, "baseline.server").life_s
    chosen = {player(one): one.one_off for one in levers.by_names(scenario.options.levers)}
    each = {key: chosen[key] for key in PAID if key in chosen}
    return {
        key: yearly_capital_usd(
            prices.book.one_off_usd(once.chip_s.value, once.person_months.value),
            life_s,
            prices.book.rate,
        )
        for key, once in each.items()
    }


def calls_of(scenario: Scenario) -> Calls | None:
    """How often the grid calls and what it pays, where a lever answers by the date; else None."""
    use = _operation(scenario)
    if use.demand_response <= 0.0:
        return None
    return Calls(use.response_hours, use.response_usd_w_year)


def with_lending(
    scenario: Scenario, parts: Parts, found: tuple[Slot, ...], prices: Prices
) -> tuple[Parts, tuple[Slot, ...]]:
    """Parts and slots with what flexible work may do on servers that serving lends, if any."""
    if not shares(scenario):
        return parts, found
    use = _operation(scenario)
    lent = lent_needs(parts.needs, use.capacity_sharing, use.swap_s)
    more = lent_slots(scenario, lent, found, prices)
    date_s = scenario.months_available * MONTH_S
    in_time = (slot for slot in more if slot.deployment.lead_time_s <= date_s)
    return replace(parts, needs=(*parts.needs, *lent)), (*found, *in_time)


def _operation(scenario: Scenario) -> levers.OperationSettings:
    """How the site may be run by all levers of the scenario that are in use by the date."""
    date_s = scenario.months_available * MONTH_S
    chosen = levers.by_names([*scenario.baseline.levers, *scenario.options.levers])
    in_time = [lever for lever in chosen if lever.adopt_s <= date_s]
    return levers.apply_operation(in_time, levers.OperationSettings())


def site_of(scenario: Scenario, weather: Weather) -> SiteHours:
    """The site's sun, wind, grid and prices with the scenario's own figures."""
    grid = scenario.grid
    entry = catalog.load("site", scenario.site, "site")
    hub = load_technology("wind-onshore").hub_height_m
    site = site_hours(
        entry.key,
        solar_cf=solar_capacity_factor(
            weather.latitude,
            weather.longitude,
            weather.utc_offset_h,
            weather.ghi_w_m2,
            weather.dni_w_m2,
            weather.dhi_w_m2,
            weather.dry_bulb_c,
            weather.wind_speed_m_s,
        ),
        wind_cf=wind_capacity_factor(
            weather.wind_at(hub), hub, weather.dry_bulb_c, weather.pressure_pa
        ),
        dry_bulb_c=weather.dry_bulb_c,
        grid_limit_w=np.inf if grid.limit is None else grid.limit,
        **series_of(scenario, weather.utc_offset_h),
    )
    return connected(scenario, site)


def technologies_of(scenario: Scenario) -> tuple[Technology, ...]:
    """The baseline's technologies and the options', each once."""
    base, options = scenario.baseline.supply, scenario.options.supply
    found = [load_technology(name, f"baseline.supply.{i}") for i, name in enumerate(base)]
    found += [load_technology(name, f"options.supply.{i}") for i, name in enumerate(options)]
    return tuple({technology.key: technology for technology in found}.values())


def ceilings_of(scenario: Scenario) -> Ceilings:
    """The scenario's limits of power and water; what it does not limit has none."""
    power, water = scenario.limits.facility_power, scenario.limits.water
    return Ceilings(np.inf if power is None else power, np.inf if water is None else water)


def parts_of(
    scenario: Scenario, weather: Weather, halls: tuple[Hall, ...], expected_w: float
) -> Parts:
    """Everything but the deployments.

    Parameters
    ----------
    expected_w : float
        A first estimate of the load, for the scale of the programme [W].
    """
    technologies = technologies_of(scenario)
    base = {load_technology(name).key for name in scenario.baseline.supply}
    return Parts(
        needs=needs_of(scenario),
        halls=halls,
        technologies=technologies,
        base_supply=frozenset(base),
        site=site_of(scenario, weather),
        options=supply_options(scenario),
        scale=Scale.around(expected_w),
        whole=scenario.whole_units,
        ceilings=ceilings_of(scenario),
        calls=calls_of(scenario),
        oversubscription=_operation(scenario).oversubscription,
        oversubscription_usd=_once(scenario).get(OVERSUBSCRIPTION, 0.0),
        others=others_of(scenario, weather.utc_offset_h),
    )


def search_periods(parts: Parts, days: int = DAYS) -> Periods:
    """Representative days by facility load, grid price, sun and wind."""
    load = np.zeros(HOURS)
    own = [need for need in parts.needs if not need.of]
    for need in own:
        load += need.load / len(own)
    facility = load * np.mean([hall.variable for hall in parts.halls] or [load], axis=0)
    return choose_days(facility, parts.site, days)
