"""The deployments that the fast path evaluates: a few of all, with those that come close.

In the pool is what any of the four plans uses in the central case, the next best of each plan
(slots whose reduced cost, in the programme without whole units, says that a small change of
prices would bring them in), what the plans use when the columns of the central case are scaled at
random (the cost of each server, speed and power of each chip, the gain of each lever), and what
they use in some draws that are searched in full. A large scenario has no pool: every draw evaluates
all of its deployments, but of each only the layouts that a search in full found best before, on
fewer representative days.

Where it breaks down: a deployment that wins only in a corner that no such trial comes near is
not in the pool; then a draw's plan is too dear. The stated gap to full runs shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from wattpath.plan.build import search_periods
from wattpath.plan.columns.search import Group
from wattpath.plan.compute import Slot
from wattpath.plan.optimise import Optimiser
from wattpath.plan.result import PLANS
from wattpath.plan.uncertainty.model import Draws, Frame, Solved
from wattpath.plan.uncertainty.sobol import normal_points

#: Reduced cost over cost up to which a slot comes close.
CLOSE = 0.08

#: Groups of each demand taken into the pool for coming close, per plan.
NEXT_BEST = 2

#: Trials with scaled columns, and the standard deviations of the logarithms of their factors:
#: cost of a server, time and power of a chip, gain of a lever.
TRIALS = 12

#: Draws that are searched in full: so many at most, fewer where many groups must be searched or
#: many combinations refused, and so many at least.
SEARCHED, EFFORT, REFUSED, LEAST = 12, 2400, 1_400_000_000, 3

#: Representative days of draws of a scenario with more than so many slots, which keeps to
#: shortlists of layouts.
DAYS, MANY = 5, 400

SPREAD = {"cost": 0.2, "time": 0.2, "power": 0.2, "lever": 0.1}


def frame(model: Draws, solved: Solved, names: Sequence[str], seed: int) -> Frame:
    """What the fast path keeps.

    Parameters
    ----------
    model : Draws
    solved : Solved
        The central case.
    names : sequence of str
        Inputs.
    seed : int
        Of the draws.
    """
    days = solved.days
    if len(days.compute.slots) > MANY:
        return Frame(groups(days), None, search_periods(days.parts, DAYS), {})
    only = used(solved) | close(solved, model.players) | tried(solved, model.players, seed)
    for point in normal_points(searched(solved), len(names), seed + 1):
        only |= used(
            model.solve(dict(zip(names, point.tolist(), strict=True)), periods=days.periods)
        )
    return Frame(len(only), only, days.periods)


def groups(days: Optimiser) -> int:
    """How many groups of deployments a programme chooses among."""
    return len({group_of(days, slot) for slot in range(len(days.compute.slots))})


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


def tried(solved: Solved, players: dict[str, frozenset[str]], seed: int) -> frozenset[Group]:
    """What the plans use when the columns of a draw are scaled at random."""
    days = solved.days
    parts = replace(days.parts, whole=False)
    random = np.random.default_rng(seed)
    found: set[Group] = set()
    for _ in range(TRIALS):
        slots = _scaled(days.compute.slots, random)
        trial = Optimiser(parts, slots, days.periods)
        for name in PLANS:
            solution = trial.solve(players[name])
            if solution.optimal:
                found |= {group_of(trial, slot) for slot in trial.used(solution)}
    return frozenset(found)


def _scaled(slots: Sequence[Slot], random: np.random.Generator) -> list[Slot]:
    """The slots with a factor for each server, chip and lever."""
    factors: dict[tuple[str, str], float] = {}

    def factor(kind: str, name: str) -> float:
        if (kind, name) not in factors:
            factors[kind, name] = float(np.exp(SPREAD[kind] * random.standard_normal()))
        return factors[kind, name]

    scaled = []
    for slot in slots:
        own = slot.deployment
        speed = 1.0 / factor("time", own.chip)
        for lever in own.levers:
            speed *= factor("lever", lever)
        power = factor("power", own.chip)
        changed = replace(
            own,
            capacity=own.capacity * speed,
            idle_w=own.idle_w * power,
            full_w=own.full_w * power,
            cost_usd_per_year=own.cost_usd_per_year * factor("cost", own.server),
        )
        scaled.append(replace(slot, deployment=changed))
    return scaled


def searched(solved: Solved) -> int:
    """How many draws are worth a full search, by what the central case took to search."""
    days = solved.days
    many = max(groups(days), 1)
    refused = sum(row.count for row in solved.refusals)
    worth = min(EFFORT // many, REFUSED // max(refused, 1))
    return max(LEAST if many <= EFFORT // LEAST else 1, min(SEARCHED, worth))
