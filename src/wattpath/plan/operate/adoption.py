r"""Software of operation, paid for by the share of work that may use it.

A lever that moves work is people's work once for each demand, like any other lever. The share
:math:`m_k` of the work :math:`w_k` of slot k that is made movable pays its part of it, and only
its power may move:

.. math:: 0 \le m_k \le w_k, \qquad A = \sum_k e_k m_k, \qquad
    -s(t) \le x_s A_s + [t \in called] \, x_r A_r

with the energy :math:`e_k` per unit of work, the movable shares x of load shifting (s) and of
demand response (r), and their powers A. Together they give up no more than the larger share.

Where it breaks down: people's work is the same for a small and for a large demand, and half of a
demand pays half of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.operate.response import RESPONSE

if TYPE_CHECKING:
    from wattpath.plan.compute import ComputeBlock
    from wattpath.plan.slot import Need
    from wattpath.supply.periods import Periods
    from wattpath.supply.program import Program

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Index = NDArray[np.int64]

#: The player that moves work in time, and the key of its lever.
SHIFTING = "load-shifting"

#: The player that moves work between sites; its lever's group.
PLACE = "load-shifting-place"


def add_adopted(
    program: Program,
    block: ComputeBlock,
    need: Need,
    hall: int,
    player: str,
    work: Index,
    energy: Floats,
) -> int:
    """Work of a demand in a hall that a lever may move: the column of its mean power.

    Parameters
    ----------
    program : Program
    block : ComputeBlock
        Learns the columns that are paid for (`adopted`, `movers`).
    need : Need
        With what the lever costs a year for all of its work.
    hall : int
    player : str
    work : ndarray
        Columns of the work of each slot.
    energy : ndarray
        Mean power of a unit of work of each slot [programme].
    """
    label = f"{block.prefix}{player} of {need.name} in {block.halls[hall].key}"
    usd = need.once[player] / need.multiple / block.scale.money_usd
    share = program.variables(f"{label}, share", work.size, cost=usd)
    within = program.rows(f"{label} within work", work.size, upper=0.0)
    program.add(within, share, 1.0)
    program.add(within, work, -1.0)
    power = int(program.variables(label, 1)[0])
    row = program.rows(label, 1, lower=0.0, upper=0.0)
    program.add(row, power, -1.0)
    program.add(row, share, energy)
    block.adopted.setdefault(player, []).append(share)
    block.movers[player, need.name, hall] = power
    return power


def add_least(
    program: Program,
    block: ComputeBlock,
    need: Need,
    hall: int,
    work: Index,
    energy: Floats,
    periods: Periods,
    called: Flags,
) -> None:
    """Rows that hold what work gives up in a step to what its software lets it.

    Parameters
    ----------
    program : Program
    block : ComputeBlock
    need : Need
    hall : int
    work, energy
        As in `add_adopted`.
    periods : Periods
    called : ndarray of bool
        Steps in which the grid asks for less.

    Notes
    -----
    What may move between sites gives up power here as well; that it is taken up elsewhere is
    held by `wattpath.plan.operate.placing`.
    """
    key = (need.name, hall)
    label = f"{block.prefix}least of {need.name} in {block.halls[hall].key}"
    shift, steps = block.shift[key], np.arange(called.size)
    most = np.where(called, max(need.movable, need.shed), need.movable)
    givers = {
        SHIFTING: np.full(called.size, need.movable),
        RESPONSE: np.where(called, need.shed, 0.0),
        PLACE: np.full(called.size, need.place),
    }
    paid = {} if need.of else {p: x for p, x in givers.items() if p in need.once and x.any()}
    rows = program.rows(label, steps.size, lower=0.0)
    program.add(rows, shift, 1.0)
    slots = [slot.deployment for slot in block.slots if slot.hall == hall]
    movable = np.flatnonzero([own.elsewhere != "" for own in slots if own.need == need.name])
    for player, share in paid.items():
        able = movable if player == PLACE else np.arange(work.size)
        power = add_adopted(program, block, need, hall, player, work[able], energy[able])
        program.add(rows, block.at_steps(program, power, periods), share)
    if not paid:
        program.add(rows, block.at_steps(program, block.mean[key], periods), most)
    elif len(paid) > 1:
        steps = np.flatnonzero(called)
        rows = program.rows(f"{label}, all together", steps.size, lower=0.0)
        program.add(rows, shift[steps], 1.0)
        means = block.at_steps(program, block.mean[key], periods)
        program.add(rows, means[steps], most[steps] + need.place)
