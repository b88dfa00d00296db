"""The deployments that the fast path evaluates: a few of all, with those that come close.

In the pool is what any of the four plans uses in the central case and in some exploratory
draws, and the next best of each plan: slots whose reduced cost, in the programme without
whole units, says that a small change of prices would bring them in.

Where it breaks down: a deployment that wins only in a corner that no exploratory draw comes
near is not in the pool; then a draw's plan is too dear. The stated gap to full runs shows it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from wattpath.plan.optimise import Optimiser
from wattpath.plan.result import PLANS
from wattpath.plan.search import Group
from wattpath.plan.uncertainty.model import Solved

#: Reduced cost over cost up to which a slot comes close.
CLOSE = 0.08

#: Groups of each demand taken into the pool for coming close, per plan.
NEXT_BEST = 3


def group_of(days: Optimiser, slot: int) -> Group:
    """Demand, server and levers of a slot."""
    own = days.compute.slots[slot].deployment
    return own.demand, own.server, own.levers


def used(solved: Solved) -> frozenset[Group]:
    """What any plan of a draw uses."""
    return frozenset(
        group_of(solved.days, slot)
        for solution in solved.solutions.values()
        if solution.optimal
        for slot in solved.days.used(solution)
    )


def close(solved: Solved, players: dict[str, frozenset[str]]) -> frozenset[Group]:
    """The next best groups of each demand in each plan."""
    days = solved.days
    smooth = Optimiser(replace(days.parts, whole=False), days.compute.slots, days.periods)
    cost = smooth.program.cost(smooth.compute.units)
    found: set[Group] = set()
    for name in PLANS:
        solution = smooth.solve(players[name])
        if not solution.optimal:
            continue
        found |= {group_of(smooth, slot) for slot in smooth.used(solution)}
        reduced = solution.reduced_cost[smooth.compute.units] / cost
        taken: dict[str, set[Group]] = {}
        for slot in np.argsort(reduced):
            group = group_of(smooth, int(slot))
            own = taken.setdefault(group[0], set())
            allowed = smooth.compute.slots[int(slot)].players <= players[name]
            if allowed and reduced[slot] <= CLOSE and len(own) < NEXT_BEST:
                own.add(group)
        found |= {group for groups in taken.values() for group in groups}
    return frozenset(found)
