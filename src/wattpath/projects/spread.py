"""How far the replaceable share of a project's replan may lie from its value.

Each draw takes one value of every sourced range at the same point for all projects (common random
numbers of one seed), computes the kernels, prices, halls and supplies anew, and solves the four
plans on the representative days of the central case. A draw evaluates only the deployments that
the replan chose and their neighbours: the same with one lever fewer, or on another of the chosen
servers. The shares are scaled so that the central draw has the replan's own.

Where it breaks down: few draws place P10 and P90 within some points only; a deployment outside
the neighbourhood, which would win in a corner, makes that draw's share too small; what the mix of
work may be is not drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.front import load_scenario
from wattpath.plan.result import SHARES, Outcome
from wattpath.plan.search import Group
from wattpath.plan.uncertainty.model import Draws, Solved
from wattpath.plan.uncertainty.reading import read_days
from wattpath.plan.uncertainty.result import Span, span_of
from wattpath.plan.uncertainty.sobol import normal_points
from wattpath.plan.uncertainty.study import prepare
from wattpath.projects.replan import Replan

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]

#: Draws where none are asked for, and the seed that all projects share.
DRAWS, SEED = 16, 0

#: Shares that are drawn.
DRAWN = ("power", "cost")


@dataclass(frozen=True, slots=True)
class Spread:
    """P10, P50 and P90 of what software replaces.

    Attributes
    ----------
    draws : int
        That were solved.
    infeasible : float
        Share of them in which blue or both has no answer.
    replaceable : dict
        ``power`` and ``cost`` -> P10, P50, P90 of the share.
    """

    draws: int
    infeasible: float
    replaceable: dict[str, Span]


def spread(found: Replan, progress: Progress, draws: int = DRAWS, seed: int = SEED) -> Spread:
    """The ranges of a replan's replaceable shares.

    Parameters
    ----------
    found : Replan
        Feasible in all plans.
    draws : int
        Points of the quasi-random sequence.
    """
    progress("Reading ranges", 0.0)
    model, inputs = prepare(load_scenario(dict(found.scenario)))
    assert isinstance(model, Draws), "a replan is of one year"
    groups = neighbourhood(found.result.plans)
    middle = model.solve({}, groups)
    names = [own.key for own in inputs]
    rows = []
    for number, point in enumerate(normal_points(draws, len(names), seed)):
        progress(f"Draw {number + 1} of {draws}", number / draws)
        z = dict(zip(names, point.tolist(), strict=True))
        rows.append(_shares(model.solve(z, groups, middle.days.periods)))
    central, values = _shares(middle), np.array(rows)
    own = found.result.replaceable_share
    spans = {
        key: span_of(_moved(values[:, i], float(central[i]), own[key]))
        for i, key in enumerate(DRAWN)
    }
    return Spread(draws, float(np.isnan(values[:, 0]).mean()), spans)


def chosen(plans: dict[str, Outcome]) -> frozenset[Group]:
    """The deployments that any of the plans uses."""
    return frozenset(
        (own.demand, own.server, own.levers)
        for outcome in plans.values()
        for own in (item.deployment for item in outcome.chosen)
    )


def neighbourhood(plans: dict[str, Outcome]) -> frozenset[Group]:
    """What the plans chose, with one lever fewer, and on the other servers that were chosen."""
    used = chosen(plans)
    near: set[Group] = set(used)
    for demand, server, levers in used:
        near |= {(demand, other, levers) for _, other, _ in used}
        near |= {(demand, server, tuple(key for key in levers if key != left)) for left in levers}
    return frozenset(near)


def _shares(solved: Solved) -> Floats:
    """Replaceable shares of one draw; NaN where blue or both has no answer."""
    read = {name: read_days(solved.days, solved.solutions[name]) for name in ("blue", "both")}
    return np.array(
        [1.0 - getattr(read["both"], SHARES[key]) / getattr(read["blue"], SHARES[key])
         for key in DRAWN]
    )  # fmt: skip


def _moved(drawn: Floats, central: float, own: float) -> Floats:
    """Drawn shares with what remains scaled to that of the whole-year answer."""
    return 1.0 - (1.0 - drawn) * (1.0 - own) / (1.0 - central)
