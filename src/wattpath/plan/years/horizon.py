r"""The years of a plan: when each begins, how much it asks for, and what it weighs.

Year y (the first is 0) begins :math:`m_0 + 12 y` months from now, where m_0 is the
scenario's `months_available`. Its demand is

.. math:: M_y = \prod_{j < y} (1 + g_j)

times that of the first year. All money of a year counts at its end, so that its weight in
the net present value at the beginning of the first year is

.. math:: D_y = (1 + r)^{-(y + 1)}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wattpath.plan.demand import Demand, ServingDemand
from wattpath.plan.scenario import Scenario

#: Months of a year.
MONTHS = 12.0


@dataclass(frozen=True, slots=True)
class Year:
    """One year of the horizon.

    Attributes
    ----------
    index : int
        From 0.
    calendar : int or None
        Calendar year, where the scenario says when the first one is.
    months : float
        From now until it begins [months].
    weight : float
        Of its money in the net present value [-].
    multiples : dict
        Demand -> its size over that of the first year [-].
    server_price : float
        Price of a server over that of the first year [-].
    scenario : Scenario
        With the demands and the grid of this year, and its months as `months_available`.
    """

    index: int
    calendar: int | None
    months: float
    weight: float
    multiples: dict[str, float]
    server_price: float
    scenario: Scenario

    @property
    def label(self) -> str:
        """What the year is called: its calendar year, or its number."""
        return str(self.calendar) if self.calendar is not None else f"year {self.index + 1}"


def years_of(scenario: Scenario) -> tuple[Year, ...]:
    """The years of a scenario, the first one first."""
    return tuple(_year(scenario, index) for index in range(scenario.horizon.years))


def multiple(rates: list[float], index: int) -> float:
    """Demand of a year over that of the first; the last rate goes on.

    Parameters
    ----------
    rates : list of float
        Growth from each year to the next [-]; empty for none.
    index : int
        Of the year, from 0.
    """
    value = 1.0
    for step in range(index if rates else 0):
        value *= 1.0 + rates[min(step, len(rates) - 1)]
    return value


def _year(scenario: Scenario, index: int) -> Year:
    start, rate = scenario.horizon.start, scenario.finance.discount_rate
    months = scenario.months_available + MONTHS * index
    multiples = {demand.name: multiple(demand.growth, index) for demand in scenario.demands}
    grid = scenario.grid
    if grid.limits:
        limit = grid.limits[min(index, len(grid.limits) - 1)]
        grid = grid.model_copy(update={"limit": limit})
    changes: dict[str, Any] = {
        "demands": [grown(demand, multiples[demand.name]) for demand in scenario.demands],
        "grid": grid,
        "months_available": months,
    }
    return Year(
        index=index,
        calendar=None if start is None else start + index,
        months=months,
        weight=(1.0 + rate) ** -(index + 1),
        multiples=multiples,
        server_price=(1.0 + scenario.horizon.server_price_change) ** index,
        scenario=scenario.model_copy(update=changes),
    )


def grown(demand: Demand, factor: float) -> Demand:
    """A demand so many times as large: more requests, or more training runs side by side."""
    if isinstance(demand, ServingDemand):
        return demand.model_copy(update={"requests": demand.requests * factor})
    return demand.model_copy(update={"tokens": demand.tokens * factor})
