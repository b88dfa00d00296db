"""What the halls draw from the supply, and the water that cools them, in each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath.plan.compute import ComputeBlock
from wattpath.units import HOUR_S

if TYPE_CHECKING:
    from wattpath.supply.block import SupplyBlock
    from wattpath.supply.periods import Periods
    from wattpath.supply.program import Program

Floats = NDArray[np.float64]


class Loaded(Protocol):
    """What feels the facility's power in each of its steps: a supply, or a limit."""

    @property
    def periods(self) -> Periods:
        """The steps."""

    def load(self, program: Program, column: ArrayLike, power_w: ArrayLike) -> None:
        """Let columns draw power (see `wattpath.supply.block.SupplyBlock.load`)."""


def add_facility_load(program: Program, block: ComputeBlock, supply: Loaded, site: int = 0) -> None:
    """Let the facility power of the halls of a site be the load that its supply must meet."""
    unit, periods = block.scale.power_w, supply.periods

    def load(column: int, power_w: Floats | float) -> None:
        supply.load(program, block.at_steps(program, column, periods)[:, None], power_w)

    for hall, system in enumerate(block.halls):
        if system.site != site:
            continue
        follow = periods.take(system.variable) * unit
        for need in block.needs:
            key = (need.name, hall)
            if key not in block.idle:
                continue
            load(block.idle[key], follow)
            if need.flexible:
                load(block.mean[key], follow)
                supply.load(program, block.shift[key][:, None], follow)
            else:
                load(block.dynamic[key], follow * periods.take(need.load))
        present = any((need.name, hall) in block.idle for need in block.needs)
        if present and system.fixed > 0.0:
            load(int(block.capacity[hall]), system.fixed * unit)
            load(int(block.standing[hall]), system.fixed * unit)


def water_m3(block: ComputeBlock, supply: SupplyBlock, periods: Periods, x: Floats) -> float:
    """Water of cooling and of generation of a solution, spilled sun counted [m3/year]."""
    power = block.it_w(x, periods)
    total = sum(
        float(periods.weights @ (power[hall] * periods.take(system.water)))
        for hall, system in enumerate(block.halls)
    )
    for technology in supply.technologies:
        key, per_j = technology.key, technology.water_m3_j * block.scale.power_w
        if per_j > 0.0 and key in supply.output:
            total += per_j * float(periods.weights @ x[supply.output[key]])
        elif per_j > 0.0:
            able = float(periods.weights @ supply.potential[key])
            total += per_j * able * float(x[supply.capacity[key]])
    return total * HOUR_S


def add_water_cost(
    program: Program, block: ComputeBlock, periods: Periods, usd_per_m3: float
) -> None:
    """Price the cooling water on the power columns it follows (added to their cost)."""
    scale = block.scale
    for hall, system in enumerate(block.halls):
        price = usd_per_m3 if system.water_usd_m3 is None else system.water_usd_m3
        usd = system.water * price * HOUR_S * scale.power_w / scale.money_usd
        each = periods.take(usd) * periods.weights
        for need in block.needs:
            key = (need.name, hall)
            if key not in block.idle:
                continue
            costs = {block.idle[key]: float(each.sum())}
            if need.flexible:
                costs[block.mean[key]] = float(each.sum())
                program.set_cost(block.shift[key], each)
            else:
                costs[block.dynamic[key]] = float(each @ periods.take(need.load))
            for column, cost in costs.items():
                program.set_cost(column, cost)
