r"""The largest multiple of all demands that a facility power carries in every hour.

The limit is that of the scenario's own site; what stands at other sites draws from theirs.

A column m takes the place of the demand's size:

.. math:: \max m, \qquad \sum_k n_k c_k \ge m R_d, \qquad F(t) \le L \quad \text{in every hour } t

with capacity c of a unit, rate R of demand d, facility power F and its limit L. The cost of
one-off work does not grow with m, so the cheapest mix is found afterwards, at that m.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath.plan.compute import Slot
from wattpath.plan.optimise import Optimiser, Parts
from wattpath.plan.sitepower import add_facility_load
from wattpath.supply.periods import Periods
from wattpath.supply.program import Program, Solution
from wattpath.units import HOURS

Floats = NDArray[np.float64]

#: Relative gap at which a programme with whole units is done.
WHOLE_GAP = 1e-3


class Ceiling:
    """Rows that keep the facility power of every step under a limit.

    Parameters
    ----------
    block : Optimiser
        Receives the rows.
    limit_w : float
        [W].
    """

    def __init__(self, block: Optimiser, limit_w: float) -> None:
        self.periods: Periods = block.periods
        self._unit = block.parts.scale.power_w
        self.rows = block.program.rows("facility limit", self.periods.n, upper=limit_w / self._unit)
        add_facility_load(block.program, block.compute, self)

    def load(self, program: Program, column: ArrayLike, power_w: ArrayLike) -> None:
        """Let columns, one for each step, draw power [W per unit of the column]."""
        columns = np.asarray(column, dtype=np.int64).reshape(self.periods.n)
        program.add(self.rows, columns, np.asarray(power_w, dtype=np.float64) / self._unit)


def hold_all_hours(block: Optimiser, limit_w: float, hours: NDArray[np.int64]) -> None:
    """Keep the hours that no other one exceeds under the limit, whatever the block's steps.

    Exact for work that cannot wait; work that may move counts with what may not.

    Parameters
    ----------
    block : Optimiser
        Receives the rows.
    limit_w : float
        [W].
    hours : ndarray
        See `highest`.
    """
    unit, compute = block.parts.scale.power_w, block.compute
    rows = block.program.rows("facility limit of all hours", hours.size, upper=limit_w / unit)
    for hall, system in enumerate(compute.halls):
        if system.site:
            continue
        follow = system.variable[hours]
        present = [need for need in compute.needs if (need.name, hall) in compute.idle]
        for need in present:
            key = (need.name, hall)
            block.program.add(rows, compute.idle[key], follow)
            if need.flexible:
                block.program.add(rows, compute.mean[key], follow * (1.0 - need.movable))
            else:
                block.program.add(rows, compute.dynamic[key], follow * need.load[hours])
        if present and system.fixed > 0.0:
            for column in (compute.capacity[hall], compute.standing[hall]):
                block.program.add(rows, int(column), system.fixed)


def highest(parts: Parts) -> NDArray[np.int64]:
    """Hours whose facility power no other one exceeds in every hall, at the same loads."""
    loads = np.column_stack([need.load for need in parts.needs])
    power = np.column_stack([hall.variable for hall in parts.halls if not hall.site])
    _, group = np.unique(loads, axis=0, return_inverse=True)
    kept: list[int] = []
    for value in range(int(group.max()) + 1):
        members = np.flatnonzero(group == value)
        own = np.unique(power[members], axis=0, return_index=True)
        rows, places = own[0], members[own[1]]
        top = rows.max(axis=0)
        whole = np.flatnonzero((rows == top).all(axis=1))
        if whole.size:
            kept.append(int(places[whole[0]]))
            continue
        for row, place in zip(rows, places, strict=True):
            if not ((rows >= row).all(axis=1) & (rows > row).any(axis=1)).any():
                kept.append(int(place))
    return np.array(sorted(kept), dtype=np.int64)


class Largest:
    """The programme that makes the demands as large as the limit allows.

    Parameters
    ----------
    parts : Parts
        Their needs count as one.
    slots : sequence of Slot
    periods : Periods
    limit_w : float
        Of the facility [W].
    most : float
        A multiple that cannot be reached.
    """

    def __init__(
        self, parts: Parts, slots: Sequence[Slot], periods: Periods, limit_w: float, most: float
    ) -> None:
        self.block, self.limit_w = Optimiser(parts, slots, periods), limit_w
        Ceiling(self.block, limit_w)
        if periods.n < HOURS:
            hold_all_hours(self.block, limit_w, highest(parts))
        program = self.block.program
        program.set_cost(np.arange(program.shape[1]), 0.0)
        self.multiple = int(program.variables("multiple", 1, cost=-1.0, upper=most)[0])
        rows = list(self.block.compute.demand_rows.values())
        program.add(rows, self.multiple, -1.0)
        program.set_rows(rows, 0.0, np.inf)
        compute = self.block.compute
        compute.most_units[:] *= most
        for key in compute.most_shift:
            compute.most_shift[key] *= most

    def solve(
        self, players: frozenset[str], hall: int | None = None, held: Floats | None = None
    ) -> Solution:
        """The largest multiple with these players.

        Parameters
        ----------
        players : frozenset of str
        hall : int, optional
            The only one that may be used at the scenario's own site.
        held : ndarray, optional
            Units of each slot that are bought, neither more nor less.
        """
        self.block.allow(players)
        if held is not None:
            self.block.program.set_bounds(self.block.compute.units, held, held)
        if hall is not None:
            halls, slots = self.block.parts.halls, self.block.compute.slots
            apart = [s.hall != hall and not halls[s.hall].site for s in slots]
            self.block.program.set_bounds(self.block.compute.units[apart], 0.0, 0.0)
        # Another hall is near the last basis, other players are not.
        block, fresh = self.block, hall is None
        return block.program.solve(method=block.method, gap=WHOLE_GAP, fresh=fresh)

    def of(self, solution: Solution) -> float:
        """The multiple of a solution."""
        return float(solution.x[self.multiple]) if solution.optimal else float("nan")

    def held_by(self, solution: Solution) -> str:
        """What keeps the multiple from growing, beside the facility limit; empty if nothing."""
        block, x = self.block, solution.x
        cap = block.parts.options.carbon_cap_kg
        if np.isfinite(cap) and block.carbon_kg(x) > 0.9999 * cap:
            return "the carbon cap"
        for technology in block.supply.technologies:
            upper = block.limit(technology.key)
            if upper * block.parts.scale.power_w >= self.limit_w:
                continue
            if upper > 0.0 and x[block.supply.capacity[technology.key]] > 0.9999 * upper:
                return f"the limit of {technology.name}"
        for one in block.imports:
            upper = one.site.power_w / block.parts.scale.power_w
            if x[one.connection] > 0.9999 * upper:
                return f"the connection at {one.site.name}"
        return ""
