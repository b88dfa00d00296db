r"""The money of a project year by year: purchases, loans, tax, and what is left for its owners.

In nominal dollars of year t, with purchases K, loans drawn L = d K, interest i, repayment in
equal payments over the tenor, revenue R, operation O, write-off W and tax rate \tau:

.. math::
    \text{profit}_t = R_t - O_t - W_t - I_t, \qquad
    T_t = \tau \max(0, \text{profit}_t - \text{losses carried forward})

.. math::
    \text{owners}_t = R_t - O_t - T_t - I_t - P_t - (K_t - L_t) + \text{residual}_t

The price per unit of output that just gives the owners their return is the *levelised price*.

Purchases come at the beginning of a year, everything else at its end. What is bought again at
the end of its life within the span is bought at the same real price.

Where it breaks down: one loan rate for all, no fees, no working capital, no tax credits;
residual values are judgements, and losses at the end of the span are lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wattpath import catalog
from wattpath.economics.finance import internal_rate, present_value
from wattpath.errors import InputError
from wattpath.units import YEAR_S

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terms:
    """What lenders, owners and the state ask; rates per year, nominal; times in years."""

    inflation: float
    debt_share: float
    debt_rate: float
    debt_tenor: float
    equity_rate: float
    tax: float
    server_write_off: float
    plant_write_off: float
    server_residual: float
    plant_residual: float


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that is bought.

    Attributes
    ----------
    name : str
    price_usd : tuple of float
        Bought at the beginning of the years 0, 1, ... [real USD].
    life : int
        After so many years it is bought again [years].
    write_off : int
        Years over which it is written off.
    residual : float
        Value at the end of its life over its price, in real terms [-].
    group : str
        Class that it belongs to in a schedule.
    renewed : bool
        Whether it is bought again at the end of its life; else all purchases are given.
    """

    name: str
    price_usd: tuple[float, ...]
    life: int
    write_off: int
    residual: float = 0.0
    group: str = ""
    renewed: bool = True

    def purchases(self, years: int) -> Floats:
        """Paid at the beginning of each year of a span [real USD], shape (years,)."""
        paid = np.zeros(years)
        for first, price in enumerate(self.price_usd[:years]):
            paid[first : years : self.life if self.renewed else years] += price
        return paid


@dataclass(frozen=True, slots=True)
class Statement:
    """Nominal dollars of the years 0 (beginning) to n, one array each, shape (n + 1,).

    `purchase` to `owners` are flows with their natural sign (costs positive); `debt` is what is
    owed at the end of the year. `price_usd` is per unit of output in real dollars.
    """

    price_usd: float
    output: Floats
    revenue: Floats
    operation: Floats
    purchase: Floats
    drawn: Floats
    interest: Floats
    repaid: Floats
    write_off: Floats
    tax: Floats
    residual: Floats
    debt: Floats
    owners: Floats
    equity_rate: float

    @property
    def npv_usd(self) -> float:
        """Value of the owners' flows today at the return that they ask [USD]."""
        return present_value(self.equity_rate, self.owners.tolist())

    @property
    def irr(self) -> float | None:
        """Return of the owners a year, or None where it means nothing."""
        return _single_rate(self.owners)

    @property
    def project(self) -> Floats:
        """Flows of owners and lenders together."""
        return np.asarray(self.revenue - self.operation - self.tax - self.purchase + self.residual)

    @property
    def project_irr(self) -> float | None:
        """Return of owners and lenders together a year, or None where it means nothing."""
        return _single_rate(self.project)

    @property
    def book(self) -> Floats:
        """What is bought and not yet written off, at the end of each year [USD]."""
        return np.cumsum(self.purchase - self.write_off)

    @property
    def equity(self) -> Floats:
        """What owners have paid in and earned and not taken out, at the end of each year [USD].

        All cash is paid out, so that the books balance: `book` is `debt` and equity.
        """
        earned = self.revenue - self.operation - self.write_off - self.interest + self.residual
        return np.cumsum(earned - self.tax - self.owners)

    @property
    def cover(self) -> float:
        """Least cash before debt over interest and repayment of any year with debt [-].

        What is sold counts as cash: no loan outlives the span, so that the last ones are
        repaid in it from what is left of what they bought, whose gain is taxed in that year.
        """
        service = self.interest + self.repaid
        cash = self.revenue - self.operation - self.tax + self.residual
        years = service > 0.0
        return float((cash[years] / service[years]).min()) if years.any() else float("inf")


def load_terms(**overrides: float) -> Terms:
    """The catalogue's terms, some of them replaced.

    Raises
    ------
    InputError
        If a replacement is no term.
    """
    entry = catalog.load("financing", "project-finance")
    names = list(Terms.__dataclass_fields__)
    for name in overrides:
        if name not in names:
            raise InputError(name, "be a term of finance", overrides[name], ", ".join(names))
    per_year = {"inflation", "debt_rate", "equity_rate"}
    years = {"debt_tenor", "server_write_off", "plant_write_off"}
    values = {}
    for name in names:
        si = entry.si(name)
        values[name] = si * YEAR_S if name in per_year else si / YEAR_S if name in years else si
    return Terms(**{**values, **overrides})


def statement(
    assets: Sequence[Asset],
    operation_usd: Sequence[float],
    output: Sequence[float],
    terms: Terms,
    price_usd: float | None = None,
) -> Statement:
    """The project's years at a price, or at the levelised one.

    Parameters
    ----------
    assets : sequence of Asset
    operation_usd, output : sequence of float
        Of the years 1 to n [real USD; any unit].
    terms : Terms
    price_usd : float, optional
        Per unit of output [real USD]; without it, the one that gives the owners their return.

    Raises
    ------
    InputError
        If nothing is put out, or the spans do not fit.
    """
    if len(operation_usd) != len(output) or not output or not sum(output) > 0.0:
        raise InputError("output", "be positive and as long as the operation", list(output))
    level = np.power(1.0 + terms.inflation, np.arange(len(output) + 1, dtype=np.float64))
    owned = _owned(assets, len(output), level)
    running = np.concatenate([[0.0], operation_usd]) * level
    sold = np.concatenate([[0.0], output])
    if price_usd is None:
        price_usd = _price(owned, running, sold, level, terms)
    return _statement(owned, running, sold, level, terms, price_usd)


def _price(
    owned: tuple[Floats, Floats, Floats], running: Floats, sold: Floats, level: Floats, terms: Terms
) -> float:
    """The price at which the owners' value is nothing, by bisection (it rises with the price)."""

    def worth(price: float) -> float:
        return _statement(owned, running, sold, level, terms, price).npv_usd

    low = 0.0
    high = 4.0 * max(float(owned[0].sum() + running.sum()), 1.0) / float(sold.sum())
    while worth(high) < 0.0:
        high *= 2.0
    for _ in range(100):
        middle = 0.5 * (low + high)
        if worth(middle) < 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _statement(
    owned: tuple[Floats, Floats, Floats],
    running: Floats,
    sold: Floats,
    level: Floats,
    terms: Terms,
    price: float,
) -> Statement:
    revenue = price * sold * level
    purchase, written, residual = owned
    drawn = terms.debt_share * purchase
    interest, repaid, debt = _debt(drawn, terms)
    tax = _tax(revenue - running - written - interest + residual, terms.tax)
    owners = revenue - running - tax - interest - repaid - (purchase - drawn) + residual
    return Statement(
        price, sold, revenue, running, purchase, drawn, interest, repaid, written, tax,
        residual, debt, owners, terms.equity_rate,
    )  # fmt: skip


def _owned(assets: Sequence[Asset], years: int, level: Floats) -> tuple[Floats, Floats, Floats]:
    """Purchases, write-offs and residual values of all assets with their renewals."""
    purchase, written, residual = np.zeros((3, years + 1))
    for asset in assets:
        for start, price in enumerate(asset.purchases(years).tolist()):
            if price == 0.0:
                continue
            cost = price * level[start]
            purchase[start] += cost
            end = min(start + asset.life, years)
            last = min(start + asset.write_off, end)
            written[start + 1 : last + 1] += cost / asset.write_off
            left = price * asset.residual * level[end]
            early = price * (1.0 - asset.residual) * (start + asset.life - end) / asset.life
            residual[end] += left + early * level[end]
            written[end] += cost * (1.0 - (last - start) / asset.write_off)
    return purchase, written, residual


def _single_rate(flows: Floats) -> float | None:
    """The rate at which flows are worth nothing, where there is one and no more.

    Flows that change sign more than once still have a single positive rate if what they add up
    to changes sign once (Norstrom's condition).
    """
    found = internal_rate(flows.tolist())
    if found is not None:
        return found
    signs = np.sign(np.cumsum(flows))
    signs = signs[signs != 0.0]
    if signs.size == 0 or signs[0] > 0.0 or int(np.count_nonzero(np.diff(signs))) != 1:
        return None
    low, high = 0.0, 100.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if present_value(middle, flows.tolist()) > 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _debt(drawn: Floats, terms: Terms) -> tuple[Floats, Floats, Floats]:
    """Interest, repayment and what is owed at the end of each year."""
    years = drawn.size - 1
    interest, repaid, debt = np.zeros((3, years + 1))
    rate, tenor = terms.debt_rate, max(1, round(terms.debt_tenor))
    for start in np.flatnonzero(drawn):
        owed = float(drawn[start])
        debt[start] += owed
        length = min(tenor, years - int(start))
        payment = owed * (rate / (1.0 - (1.0 + rate) ** -length) if rate > 0.0 else 1.0 / length)
        for year in range(start + 1, start + length + 1):
            cost = owed * rate
            owed -= payment - cost
            interest[year] += cost
            repaid[year] += payment - cost
            debt[year] += owed
    return interest, repaid, debt


def _tax(profit: Floats, rate: float) -> Floats:
    """Tax on profit after the losses of earlier years."""
    tax, lost = np.zeros_like(profit), 0.0
    for year, each in enumerate(profit):
        taxable = each - lost
        lost = max(0.0, -taxable)
        tax[year] = rate * max(0.0, taxable)
    return tax


def with_lives(assets: Sequence[Asset], write_off: int) -> tuple[Asset, ...]:
    """The same assets, written off over another number of years."""
    return tuple(replace(asset, write_off=write_off) for asset in assets)
