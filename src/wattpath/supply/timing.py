"""When power can stand, what bridging costs, and what time and curtailed hours are worth.

What may be built changes only at the lead times of the technologies, so the frontier of cost
against date has one point per lead time. A load that the first date cannot carry in full is
answered with the share that it can.

Where it breaks down: a lead time is one number for any size; a bridge pays only a year of its
life's annuity, although it may be resold at a loss; the curtailed hours are the dearest of
the grid, which need not be those in which a grid operator would call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath.errors import InputError
from wattpath.supply.dispatch import choose_days, dispatch
from wattpath.supply.options import SupplyOptions
from wattpath.supply.periods import HOURS, Periods
from wattpath.supply.result import SupplyResult
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import Technology
from wattpath.supply.terms import lead_months

#: A quarter of a year [months].
QUARTER = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class DatePoint:
    """The best supply of a load for one date.

    Attributes
    ----------
    months : float
        Time until the date [months].
    served_share : float
        Share of the load that can be met; 1 where the supply is feasible.
    usd_year : float
        Its cost [USD/year]; NaN where infeasible.
    result : SupplyResult
        The supply, or its relaxations.
    """

    months: float
    served_share: float
    usd_year: float
    result: SupplyResult


def time_to_power(
    load_w: ArrayLike,
    technologies: Sequence[Technology],
    site: SiteHours,
    options: SupplyOptions | None = None,
    *,
    days: int = 8,
) -> tuple[DatePoint, ...]:
    """The frontier of cost against date, one point per lead time, earliest first.

    Parameters
    ----------
    load_w : float or array of shape (8760,)
        [W].
    technologies : sequence of Technology
        What may be built.
    site : SiteHours
        Where.
    options : SupplyOptions, optional
        Its `months` is replaced by each lead time in turn.
    days : int
        Representative days.
    """
    options = options or SupplyOptions()
    leads = sorted({lead_months(t, site, options) for t in technologies})
    load = np.broadcast_to(np.asarray(load_w, dtype=np.float64), (HOURS,))
    periods = choose_days(load, site, days)
    points = []
    for months in leads:
        dated = replace(options, months=months * (1.0 + 1e-12))
        result = dispatch(load, technologies, site, dated, periods=periods)
        share = 1.0 if result.feasible else _share(result)
        cost = result.total_usd if result.feasible else float("nan")
        points.append(DatePoint(months, share, cost, result))
    return tuple(points)


def quarter_worth_usd(
    load_w: ArrayLike,
    technologies: Sequence[Technology],
    site: SiteHours,
    options: SupplyOptions,
    *,
    days: int = 8,
) -> float:
    """What power a quarter earlier costs more, or a quarter of delay saves [USD/year].

    The yearly cost of the best supply for the given date less that for a date three months
    later; NaN where the date cannot be met.

    Raises
    ------
    InputError
        If the options give no date.
    """
    if not np.isfinite(options.months):
        raise InputError("options.months", "be a date", options.months)
    load = np.broadcast_to(np.asarray(load_w, dtype=np.float64), (HOURS,))
    periods = choose_days(load, site, days)
    costs = []
    for months in (options.months, options.months + QUARTER):
        dated = replace(options, months=months)
        result = dispatch(load, technologies, site, dated, periods=periods)
        costs.append(result.total_usd if result.feasible else float("nan"))
    return costs[0] - costs[1]


def curtailment_cost_usd(
    load_w: ArrayLike,
    technologies: Sequence[Technology],
    site: SiteHours,
    hours: Sequence[float] = (0.0, 50.0, 100.0, 200.0),
    options: SupplyOptions | None = None,
    *,
    days: int = 12,
) -> dict[float, float]:
    """What it costs to do without the grid in its dearest hours [USD/year].

    A connection that may be called off for some hours a year is often given years earlier;
    the answer is what own supply in those hours adds to the yearly cost, NaN where the load
    could not be met at all.

    Parameters
    ----------
    hours : sequence of float
        Curtailed hours a year; 0 is the base and costs 0.
    """
    load = np.broadcast_to(np.asarray(load_w, dtype=np.float64), (HOURS,))
    periods = choose_days(load, site, days)
    found: dict[float, float] = {}
    base = dispatch(load, technologies, site, options, periods=periods)
    for count in hours:
        curtailed = replace(site, grid_available=_called_off(site, periods, count))
        result = dispatch(load, technologies, curtailed, options, periods=periods)
        fine = result.feasible and base.feasible
        found[count] = result.total_usd - base.total_usd if fine else float("nan")
    return found


def _called_off(site: SiteHours, periods: Periods, count: float) -> NDArray[np.float64]:
    """Usable share of the grid without the dearest steps that make up `count` hours.

    A step that would go beyond the count is called off in part of its hours, which is a
    lower share in that step.
    """
    share = site.grid_available.copy()
    left = count
    for step in np.argsort(-periods.take(site.grid_price_usd_j), kind="stable"):
        weight = float(periods.weights[step])
        share[periods.hours[step]] *= 1.0 - min(left / weight, 1.0)
        left -= weight
        if left <= 0.0:
            break
    return share


def _share(result: SupplyResult) -> float:
    """The share of the load that an infeasible supply could meet."""
    return next((r.needed for r in result.relaxations if r.what == "load"), 0.0)
