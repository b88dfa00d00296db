"""One programme for all plans: compute, halls and supply in one objective.

Every column carries the players that a plan must be allowed to use. `Optimiser.allow`
changes upper bounds only, so the feasible sets of nested plans are nested, and a re-solve
starts from the last basis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.compute import (
    ComputeBlock,
    Hall,
    Need,
    Slot,
    add_compute,
    add_facility_load,
    add_water_cost,
)
from wattpath.supply.block import SupplyBlock, add_supply
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import Periods
from wattpath.supply.program import Program, Solution
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import Technology

Floats = NDArray[np.float64]

#: The player that may move work in time, and the one that may change the supply.
SHIFTING = "load-shifting"
SUPPLY = "supply"
HARDWARE = ("chips", "cooling", SUPPLY)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a programme is made of; the same parts serve any set of time steps.

    `base_supply` are the keys of the technologies that the baseline may use.
    """

    needs: tuple[Need, ...]
    halls: tuple[Hall, ...]
    technologies: tuple[Technology, ...]
    base_supply: frozenset[str]
    site: SiteHours
    options: SupplyOptions
    scale: Scale
    whole: bool


class Optimiser:
    """The programme over some time steps, with bounds for any coalition of players.

    Parameters
    ----------
    parts : Parts
        Needs, halls and technologies.
    slots : sequence of Slot
        Deployments in halls that may be used.
    periods : Periods
        Representative days or the whole year.
    """

    def __init__(self, parts: Parts, slots: Sequence[Slot], periods: Periods) -> None:
        self.parts = parts
        self.periods = periods
        self.program = Program()
        self.supply: SupplyBlock = add_supply(
            self.program, parts.technologies, parts.site, periods, parts.options, scale=parts.scale
        )
        self.compute: ComputeBlock = add_compute(
            self.program, parts.needs, parts.halls, slots, periods, parts.scale, whole=parts.whole
        )
        add_facility_load(self.program, self.compute, self.supply)
        add_water_cost(self.program, self.compute, periods, parts.site.water_usd_m3)
        self._technology_bounds = {
            key: self.program.bounds([column]) for key, column in self.supply.capacity.items()
        }

    def allow(self, players: frozenset[str]) -> None:
        """Let the plan use what needs these players only."""
        allowed = [slot.players <= players for slot in self.compute.slots]
        upper = np.where(allowed, np.inf, 0.0)
        self.program.set_bounds(self.compute.units, 0.0, upper)
        shift = np.inf if SHIFTING in players else 0.0
        for columns in self.compute.shift.values():
            self.program.set_bounds(columns, -shift, shift)
        for key, column in self.supply.capacity.items():
            if SUPPLY in players or key in self.parts.base_supply:
                self.program.set_bounds([column], *self._technology_bounds[key])
            else:
                self.program.set_bounds([column], 0.0, 0.0)

    def solve(self, players: frozenset[str], units: Floats | None = None) -> Solution:
        """The cheapest plan that uses no other players, with given units where they are held."""
        self.allow(players)
        if units is not None:
            self.program.set_bounds(self.compute.units, units, units)
        return self.program.solve()

    def shortfall(self, players: frozenset[str]) -> tuple[float, str] | None:
        """The smallest relaxation that lets these players meet every need.

        It replaces the objective, so the optimiser is of no other use afterwards.

        Returns
        -------
        (float, str) or None
            Power missing in the worst hour [W] and ``"power"``, or if power is not what is
            missing, carbon above the cap [g/year] and ``"carbon"``; None if neither helps.
        """
        program, scale, supply = self.program, self.parts.scale, self.supply
        self.allow(players)
        _, columns = program.shape
        program.set_cost(np.arange(columns), 0.0)
        missing = program.variables("missing power", 1, cost=1.0)
        program.add(supply.balance_rows, missing, 1.0)
        excess = program.variables("excess carbon", 1, cost=1.0, upper=0.0)
        program.add([supply.carbon_row], excess, -1.0)
        solution = program.solve()
        if solution.optimal and solution.objective > 1e-9:
            return solution.objective * scale.power_w, "power"
        program.set_bounds(missing, 0.0, 0.0)
        program.set_bounds(excess, 0.0, np.inf)
        solution = program.solve()
        if solution.optimal:
            return solution.objective * scale.carbon_kg * 1e3, "carbon"
        return None

    def used(self, solution: Solution) -> set[int]:
        """Slots with units in a solution."""
        units = solution.x[self.compute.units]
        return set(np.flatnonzero(units > 1e-7 * max(1.0, units.max(initial=0.0))).tolist())

    def it_w(self, x: Floats) -> Floats:
        """IT power at each step [W]."""
        return np.asarray(self.compute.it_w(x, self.periods).sum(axis=0))

    def facility_w(self, x: Floats) -> Floats:
        """Facility power at each step [W]."""
        power = np.zeros(self.periods.n)
        each = self.compute.it_w(x, self.periods)
        for hall, system in enumerate(self.parts.halls):
            capacity = self.compute.hall_w(x, hall)
            power += each[hall] * self.periods.take(system.variable) + capacity * system.fixed
        return power

    def carbon_kg(self, x: Floats) -> float:
        """Emissions of the supply in its options' scope [kg/year]."""
        activity = self.program.activity(x)
        return float(activity[self.supply.carbon_row]) * self.parts.scale.carbon_kg

    def embodied_kg(self, x: Floats) -> float:
        """Embodied carbon of the servers per year of their life [kg/year]."""
        units = x[self.compute.units]
        return float(
            sum(
                count * slot.deployment.embodied_kg_per_year
                for count, slot in zip(units, self.compute.slots, strict=True)
            )
        )

    def headline(self, solution: Solution) -> Floats:
        """Facility peak [W], cost [USD/year], carbon [kg/year], energy [Wh/year]."""
        x = solution.x
        power = self.facility_w(x)
        return np.array(
            [
                power.max(),
                solution.objective * self.parts.scale.money_usd,
                self.carbon_kg(x) + self.embodied_kg(x),
                self.periods.weights @ power,
            ]
        )
