r"""Rent instead of buying: what a plan's chips cost by the hour, and where that flips.

A rented chip-hour pays for the server, its network, hall, cooling and power; software work is
paid beside it either way. With chips *n* of a column, its capacity *c*, the demand's rate
*r(t)* in hour *t*, spare *s* and the column's part *p* of the demand:

.. math::

    H_{always} = 8760\, n, \qquad
    H_{follow} = \sum_t n_1 \max(1, \lceil p\, r(t) (1 + s) / c \rceil), \qquad
    \pi^* = (K - W) / H

where :math:`n_1` are the chips of one unit, *K* what the plan costs a year when bought, *W* its
yearly software work, and :math:`\pi^*` the price of a chip-hour at which both cost the same.
Work that may wait rents only the hours that it runs.

Where it breaks down: one price for all hours, no discount for volume or term; units start and
stop at full hours without delay, and are to be had whenever they are wanted; storage, traffic
out of the provider's network and people who run the contract are left out. The catalogue has
a price for one generation of chips; for others only the price at which it flips is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wattpath import catalog, hardware
from wattpath.errors import InputError
from wattpath.plan.build import needs_of
from wattpath.units import HOUR_S, HOURS

if TYPE_CHECKING:
    from wattpath.catalog import Quantity
    from wattpath.plan.compute import Need
    from wattpath.plan.result import Chosen, Outcome, PlanResult
    from wattpath.plan.scenario import Scenario

#: Two ways to rent: all chips through the year, or as many as the hour needs.
WAYS = ("always", "following")


@dataclass(frozen=True, slots=True)
class Price:
    """Price of a rented chip-hour [USD/h] with its range, and the years of chips it is for."""

    value: float
    low: float
    high: float
    evidence: str
    first_year: float
    last_year: float

    def covers(self, chip: str) -> bool:
        """Whether the price is for this chip."""
        year = catalog.load("chip", chip).si("year")
        return self.first_year <= year <= self.last_year


@dataclass(frozen=True, slots=True)
class Rented:
    """One plan, bought and rented.

    Attributes
    ----------
    chips : float
        Of the plan at its busiest hour.
    rented_s : dict
        Way to rent -> time of all chips together in a year [s].
    buy_usd_per_year : float
        Cost of the plan as bought [USD/year].
    software_usd_per_year : float
        Part of it that repays software work, bought or rented [USD/year].
    covered : bool
        Whether the price is for all chips of the plan.
    price : Price
    """

    chips: float
    rented_s: dict[str, float]
    buy_usd_per_year: float
    software_usd_per_year: float
    covered: bool
    price: Price

    def usd_per_year(self, way: str, price_usd_h: float) -> float:
        """Cost of renting at a price of the chip-hour [USD/year]."""
        return self.rented_s[way] / HOUR_S * price_usd_h + self.software_usd_per_year

    @property
    def hours_share(self) -> float:
        """Time of the chips that follow the load over that of all chips all year [-]."""
        return self.rented_s["following"] / self.rented_s["always"]

    def even_usd_h(self, way: str) -> float:
        """Price of a chip-hour at which renting costs as much as buying [USD/h]."""
        own_usd = self.buy_usd_per_year - self.software_usd_per_year
        return own_usd / self.rented_s[way] * HOUR_S

    def even_share(self, price_usd_h: float) -> float:
        """Share of the year's hours below which renting is cheaper, each chip alike [-]."""
        return self.even_usd_h("always") / price_usd_h

    def to_json(self) -> dict[str, Any]:
        """Money by way and price; null where the price is not for these chips."""
        prices = {name: getattr(self.price, name) for name in ("low", "value", "high")}
        return {
            "chips": self.chips,
            "chip_hours_per_year": {way: self.rented_s[way] / HOUR_S for way in WAYS},
            "hours_share": self.hours_share,
            "buy_usd_per_year": self.buy_usd_per_year,
            "software_usd_per_year": self.software_usd_per_year,
            "break_even_usd_per_chip_hour": {way: self.even_usd_h(way) for way in WAYS},
            "rent_usd_per_year": {
                way: {name: self.usd_per_year(way, usd) for name, usd in prices.items()}
                for way in WAYS
            }
            if self.covered
            else None,
            "break_even_hours_share": {n: self.even_share(usd) for n, usd in prices.items()}
            if self.covered
            else None,
        }


def price_of(usd_h: float | None = None) -> Price:
    """The catalogue's price of a chip-hour, or one's own, which is for every chip.

    Raises
    ------
    InputError
        If one's own is not a price.
    """
    if usd_h is not None:
        if not 0.0 < usd_h < 1e4:
            raise InputError("--price", "be a price above 0 USD per chip-hour", usd_h)
        return Price(usd_h, usd_h, usd_h, "given", -np.inf, np.inf)
    entry = catalog.load("cost", "accelerator-hour")
    price: Quantity = entry.quantity("price_hour")
    years = entry.quantity("chip_year")
    value, low, high = (usd_s * HOUR_S for usd_s in (price.value, price.low, price.high))
    return Price(value, low, high, price.evidence, years.low, years.high)


def one_year(scenario: Scenario) -> None:
    """Make sure that the scenario is of one year, before the long work begins.

    Raises
    ------
    InputError
        If it has several: what is rented follows each year's own prices.
    """
    years = scenario.horizon.years
    if years > 1:
        hint = "Ask for one of its years, with that year's requests."
        raise InputError("horizon.years", "be 1 to compare with renting", years, hint)


def rent_of(scenario: Scenario, result: PlanResult, price: Price) -> dict[str, Rented]:
    """Every feasible plan of a result, bought and rented.

    Raises
    ------
    InputError
        See `one_year`.
    """
    one_year(scenario)
    needs = {need.name: need for need in needs_of(scenario)}
    spares = {demand.name: getattr(demand, "spare", 0.0) for demand in scenario.demands}
    return {
        name: _rented(outcome, needs, spares, price)
        for name, outcome in result.plans.items()
        if outcome.feasible
    }


def _rented(
    outcome: Outcome, needs: dict[str, Need], spares: dict[str, float], price: Price
) -> Rented:
    rented_s = {
        "always": outcome.chips * HOURS * HOUR_S,
        "following": sum(
            following_s(item, needs[item.deployment.demand], spares[item.deployment.demand])
            for item in outcome.chosen
        ),
    }
    software = sum(item.units * item.deployment.once_usd_per_year for item in outcome.chosen)
    covered = all(price.covers(item.deployment.chip) for item in outcome.chosen)
    bought = outcome.cost_usd_per_year
    return Rented(outcome.chips, rented_s, bought, software, covered, price)


def following_s(item: Chosen, need: Need, spare: float) -> float:
    """Time of all chips of a column whose units come and go with the hour's rate [s/year].

    Parameters
    ----------
    item : Chosen
        Deployment with its units and its part of the demand.
    need : Need
        The demand's rate over the hours.
    spare : float
        Kept beyond each hour's rate, as beyond the highest [-].
    """
    own = item.deployment
    if need.flexible:
        # what runs on lent servers has no chips of its own, and rents those of its servers
        chips = own.chips or own.servers * hardware.load_server(own.server).chips
        return chips * item.share * need.rate / own.capacity * HOURS * HOUR_S
    wanted = item.share * need.rate * need.load * (1.0 + spare) / own.capacity
    units = np.clip(np.ceil(wanted - 1e-9), 1.0, max(item.units, 1.0))
    return float(np.minimum(units, max(item.units, 0.0)).sum()) * own.chips * HOUR_S
