r"""The saving over all years, split among the levers.

The value of a coalition S is what the years save that may use its members alone, each year for
itself,

.. math:: v(S) = \sum_y D_y \, [\, C_y(\varnothing) - C_y(S) \,]

for cost; energy, carbon and water are summed, and of facility power the highest year counts.
What joins the years is shared in proportion to the absolute shares, so that the rows add up to
the saving of the plans: capital on what stands unused, whole modules, all 8,760 hours.

Where it breaks down: a lever that strands what another one bought earlier is not charged for
it alone. The bound of `wattpath.plan.years.pool` says how much joins the years at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.attribution import EXACT_PLAYERS, Split, split
from wattpath.plan.coalitions import Coalitions
from wattpath.plan.optimise import HARDWARE
from wattpath.plan.saving import able, adding_up, coalitions_of, title_of
from wattpath.plan.years.horizon import Year
from wattpath.plan.years.path import Path, Share
from wattpath.plan.years.pool import Alone
from wattpath.progress import Progress

Floats = NDArray[np.float64]
#: Place of facility power and of cost among the values of a coalition.
POWER, COST = 0, 1


def split_years(
    years: Sequence[Year],
    found: Sequence[Alone],
    players: frozenset[str],
    seed: int,
    progress: Progress,
) -> tuple[Split, Split]:
    """Shapley's split of the saving of all years, and of the last one alone.

    Parameters
    ----------
    years : sequence of Year
    found : sequence of Alone
        One for each year.
    players : frozenset of str
        Who may take part.
    seed : int
        Of the permutations, where there are too many players for all coalitions.
    progress : callable
        ``progress(stage, share)``.
    """
    names = _names([able(one.block, players) for one in found])
    each = [coalitions_of(one.block, names) for one in found]
    progress("Splitting the saving", 0.0)
    if len(names) <= EXACT_PLAYERS:
        done = dict.fromkeys(range(len(each)), 0.0)

        def solve(year: int) -> None:
            def told(share: float) -> None:
                done[year] = share
                progress("Splitting the saving", sum(done.values()) / len(done))

            each[year].solve_all(told)

        with ThreadPoolExecutor(2) as both:
            list(both.map(solve, reversed(range(len(each)))))
    weights = np.array([year.weight for year in years])
    whole = split(names, lambda mask: _together(each, weights, mask), seed=seed)
    return whole, split(names, each[-1].value, seed=seed)


def shares_of(whole: Split, paths: dict[str, Path]) -> tuple[Share, ...]:
    """The split as rows that add up, in each quantity, to baseline minus both.

    Parameters
    ----------
    whole : Split
        Of all years (see `split_years`).
    paths : dict of str to Path
        The plans through the years, all with an answer.
    """
    if not whole.players:
        return ()
    total = _quantities(paths["baseline"]) - _quantities(paths["both"])
    return tuple(
        Share(name, title_of(name), *(float(value) for value in row))
        for name, row in zip(whole.players, adding_up(whole.share, total), strict=True)
    )


def _names(able_in: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The players of any year, software first."""
    found = {name for names in able_in for name in names}
    hardware = tuple(name for name in HARDWARE if name in found)
    return (*sorted(found - set(HARDWARE)), *hardware)


def _together(each: Sequence[Coalitions], weights: Floats, mask: int) -> Floats:
    """The value of a coalition in all years."""
    values = np.array([coalitions.value(mask) for coalitions in each])
    total = values.sum(axis=0)
    total[POWER] = values[:, POWER].min()
    total[COST] = weights @ values[:, COST]
    return np.asarray(total)


def _quantities(path: Path) -> Floats:
    """What is split, in the order of a coalition's values."""
    fields = ("carbon_kg_per_year", "energy_wh_per_year", "water_m3_per_year")
    return np.array([path.peak_w, path.npv_usd, *(path.total(field) for field in fields)])
