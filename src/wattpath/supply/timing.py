"""When power can stand, what bridging costs, and what time and curtailed hours are worth.

What may be built changes only at the lead times of the technologies, so a supply is solved
once for each set of technologies that a date allows. A load that a date cannot carry in full
is answered with the multiple of it that it can:

    maximise s  subject to the supply block with the load s L_t in every step

The steps are representative days with the day of the highest load among them. A multiple that
something limits is found again in all 8,760 hours where nothing is stored.

Where it breaks down: with storage a multiple holds for the representative days, which may lack
the longest lull; a lead time is one number for any size; a bridge pays only a year of its
life's annuity, although it may be resold at a loss; the curtailed hours are the dearest of
the grid, which need not be those in which a grid operator would call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath.errors import InputError
from wattpath.supply.block import add_supply
from wattpath.supply.dispatch import dispatch
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import HOURS, Periods, full_year
from wattpath.supply.problem import IN_TIME, choose_days
from wattpath.supply.program import Program
from wattpath.supply.result import SupplyResult
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import Technology
from wattpath.supply.terms import lead_months

Floats = NDArray[np.float64]

#: A quarter of a year [months].
QUARTER = 3.0

#: A multiple of the load above which nothing limits it: no technology knows a limit to itself.
UNLIMITED = 100.0

#: A share of the load that counts as all of it.
WHOLE = 1.0 - 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class DatePoint:
    """The best supply of a load for one date.

    Attributes
    ----------
    months : float
        Time until the date [months].
    served_share : float
        Share of the load that can be met in every hour.
    largest_share : float
        The largest multiple of the load that can be met; infinite where nothing limits it.
    usd_year : float
        Its cost [USD/year]; NaN where not all of the load can be met.
    result : SupplyResult
        The supply, or its relaxations.
    """

    months: float
    served_share: float
    largest_share: float
    usd_year: float
    result: SupplyResult

    @property
    def feasible(self) -> bool:
        """Whether all of the load can be met, in every hour."""
        return self.result.feasible and self.served_share >= WHOLE


def time_to_power(
    load_w: ArrayLike,
    technologies: Sequence[Technology],
    site: SiteHours,
    options: SupplyOptions | None = None,
    *,
    months: Sequence[float] = (),
    days: int = 8,
) -> tuple[DatePoint, ...]:
    """The frontier of cost against date, earliest first.

    Parameters
    ----------
    load_w : float or array of shape (8760,)
        [W].
    technologies : sequence of Technology
        What may be built.
    site : SiteHours
        Where.
    options : SupplyOptions, optional
        Its `months` is replaced by each date in turn.
    months : sequence of float, optional
        The dates [months]; one point per lead time if not given.
    days : int
        Representative days.
    """
    options = options or SupplyOptions()
    leads = {t.key: lead_months(t, site, options) for t in technologies}
    load = np.broadcast_to(np.asarray(load_w, dtype=np.float64), (HOURS,))
    periods = choose_days(load, site, days, peak=True)
    solved: dict[frozenset[str], DatePoint] = {}
    points = []
    for date in sorted(months or set(leads.values())):
        buildable = frozenset(key for key, lead in leads.items() if lead <= date * IN_TIME)
        if buildable not in solved:
            dated = replace(options, months=date * IN_TIME)
            solved[buildable] = _point(load, technologies, site, dated, periods)
        points.append(replace(solved[buildable], months=date))
    return tuple(points)


def _point(
    load: Floats,
    technologies: Sequence[Technology],
    site: SiteHours,
    options: SupplyOptions,
    periods: Periods,
) -> DatePoint:
    result = dispatch(load, technologies, site, options, periods=periods)
    given = (load, technologies, site, options)
    largest = largest_share(*given, periods=periods)
    stored = any(t.role == "storage" and _stands(t, site, options) for t in technologies)
    if 0.0 < largest < UNLIMITED and not stored:
        largest = min(largest, largest_share(*given, periods=full_year()))
    met = result.feasible and largest >= WHOLE
    cost = result.total_usd if met else float("nan")
    return DatePoint(options.months, min(largest, 1.0), largest, cost, result)


def _stands(technology: Technology, site: SiteHours, options: SupplyOptions) -> bool:
    """Whether any of a technology can be there by the options' date."""
    lead = lead_months(technology, site, options)
    return lead <= options.months or options.existing_w.get(technology.key, 0.0) > 0.0


def largest_share(
    load_w: ArrayLike,
    technologies: Sequence[Technology],
    site: SiteHours,
    options: SupplyOptions | None = None,
    *,
    periods: Periods,
) -> float:
    """The largest multiple of a load that a supply can meet; infinite above `UNLIMITED`.

    Parameters
    ----------
    load_w : float or array of shape (8760,)
        [W].
    technologies : sequence of Technology
        What may be built.
    site : SiteHours
        Where.
    options : SupplyOptions, optional
        Date, limits, carbon cap, shares.
    periods : Periods
        The steps of time.
    """
    steps = periods.take(load_w)
    program = Program()
    scale = Scale.around(float(steps.max()))
    block = add_supply(program, technologies, site, periods, options, scale=scale)
    block.set_load(program, 0.0)
    share = int(program.variables("share", 1, upper=UNLIMITED)[0])
    block.load(program, share, steps)
    program.set_cost(np.arange(program.shape[1]), 0.0)
    program.set_cost(share, -1.0)
    solution = program.solve()
    if not solution.optimal:
        return 0.0
    found = float(solution.x[share])
    return float("inf") if found >= UNLIMITED * (1.0 - 1e-6) else max(0.0, found)


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
    periods = choose_days(load, site, days, peak=True)
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
        Curtailed hours a year; 0 is the base and costs 0. They are called off in whole steps
        of the representative days, so a few more than asked may be.
    """
    load = np.broadcast_to(np.asarray(load_w, dtype=np.float64), (HOURS,))
    periods = choose_days(load, site, days, peak=True)
    found: dict[float, float] = {}
    base = dispatch(load, technologies, site, options, periods=periods)
    for count in hours:
        curtailed = replace(site, curtailed_h=count)
        result = dispatch(load, technologies, curtailed, options, periods=periods)
        fine = result.feasible and base.feasible
        found[count] = result.total_usd - base.total_usd if fine else float("nan")
    return found
