"""The frame of the fast path of several years: what it evaluates and what it may build.

In the frame is what any plan uses in any year of the central case, alone or with the others;
the next best of each demand in the first and the last year, what plans of the last one choose when
its columns are scaled at random (`wattpath.plan.uncertainty.pool`); and what some draws choose
that are searched in full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wattpath.hardware.shortlist import shortlisted
from wattpath.plan.build import search_periods
from wattpath.plan.columns.search import Group
from wattpath.plan.compute import Slot
from wattpath.plan.uncertainty.model import Layouts, Solved
from wattpath.plan.uncertainty.pool import MANY, close, tried
from wattpath.plan.uncertainty.several import YearDraws, YearsFrame
from wattpath.plan.uncertainty.sobol import normal_points
from wattpath.plan.years.path import Path
from wattpath.plan.years.phased import Given
from wattpath.plan.years.pool import Alone, Pool, alone, pool_of
from wattpath.supply.periods import Periods

#: Draws that are searched in full.
SEARCHED = 4

#: Representative days of the fast path: years have much the same ones, so few are enough.
DAYS = 4


def frame(
    model: YearDraws, paths: Mapping[str, Path], names: Sequence[str], seed: int
) -> YearsFrame:
    """What the fast path keeps.

    Parameters
    ----------
    model : YearDraws
    paths : mapping
        Plan -> its path in the central case.
    names : sequence of str
        Inputs.
    seed : int
        Of the draws.
    """
    with model.drawn({}) as given:
        periods = search_periods(given.parts[0], DAYS)
        single = _alone(given, periods)
        pool = pool_of(single, given.slots)
        only = _groups(pool, given.slots) | _used(paths)
        for one in (single[0], single[-1]):
            solved = Solved(model.scenario, one.block, one.solutions, given.refusals)
            only |= close(solved, model.players)
        only |= tried(solved, model.players, seed)
        halls, technologies = _halls(pool, given), pool.technologies
    layouts: Layouts | None = {} if len(given.slots) > MANY else None
    for point in normal_points(SEARCHED, len(names), seed + 1):
        z = dict(zip(names, point.tolist(), strict=True))
        with shortlisted(layouts), model.drawn(z) as given:
            pool = pool_of(_alone(given, periods), given.slots)
            only |= _groups(pool, given.slots)
            halls, technologies = halls | _halls(pool, given), technologies | pool.technologies
    return YearsFrame(only, periods, halls, technologies, layouts)


def _alone(given: Given, periods: Periods) -> list[Alone]:
    """Every plan of every year alone."""
    return alone(
        given.years, given.parts, given.slots, periods, given.market, given.players,
        lambda share: None,
    )  # fmt: skip


def _groups(pool: Pool, slots: Sequence[Slot]) -> frozenset[Group]:
    """Demand, server and levers of a pool's slots."""
    members = (slots[i].deployment for i in pool.slots)
    return frozenset((own.demand, own.server, own.levers) for own in members)


def _used(paths: Mapping[str, Path]) -> frozenset[Group]:
    """The same of what the plans use."""
    chosen = (
        item.deployment
        for path in paths.values()
        for year in path.years
        for item in year.outcome.chosen
    )
    return frozenset((own.demand, own.server, own.levers) for own in chosen)


def _halls(pool: Pool, given: Given) -> frozenset[str]:
    return frozenset(given.parts[0].halls[i].key for i in pool.halls)
