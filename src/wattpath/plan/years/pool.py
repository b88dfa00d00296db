r"""The few columns that the programme of all years needs, and proof that they are enough.

Each year alone, with everything the catalogue offers by then, is a small programme. What any
plan uses there makes the pool. Two things tell what the pool may miss:

- **A bound.** The years together cost at least the sum of each year's own optimum,
  :math:`\sum_y D_y C_y`, for what is bought is paid at least while it is used, and nothing is
  bought below the yearly capital that each year's block charges.
- **Prices.** With the duals of the solved years, a slot that is not in the pool improves the
  plan only if its cost less the worth of what it gives is below zero. Such slots are added
  until there is none.

Where it breaks down: halls and technologies that no year's own optimum uses stay out; the
bound covers them, the prices do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.compute import Slot
from wattpath.plan.operate.sharing import ON_LENT
from wattpath.plan.optimise import Optimiser, Parts
from wattpath.plan.outcome import NEGLIGIBLE
from wattpath.plan.years.assets import floors_of
from wattpath.plan.years.horizon import Year
from wattpath.plan.years.market import Market
from wattpath.plan.years.vintages import Horizon
from wattpath.supply.periods import Periods
from wattpath.supply.program import Solution

Floats = NDArray[np.float64]

#: Reduced cost over cost below which a slot counts as improving.
IMPROVES = 1e-6

#: Slots taken into the pool in one round of pricing, per plan.
PER_ROUND = 40


@dataclass(frozen=True, slots=True)
class Alone:
    """One year alone.

    Attributes
    ----------
    block : Optimiser
    solutions : dict of str to Solution
        Of each plan.
    """

    block: Optimiser
    solutions: dict[str, Solution]


@dataclass(frozen=True, slots=True)
class Pool:
    """What the programme of all years is made of.

    Attributes
    ----------
    slots : tuple of int
        Indices of slots of the full list.
    halls : tuple of int
        Indices of halls.
    technologies : frozenset of str
        Keys.
    """

    slots: tuple[int, ...]
    halls: tuple[int, ...]
    technologies: frozenset[str]

    def parts(self, full: Parts) -> Parts:
        """The parts of a year that the pool keeps."""
        return replace(
            full,
            halls=tuple(full.halls[i] for i in self.halls),
            technologies=tuple(t for t in full.technologies if t.key in self.technologies),
        )

    def market(self, full: Market) -> Market:
        """The market for the halls that the pool keeps."""
        return replace(full, halls=tuple(full.halls[i] for i in self.halls))

    def members(self, full: Sequence[Slot]) -> tuple[Slot, ...]:
        """The slots of the pool, with halls counted within it."""
        return tuple(replace(full[i], hall=self.halls.index(full[i].hall)) for i in self.slots)


def alone(
    years: Sequence[Year],
    parts: Sequence[Parts],
    slots: Sequence[Slot],
    periods: Periods,
    market: Market,
    players: dict[str, frozenset[str]],
    done: Callable[[float], None],
) -> list[Alone]:
    """Every plan of every year alone, two years at a time.

    Parameters
    ----------
    done : callable
        Takes the share that is done.
    """
    floors = floors_of(years)

    def solve(year: Year) -> Alone:
        here = market.slots_in(year, slots, floors[year.index])
        block = Optimiser(parts[year.index], here, periods)
        found = {name: block.solve(allowed) for name, allowed in players.items()}
        done((year.index + 1) / len(years))
        return Alone(block, found)

    with ThreadPoolExecutor(2) as both:
        return list(both.map(solve, years))


def bound_usd(years: Sequence[Year], found: Sequence[Alone], name: str) -> float:
    """What a plan costs at least over the years [USD, net present value]."""
    scale = found[0].block.parts.scale.money_usd
    pairs = zip(years, found, strict=True)
    return sum(year.weight * one.solutions[name].objective * scale for year, one in pairs)


def pool_of(found: Sequence[Alone], slots: Sequence[Slot]) -> Pool:
    """What any plan of any year alone uses."""
    places = {_name(slot): i for i, slot in enumerate(slots)}
    chosen: set[int] = set()
    technologies: set[str] = set()
    for one in found:
        for solution in one.solutions.values():
            if not solution.optimal:
                continue
            block = one.block
            chosen |= {places[_name(block.compute.slots[i])] for i in block.used(solution)}
            peak = float(block.facility_w(solution.x).max()) / block.parts.scale.power_w
            technologies |= {
                key
                for key, column in block.supply.capacity.items()
                if solution.x[column] > NEGLIGIBLE * peak
            }
    chosen |= _lent(chosen, slots)
    halls = tuple(sorted({slots[i].hall for i in chosen}))
    return Pool(tuple(sorted(chosen)), halls, frozenset(technologies))


def _lent(chosen: set[int], slots: Sequence[Slot]) -> set[int]:
    """The same work as chosen slots do, on lent servers: what stands unused may be lent later."""
    own = {_work(slots[i]) for i in chosen}
    return {i for i, slot in enumerate(slots) if slot.deployment.need_name and _work(slot) in own}


def _work(slot: Slot) -> tuple[object, ...]:
    own = slot.deployment
    return own.demand, own.server, own.levers, own.label.removesuffix(ON_LENT), slot.hall


def _name(slot: Slot) -> tuple[object, ...]:
    """What tells a slot from all others, whatever the year's cost."""
    own = slot.deployment
    return own.need, own.server, own.levers, own.label, slot.hall


def grown(
    pool: Pool,
    horizon: Horizon,
    market: Market,
    solutions: dict[str, Solution],
    slots: Sequence[Slot],
    players: dict[str, frozenset[str]],
) -> Pool:
    """The pool with slots whose reduced cost says that they would improve a plan."""
    inside = set(pool.slots)
    for name, solution in solutions.items():
        if not solution.optimal or not np.any(solution.row_dual):
            continue
        worth = [
            (reduced, i)
            for i, reduced in _reduced(pool, horizon, market, solution, slots, players[name])
            if reduced < -IMPROVES and i not in pool.slots
        ]
        inside |= {i for _, i in sorted(worth)[:PER_ROUND]}
    return replace(pool, slots=tuple(sorted(inside)))


def _reduced(
    pool: Pool,
    horizon: Horizon,
    market: Market,
    solution: Solution,
    slots: Sequence[Slot],
    allowed: frozenset[str],
) -> list[tuple[int, float]]:
    """Least reduced cost over cost, over the years, of each slot in the pool's halls."""
    found: dict[int, float] = {}
    dual = solution.row_dual
    rows = {v.asset.key: v.rows for v in horizon.vintages if v.asset.kind == "server"}
    floors = floors_of(horizon.years)
    usable = [
        i
        for i, slot in enumerate(slots)
        if slot.hall in pool.halls and slot.players <= allowed and slot.deployment.server in rows
    ]
    for year, block in zip(horizon.years, horizon.blocks, strict=True):
        for i in usable:
            here = market.slots_in(year, [slots[i]], floors[year.index])
            if not here:
                continue
            hall = pool.halls.index(slots[i].hall)
            row = _server_row(block, here[0], hall, rows[here[0].deployment.server][year.index])
            if row is None:
                continue
            value = _price(block, here[0], hall, dual, float(dual[row]))
            found[i] = min(found.get(i, 0.0), value)
    return list(found.items())


def _server_row(block: Optimiser, slot: Slot, hall: int, standing: int) -> int | None:
    """The row of what stands that a slot claims, or of what may be lent; None without one."""
    own = slot.deployment
    if not own.need_name:
        return standing
    need = next(need for need in block.parts.needs if need.name == own.need)
    return block.lent_rows.get((need.lenders, own.server, hall))


def _price(block: Optimiser, slot: Slot, hall: int, dual: Floats, server: float) -> float:
    """Reduced cost of a slot in a year over its cost there."""
    own, scale = slot.deployment, block.parts.scale
    need = next(need for need in block.parts.needs if need.name == own.need)
    key = (need.name, hall)
    if key not in block.compute.power_rows:
        return 0.0
    idle, dynamic = (float(dual[row]) for row in block.compute.power_rows[key])
    cost = block.weight * own.cost_usd_per_year / scale.money_usd
    unit = scale.power_w / block.parts.halls[hall].it_share
    span = (own.full_w - own.idle_w) / unit
    share = own.capacity / need.rate
    reduced = cost - own.idle_w / unit * idle - span * dynamic - own.servers * server
    served = float(dual[block.compute.demand_rows[need.of or need.name]])
    if need.flexible:
        mean = float(dual[block.compute.mean_rows[key]])
        served += span * need.effort * need.rate / own.capacity * mean
        served = need.duty * max(0.0, served)
    return (reduced - share * served) / max(cost, 1e-12)
