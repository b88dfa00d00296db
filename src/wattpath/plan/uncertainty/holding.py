"""Whether the order of the plans and the choices of the central case hold over the draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from wattpath import levers
from wattpath.plan.result import PLANS
from wattpath.plan.scenario import Scenario
from wattpath.plan.uncertainty.reading import FIELDS, Reading
from wattpath.plan.uncertainty.result import Held, Ranking

Floats = NDArray[np.float64]

#: Relative difference below which two plans count as equal: the whole year corrects each plan
#: by its own factor, so that the fast path tells them apart no closer.
EQUAL = 1e-3


def ranking_of(
    scenario: Scenario,
    central: Mapping[str, Reading],
    base: Floats,
    draws: Sequence[Mapping[str, Reading]],
    values: Floats,
) -> Ranking:
    """How often the draws agree with the central case.

    Parameters
    ----------
    central : mapping
        Plan -> what the fast path reads in the central case.
    base : ndarray, shape (plans, headlines)
        The central case.
    draws : sequence of mapping
        Plan -> reading, of each draw.
    values : ndarray, shape (draws, plans, headlines)
        Their headlines.
    """
    order = {field: _order(base[:, i], values[:, :, i]) for i, field in enumerate(FIELDS)}
    cost = values[:, :, FIELDS.index("cost_usd_per_year")]
    pairs = [(a, b) for a in PLANS for b in PLANS if a != b]
    cheaper = {f"{a} < {b}": _below(cost, PLANS.index(a), PLANS.index(b)) for a, b in pairs}
    servers = {
        name: {demand: _same(name, demand, key, draws) for demand, key in own.servers.items()}
        for name, own in central.items()
    }
    given = {lever.key for lever in levers.by_names(scenario.baseline.levers)}
    offered = [lever.key for lever in levers.by_names(scenario.options.levers)]
    feasible = [draw["both"] for draw in draws if draw["both"].servers]
    used = {
        key: _share([key in own.levers for own in feasible]) for key in offered if key not in given
    }
    return Ranking(order, cheaper, servers, used)


def _order(base: Floats, values: Floats) -> Held:
    """The plans by one headline, equal ones joined, and how often no pair turns round."""
    known = [i for i in range(len(PLANS)) if np.isfinite(base[i])]
    places = sorted(known, key=lambda i: base[i])
    words = PLANS[places[0]] if places else ""
    holds = np.isfinite(values[:, known]).all(axis=1)
    count = int(holds.sum())
    for first, second in pairwise(places):
        tie = base[second] <= base[first] * (1.0 + EQUAL)
        words += f" {'=' if tie else '<'} {PLANS[second]}"
        if not tie:
            holds &= values[:, first] <= values[:, second] * (1.0 + EQUAL)
    return Held(words, float(holds.sum()) / count if count else float("nan"))


def _below(cost: Floats, first: int, second: int) -> float:
    both = np.isfinite(cost[:, [first, second]]).all(axis=1)
    own = cost[both]
    return _share(list(own[:, first] < own[:, second] * (1.0 - EQUAL)))


def _same(name: str, demand: str, key: str, draws: Sequence[Mapping[str, Reading]]) -> Held:
    found = [draw[name].servers[demand] for draw in draws if draw[name].servers]
    return Held(key, _share([server == key for server in found]))


def _share(hits: Sequence[bool]) -> float:
    return float(np.mean(hits)) if len(hits) else float("nan")
