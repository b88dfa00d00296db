"""When servers and halls can stand, and what a server costs in which year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wattpath import catalog, hardware
from wattpath.economics import CostBook
from wattpath.plan.compute import Hall, Slot
from wattpath.plan.years.buildings import hall_first
from wattpath.plan.years.horizon import Year
from wattpath.plan.years.ways import first_year
from wattpath.units import MONTH_S


@dataclass(frozen=True, slots=True)
class Market:
    """When servers and halls can stand, and the yearly capital of servers.

    Attributes
    ----------
    servers : dict of str to int
        Server -> first year in which it can stand.
    halls : tuple of int
        The same for each hall.
    yearly_usd : dict of str to float
        Server -> yearly capital of one bought for the first year, with its share of network
        and storage [USD/year].
    capital_usd : dict of str to float
        Its purchase [USD].
    """

    servers: dict[str, int]
    halls: tuple[int, ...]
    yearly_usd: dict[str, float]
    capital_usd: dict[str, float]

    def slots_in(self, year: Year, slots: Sequence[Slot], floor: float) -> tuple[Slot, ...]:
        """The slots that can run in a year, at its cost.

        Parameters
        ----------
        year : Year
        slots : sequence of Slot
        floor : float
            Lowest server price so far over that of the first year [-].
        """
        found = []
        for slot in slots:
            own = slot.deployment
            there = self.servers[own.server] <= year.index >= self.halls[slot.hall]
            if there and own.lead_time_s <= year.months * MONTH_S:
                saved = 0.0 if own.need_name else self.yearly_usd[own.server] * (1.0 - floor)
                deployment = own.at(year.multiples[own.demand], saved)
                found.append(replace(slot, deployment=deployment))
        return tuple(found)


def market_of(
    years: Sequence[Year], slots: Sequence[Slot], halls: Sequence[Hall], book: CostBook
) -> Market:
    """What can be bought when.

    Parameters
    ----------
    years, slots, halls
        Of the plan.
    book : CostBook
        What servers cost a year.
    """
    first, yearly, bought = {}, {}, {}
    for key in dict.fromkeys(slot.deployment.server for slot in slots):
        server = hardware.load_server(key)
        assert server.price_usd is not None
        sold = catalog.load("chip", server.chip_key).si("year")
        first[key] = first_year(years, server.lead_time_s / MONTH_S, sold)
        bought[key] = book.servers_capital_usd(server.price_usd)
        upkeep = (book.server_maintenance + book.insurance) * bought[key]
        yearly[key] = book.servers_usd_per_year(server.price_usd, server.life_s) - upkeep
    there = [0 if hall.standing_w > 0.0 else hall_first(years, hall, book) for hall in halls]
    return Market(first, tuple(there), yearly, bought)
