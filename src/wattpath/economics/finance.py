"""Money over time: annuity, present value, levelised cost, rate of return, price levels.

With the real rate r and the years t = 0, 1, ...

    PV   = sum over t of  c_t / (1 + r)^t
    LCOx = PV(costs) / PV(output)

Money is real: of one currency year, inflation left out. The annuity itself stands with
the supply technologies (`wattpath.supply.technology.annuity`), which pay by it first.

Where it breaks down: one rate for all risks, payments at year ends, no tax.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.supply.technology import annuity
from wattpath.units import YEAR_S

__all__ = [
    "YEAR_S",
    "annuity",
    "internal_rate",
    "levelised_cost",
    "present_value",
    "price_level",
    "yearly_capital_usd",
]


def present_value(rate: float, flows: Sequence[float]) -> float:
    """Value today of yearly flows, the first of them today.

    Parameters
    ----------
    rate : float
        Real interest per year [fraction], above -1.
    flows : sequence of float
        Money or output at the years 0, 1, 2, ... [USD or any unit].

    Returns
    -------
    float
        In the unit of the flows.
    """
    if rate <= -1.0 or not math.isfinite(rate):
        raise InputError("rate", "be an interest rate above -1 per year", rate)
    return math.fsum(flow / (1.0 + rate) ** year for year, flow in enumerate(flows))


def yearly_capital_usd(capital_usd: float, life_s: float, rate: float) -> float:
    """The yearly payment that repays capital with interest over its life [USD/year].

    Parameters
    ----------
    capital_usd : float
        Paid at the start [USD].
    life_s : float
        Economic life [s].
    rate : float
        Real interest per year [fraction].
    """
    return capital_usd * annuity(rate, life_s / YEAR_S)


def levelised_cost(rate: float, costs_usd: Sequence[float], output: Sequence[float]) -> float:
    """Price per unit of output at which all costs are just repaid.

    Parameters
    ----------
    rate : float
        Real interest per year [fraction].
    costs_usd, output : sequence of float
        Costs [USD] and output [any unit, such as tokens] in the years 0, 1, 2, ...

    Returns
    -------
    float
        [USD per unit of output].

    Raises
    ------
    InputError
        If the output's present value is not positive.
    """
    volume = present_value(rate, output)
    if volume <= 0.0:
        raise InputError("output", "be positive over the years", list(output))
    return present_value(rate, costs_usd) / volume


def internal_rate(flows: Sequence[float]) -> float | None:
    """The interest at which the flows are worth nothing today, or None if there is none.

    Parameters
    ----------
    flows : sequence of float
        Yearly flows that change sign once: money out, then money in [USD].

    Returns
    -------
    float or None
        Per year [fraction], between -0.99 and 100; None if the flows do not change sign in
        that span.

    Notes
    -----
    Bisection. Flows that change sign more than once may have several rates; then no single
    one means anything, and None is returned.
    """
    signs = [math.copysign(1.0, flow) for flow in flows if flow != 0.0]
    changes = sum(a != b for a, b in pairwise(signs))
    if changes != 1:
        return None
    low, high = -0.99, 100.0
    rising = present_value(low, flows) < present_value(high, flows)
    if (present_value(low, flows) > 0.0) == (present_value(high, flows) > 0.0):
        return None
    for _ in range(200):
        middle = 0.5 * (low + high)
        if (present_value(middle, flows) > 0.0) == rising:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


@cache
def _index() -> dict[int, float]:
    entry = catalog.load("cost", "price-index")
    first = int(entry.si("first_year"))
    return {first + offset: value for offset, value in enumerate(entry.series("index"))}


def price_level(from_year: int, to_year: int) -> float:
    """Factor that turns US dollars of one year into dollars of another.

    Raises
    ------
    InputError
        If a year lies outside the catalogued index.
    """
    index = _index()
    for year in (from_year, to_year):
        if year not in index:
            years = sorted(index)
            raise InputError("currency year", f"lie between {years[0]} and {years[-1]}", year)
    return index[to_year] / index[from_year]
