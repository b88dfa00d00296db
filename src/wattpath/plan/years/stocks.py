"""What stands, is bought and stays unused in each year of a plan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.optimise import Optimiser
from wattpath.plan.outcome import NEGLIGIBLE
from wattpath.plan.years.assets import servers_in
from wattpath.plan.years.path import Stock
from wattpath.plan.years.vintages import Horizon, Vintages

Floats = NDArray[np.float64]

#: Amount of an asset that counts as none [programme].
NOTHING = 1e-9

#: Kind of asset -> unit of its amounts.
UNITS = {"server": "servers", "hall": "W", "supply": "W", "storage": "J"}


class Stocks:
    """The assets of one plan, year after year.

    What the full hours need beyond the representative days is bought in the year that needs
    it and stands from then on.

    Parameters
    ----------
    horizon : Horizon
    x : ndarray
        Its solution for the plan.
    """

    def __init__(self, horizon: Horizon, x: Floats) -> None:
        self.horizon, self.x = horizon, x
        self.extra = dict.fromkeys(range(len(horizon.vintages)), 0.0)

    def year(self, index: int, hours: Optimiser, full: Floats) -> tuple[float, tuple[Stock, ...]]:
        """Capital beside the year's own law [USD/year], and its stock; years in order.

        Parameters
        ----------
        index : int
            Of the year.
        hours : Optimiser
            The programme of all hours.
        full : ndarray
            Its solution.
        """
        money, found = 0.0, []
        for place, vintage in enumerate(self.horizon.vintages):
            usd, stock = self._asset(place, vintage, index, hours, full)
            money += usd
            if stock is not None:
                found.append(stock)
        return money, tuple(found)

    # ------------------------------------------------------------------ inside

    def _asset(
        self, place: int, vintage: Vintages, index: int, hours: Optimiser, full: Floats
    ) -> tuple[float, Stock | None]:
        asset, x = vintage.asset, self.x
        stands = vintage.alive(x, index) + self.extra[place]
        needed = _in_service(vintage, index, hours, full)
        more = max(0.0, needed - stands)
        if more <= 1e-9 * max(needed, 1.0):
            more = 0.0
        sizes = [way.size for way in asset.ways if way.whole]
        if sizes:
            more = float(np.ceil(more / min(sizes) - 1e-9)) * min(sizes)
        self.extra[place] += more
        unused = max(0.0, stands + more - needed)
        if unused <= NEGLIGIBLE * max(stands, needed):
            unused, exact = 0.0, unused
        else:
            exact = unused
        scale = self.horizon.parts.scale.money_usd
        usd = exact * asset.annual[index] + vintage.premium(x, index)
        bought, capital, units = self._bought(vintage, index, more)
        if stands + more <= NOTHING:
            return usd * scale, None
        rate = self.horizon.parts.options.rate
        stock = Stock(
            kind=asset.kind,
            key=asset.key,
            name=asset.name,
            unit=UNITS[asset.kind],
            bought=bought * asset.si,
            in_service=needed * asset.si,
            unused=unused * asset.si,
            units=units,
            capital_usd=capital,
            unused_usd_per_year=unused * asset.annual[index] * scale,
            stranded_usd=vintage.remaining(x, index, unused, rate) * scale,
        )
        return usd * scale, stock

    def _bought(
        self, vintage: Vintages, index: int, more: float
    ) -> tuple[float, float, dict[str, float]]:
        """Amount and price of what is bought for a year, and its whole units."""
        ways = vintage.asset.ways
        amount = more
        price = min((way.capital_usd[index] for way in ways), default=0.0)
        capital, units = more * price, {}
        for (place, first), column in vintage.bought.items():
            count = float(self.x[column])
            if first != index or count <= 1e-9:
                continue
            amount += ways[place].size * count
            capital += ways[place].size * count * ways[place].capital_usd[first]
            if ways[place].whole:
                units[ways[place].name] = float(round(count))
        return amount, capital, units


def _in_service(vintage: Vintages, index: int, hours: Optimiser, full: Floats) -> float:
    """Amount at work in a year's full hours."""
    asset = vintage.asset
    if asset.kind == "server":
        own, each = servers_in(hours, asset.key)
        return float(full[hours.compute.units[own]] @ each)
    if asset.kind == "hall":
        keys = [hall.key for hall in hours.parts.halls]
        return float(full[hours.compute.capacity[keys.index(asset.key)]])
    group = hours.supply.capacity if asset.kind == "supply" else hours.supply.energy
    column = group.get(asset.key)
    return 0.0 if column is None else float(full[column])
