r"""Halls as assets: of any size or in whole units at the pace of their crews, new or refitted.

A watt of a refit takes the place of k watts of the hall that stands. What is refitted stays so for
its life, used or not, and its rooms carry nothing while they are under work. With x of the standing
hall S used as it is, n and z of refit r in use and unused, and b bought for year v,

.. math:: x_y + \sum_r k_r \Big( n_{ry} + z_{ry} + \sum_{v: \, y < v \le y + o} b_{rv} \Big)
    \le S

with o the time without load in years, rounded up.

Where it breaks down: a room that is under work for part of a year is missing in all of it; plant
at the end of its life leaves its room to the old cooling.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wattpath import catalog, facility
from wattpath.economics import CostBook, annuity
from wattpath.errors import InputError
from wattpath.facility import Module
from wattpath.plan.compute import ComputeBlock, Hall
from wattpath.plan.given import Horizon
from wattpath.plan.years.horizon import MONTHS, Year
from wattpath.plan.years.ways import Asset, Way, first_year, whole_years
from wattpath.supply.options import Scale
from wattpath.units import MONTH_S, YEAR_S

if TYPE_CHECKING:
    from wattpath.plan.optimise import Optimiser

Floats = NDArray[np.float64]

#: Where a scenario names its refits.
REFITS = "Refits are cooling systems under options.refits; their rooms come whole beside modules."

#: Part of the standing hall beyond which more than all of it is in use.
SLACK = 1e-6


def hall_first(years: Sequence[Year], hall: Hall, book: CostBook) -> int:
    """The first year in which anything of a hall can stand."""
    return min((way.first for way in _ways(years, hall, Scale(), book)), default=len(years))


def modular(years: Sequence[Year], hall: Hall, book: CostBook) -> Hall:
    """A hall at the cost of the cheapest and the time of the soonest units the scenario names.

    What dearer units cost beyond is counted where they are bought.
    """
    found = [] if hall.refit_w > 0.0 else list(_units(years, hall, Scale(), book))
    if not found:
        return hall
    soonest = min(unit.lead_time_s for unit in units_for(years[0].scenario.horizon, hall))
    plant = annuity(book.rate, hall.life_s / YEAR_S) + book.insurance
    least = min(way.capital_usd[0] for way in found) / Scale().power_w
    return replace(
        hall,
        capital_usd_per_w=least,
        lead_time_months=soonest / MONTH_S,
        cost_usd_per_w_year=hall.cost_usd_per_w_year + (least - hall.capital_usd_per_w) * plant,
    )


def halls_bought(
    years: Sequence[Year], blocks: Sequence[Optimiser], book: CostBook
) -> Iterator[Asset]:
    """Each hall: in any size, or in the whole units that the scenario names."""
    scale = blocks[0].parts.scale
    for index, hall in enumerate(blocks[0].parts.halls):
        yearly = (hall.cost_usd_per_w_year - hall.upkeep_usd_per_w_year) * scale.power_w
        uses = [(block.compute.capacity[[index]], np.ones(1)) for block in blocks]
        ways = list(_ways(years, hall, scale, book))
        none = (0.0,) * len(years)
        yield Asset(
            "hall", hall.key, hall.name, scale.power_w,
            (yearly / scale.money_usd,) * len(years), none, tuple(uses), tuple(ways),
        )  # fmt: skip


def _ways(years: Sequence[Year], hall: Hall, scale: Scale, book: CostBook) -> Iterator[Way]:
    """Ways to have more of a hall: whole units where the scenario names any, else any size."""
    if not years[0].scenario.horizon.modules:
        yield _any_size(years, hall, scale)
    elif hall.refit_w > 0.0:
        yield _rooms(years, hall, scale)
    else:
        yield from _units(years, hall, scale, book)


def _any_size(years: Sequence[Year], hall: Hall, scale: Scale) -> Way:
    yearly = (hall.cost_usd_per_w_year - hall.upkeep_usd_per_w_year) * scale.power_w
    count = len(years)
    return Way(
        name=hall.name,
        size=1.0,
        whole=False,
        annual=(yearly / scale.money_usd,) * count,
        capital_usd=(hall.capital_usd_per_w * scale.power_w,) * count,
        first=first_year(years, hall.lead_time_months),
        life=whole_years(hall.life_s),
    )


def _units(years: Sequence[Year], hall: Hall, scale: Scale, book: CostBook) -> Iterator[Way]:
    """Whole units for a hall, of those that the scenario names, as ways to buy it."""
    plant = annuity(book.rate, hall.life_s / YEAR_S) + book.insurance
    there = hall.capital_usd_per_w - book.site_usd_w
    yearly = hall.cost_usd_per_w_year - hall.upkeep_usd_per_w_year
    for unit in units_for(years[0].scenario.horizon, hall):
        annual = yearly + (unit.capital_usd_per_it_w - there) * plant
        by = [unit.units_by(year.months * MONTH_S) for year in years]
        yield Way(
            name=unit.name,
            size=unit.module_w / scale.power_w,
            whole=True,
            annual=(annual * scale.power_w / scale.money_usd,) * len(years),
            capital_usd=((unit.capital_usd_per_it_w + book.site_usd_w) * scale.power_w,)
            * len(years),
            first=first_year(years, unit.lead_time_s / MONTH_S),
            life=whole_years(hall.life_s),
            most=tuple(np.diff([0.0, *by])),
            crew=unit.key,
        )


def _rooms(years: Sequence[Year], hall: Hall, scale: Scale) -> Way:
    """Equal rooms of the standing hall, refitted at the pace of the crews."""
    unit, crews = _room(hall), years[0].scenario.horizon.crews
    unit = unit if crews is None else replace(unit, crews=crews)
    rooms = unit.units_for(hall.refit_of_w)
    by = [min(rooms, unit.units_by(year.months * MONTH_S - unit.outage_s)) for year in years]
    return replace(
        _any_size(years, hall, scale),
        name=unit.name,
        size=hall.refit_of_w / rooms / hall.refit_w / scale.power_w,
        whole=True,
        first=first_year(years, (unit.lead_time_s + unit.outage_s) / MONTH_S),
        most=tuple(np.diff([0.0, *by])),
        crew=unit.key,
    )


def _room(hall: Hall) -> Module:
    """The unit in which rooms are given this hall's cooling."""
    found = facility.modules_for(hall.cooling, hall.electrical)
    return next(unit for unit in found if unit.form == "retrofit")


def outage_years(hall: Hall) -> int:
    """Years in which rooms carry nothing before they are back."""
    return math.ceil(_room(hall).outage_s / (MONTHS * MONTH_S) - 1e-9)


def housed(block: ComputeBlock, x: Floats) -> bool:
    """Whether what stands is enough for what is used as it is and what is refitted."""
    refits = [(i, hall) for i, hall in enumerate(block.halls) if hall.refit_w > 0.0]
    if not refits:
        return True
    taken = sum(hall.refit_w * float(x[block.capacity[i]]) for i, hall in refits)
    whole = max(hall.refit_of_w for _, hall in refits) / block.scale.power_w
    return bool(taken + float(x[block.standing].sum()) <= whole * (1.0 + SLACK))


def units_for(horizon: Horizon, hall: Hall) -> Iterator[Module]:
    """Whole units of those that a scenario names that can hold a hall, with its crews.

    Raises
    ------
    InputError
        For the refit of a hall among them.
    """
    fitting = {unit.key: unit for unit in facility.modules_for(hall.cooling, hall.electrical)}
    for place, name in enumerate(horizon.modules):
        path = f"horizon.modules.{place}"
        entry = catalog.load("module", name, path)
        if entry.text("form") == "retrofit":
            raise InputError(path, "be a new hall or module", name, REFITS)
        if entry.key not in fitting:
            continue
        unit = fitting[entry.key]
        yield unit if horizon.crews is None else replace(unit, crews=horizon.crews)
