"""The halls of a plan: each cooling system with each electrical chain, and refits.

A refit gives the hall that stands another cooling system behind the same grid connection. It
competes with new halls for the whole of the standing hall or any part of it. Where it breaks
down: while rooms are refitted their load must be elsewhere (`Module.outage_s`), which a single
year counts in the date only (see `wattpath.plan.years.buildings` for several), in any size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

from wattpath import catalog, facility
from wattpath.economics import CostBook, annuity, site_embodied_kg_per_year
from wattpath.errors import InputError
from wattpath.facility import Weather
from wattpath.plan.columns.deployment import Refusal
from wattpath.plan.compute import Hall
from wattpath.plan.scenario import Scenario
from wattpath.units import HOURS, MONTH_S, YEAR_S

#: Ends the key and the name of a standing hall with another cooling system.
REFITTED = ", refitted"


@dataclass(frozen=True, slots=True)
class Halls:
    """The halls that stay within their limits all year, and why others do not."""

    halls: tuple[Hall, ...]
    refusals: tuple[Refusal, ...]


def weather_of(scenario: Scenario) -> Weather:
    """The scenario's own weather file or name, else the site's."""
    site = catalog.load("site", scenario.site, "site")
    given = scenario.weather
    if given is not None and Path(given).suffix.lower() == ".epw":
        return facility.read_epw(Path(scenario.folder) / given)
    if given is not None and Path(given).suffix.lower() == ".csv":
        return facility.read_tmy3(Path(scenario.folder) / given)
    name = given or site.text("weather") or site.text("climate")
    if not name:
        raise InputError("weather", "be given", None, f"The site {site.key} has none of its own.")
    return facility.load_weather(name, "weather")


def halls_of(scenario: Scenario, weather: Weather, book: CostBook) -> Halls:
    """Every hall, the baseline's first.

    Parameters
    ----------
    scenario : Scenario
    weather : Weather
    book : CostBook
        Land, upkeep, insurance and staff.
    """
    return halls_from(scenario, hours_of(scenario, weather), book)


def hours_of(scenario: Scenario, weather: Weather) -> tuple[facility.FacilityHours, ...]:
    """The years of all halls: the baseline's, those that may be built, and the refits.

    The first is every cooling system with every electrical chain; the last are the standing
    hall's chain with each system that it may be refitted with.
    """
    base, options = scenario.baseline, scenario.options
    coolings = dict.fromkeys([base.cooling, *options.cooling])
    chains = dict.fromkeys([base.electrical, *options.electrical])
    refits = [
        facility.load_cooling(name, path=f"options.refits.{place}")
        for place, name in enumerate(_refitted(scenario))
    ]
    built = (facility.performance(*pair, weather) for pair in product(coolings, chains))
    other = (facility.performance(one, base.electrical, weather) for one in refits)
    return (*built, *other)


def _refitted(scenario: Scenario) -> list[str]:
    """Cooling systems that a hall which stands may be given."""
    return [] if scenario.baseline.standing_hall is None else list(scenario.options.refits)


def halls_from(
    scenario: Scenario, years: Iterable[facility.FacilityHours], book: CostBook
) -> Halls:
    """The halls with these years, the baseline's first and the refits last (see `halls_of`)."""
    given = tuple(years)
    built = len(given) - len(_refitted(scenario))
    found: list[Hall] = []
    refusals: list[Refusal] = []
    for number, hours in enumerate(given):
        if not hours.feasible and scenario.fixed_pue is None:
            refusals.append(Refusal("halls", hours.reason, 1))
            continue
        if number < built:
            hall = _hall(hours, number > 0, scenario.fixed_pue, book)
        else:
            hall = _refit_hall(scenario, given[0], hours, book)
        standing = 0.0 if number > 0 else scenario.baseline.standing_hall or 0.0
        hall = replace(hall, standing_w=standing)
        late = hall.lead_time_months - scenario.months_available
        if late > 0.0 and standing == 0.0:
            reason = f"{hall.name} takes {hall.lead_time_months:.0f} months"
            refusals.append(Refusal("halls", reason, 1, f"{late:.0f} months too late"))
            continue
        found.append(hall)
    return Halls(tuple(found), tuple(refusals))


def _refit_hall(
    scenario: Scenario,
    before: facility.FacilityHours,
    after: facility.FacilityHours,
    book: CostBook,
) -> Hall:
    """The standing hall with another cooling system, as a hall that takes its place.

    It pays for the refit and its upkeep, not for shell and land that stand. Behind the same
    connection a watt of it takes `refit_w` watts of the standing hall: where the scenario
    fixes a PUE, one.
    """
    assert scenario.baseline.standing_hall is not None
    one = facility.refit_from(before, after, scenario.baseline.standing_hall)
    new = _hall(after, True, scenario.fixed_pue, book)
    taken = 1.0 if scenario.fixed_pue is not None else one.capacity_w / one.new_capacity_w
    capital = one.module.capital_usd_per_it_w * taken
    life = after.life_s / YEAR_S
    yearly = capital * (annuity(book.rate, life) + book.insurance)
    share = min(capital / new.capital_usd_per_w, 1.0)
    return replace(
        new,
        key=f"{new.key}{REFITTED}",
        name=f"{new.name}{REFITTED}",
        cost_usd_per_w_year=yearly + new.upkeep_usd_per_w_year,
        embodied_kg_per_w_year=new.embodied_kg_per_w_year * share,
        capital_usd_per_w=capital,
        lead_time_months=one.ready_s / MONTH_S,
        refit_w=taken,
        refit_of_w=one.capacity_w,
    )


def _hall(
    hours: facility.FacilityHours, new: bool, fixed_pue: float | None, book: CostBook
) -> Hall:
    """A hall with its yearly cost: plant, shell, land, upkeep, insurance and staff."""
    life = hours.life_s / YEAR_S
    plant = hours.capital_usd_per_it_w * (annuity(book.rate, life) + book.insurance)
    land_life = book.site_life_s / YEAR_S
    land = book.site_usd_w * (annuity(book.rate, land_life) + book.maintenance + book.insurance)
    upkeep = hours.maintenance_usd_per_it_w_year + book.staff_usd_w_year
    names = [
        catalog.load("cooling", hours.cooling).name,
        catalog.load("electrical", hours.electrical).name,
    ]
    variable = hours.facility_w_per_it_w
    return Hall(
        key=f"{hours.cooling} on {hours.electrical}",
        cooling=hours.cooling,
        electrical=hours.electrical,
        name=", ".join(names),
        accepts=hours.accepts,
        new=new,
        variable=variable if fixed_pue is None else np.full(HOURS, fixed_pue),
        fixed=hours.facility_w_per_it_capacity_w if fixed_pue is None else 0.0,
        water=hours.water_m3_per_it_j,
        cost_usd_per_w_year=plant + land + upkeep,
        upkeep_usd_per_w_year=upkeep,
        life_s=hours.life_s,
        it_share=1.0 - hours.it_saving_share,
        embodied_kg_per_w_year=site_embodied_kg_per_year(book, 1.0),
        capital_usd_per_w=hours.capital_usd_per_it_w + book.site_usd_w,
        lead_time_months=max(hours.lead_time_s, book.shell_lead_s) / MONTH_S,
    )
