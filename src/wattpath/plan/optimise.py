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

from wattpath.plan.ceilings import NO_CEILINGS, Ceilings, add_ceilings
from wattpath.plan.compute import (
    ComputeBlock,
    Hall,
    Need,
    Slot,
    add_compute,
)
from wattpath.plan.operate.adoption import PLACE
from wattpath.plan.operate.adoption import SHIFTING as SHIFTING
from wattpath.plan.operate.elsewhere import Elsewhere
from wattpath.plan.operate.placing import add_imports, add_moves, add_splits
from wattpath.plan.operate.provisioning import OVERSUBSCRIPTION, add_provision
from wattpath.plan.operate.response import RESPONSE, Calls, add_response, called_steps, shift_bounds
from wattpath.plan.operate.sharing import add_pools
from wattpath.plan.sitepower import Loaded, add_facility_load, add_water_cost
from wattpath.supply.block import SupplyBlock, add_supply
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import Periods
from wattpath.supply.problem import solve_long
from wattpath.supply.program import Program, Solution
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import Technology
from wattpath.units import HOURS

Floats = NDArray[np.float64]

#: The player that may change the supply.
SUPPLY = "supply"
HARDWARE = ("chips", "cooling", SUPPLY)

#: Hours of a day: bound of what a day moves over that of an hour.
DAYS_WORK = 24.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What a programme is made of; the same parts serve any set of time steps.

    `base_supply` are the keys of the technologies that the baseline may use. `calls` are those
    of the grid, if any lever answers them; `oversubscription` is servers under a limit over
    those that it is rated for, and what its software costs a demand a year.
    """

    needs: tuple[Need, ...]
    halls: tuple[Hall, ...]
    technologies: tuple[Technology, ...]
    base_supply: frozenset[str]
    site: SiteHours
    options: SupplyOptions
    scale: Scale
    whole: bool
    ceilings: Ceilings = NO_CEILINGS
    calls: Calls | None = None
    oversubscription: float = 1.0
    oversubscription_usd: float = 0.0
    others: tuple[Elsewhere, ...] = ()


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the representative days decide and the whole year keeps.

    Units and work of each slot, and power and energy of sun, wind and storage in the
    programme's units. Grid, dispatchable plants and halls stay free, so that the year can
    always be met if it can be met at all.
    """

    units: dict[Slot, float]
    work: dict[Slot, float]
    power: dict[str, float]
    energy: dict[str, float]


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
    program : Program, optional
        One that holds further years (see `wattpath.plan.years.vintages`); a new one if not given.
    prefix : str
        First part of all names in the programme.
    weight : float
        Factor of all its costs: the discount of its year.
    """

    def __init__(
        self,
        parts: Parts,
        slots: Sequence[Slot],
        periods: Periods,
        program: Program | None = None,
        prefix: str = "",
        weight: float = 1.0,
    ) -> None:
        self.parts = parts
        self.periods = periods
        self.program = program or Program()
        self.weight = weight
        before = (self.program.shape[1], self.program.constant)
        self.supply: SupplyBlock = add_supply(
            self.program, parts.technologies, parts.site, periods, parts.options,
            scale=parts.scale, prefix=f"{prefix}supply",
        )  # fmt: skip
        self.called = called_steps(parts.site, periods, parts.calls)
        self.compute: ComputeBlock = add_compute(
            self.program, parts.needs, parts.halls, slots, periods, parts.scale,
            whole=parts.whole, prefix=prefix, called=self.called,
        )  # fmt: skip
        self._add_operation()
        self.columns = np.arange(before[0], self.program.shape[1])
        self.constant = self.program.constant - before[1]
        if weight != 1.0:
            self.program.set_cost(self.columns, weight * self.program.cost(self.columns))
            self.program.constant = before[1] + weight * self.constant
        self.solved: frozenset[str] = frozenset()
        self._lent = {need.name for need in parts.needs if need.of}
        self._technology_bounds = {
            key: self.program.bounds([column]) for key, column in self.supply.capacity.items()
        }

    def _add_operation(self) -> None:
        """What levers of operation, halls and ceilings ask of compute and supply."""
        parts, periods = self.parts, self.periods
        self.lent_rows = add_pools(self.program, self.compute)
        self.relief = add_provision(
            self.program, self.compute, parts.oversubscription, parts.oversubscription_usd
        )
        self.promised = add_response(
            self.program, self.compute, parts.site, periods, self.called, parts.calls
        )
        self.imports = add_imports(self.program, self.compute, self.supply, periods, parts.others)
        sites: tuple[Loaded, ...] = (self.supply, *self.imports)
        for number, loaded in enumerate(sites):
            add_facility_load(self.program, self.compute, loaded, number)
        add_splits(self.program, self.compute)
        self.moves = add_moves(self.program, self.compute, periods, self.called)
        add_water_cost(self.program, self.compute, periods, parts.site.water_usd_m3)
        add_ceilings(self.program, self.compute, self.supply, periods, parts.ceilings)

    def allow(self, players: frozenset[str]) -> None:
        """Let the plan use what needs these players only."""
        allowed = [slot.players <= players for slot in self.compute.slots]
        upper = np.where(allowed, self.compute.most_units, 0.0)
        self.program.set_bounds(self.compute.units, 0.0, upper)
        self.solved = players
        for place, columns in self.compute.shift.items():
            most = self.compute.most_shift[place]
            if {SHIFTING, PLACE} & players or place[0] in self._lent:
                self.program.set_bounds(columns, -most, most)
            else:
                called = self.called & (RESPONSE in players)
                self.program.set_bounds(columns, *shift_bounds(called, most))
        far = DAYS_WORK * max(self.compute.most_shift.values(), default=0.0)
        self.program.set_bounds(self.moves, -far * (PLACE in players), far * (PLACE in players))
        for player, groups in self.compute.adopted.items():
            for columns in groups:
                self.program.set_bounds(columns, 0.0, np.inf if player in players else 0.0)
        for extra, player in ((self.relief, OVERSUBSCRIPTION), (self.promised, RESPONSE)):
            self.program.set_bounds(extra, 0.0, np.inf if player in players else 0.0)
        for key, column in self.supply.capacity.items():
            if SUPPLY in players or key in self.parts.base_supply:
                self.program.set_bounds([column], *self._technology_bounds[key])
            else:
                self.program.set_bounds([column], 0.0, 0.0)

    def solve(
        self, players: frozenset[str], held: Decisions | None = None, *, grow: bool = False
    ) -> Solution:
        """The cheapest plan that uses no other players and keeps to what is held.

        Parameters
        ----------
        players : frozenset of str
        held : Decisions, optional
        grow : bool
            Whether sun, wind and storage may be larger than they are held.
        """
        self.allow(players)
        if held is not None:
            self._hold(held, grow)
        # A start from the last basis suits a row that sums over the whole year badly.
        capped = held is None and np.isfinite(self.parts.options.carbon_cap_kg)
        linked = capped or self.supply.free_row >= 0 or self.supply.match_row >= 0
        if grow or linked:
            return solve_long(self.program)
        # Held capacities leave days that hardly meet: simplex is several times as fast there.
        held_method = "simplex" if held is not None else self.method
        return self.program.solve(method=held_method, fresh=held is not None)

    @property
    def method(self) -> str:
        """The solver for a start from no basis: storage of open size ties all hours of a year."""
        return "auto" if self.supply.energy and self.periods.n >= HOURS else "simplex"

    def decisions(self, solution: Solution) -> Decisions:
        """What a solution builds that another programme can hold (see `Decisions`)."""
        x, block = solution.x, self.compute
        units = dict(zip(block.slots, x[block.units].tolist(), strict=True))
        if self.parts.whole:
            units = {slot: float(round(count)) for slot, count in units.items()}
        work = {
            block.slots[member]: float(x[column])
            for need, columns in block.work.items()
            for member, column in zip(block.members(need), columns, strict=True)
        }
        power = {key: float(x[c]) for key, c in self.supply.capacity.items() if self._shaped(key)}
        energy = {key: float(x[c]) for key, c in self.supply.energy.items()}
        return Decisions(units, work, power, energy)

    def _shaped(self, key: str) -> bool:
        """Whether a technology's capacity shapes the operation: sun, wind and storage."""
        return key in self.supply.potential or key in self.supply.energy

    def _hold(self, held: Decisions, grow: bool) -> None:
        """Set the bounds of all decisions to their values; what may grow has no upper one."""
        block, free = self.compute, self._free()
        kept = [i for i, slot in enumerate(block.slots) if slot.deployment.need not in free]
        units = np.array([held.units.get(block.slots[i], 0.0) for i in kept])
        self.program.set_bounds(block.units[kept], units, units)
        for need, columns in block.work.items():
            if need in free:
                continue
            rates = np.array([held.work.get(block.slots[i], 0.0) for i in block.members(need)])
            self.program.set_bounds(columns, rates, rates)
        supply = self.supply
        for values, built in ((held.power, supply.capacity), (held.energy, supply.energy)):
            for key, column in built.items():
                if self._shaped(key):
                    value, most = values.get(key, 0.0), np.array([np.inf])
                    if built is supply.capacity:
                        most = np.maximum(self.program.bounds([column])[1], value)
                    self.program.set_bounds([column], value, most if grow else value)

    def _free(self) -> set[str]:
        """Needs that another programme divides among sites anew.

        Where a connection binds, its hottest hour is in no representative day.
        """
        apart = self.parts.others and not self.parts.whole
        return {need.name for need in self.parts.needs if need.flexible and apart}

    def limit(self, key: str) -> float:
        """Largest capacity of a technology in the programme's unit, whoever may build it."""
        return float(self._technology_bounds[key][1][0])

    def used(self, solution: Solution) -> set[int]:
        """Slots with units in a solution."""
        units = solution.x[self.compute.units]
        return set(np.flatnonzero(units > 1e-7 * max(1.0, units.max(initial=0.0))).tolist())

    def used_players(self, solution: Solution) -> frozenset[str]:
        """The players without whom a solution would not be possible."""
        x, tiny = solution.x, 1e-9
        found: set[str] = set()
        for index in np.flatnonzero(x[self.compute.units] > tiny):
            found |= self.compute.slots[index].players
        for player, groups in self.compute.adopted.items():
            if any(x[columns].max() > tiny for columns in groups):
                found.add(player)
        moved = [c for place, c in self.compute.shift.items() if place[0] not in self._lent]
        if not self.compute.adopted and any(np.abs(x[own]).max() > tiny for own in moved):
            found |= {SHIFTING, RESPONSE} & self.solved
        if self.relief.size and x[self.relief].max() > tiny:
            found.add(OVERSUBSCRIPTION)
        built = {key for key, column in self.supply.capacity.items() if x[column] > tiny}
        if built - self.parts.base_supply:
            found.add(SUPPLY)
        return frozenset(found)

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

    def building_kg(self, x: Floats) -> float:
        """Embodied carbon of new halls per year of their life [kg/year]."""
        new = x[self.compute.capacity] * self.parts.scale.power_w
        each = [hall.embodied_kg_per_w_year for hall in self.parts.halls]
        return float(new @ np.array(each))

    def cost_usd(self, x: Floats) -> float:
        """Cost of the year by the law of a single one, before any weight [USD/year]."""
        money = float(self.program.cost(self.columns) @ x[self.columns]) / self.weight
        return (money + self.constant) * self.parts.scale.money_usd

    def headline(self, solution: Solution) -> Floats:
        """Facility peak [W], cost [USD/year], carbon [kg/year], energy [Wh/year]."""
        x = solution.x
        power = self.facility_w(x)
        return np.array(
            [
                power.max(),
                solution.objective * self.parts.scale.money_usd,
                self.carbon_kg(x) + self.embodied_kg(x) + self.building_kg(x),
                self.periods.weights @ power,
            ]
        )
