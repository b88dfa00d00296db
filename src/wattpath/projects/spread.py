"""How far the replaceable share of a project's replan may lie from its value.

Each draw takes one value of every sourced range, at the same points for all projects (common
random numbers of one seed), computes the kernels, prices, halls and supplies anew, and solves the
four plans on the representative days of the central case. A draw evaluates only the deployments
that the replan chose and their neighbours: up to two of the chosen levers given up, or one more,
and on another of the chosen servers. What remains is scaled so that the central draw has the
replan's own share; `Drawn.about` also lends the draws to another project of the same servers,
whose place moves both plans alike.

Where it breaks down: few draws place P10 and P90 within some points only; a deployment outside
the neighbourhood, which would win in a corner, makes that draw's share too small; what the mix of
work may be is not drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from wattpath import levers
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


@dataclass(frozen=True, slots=True)
class Drawn:
    """Drawn replaceable shares, shape (draws, shares), and those of the central draw."""

    central: Floats
    values: Floats

    def about(self, own: Mapping[str, float]) -> Spread:
        """The ranges about a replan's own shares."""
        spans = {}
        for i, key in enumerate(DRAWN):
            left = (1.0 - self.values[:, i]) * (1.0 - own[key]) / (1.0 - self.central[i])
            spans[key] = span_of(1.0 - left)
        return Spread(len(self.values), float(np.isnan(self.values[:, 0]).mean()), spans)


def spread(found: Replan, progress: Progress, draws: int = DRAWS, seed: int = SEED) -> Spread:
    """The ranges of a replan's replaceable shares.

    Parameters
    ----------
    found : Replan
        Feasible in all plans.
    draws : int
        Points of the quasi-random sequence.
    """
    return drawn(found, progress, draws, seed).about(found.result.replaceable_share)


def drawn(found: Replan, progress: Progress, draws: int = DRAWS, seed: int = SEED) -> Drawn:
    """The draws of a replan (see `spread`)."""
    progress("Reading ranges", 0.0)
    model, inputs = prepare(load_scenario(dict(found.scenario)))
    assert isinstance(model, Draws), "a replan is of one year"
    groups = neighbourhood(found)
    middle = model.solve({}, groups)
    names = [own.key for own in inputs]
    rows = []
    for number, point in enumerate(normal_points(draws, len(names), seed)):
        progress(f"Draw {number + 1} of {draws}", number / draws)
        z = dict(zip(names, point.tolist(), strict=True))
        rows.append(_shares(model.solve(z, groups, middle.days.periods)))
    return Drawn(_shares(middle), np.array(rows))


def chosen(plans: dict[str, Outcome]) -> frozenset[Group]:
    """The deployments that any of the plans uses."""
    return frozenset(
        (own.demand, own.server, own.levers)
        for outcome in plans.values()
        for own in (item.deployment for item in outcome.chosen)
    )


def neighbourhood(found: Replan) -> frozenset[Group]:
    """What the plans chose and what lies near it, on every server that was chosen.

    Of the levers on offer up to two are given up, or one is added; the baseline's levers that
    then fit again come back.
    """
    used = chosen(found.result.plans)
    offered = tuple(found.scenario["options"]["levers"])
    servers = {server for _, server, _ in used}
    near: set[Group] = set(used)
    for demand in {demand for demand, _, _ in used}:
        sets = [keys for name, _, keys in used if name == demand]
        seen = {key for keys in sets for key in keys}
        base = [key for key in found.scenario["baseline"]["levers"] if key in seen]
        for extra in {varied for keys in sets for varied in _varied(keys, offered)}:
            keys = _with_baseline(extra, base)
            near |= {(demand, server, keys) for server in servers}
    return frozenset(near)


def _varied(keys: Sequence[str], offered: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The levers on offer that a set holds: as they are, less one or two, and with one more."""
    own = [key for key in offered if key in keys]
    for left in range(3):
        yield from combinations(own, max(0, len(own) - left))
    for more in offered:
        yield tuple(key for key in offered if key in own or key == more)


def _with_baseline(extra: Sequence[str], base: Sequence[str]) -> tuple[str, ...]:
    """A set's levers: those of the baseline that fit, then those on offer."""
    chosen = [levers.load(key) for key in extra]
    fit = (key for key in base if levers.compatible((*chosen, levers.load(key))) is None)
    return (*fit, *extra)


def _shares(solved: Solved) -> Floats:
    """Replaceable shares of one draw; NaN where blue or both has no answer."""
    read = {name: read_days(solved.days, solved.solutions[name]) for name in ("blue", "both")}
    return np.array(
        [1.0 - getattr(read["both"], SHARES[key]) / getattr(read["blue"], SHARES[key])
         for key in DRAWN]
    )  # fmt: skip
