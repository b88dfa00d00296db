r"""How far the replaceable share of a project's replan may lie from its value.

Each draw takes one value of every sourced range of the project's own scenario (its servers,
site, hall and supplies), computes the kernels, prices, halls and supplies anew, and solves
*blue* and *both* on the representative days of the central case. An input has the same values in
all projects (common random numbers), so that what the kernels say of a server under some levers
is computed once for all (`wattpath.projects.bank`). Its values are one from each of as many
equally likely intervals as there are draws, in an order of its own (Latin hypercube).

A draw evaluates the deployments that `wattpath.plan.uncertainty.pool` takes for coming close,
without its full searches. Few draws tell two moments better than quantiles, so the ranges are
those of a log-normal remainder: with the share s of the replan, s_0 of the central draw and s_i
of draw i,

.. math:: x_i = \ln \frac{(1 - s_i)(1 - s)}{1 - s_0}, \qquad
          s_{10, 50, 90} = 1 - \exp(\bar x + (1.28, 0, -1.28)\, \sigma_x)

Where it breaks down: some tens of draws place P10 and P90 within some two points; a remainder
that is far from log-normal, as where a lever pays or not, has other tails; what the mix of work
may be is not drawn.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from wattpath.plan.columns.search import Group
from wattpath.plan.front import load_scenario
from wattpath.plan.result import SHARES, Outcome
from wattpath.plan.uncertainty import pool
from wattpath.plan.uncertainty.distribution import FARTHEST
from wattpath.plan.uncertainty.model import Solved
from wattpath.plan.uncertainty.reading import read_days
from wattpath.plan.uncertainty.result import Span
from wattpath.plan.uncertainty.study import prepare
from wattpath.progress import Progress
from wattpath.projects.bank import Bank
from wattpath.projects.replan import Replan
from wattpath.projects.shared import Shared

Floats = NDArray[np.float64]
#: Draws where none are asked for, and the seed that all projects share.
DRAWS, SEED = 16, 0

#: Shares that are drawn, and the plans that they follow from.
DRAWN = ("power", "cost")
PLANS = ("blue", "both")

#: Draws with an answer below which no range is told.
FEWEST = 4


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
        known = self.values[np.isfinite(self.values).all(axis=1)]
        spans = {key: (float("nan"),) * 3 for key in DRAWN}
        if len(known) >= FEWEST:
            for i, key in enumerate(DRAWN):
                left = np.log((1.0 - known[:, i]) * (1.0 - own[key]) / (1.0 - self.central[i]))
                tail = norm.ppf(0.9) * float(left.std(ddof=1))
                spans[key] = _span(float(left.mean()), tail)
        return Spread(len(self.values), 1.0 - len(known) / len(self.values), spans)


def _span(middle: float, tail: float) -> Span:
    low, half, high = (float(1.0 - np.exp(middle + step * tail)) for step in (1.0, 0.0, -1.0))
    return low, half, high


def spread(
    found: Replan,
    progress: Progress,
    draws: int = DRAWS,
    *,
    bank: Bank | None = None,
    near: frozenset[Group] = frozenset(),
) -> Spread:
    """The ranges of a replan's replaceable shares.

    Parameters
    ----------
    found : Replan
        Feasible in all plans.
    draws : int
    bank : Bank, optional
        Of other replans; an empty one if not given.
    near : frozenset of (demand, server, levers), optional
        Deployments that come close, of an earlier project of the same server; looked for if empty.
    """
    progress("Reading ranges", 0.0)
    scenario = load_scenario(dict(found.scenario))
    own, inputs = prepare(scenario)
    model = Shared(scenario, own.effects, bank or Bank())
    near = (near or pool_of(model)) | chosen(found.result.plans)
    middle = model.solved(only=near, plans=PLANS)
    names = [each.key for each in inputs]
    rows = []
    for number, point in enumerate(points(names, draws)):
        progress(f"Draw {number + 1} of {draws}", number / draws)
        z = dict(zip(names, point.tolist(), strict=True))
        drawn = model.solved(z, number, only=near, periods=middle.days.periods, plans=PLANS)
        rows.append(_shares(drawn))
    return Drawn(_shares(middle), np.array(rows)).about(found.result.replaceable_share)


def pool_of(model: Shared) -> frozenset[Group]:
    """What *blue* and *both* use, and what comes close when costs, speeds and powers move."""
    solved, players = model.solved(), model.players
    drawn = {name: players["blue" if name in ("baseline", "blue") else "both"] for name in players}
    near = pool.used(solved) | pool.close(solved, drawn)
    return near | pool.tried(solved, drawn, SEED)


def points(names: Sequence[str], draws: int, seed: int = SEED) -> Floats:
    """Standard normal values of inputs, shape (draws, inputs); a column follows from its name."""
    columns = np.empty((draws, len(names)))
    edge = float(norm.sf(FARTHEST))
    for column, name in enumerate(names):
        random = np.random.default_rng([seed, zlib.crc32(name.encode())])
        at = (random.permutation(draws) + random.random(draws)) / draws
        columns[:, column] = norm.ppf(np.clip(at, edge, 1.0 - edge))
    return columns


def chosen(plans: dict[str, Outcome]) -> frozenset[Group]:
    """The deployments that any of the plans uses."""
    return frozenset(
        (own.demand, own.server, own.levers)
        for outcome in plans.values()
        for own in (item.deployment for item in outcome.chosen)
    )


def _shares(solved: Solved) -> Floats:
    """Replaceable shares of one draw; NaN where blue or both has no answer."""
    read = {name: read_days(solved.days, solved.solutions[name]) for name in PLANS}
    return np.array(
        [1.0 - getattr(read["both"], SHARES[key]) / getattr(read["blue"], SHARES[key])
         for key in DRAWN]
    )  # fmt: skip
