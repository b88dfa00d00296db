r"""Other sites in the programme: what they draw, and work that moves between them by the hour.

The halls m of site j draw from its grid, which is bought at its price and no further than the
connection that is paid for:

.. math:: g_j(t) = \sum_{m \in j} [v_m(t) P_m(t) + c_m C_m] \le G_j \le \bar G_j

A run over several sites is split evenly at most: its work elsewhere is no more than here. With
the lever, a hall may give up a share x of its flexible power and another takes it in any hour,
and from one day to the next:

.. math:: \sum_{t \in day} s_m(t) = D_m, \qquad \sum_m D_m = 0, \qquad
    -\sum_m s_m(t) \le x_s \sum_m A_{s,m} + [t \in called] \, x_r \sum_m A_{r,m}

so that what moves in place alone leaves the sum of all sites as it is in every hour. Servers that
take it must stand there.

Where it breaks down: a watt moved is a watt of the same work, which holds where both sites run
the same servers; what travels with the work takes no time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath.plan.operate.adoption import PLACE, SHIFTING
from wattpath.plan.operate.elsewhere import SPLIT
from wattpath.plan.operate.response import RESPONSE
from wattpath.units import HOUR_S

if TYPE_CHECKING:
    from wattpath.plan.compute import ComputeBlock
    from wattpath.plan.operate.elsewhere import Elsewhere
    from wattpath.plan.slot import Need
    from wattpath.supply.block import SupplyBlock
    from wattpath.supply.periods import Periods
    from wattpath.supply.program import Program

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Index = NDArray[np.int64]

#: Steps of a day.
DAY = 24


@dataclass(frozen=True, slots=True)
class Imports:
    """What another site draws: columns of power, of the connection, and rows that sum it up."""

    site: Elsewhere
    periods: Periods
    unit_w: float
    rows: Index
    power: Index
    connection: int

    def load(self, program: Program, column: ArrayLike, power_w: ArrayLike) -> None:
        """Let columns draw power (see `wattpath.supply.block.SupplyBlock.load`)."""
        columns = np.atleast_1d(np.asarray(column, dtype=np.int64))
        columns = columns if columns.ndim == 2 else columns[None, :]
        power = np.asarray(power_w, dtype=np.float64) / self.unit_w
        power = power[:, None] if power.ndim == 1 else power
        shape = (self.periods.n, columns.shape[1])
        program.add(self.rows[:, None], columns, np.broadcast_to(power, shape))

    def energy_wh(self, x: Floats) -> float:
        """Energy of the year at the meter [Wh]."""
        return float(self.periods.weights @ x[self.power]) * self.unit_w

    def cost(self, program: Program, x: Floats) -> float:
        """Cost of the year [programme]: energy, charges and network."""
        columns = np.append(self.power, self.connection)
        return float(program.cost(columns) @ x[columns])


def add_imports(
    program: Program,
    block: ComputeBlock,
    supply: SupplyBlock,
    periods: Periods,
    sites: Sequence[Elsewhere],
) -> tuple[Imports, ...]:
    """The grid of each other site, without load yet (see `sitepower.add_facility_load`)."""
    return tuple(_add_grid(program, block, supply, periods, site) for site in sites)


def _add_grid(
    program: Program, block: ComputeBlock, supply: SupplyBlock, periods: Periods, site: Elsewhere
) -> Imports:
    scale, name = block.scale, f"{block.prefix}grid at {site.key}"
    money = HOUR_S * scale.power_w / scale.money_usd
    power = program.variables(name, periods.n, cost=fair(site.usd_j, periods) * money)
    connection = int(
        program.variables(
            f"{name}, connection",
            1,
            cost=site.usd_per_w_year * scale.power_w / scale.money_usd,
            upper=site.power_w / scale.power_w,
        )[0]
    )
    rows = program.rows(f"{name}, balance", periods.n, lower=0.0, upper=0.0)
    program.add(rows, power, -1.0)
    most = program.rows(f"{name}, most", periods.n, upper=0.0)
    program.add(most, power, 1.0)
    program.add(most, block.at_steps(program, connection, periods), -1.0)
    carbon = fair(site.kg_j, periods) * HOUR_S * scale.power_w / scale.carbon_kg
    program.add(supply.carbon_row, power, carbon)
    return Imports(site, periods, scale.power_w, rows, power, connection)


def fair(series: Floats, periods: Periods) -> Floats:
    """A series at the steps times their hours, with the mean of all hours.

    Representative days are chosen for the scenario's own site.
    """
    each = periods.take(series)
    mean = float(periods.weights @ each) / float(periods.weights.sum())
    return np.asarray(each * periods.weights * (float(series.mean()) / mean if mean else 1.0))


def add_splits(program: Program, block: ComputeBlock) -> None:
    """Rows that keep at least as much of a run here as at each other site."""
    for need in block.needs:
        members = block.members(need.name)
        parts = [i for i in members if block.slots[i].deployment.elsewhere == SPLIT]
        sites = {block.halls[block.slots[i].hall].site for i in parts}
        for site in sorted(sites - {0}):
            row = program.rows(f"{block.prefix}run of {need.name} at site {site}", 1, upper=0.0)
            for place, sign in ((site, 1.0), (0, -1.0)):
                own = [i for i in parts if block.halls[block.slots[i].hall].site == place]
                work = block.work[need.name][[members.index(i) for i in own]]
                program.add(row, work, sign)


def add_moves(program: Program, block: ComputeBlock, periods: Periods, called: Flags) -> Index:
    """Columns of what each day moves between halls, with the rows that balance it."""
    found = [
        _add_moves(program, block, need, periods, called)
        for need in block.needs
        if PLACE in need.once and need.place > 0.0 and not need.of
    ]
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def _add_moves(
    program: Program, block: ComputeBlock, need: Need, periods: Periods, called: Flags
) -> Index:
    halls = [hall for name, hall in block.shift if name == need.name]
    label, days = f"{block.prefix}moves of {need.name}", periods.n // DAY
    balance = program.rows(f"{label}, balance", days, lower=0.0, upper=0.0)
    total = program.rows(f"{label}, all sites", periods.n, lower=0.0)
    shares = {SHIFTING: np.full(periods.n, need.movable), RESPONSE: called * need.shed}
    moved: list[Index] = []
    for hall in halls:
        key = (need.name, hall)
        most = block.most_shift[key] * DAY
        columns = program.variables(f"{label} in hall {hall}", days, lower=-most, upper=most)
        program.add(block.day_rows[key], columns, -1.0)
        program.add(balance, columns, 1.0)
        program.add(total, block.shift[key], 1.0)
        for player, share in shares.items():
            power = block.movers.get((player, *key))
            if power is not None:
                program.add(total, block.at_steps(program, power, periods), share)
        moved.append(np.asarray(columns))
    return np.concatenate(moved) if moved else np.empty(0, dtype=np.int64)
