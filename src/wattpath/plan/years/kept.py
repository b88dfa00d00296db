r"""Rules of clean supply through all hours: what they are broken by, and days asked for more.

A carbon cap and the shares of clean energy are one row each of a year's block. Representative
days keep them to the last digit; run through all 8,760 hours, the same plant breaks them by a
little, for few days see too little of the hours in which sun and wind both fail. So the days are
asked again with the sides of their rows moved by what was missing: with a the side that the days
kept, r(a) what all hours made of it and b what is asked,

.. math:: a_{k+1} = a_k - (r(a_k) - b) \frac{a_k - a_{k-1}}{r(a_k) - r(a_{k-1})}

the slope being 1 at first. Sides are those of the programme of all years, which starts from its
last basis; only plans that break a rule are asked again.

Where it breaks down: a year that no stricter days bring within its rules is left to the exact
programme of its hours, with sun, wind and storage grown if need be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.optimise import Optimiser
from wattpath.plan.years.path import Clean
from wattpath.plan.years.vintages import Horizon
from wattpath.plan.years.yearly import Hours, Reader
from wattpath.supply.program import Solution
from wattpath.supply.terms import clean_share

Floats = NDArray[np.float64]

#: Times that the days are asked again.
STRICTER = 4

#: Slopes of the line through two answers that are believed.
LEAST, MOST = 0.3, 3.0

#: Part of the load, or of a cap, that a new question leaves unused.
MARGIN = 2e-4

#: The years of a plan over all hours, each with its reader.
Ran = list[tuple[Reader, dict[str, Hours]]]


def through_hours(
    horizon: Horizon, players: Mapping[str, frozenset[str]], chosen: dict[str, Solution]
) -> tuple[dict[str, Solution], Ran]:
    """Each plan through all hours of its years, two years at a time.

    Parameters
    ----------
    horizon : Horizon
    players : mapping of str to frozenset
        What each plan may use.
    chosen : dict of str to Solution
        Of each plan on the representative days.

    Returns
    -------
    dict of str to Solution
        Of days that were asked for more where all hours would have broken a rule.
    list of (Reader, dict of str to Hours)
        For each year.
    """
    kept = dict(chosen)
    with ThreadPoolExecutor(2) as both:
        readers = list(both.map(Reader, horizon.blocks))
    runs: dict[str, list[Hours]] = {}
    for name, solution in chosen.items():
        if solution.optimal:
            runs[name] = _read(readers, solution, players[name])
            kept[name], runs[name] = _kept(horizon, readers, players[name], solution, runs[name])
    return kept, [
        (reader, {name: years[place] for name, years in runs.items()})
        for place, reader in enumerate(readers)
    ]


def _read(readers: Sequence[Reader], solution: Solution, players: frozenset[str]) -> list[Hours]:
    """A solution by rule through the hours of each year."""
    with ThreadPoolExecutor(2) as both:
        return list(both.map(lambda reader: reader.run(solution.x, players), readers))


def _kept(
    horizon: Horizon,
    readers: Sequence[Reader],
    players: frozenset[str],
    solution: Solution,
    runs: list[Hours],
) -> tuple[Solution, list[Hours]]:
    """A plan whose days are asked for more until all hours keep the rules."""
    asked = np.zeros((len(readers), 3))
    before: tuple[Floats, Floats] | None = None
    for _ in range(STRICTER):
        over = np.array([run.over for run in runs])
        if not any(run.dirty for run in runs):
            break
        lower = stricter(asked, over, before)
        before, asked = (asked, over), lower
        _ask(horizon.blocks, asked)
        again = horizon.solve(players)
        if not again.optimal:
            break
        solution, runs = again, _read(readers, again, players)
    _ask(horizon.blocks, np.zeros_like(asked))
    x = solution.x
    with ThreadPoolExecutor(2) as both:
        settled = both.map(lambda reader, run: reader.settled(run, x, players), readers, runs)
        return solution, list(settled)


def stricter(asked: Floats, over: Floats, before: tuple[Floats, Floats] | None) -> Floats:
    """How far to move the sides of the days' rows, from what all hours broke them by.

    Parameters
    ----------
    asked, over : ndarray, shape (years, rules)
        What the sides were moved by, and what all hours were over the rules; same units.
    before : (ndarray, ndarray) or None
        The same of the question before.
    """
    slope = np.ones_like(asked)
    if before is not None:
        less, moved = before[1] - over, asked - before[0]
        seen = np.abs(less) > 1e-12
        slope = np.divide(moved, less, out=slope, where=seen).clip(LEAST, MOST)
    wanted = np.where(over > 0.0, over, 0.0)
    return np.asarray(asked + slope * wanted)


def _ask(blocks: Sequence[Optimiser], moved: Floats) -> None:
    """Move the sides of the rows of each year [unit of the row]."""
    for block, (cap, free, match) in zip(blocks, moved, strict=True):
        supply, program = block.supply, block.program
        if np.isfinite(supply.options.carbon_cap_kg):
            side = supply.options.carbon_cap_kg / supply.scale.carbon_kg
            program.set_rows(supply.carbon_row, 0.0, max(side - cap, 0.0))
        if supply.free_row >= 0:
            program.set_rows(supply.free_row, -np.inf, -free)
        if supply.match_row >= 0:
            program.set_rows(supply.match_row, match, np.inf)


def clean_of(year: Optimiser, x: Floats) -> Clean:
    """How clean the supply of a year is.

    Parameters
    ----------
    year : Optimiser
        Over all its hours.
    x : ndarray
        Of its programme.
    """
    supply, scale = year.supply, year.parts.scale
    average, marginal = supply.site.grid_average_kg_j, supply.site.grid_marginal_kg_j
    fossil = own = grid_kg = margin_kg = 0.0
    for technology in supply.technologies:
        key, share = technology.key, clean_share(technology, supply.site)
        if key in supply.charge:
            continue
        if key in supply.potential:
            hourly = supply.potential[key] * x[supply.capacity[key]]
        else:
            hourly = x[supply.output[key]]
        mean = float(hourly.mean())
        fossil += (1.0 - share) * mean
        own += share * mean * (technology.role != "grid")
        if technology.role == "grid":
            grid_kg, margin_kg = float(hourly @ average), float(hourly @ marginal)
        else:
            burned = technology.carbon_kg_j("direct") * float(hourly.sum())
            grid_kg, margin_kg = grid_kg + burned, margin_kg + burned
    load = year.facility_w(x) / scale.power_w
    mean, total = float(load.mean()), float(load.sum())
    return Clean(1.0 - fossil / mean, own / mean, grid_kg / total, margin_kg / total)
