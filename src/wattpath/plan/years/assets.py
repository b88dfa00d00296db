"""What is bought once and stands for years: servers, halls, power plants, storage.

An *asset* is counted in each year by columns of that year's block; a *way* to add to it has
a size, a first year, a life, and a yearly capital for each year in which it is bought. The
amounts are in units of the programme: servers, and power or energy of its scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from wattpath import hardware
from wattpath.economics import CostBook
from wattpath.plan.optimise import Optimiser
from wattpath.plan.years.buildings import halls_bought
from wattpath.plan.years.horizon import Year
from wattpath.plan.years.ways import Asset, Floats, Index, Way, first_year, whole_years
from wattpath.supply.technology import Technology
from wattpath.supply.terms import hour_cost, late, lead_months, yearly_usd_w

if TYPE_CHECKING:
    from wattpath.plan.years.market import Market


def floors_of(years: Sequence[Year]) -> list[float]:
    """Lowest price of servers up to each year over that of the first year [-]."""
    return [min(year.server_price for year in years[: y + 1]) for y in range(len(years))]


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
        *halls_bought(years, blocks, book),
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
            life=whole_years(server.life_s),
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
        life=whole_years(technology.life_s),
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
        life=whole_years(technology.life_s),
    )
    return Asset(
        "storage", technology.key, technology.name, scale.power_w * 3600.0, annual,
        (0.0,) * count, uses, (way,),
    )  # fmt: skip
