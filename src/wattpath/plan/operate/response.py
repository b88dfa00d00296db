r"""Work that pauses when the grid asks, and what the grid pays for that.

The grid calls in the hours in which the connection is off by agreement (`grid.curtailed_hours`),
or else in the dearest hours of the year, as many as the catalogue counts. In these hours alone
flexible work may give up a share x of its mean power P, for at most a time d a day, and catches
up within the day:

.. math:: -s(t) \le x \bar P, \qquad \sum_{t \in called} -s(t) \le x \bar P d

An agreement is worth the connection that comes with it: less own supply must stand for the
called hours. Without one the grid pays for the power q that is given up in every called hour:

.. math:: q \le -\sum_m v_m(t) s_m(t)

Where it breaks down: calls are known a day ahead; interactive work gives up nothing; what is
paid differs widely between markets and years, and is one price here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wattpath.supply.gridshare import grid_share

if TYPE_CHECKING:
    from wattpath.plan.compute import ComputeBlock
    from wattpath.supply.periods import Periods
    from wattpath.supply.program import Program
    from wattpath.supply.site import SiteHours

Flags = NDArray[np.bool_]
Index = NDArray[np.int64]

#: The player, and the key of its lever.
RESPONSE = "demand-response"

#: Steps of a day.
DAY = 24


@dataclass(frozen=True, slots=True)
class Calls:
    """How often a grid without an agreement calls [h/year], and what it pays [USD/W/year]."""

    hours: float
    usd_per_w_year: float


def called_steps(site: SiteHours, periods: Periods, calls: Calls | None) -> Flags:
    """Steps in which the grid asks for less.

    Parameters
    ----------
    site : SiteHours
    periods : Periods
    calls : Calls or None
        None where the site answers no calls.
    """
    if calls is None:
        return np.zeros(periods.n, dtype=np.bool_)
    hours = site.curtailed_h if site.curtailed_h > 0.0 else calls.hours
    asked = replace(site, curtailed_h=hours, outage_h=0.0, grid_available=np.ones(8760))
    return np.asarray(grid_share(asked, periods) < 1.0)


def shift_bounds(called: Flags, most: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds of shifted power where calls alone may move it: off when called, back that day."""
    days = called.reshape(-1, DAY).any(axis=1).repeat(DAY)
    return np.where(called, -most, 0.0), np.where(days & ~called, most, 0.0)


def add_response(
    program: Program,
    block: ComputeBlock,
    site: SiteHours,
    periods: Periods,
    called: Flags,
    calls: Calls | None,
) -> Index:
    """The power that is promised to the grid, paid by the year; no column where nothing is paid."""
    steps = np.flatnonzero(called)
    if calls is None or site.curtailed_h > 0.0 or steps.size == 0 or not block.shift:
        return np.empty(0, dtype=np.int64)
    scale = block.scale
    paid = calls.usd_per_w_year * scale.power_w / scale.money_usd
    promised = program.variables(f"{block.prefix}promised to the grid", 1, cost=-paid)
    rows = program.rows(f"{block.prefix}given up when called", steps.size, upper=0.0)
    program.add(rows, int(promised[0]), 1.0)
    own = {need.name for need in block.needs if not need.of}  # lent work is off at peaks anyhow
    for (name, hall), columns in block.shift.items():
        if name not in own:
            continue
        follow = periods.take(block.halls[hall].variable)[steps]
        program.add(rows, columns[steps], follow)
    _add_answering(program, block, periods, steps, int(promised[0]))
    return np.asarray(promised)


def _add_answering(
    program: Program, block: ComputeBlock, periods: Periods, steps: Index, promised: int
) -> None:
    """What is promised is held to the work whose software can answer, where that is paid for."""
    shed = {need.name: need.shed for need in block.needs}
    answering = {key[1:]: power for key, power in block.movers.items() if key[0] == RESPONSE}
    if not answering:
        return
    rows = program.rows(f"{block.prefix}promised by who answers", steps.size, upper=0.0)
    program.add(rows, promised, 1.0)
    for (name, hall), power in answering.items():
        follow = periods.take(block.halls[hall].variable)[steps]
        program.add(rows, block.at_steps(program, power, periods)[steps], -shed[name] * follow)
