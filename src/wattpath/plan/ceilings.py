r"""Ceilings on a site's power and water, as rows of the optimisation.

With the halls' IT power P, their facility power per IT power v and per capacity c, cooling
water w per energy and generation g with water q:

.. math::
    \sum_m [v_m(t) P_m(t) + c_m C_m] \le \bar P \text{ in every hour}, \qquad
    \sum_t h_t \Big[\sum_m w_m(t) P_m(t) + \sum_i q_i g_i(t)\Big] \le \bar W

Representative days need not hold the hottest or busiest hour, so a row stands for each hour of
the year that no other one exceeds in all that makes power, with movable work at its mean.
Cooling water counts all hours of the year; what moves, and generation, those of the programme.

Where it breaks down: that movable work leaves a peak is not credited when the mix is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wattpath import units
from wattpath.plan.compute import ComputeBlock
from wattpath.plan.result import Binding
from wattpath.units import HOUR_S

if TYPE_CHECKING:
    from wattpath.plan.optimise import Optimiser
    from wattpath.supply.block import SupplyBlock
    from wattpath.supply.periods import Periods
    from wattpath.supply.program import Program, Solution

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Most power that the facility draws in any hour [W], most water of a year [m3]."""

    power_w: float = np.inf
    water_m3: float = np.inf


NO_CEILINGS = Ceilings()

#: Ceilings from which the least possible is measured: kg, W, m3.
ONE = {"carbon": 1e3, "power": 1e6, "water": 1e3}

#: Steps [W] in which a limit on power is told, the largest first.
STEPS = ((1e6, "MW"), (1e3, "kW"), (1.0, "W"))

#: A ceiling whose worth is below this share of the scale of money does not bind.
LEAST_WORTH = 1e-9


def add_ceilings(
    program: Program,
    block: ComputeBlock,
    supply: SupplyBlock,
    periods: Periods,
    ceilings: Ceilings,
) -> None:
    """Add the rows of what is limited, none for what is not."""
    if np.isfinite(ceilings.power_w):
        _add_power(program, block, periods, ceilings.power_w)
    if np.isfinite(ceilings.water_m3):
        _add_water(program, block, supply, periods, ceilings.water_m3)


def least(days: Optimiser, key: str, players: frozenset[str]) -> float | None:
    """The least of a quantity that these players can reach; None if they meet no need at all.

    A column lifts the ceiling, and replaces the objective; the optimiser is of no other use
    afterwards.

    Parameters
    ----------
    days : Optimiser
        With a ceiling of `ONE` on the quantity and no other.
    key : str
        ``carbon`` [kg], ``power`` [W] or ``water`` [m3].
    players : frozenset of str
    """
    program = days.program
    days.allow(players)
    program.set_cost(np.arange(program.shape[1]), 0.0)
    lift = program.variables("lift of the ceiling", 1, cost=1.0, lower=-1.0)
    if key == "carbon":
        rows, each = [np.array([days.supply.carbon_row])], ONE[key] / days.parts.scale.carbon_kg
    else:
        rows, each = [rows for name, rows in program.row_names.items() if "ceiling of" in name], 1.0
    for group in rows:
        program.add(group, lift, -each)
    solution = program.solve()
    return ONE[key] * (1.0 + float(solution.x[lift[0]])) if solution.optimal else None


def step(limit_w: float) -> tuple[float, str]:
    """The step [W] in which a limit on power is told, small beside it, with its name."""
    return next((many, name) for many, name in STEPS if 10.0 * many <= limit_w or many == 1.0)


def worths(days: Optimiser, solution: Solution) -> Iterator[Binding]:
    """Ceilings that the optimum runs into, with the worth of one unit more.

    Rows are in shares of their ceiling, and one ceiling of power is a row in each of its hours:
    its worth is the sum of their duals. Of whole units it is that of their relaxation.

    Parameters
    ----------
    days : Optimiser
        Over the representative days.
    solution : Solution
        Its optimum.
    """
    given = days.parts.ceilings
    money = days.parts.scale.money_usd / days.weight
    for words, most, unit in (("power", given.power_w, "W"), ("water", given.water_m3, "m3")):
        if not np.isfinite(most):
            continue
        names = (f"ceiling of {words}", f"ceiling of moved {words}")
        rows = [r for name, r in days.program.row_names.items() if name.endswith(names)]
        worth = sum(-float(solution.row_dual[index].sum()) for index in rows) * money / most
        if worth * most > LEAST_WORTH * money:
            name = "limits.facility_power" if words == "power" else "limits.water"
            limit = units.show(most, unit) if unit == "W" else f"{most:,.3g} m³"
            many, one = step(most) if unit == "W" else (1.0, "m³")
            yield Binding(
                name,
                worth,
                f"USD/{unit}/year" if unit == "W" else "USD/m3",
                f"{name} binds at {limit}; one more {one} would save "
                f"{units.show_usd(worth * many)} a year.",
            )


def _add_power(program: Program, block: ComputeBlock, periods: Periods, most_w: float) -> None:
    """Facility power in the hours that can be the highest."""
    hours = _highest(block)
    rows = program.rows(f"{block.prefix}ceiling of power", hours.size, upper=1.0)
    _add_hours(program, block, rows, hours, most_w)
    if not any(need.flexible for need in block.needs):
        return
    steps = program.rows(f"{block.prefix}ceiling of moved power", periods.n, upper=1.0)
    _add_hours(program, block, steps, periods.hours, most_w)
    unit = block.scale.power_w / most_w
    for (_, hall), columns in block.shift.items():
        program.add(steps, columns, periods.take(block.halls[hall].variable) * unit)


def _add_hours(
    program: Program, block: ComputeBlock, rows: Index, hours: Index, most_w: float
) -> None:
    """Facility power over its ceiling at some hours of the year, movable work at its mean."""
    unit = block.scale.power_w / most_w
    for hall, system in enumerate(block.halls):
        follow = system.variable[hours] * unit
        for need in block.needs:
            key = (need.name, hall)
            if key not in block.idle:
                continue
            program.add(rows, block.idle[key], follow)
            if need.flexible:
                program.add(rows, block.mean[key], follow)
            else:
                program.add(rows, block.dynamic[key], follow * need.load[hours])
        for column in (block.capacity[hall], block.standing[hall]):
            program.add(rows, int(column), system.fixed * unit)


def _highest(block: ComputeBlock) -> Index:
    """Hours that no other one exceeds in any hall and demand, the first of equal ones."""
    series = [hall.variable for hall in block.halls]
    series += [
        hall.variable * need.load
        for hall in block.halls
        for need in block.needs
        if not need.flexible
    ]
    table = np.round(np.column_stack(series), 12)
    order = np.argsort(-table.sum(axis=1), kind="stable")
    kept: list[int] = []
    for hour in order.tolist():
        if not kept or not (table[kept] >= table[hour]).all(axis=1).any():
            kept.append(hour)
    return np.array(sorted(kept), dtype=np.int64)


def _add_water(
    program: Program,
    block: ComputeBlock,
    supply: SupplyBlock,
    periods: Periods,
    most_m3: float,
) -> None:
    """Water of cooling and of generation over its ceiling."""
    row = program.rows(f"{block.prefix}ceiling of water", 1, upper=1.0)
    unit = HOUR_S * block.scale.power_w / most_m3
    for hall, system in enumerate(block.halls):
        year = float(system.water.sum()) * unit
        for need in block.needs:
            key = (need.name, hall)
            if key not in block.idle:
                continue
            program.add(row, block.idle[key], year)
            if need.flexible:
                program.add(row, block.mean[key], year)
                each = periods.take(system.water) * periods.weights * unit
                program.add(row, block.shift[key], each)
            else:
                program.add(row, block.dynamic[key], float(system.water @ need.load) * unit)
    for technology in supply.technologies:
        per_j, name = technology.water_m3_j, technology.key
        if per_j > 0.0 and name in supply.output:
            program.add(row, supply.output[name], per_j * unit * periods.weights)
        elif per_j > 0.0:
            able = float(periods.weights @ supply.potential[name])
            program.add(row, supply.capacity[name], per_j * unit * able)
