"""What is bought once and stands for years: servers, halls, power plants, storage.

An *asset* is counted in each year by columns of that year's block; a *way* to add to it has
a size, a first year, a life, and a yearly capital for each year in which it is bought. The
amounts are in units of the programme: servers, and power or energy of its scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wattpath import catalog, facility, hardware
from wattpath.economics import CostBook, annuity
from wattpath.errors import InputError
from wattpath.facility import Module
from wattpath.plan.compute import Hall
from wattpath.plan.given import Horizon
from wattpath.plan.optimise import Optimiser
from wattpath.plan.years.horizon import Year
from wattpath.supply.options import Scale
from wattpath.supply.technology import Technology
from wattpath.supply.terms import hour_cost, late, lead_months, yearly_usd_w
from wattpath.units import MONTH_S, YEAR_S

if TYPE_CHECKING:
    from wattpath.plan.years.market import Market

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to add to an asset.

    Attributes
    ----------
    name : str
        What is bought.
    size : float
        Amount of the asset in one unit [programme].
    whole : bool
        Whether units are whole.
    annual : tuple of float
        Yearly capital of one amount bought in each year [money/year].
    capital_usd : tuple of float
        Purchase of one amount in each year [USD].
    first : int
        First year in which it can stand.
    life : int
        Years that it can stand.
    most : tuple of float
        Units that can be finished for each year [1]; shared by all ways of one `crew`.
    crew : str
        Who builds it; empty if nobody is scarce.
    """

    name: str
    size: float
    whole: bool
    annual: tuple[float, ...]
    capital_usd: tuple[float, ...]
    first: int
    life: int
    most: tuple[float, ...] = ()
    crew: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that stands for years.

    Attributes
    ----------
    kind : str
        ``server``, ``hall``, ``supply`` or ``storage``.
    key, name : str
        Catalogue key, or that of the hall; name for people.
    si : float
        One amount in SI: 1 server, W, or J.
    annual : tuple of float
        Yearly capital that each year's block charges for one amount [money/year].
    standing : tuple of float
        Amount that stands before the first year, without capital, in each year.
    uses : tuple of (columns, amounts)
        For each year the columns that need the asset and how much of it each [programme].
    ways : tuple of Way
        Ways to add to it.
    """

    kind: str
    key: str
    name: str
    si: float
    annual: tuple[float, ...]
    standing: tuple[float, ...]
    uses: tuple[tuple[Index, Floats], ...]
    ways: tuple[Way, ...]


def first_year(years: Sequence[Year], months: float, sold: float = -math.inf) -> int:
    """The first year that begins after a lead time, and not before something is sold.

    Parameters
    ----------
    months : float
        Lead time [months].
    sold : float
        Calendar year of first sale; it counts where the scenario dates its years.
    """
    for year in years:
        if year.months >= months - 1e-9 and (year.calendar is None or year.calendar >= sold):
            return year.index
    return len(years)


def floors_of(years: Sequence[Year]) -> list[float]:
    """Lowest price of servers up to each year over that of the first year [-]."""
    return [min(year.server_price for year in years[: y + 1]) for y in range(len(years))]


def hall_first(years: Sequence[Year], hall: Hall, book: CostBook) -> int:
    """The first year in which anything of a hall can stand."""
    if not years[0].scenario.horizon.modules:
        return first_year(years, hall.lead_time_months)
    return min((way.first for way in _units(years, hall, Scale(), book)), default=len(years))


def modular(years: Sequence[Year], hall: Hall, book: CostBook) -> Hall:
    """A hall at the cost of the cheapest and the time of the soonest units the scenario names.

    What dearer units cost beyond is counted where they are bought.
    """
    found = list(_units(years, hall, Scale(), book))
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


def assets_of(
    years: Sequence[Year], blocks: Sequence[Optimiser], market: Market, book: CostBook
) -> list[Asset]:
    """All assets that the years' blocks use.

    Parameters
    ----------
    years : sequence of Year
    blocks : sequence of Optimiser
        One for each year, in one programme.
    market : Market
    book : CostBook
        What halls cost a year.
    """
    return [
        *_servers(years, blocks, market),
        *_halls(years, blocks, book),
        *_supplies(years, blocks),
    ]


def _servers(years: Sequence[Year], blocks: Sequence[Optimiser], market: Market) -> Iterator[Asset]:
    """Each server model of any slot; a block charges the lowest price so far."""
    money = blocks[0].parts.scale.money_usd
    floors = floors_of(years)
    for key in dict.fromkeys(s.deployment.server for b in blocks for s in b.compute.slots):
        server, yearly = hardware.load_server(key), market.yearly_usd[key] / money
        uses = []
        for block in blocks:
            own, amounts = servers_in(block, key)
            uses.append((block.compute.units[own], amounts))
        way = Way(
            name=server.name,
            size=1.0,
            whole=False,
            annual=tuple(yearly * year.server_price for year in years),
            capital_usd=tuple(market.capital_usd[key] * year.server_price for year in years),
            first=market.servers[key],
            life=_whole_years(server.life_s),
        )
        none = (0.0,) * len(years)
        annual = tuple(yearly * floor for floor in floors)
        yield Asset("server", key, server.name, 1.0, annual, none, tuple(uses), (way,))


def servers_in(block: Optimiser, server: str) -> tuple[Index, Floats]:
    """Slots with servers of a model, and how many a unit has; lent ones are their lenders'."""
    found = {
        index: slot.deployment.servers
        for index, slot in enumerate(block.compute.slots)
        if slot.deployment.server == server and not slot.deployment.need_name
    }
    return np.array(list(found), dtype=np.int64), np.array(list(found.values()))


def _halls(years: Sequence[Year], blocks: Sequence[Optimiser], book: CostBook) -> Iterator[Asset]:
    """Each hall: in any size, or in the whole units that the scenario names."""
    scale = blocks[0].parts.scale
    modules = years[0].scenario.horizon.modules
    for index, hall in enumerate(blocks[0].parts.halls):
        yearly = (hall.cost_usd_per_w_year - hall.upkeep_usd_per_w_year) * scale.power_w
        uses = [(block.compute.capacity[[index]], np.ones(1)) for block in blocks]
        ways = (
            list(_units(years, hall, scale, book)) if modules else [_any_size(years, hall, scale)]
        )
        none = (0.0,) * len(years)
        yield Asset(
            "hall", hall.key, hall.name, scale.power_w,
            (yearly / scale.money_usd,) * len(years), none, tuple(uses), tuple(ways),
        )  # fmt: skip


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
        life=_whole_years(hall.life_s),
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
            life=_whole_years(hall.life_s),
            most=tuple(np.diff([0.0, *by])),
            crew=unit.key,
        )


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
            raise InputError(path, "be a new hall or module", name, "A plan refits nothing.")
        if entry.key not in fitting:
            continue
        unit = fitting[entry.key]
        yield unit if horizon.crews is None else replace(unit, crews=horizon.crews)


def _supplies(years: Sequence[Year], blocks: Sequence[Optimiser]) -> Iterator[Asset]:
    """Each technology that any year may build: its power, and the energy of a storage."""
    technologies = {t.key: t for block in blocks for t in block.supply.technologies}
    for technology in technologies.values():
        key = technology.key
        power, energy = [], []
        for block in blocks:
            supply = block.supply
            power.append(_column(supply.capacity.get(key)))
            energy.append(_column(supply.energy.get(key)))
        yield _supply(years, blocks, technology, tuple(power))
        if technology.role == "storage":
            yield _store(years, blocks, technology, tuple(energy))


def _column(column: int | None) -> tuple[Index, Floats]:
    found = [] if column is None else [column]
    return np.array(found, dtype=np.int64), np.ones(len(found))


def _supply(
    years: Sequence[Year],
    blocks: Sequence[Optimiser],
    technology: Technology,
    uses: tuple[tuple[Index, Floats], ...],
) -> Asset:
    """Power of a technology; what stands already has no capital."""
    scale, count = blocks[0].parts.scale, len(years)
    options, site = blocks[0].parts.options, blocks[0].parts.site
    capital, _ = yearly_usd_w(technology, site, options.rate)
    annual = (capital * scale.power_w / scale.money_usd,) * count
    bought = site.connection_usd_w if technology.role == "grid" else technology.capex_usd_w
    stands = options.existing_w.get(technology.key, 0.0) / scale.power_w
    soon = [b.parts for b in blocks]
    first = next((i for i, p in enumerate(soon) if not late(technology, p.site, p.options)), count)
    way = Way(
        name=technology.name,
        size=1.0,
        whole=False,
        annual=annual,
        capital_usd=(bought * scale.power_w,) * count,
        first=first,
        life=_whole_years(technology.life_s),
    )
    return Asset(
        "supply", technology.key, technology.name, scale.power_w, annual, (stands,) * count,
        uses, (way,),
    )  # fmt: skip


def _store(
    years: Sequence[Year],
    blocks: Sequence[Optimiser],
    technology: Technology,
    uses: tuple[tuple[Index, Floats], ...],
) -> Asset:
    """Energy of a storage."""
    scale, count = blocks[0].parts.scale, len(years)
    options, site = blocks[0].parts.options, blocks[0].parts.site
    yearly = technology.capital_usd_j_year(options.rate) + site.tax * technology.capex_usd_j
    annual = (yearly * hour_cost(scale),) * count
    months = lead_months(technology, site, options)
    way = Way(
        name=technology.name,
        size=1.0,
        whole=False,
        annual=annual,
        capital_usd=(technology.capex_usd_j * scale.power_w * 3600.0,) * count,
        first=first_year(years, months),
        life=_whole_years(technology.life_s),
    )
    return Asset(
        "storage", technology.key, technology.name, scale.power_w * 3600.0, annual,
        (0.0,) * count, uses, (way,),
    )  # fmt: skip


def _whole_years(life_s: float) -> int:
    """Years that an asset stands, at least one."""
    return max(1, math.floor(life_s / YEAR_S + 1e-9))
