r"""Compute and facility as blocks of the optimisation.

A *slot* is a deployment in a hall: column $n_k$ counts its units. For demand $d$ in hall
$m$ (a cooling system with an electrical chain) the IT power in hour $t$ is

.. math:: P_{dm}(t) = \sum_k n_k [ i_k + (f_k - i_k) u_d(t) ]

for work that cannot wait, with $u_d$ the rate over the installed capacity, and

.. math:: P_{dm}(t) = \sum_k n_k i_k + \sum_k w_k e_k + s_{dm}(t)

for work that may move within the day: $w_k$ is the mean rate done by slot $k$, $e_k$ its
energy per unit of work, and $s$ sums to zero over each day and takes away at most the
movable share. The hall's capacity is at
least its highest IT power, and the facility draws
$\sum_m [v_m(t) P_m(t) + c_m C_m]$ from the supply.

Inside, power and money are in the units of the supply's `Scale`.

Where it breaks down: a flexible demand that uses several slots of one hall shares one
profile of shifting; deployments shrink in proportion, so an integer number of units
matters only where the scenario asks for whole units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.operate.adoption import add_least
from wattpath.plan.slot import Hall, Need, Slot, slots
from wattpath.units import HOUR_S

if TYPE_CHECKING:
    from wattpath.supply.options import Scale
    from wattpath.supply.periods import Periods
    from wattpath.supply.program import Program

__all__ = ["ComputeBlock", "Hall", "Need", "Slot", "add_compute", "add_it_power", "slots"]

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

#: Flexible work stays within its day [hours].
DAY = 24

#: Flexible demands never install more than this multiple of what steady work would need.
OVERBUILD = 4.0


@dataclass(frozen=True, slots=True)
class ComputeBlock:
    """Indices of what `add_compute` put into the programme.

    `prefix` begins the names of its columns and rows, so that a programme can hold several
    blocks (years).
    """

    prefix: str
    needs: tuple[Need, ...]
    halls: tuple[Hall, ...]
    slots: tuple[Slot, ...]
    scale: Scale
    units: Index
    work: dict[str, Index]
    idle: dict[tuple[str, int], int]
    dynamic: dict[tuple[str, int], int]
    mean: dict[tuple[str, int], int]
    shift: dict[tuple[str, int], Index]
    capacity: Index
    standing: Index
    most_units: Floats
    most_shift: dict[tuple[str, int], float]
    demand_rows: dict[str, int]
    power_rows: dict[tuple[str, int], Index]
    mean_rows: dict[tuple[str, int], int]
    each_step: dict[int, Index]
    adopted: dict[str, list[Index]] = field(default_factory=dict)
    movers: dict[tuple[str, str, int], int] = field(default_factory=dict)
    day_rows: dict[tuple[str, int], Index] = field(default_factory=dict)

    def at_steps(self, program: Program, column: int, periods: Periods) -> Index:
        """The column, or its copies in a long programme, for each step."""
        if column not in self.each_step:
            name = f"{self.prefix}power {column}"
            self.each_step[column] = program.copies(name, column, periods.n)
        return self.each_step[column]

    def members(self, need: str) -> list[int]:
        """Slots that serve a demand."""
        return [i for i, slot in enumerate(self.slots) if slot.deployment.need == need]

    def hall_w(self, x: Floats, hall: int) -> float:
        """IT capacity of a hall, new and standing [W]."""
        return float(x[self.capacity[hall]] + x[self.standing[hall]]) * self.scale.power_w

    def it_w(self, x: Floats, periods: Periods) -> Floats:
        """IT power of each hall in each step [W], shape (halls, steps)."""
        power = np.zeros((len(self.halls), periods.n))
        for need in self.needs:
            load = periods.take(need.load)
            for hall in range(len(self.halls)):
                key = (need.name, hall)
                if key not in self.idle:
                    continue
                power[hall] += x[self.idle[key]]
                if need.flexible:
                    power[hall] += x[self.mean[key]] + x[self.shift[key]]
                else:
                    power[hall] += x[self.dynamic[key]] * load
        return power * self.scale.power_w


def add_compute(
    program: Program,
    needs: Sequence[Need],
    halls: Sequence[Hall],
    slots: Sequence[Slot],
    periods: Periods,
    scale: Scale,
    *,
    whole: bool = False,
    prefix: str = "",
    called: NDArray[np.bool_] | None = None,
) -> ComputeBlock:
    """Add units, work, hall capacities and their rows; costs go to the objective.

    Parameters
    ----------
    program : Program
        Receives the columns and rows.
    periods : Periods
        The time steps.
    scale : Scale
        Units of power and money inside the programme.
    whole : bool
        Whether units must be whole numbers.
    prefix : str
        First part of the names, so that a programme can hold several blocks (years).
    called : ndarray of bool, optional
        Steps in which the grid asks for less.
    """
    called = np.zeros(periods.n, dtype=np.bool_) if called is None else called
    cost = [slot.deployment.cost_usd_per_year / scale.money_usd for slot in slots]
    units = program.variables(f"{prefix}units", len(slots), cost=cost, integer=whole)
    hall_cost = [hall.cost_usd_per_w_year * scale.power_w / scale.money_usd for hall in halls]
    capacity = program.variables(f"{prefix}hall", len(halls), cost=hall_cost)
    upkeep = [hall.upkeep_usd_per_w_year * scale.power_w / scale.money_usd for hall in halls]
    there = [hall.standing_w / scale.power_w for hall in halls]
    standing = program.variables(f"{prefix}standing hall", len(halls), cost=upkeep, upper=there)
    block = ComputeBlock(
        prefix, tuple(needs), tuple(halls), tuple(slots), scale, units, {}, {}, {}, {}, {},
        capacity, standing, _most_units(needs, slots), {}, {}, {}, {}, {},
    )  # fmt: skip
    for need in needs:
        _add_demand(program, block, need)
        for hall in range(len(halls)):
            _add_power(program, block, need, hall, periods, called)
    _add_capacity(program, block, periods)
    _add_refits(program, block)
    return block


def _most_units(needs: Sequence[Need], slots: Sequence[Slot]) -> Floats:
    """Units that serve the whole demand, more where work may wait for better hours.

    The bounds cut off nothing that an optimum would use; solvers want them finite.
    """
    rate = {
        need.name: need.rate * need.multiple / need.duty * (OVERBUILD if need.flexible else 1.0)
        for need in needs
    }
    return np.array([rate[s.deployment.need] / s.deployment.capacity + 1.0 for s in slots])


def _add_demand(program: Program, block: ComputeBlock, need: Need) -> None:
    """The rate that must be installed, or for flexible work the rate that must be done.

    Work on lent servers counts for the need whose work it is.
    """
    members = block.members(need.name)
    share = np.array([block.slots[i].deployment.capacity / need.rate for i in members])
    if need.of:
        row = np.array([block.demand_rows[need.of]])
    else:
        row = program.rows(f"{block.prefix}demand {need.name}", 1, lower=need.multiple)
        block.demand_rows[need.name] = int(row[0])
    if not need.flexible:
        program.add(row, block.units[members], share)
        return
    work = program.variables(f"{block.prefix}work {need.name}", len(members))
    block.work[need.name] = work
    program.add(row, work, 1.0)
    within = program.rows(f"{block.prefix}work within units {need.name}", len(members), upper=0.0)
    program.add(within, work, 1.0)
    program.add(within, block.units[members], -need.duty * share)


def _add_power(
    program: Program,
    block: ComputeBlock,
    need: Need,
    hall: int,
    periods: Periods,
    called: NDArray[np.bool_],
) -> None:
    """Idle and load-following power of one demand in one hall."""
    members = [i for i in block.members(need.name) if block.slots[i].hall == hall]
    if not members:
        return
    key = (need.name, hall)
    label = f"{need.name} in {block.halls[hall].key}"
    rows = program.rows(f"{block.prefix}power of {label}", 2, lower=0.0, upper=0.0)
    idle, dynamic = program.variables(f"{block.prefix}power of {label}", 2)
    block.idle[key], block.dynamic[key] = int(idle), int(dynamic)
    block.power_rows[key] = rows
    columns = [block.slots[i].deployment for i in members]
    unit = block.scale.power_w / block.halls[hall].it_share
    span = np.array([(column.full_w - column.idle_w) / unit for column in columns])
    program.add(rows, [idle, dynamic], -1.0)
    program.add(rows[0], block.units[members], [column.idle_w / unit for column in columns])
    program.add(rows[1], block.units[members], span)
    if need.flexible:
        _add_shift(program, block, need, hall, members, span, periods, called)


def _add_shift(
    program: Program,
    block: ComputeBlock,
    need: Need,
    hall: int,
    members: list[int],
    span: Floats,
    periods: Periods,
    called: NDArray[np.bool_],
) -> None:
    """Work that moves within its day, between the unmovable rest and all the units can do."""
    key = (need.name, hall)
    label = f"{need.name} in {block.halls[hall].key}"
    everyone = block.members(need.name)
    work = block.work[need.name][[everyone.index(i) for i in members]]
    capacity = np.array([block.slots[i].deployment.capacity for i in members])
    mean = int(program.variables(f"{block.prefix}mean of {label}", 1)[0])
    row = program.rows(f"{block.prefix}mean of {label}", 1, lower=0.0, upper=0.0)
    block.mean_rows[key] = int(row[0])
    program.add(row, mean, -1.0)
    energy = span * need.effort * need.rate / capacity
    program.add(row, work, energy)
    most_shift = float((span * block.most_units[members]).sum())
    shift = program.variables(
        f"{block.prefix}shift of {label}", periods.n, lower=-most_shift, upper=most_shift
    )
    block.mean[key], block.shift[key], block.most_shift[key] = mean, shift, most_shift
    add_least(program, block, need, hall, work, energy, periods, called)
    most = program.rows(f"{block.prefix}most of {label}", periods.n, upper=0.0)
    program.add(most, block.at_steps(program, mean, periods), 1.0)
    program.add(most, shift, 1.0)
    able = periods.take(need.load)
    program.add(most, block.at_steps(program, block.dynamic[key], periods), -able)
    days = program.rows(f"{block.prefix}days of {label}", periods.n // DAY, lower=0.0, upper=0.0)
    program.add(np.repeat(days, DAY), shift, 1.0)
    block.day_rows[key] = days
    if need.shed > need.movable:
        _add_longest(program, block, need, key, called)


def _add_longest(
    program: Program,
    block: ComputeBlock,
    need: Need,
    key: tuple[str, int],
    called: NDArray[np.bool_],
) -> None:
    """No day gives up more than the share of power for the longest time that it can be kept."""
    days = np.flatnonzero(called.reshape(-1, DAY).any(axis=1))
    rows = program.rows(f"{block.prefix}longest of {key}", days.size, lower=0.0)
    program.add(rows, block.mean[key], need.shed * need.shed_s / HOUR_S)
    for hour in range(DAY):
        steps = days * DAY + hour
        now = called[steps]
        program.add(rows[now], block.shift[key][steps[now]], 1.0)


def _add_capacity(program: Program, block: ComputeBlock, periods: Periods) -> None:
    """A hall is as large as its highest IT power.

    Only hours that no other one exceeds in the load of every demand need a row, unless
    work in the hall may move.
    """
    for hall in range(len(block.halls)):
        steps = _highest(block, hall, periods)
        rows = program.rows(
            f"{block.prefix}capacity of {block.halls[hall].key}", steps.size, upper=0.0
        )
        add_it_power(program, block, hall, rows, steps, periods)
        for column in (block.capacity[hall], block.standing[hall]):
            program.add(rows, block.at_steps(program, int(column), periods)[steps], -1.0)


def _add_refits(program: Program, block: ComputeBlock) -> None:
    """What is refitted of the standing hall, and what stays as it is, are all of it."""
    refits = [index for index, hall in enumerate(block.halls) if hall.refit_w > 0.0]
    if not refits:
        return
    whole = max(block.halls[i].refit_of_w for i in refits) / block.scale.power_w
    row = program.rows(f"{block.prefix}standing hall and its refits", 1, upper=whole)
    program.add(row, block.standing, 1.0)
    program.add(row, block.capacity[refits], [block.halls[i].refit_w for i in refits])


def _highest(block: ComputeBlock, hall: int, periods: Periods) -> Index:
    """Steps that can hold the highest IT power of a hall."""
    present = [need for need in block.needs if (need.name, hall) in block.idle]
    if not present:
        return np.empty(0, dtype=np.int64)
    if any(need.flexible for need in present):
        return np.arange(periods.n)
    loads = np.unique(np.column_stack([periods.take(need.load) for need in present]), axis=0)
    beaten = [
        bool(np.any(np.all(loads >= row, axis=1) & np.any(loads > row, axis=1))) for row in loads
    ]
    top = loads[~np.array(beaten)]
    series = np.column_stack([periods.take(need.load) for need in present])
    return np.array([int(np.argmax(np.all(series == row, axis=1))) for row in top])


def add_it_power(
    program: Program,
    block: ComputeBlock,
    hall: int,
    rows: Index,
    steps: Index,
    periods: Periods,
) -> None:
    """Add the IT power of a hall at some steps, one row for each."""
    for need in block.needs:
        key = (need.name, hall)
        if key not in block.idle:
            continue
        program.add(rows, block.at_steps(program, block.idle[key], periods)[steps], 1.0)
        if need.flexible:
            program.add(rows, block.at_steps(program, block.mean[key], periods)[steps], 1.0)
            program.add(rows, block.shift[key][steps], 1.0)
        else:
            load = periods.take(need.load)[steps]
            program.add(rows, block.at_steps(program, block.dynamic[key], periods)[steps], load)
