"""One year of a plan through all 8,760 hours, with what the years' programme has built.

Units, work, halls, plants and storage are those of the programme; movable work keeps the
shift that the representative day of each hour has; plants and storage run by rule
(`wattpath.plan.years.hours`). What is missing in the worst hour is added by the cheapest technology
that may still be built, and its cost with it. Where a carbon cap or a share of clean energy would
be broken, storage takes what would be spilled and gives before anything burns, which is the least
fossil energy of these sizes, at the lowest price of carbon that keeps the rule. If days that are
asked for more (`wattpath.plan.years.kept`) leave the year without an answer, or dearer than `CLOSE`
beyond them, the exact programme of all hours decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.compute import DAY
from wattpath.plan.optimise import SUPPLY, Optimiser
from wattpath.plan.years.buildings import housed
from wattpath.plan.years.hours import Fleet, Run, operate
from wattpath.plan.years.moves import place_moves
from wattpath.supply.block import SupplyBlock
from wattpath.supply.periods import full_year
from wattpath.supply.program import Solution
from wattpath.supply.technology import Technology
from wattpath.supply.terms import clean_share, potential
from wattpath.units import HOURS

Floats = NDArray[np.float64]

#: Distance of a year's cost from its representative days beyond which it is solved exactly.
CLOSE = 0.01

#: Ramp and yearly energy over capacity of a plant that has no limit.
FREE = 1e9

#: Shortage over peak that counts as none.
NOTHING = 1e-9

#: What fossil energy counts in the order of plants where a clean share is asked [kg/J].
FOSSIL_KG_J = 1e-7

#: Prices of carbon tried to keep a cap, up to the highest of them [USD/kg].
TRIES, DEAREST = 14, 10.0

#: Part of the load, or of a cap, by which a rule may be missed.
NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class Hours:
    """A year of a plan over all hours.

    Attributes
    ----------
    x : ndarray
        Of the programme of all hours (`Reader.year`).
    cost_usd : float
        By the law of a single year [USD/year].
    exact : bool
        Whether the programme of all hours was solved, or run by rule.
    short_w : float
        Power missing in the worst hour [W]; 0 if the year is served.
    over : tuple of float
        What the carbon cap, the hourly and the annual share are broken by [unit of their
        rows]; 0 where they are kept.
    """

    x: Floats
    cost_usd: float
    exact: bool
    short_w: float = 0.0
    over: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def dirty(self) -> bool:
        """Whether a carbon cap or a clean share is broken."""
        return max(self.over) > 0.0


class Reader:
    """The programme of all hours of one year, filled in rather than solved.

    Parameters
    ----------
    block : Optimiser
        The year's block of representative days.
    """

    def __init__(self, block: Optimiser) -> None:
        self.block = block
        self.year = Optimiser(block.parts, block.compute.slots, full_year())
        supply = self.year.supply
        own = supply.output.keys() - supply.charge.keys()
        self.plants = [t for t in supply.technologies if t.key in own]
        self.stores = [t for t in supply.technologies if t.key in supply.charge]

    def run(self, x: Floats, players: frozenset[str]) -> Hours:
        """A year of a solution of all years.

        Parameters
        ----------
        x : ndarray
            Of the programme of all years.
        players : frozenset of str
            What the plan may use, for what must be added.
        """
        full = self._built(x, players)
        load = self.year.facility_w(full) / self.year.parts.scale.power_w
        for _ in range(3):
            self._operated(full, x, load)
            short = float(self.run_.short.max())
            if short <= NOTHING * load.max():
                break
            if not self._add(full, players):
                break
        short, cost = self._missing_w(load), self.year.cost_usd(full)
        return Hours(full, cost, False, short, self._over(full))

    def settled(self, hours: Hours, x: Floats, players: frozenset[str]) -> Hours:
        """A year that is served, clean and near its days, or else its exact optimum.

        Parameters
        ----------
        hours : Hours
            As `run` leaves it.
        x, players
            As of `run`.
        """
        dear = hours.cost_usd > self.block.cost_usd(x) * (1.0 + CLOSE)
        if hours.short_w > 0.0 or hours.dirty or dear or not housed(self.year.compute, hours.x):
            return self._exact(x, players) or hours
        return hours

    # ------------------------------------------------------------------ inside

    def _built(self, x: Floats, players: frozenset[str]) -> Floats:
        """The hours' columns with all that is built, and IT at work."""
        source, target = self.block.compute, self.year.compute
        full = np.zeros(self.year.program.shape[1])
        for name in ("units", "capacity", "standing"):
            full[getattr(target, name)] = x[getattr(source, name)]
        for need, columns in source.work.items():
            full[target.work[need]] = x[columns]
        for name in ("idle", "dynamic", "mean", "movers"):
            for key, column in getattr(source, name).items():
                full[getattr(target, name)[key]] = x[column]
        for player, groups in source.adopted.items():
            for columns, there in zip(groups, target.adopted[player], strict=True):
                full[there] = x[columns]
        for key, columns in source.shift.items():
            full[target.shift[key]] = self.block.periods.expand(x[columns])
        for key in source.shift:
            self._fit(full, key)
        place_moves(self.year, full, players)
        power = target.it_w(full, self.year.periods).max(axis=1) / target.scale.power_w
        new = np.maximum(full[target.capacity], power - full[target.standing])
        full[target.capacity] = new
        for pairs in ("capacity", "energy"):
            for key, column in getattr(self.block.supply, pairs).items():
                full[getattr(self.year.supply, pairs)[key]] = x[column]
        return full

    def _fit(self, full: Floats, key: tuple[str, int]) -> None:
        """Move flexible work of a hall so that no hour of a day exceeds the hall, if it can."""
        block = self.year.compute
        need, hall = next(n for n in block.needs if n.name == key[0]), key[1]
        size = full[block.capacity[hall]] + full[block.standing[hall]]
        power = block.it_w(full, self.year.periods)[hall].reshape(-1, DAY) / block.scale.power_w
        shift = full[block.shift[key]].reshape(-1, DAY)
        mean, most = full[block.mean[key]], full[block.dynamic[key]]
        over = np.maximum(power - size, 0.0)
        room = np.minimum(np.maximum(size - power, 0.0), np.maximum(most - mean - shift, 0.0))
        moved, able = over.sum(axis=1), room.sum(axis=1)
        fits = (able >= moved) & np.all(mean * need.movable + shift >= over - 1e-9, axis=1)
        share = np.divide(moved, able, out=np.zeros_like(able), where=fits & (able > 0.0))
        shift = shift + np.where(fits[:, None], room * share[:, None] - over, 0.0)
        full[block.shift[key]] = shift.ravel()

    def _operated(self, full: Floats, x: Floats, load: Floats) -> None:
        """Run the supply as the days do; where that breaks a rule of clean supply, cleaner."""
        self._once(full, x, load, 0.0)
        if not self._clean(full):
            for first in (False, True):
                self._once(full, x, load, DEAREST, storage_first=first)
                if self._clean(full):
                    self._cheapest(full, x, load, storage_first=first)
                    break
        self._copy(full)

    def _cheapest(self, full: Floats, x: Floats, load: Floats, *, storage_first: bool) -> None:
        """At the lowest price of carbon that keeps the rules."""
        low, high = 0.0, DEAREST
        for _ in range(TRIES):
            price = (low + high) / 2.0
            self._once(full, x, load, price, storage_first=storage_first)
            low, high = (low, price) if self._clean(full) else (price, high)
        if not self._clean(full):
            self._once(full, x, load, high, storage_first=storage_first)

    def _clean(self, full: Floats) -> bool:
        """Whether a carbon cap and the shares of clean energy are kept."""
        return max(self._over(full)) <= 0.0

    def _over(self, full: Floats) -> tuple[float, float, float]:
        """What each rule is broken by [unit of its row]."""
        supply = self.year.supply
        rows = np.array([supply.carbon_row, supply.free_row, supply.match_row])
        cap = supply.options.carbon_cap_kg / supply.scale.carbon_kg
        asked = np.array([np.isfinite(cap), supply.free_row >= 0, supply.match_row >= 0])
        if not asked.any():
            return 0.0, 0.0, 0.0
        mean = float(self.year.facility_w(full).mean()) / supply.scale.power_w
        sides = np.array([cap if asked[0] else 0.0, 0.0, 0.0])
        over = (self.year.program.activity(full)[rows] - sides) * np.array([1.0, 1.0, -1.0])
        near = NEAR * np.array([max(sides[0], NEAR), mean, mean])
        broken, free, match = np.where(asked & (over > near), over, 0.0).tolist()
        return broken, free, match

    def _once(
        self,
        full: Floats,
        x: Floats,
        load: Floats,
        price_usd_kg: float,
        *,
        storage_first: bool = False,
    ) -> None:
        """One run at a price of carbon, by the days' schedule of storage or storage first."""
        supply = self.year.supply
        free = np.zeros(HOURS)
        for key, able in supply.potential.items():
            free += able * full[supply.capacity[key]]
        fleet = self._fleet(full, x, price_usd_kg)
        if storage_first:
            most = np.repeat(fleet.power[:, None], HOURS, axis=1)
            fleet = fleet._replace(charge=np.zeros_like(most), discharge=most)
        run = operate(fleet, load, free)
        for row, technology in enumerate(self.plants):
            full[supply.output[technology.key]] = run.output[row]
        for row, technology in enumerate(self.stores):
            full[supply.output[technology.key]] = run.discharge[row]
            full[supply.charge[technology.key]] = run.charge[row]
            full[supply.level[technology.key]] = run.level[row]
        self.run_: Run = run

    def _fleet(self, full: Floats, x: Floats, price_usd_kg: float) -> Fleet:
        supply, scale = self.year.supply, self.year.parts.scale
        size = np.array([full[supply.capacity[t.key]] for t in self.plants])
        able = [potential(t, supply.site) for t in self.plants]
        per_kg = price_usd_kg * 3600.0 * scale.power_w / scale.money_usd
        cost = [
            self.year.program.cost(supply.output[t.key]) + self._dirt_kg_j(t) * per_kg
            for t in self.plants
        ]
        limits = np.array([_inertia(t) for t in self.plants]).reshape(-1, 3)
        stored = [t.key for t in self.stores]
        plans = [self._planned(x, group, stored) for group in ("charge", "output")]
        energy = np.array([full[supply.energy[key]] for key in stored])
        power = np.array([full[supply.capacity[t.key]] * t.availability for t in self.stores])
        return Fleet(
            able=np.array(able).reshape(-1, HOURS) * size[:, None],
            cost=np.array(cost).reshape(-1, HOURS),
            least=limits[:, 0] * size,
            ramp=limits[:, 1] * size,
            energy=limits[:, 2] * size,
            power=power,
            room=energy,
            root=np.sqrt(np.array([t.efficiency for t in self.stores])),
            leak=np.array([t.self_discharge_per_h for t in self.stores]),
            charge=plans[0],
            discharge=plans[1],
        )

    def _dirt_kg_j(self, technology: Technology) -> Floats:
        """Carbon that the price of dirt counts [kg/J]; for a clean share, fossil energy alike."""
        supply = self.year.supply
        if supply.free_row < 0:
            return supply.carbon_kg_j(technology)
        fossil = 1.0 - clean_share(technology, supply.site)
        return np.full(HOURS, fossil * FOSSIL_KG_J)

    def _planned(self, x: Floats, group: str, keys: list[str]) -> Floats:
        """The representative days' schedule of each storage, in every hour."""
        columns: dict[str, NDArray[np.int64]] = getattr(self.block.supply, group)
        rows = [self.block.periods.expand(x[columns[key]]) for key in keys]
        return np.maximum(np.array(rows).reshape(-1, HOURS), 0.0)

    def _copy(self, full: Floats) -> None:
        """Let the copies of dense columns say what the columns say."""
        program, supply = self.year.program, self.year.supply
        for column, copies in self.year.compute.each_step.items():
            full[copies] = full[column]
        for part in ("capacity", "energy"):
            for key, column in getattr(supply, part).items():
                name = f"{supply.prefix}.{key}.{part}-copy"
                if name in program.columns:
                    full[program.columns[name]] = full[column]

    def _missing_w(self, load: Floats) -> float:
        short = float(self.run_.short.max())
        return short * self.year.parts.scale.power_w if short > NOTHING * load.max() else 0.0

    def _add(self, full: Floats, players: frozenset[str]) -> bool:
        """Add what is missing by the cheapest technology that has room; whether there is one."""
        supply, short = self.year.supply, self.run_.short
        hours = short > 0.0
        for technology in sorted(self.plants, key=lambda t: self._capacity_cost(supply, t)):
            key = technology.key
            if SUPPLY not in players and key not in self.year.parts.base_supply:
                continue
            able = potential(technology, supply.site)[hours]
            room = self.year.limit(key) - float(full[supply.capacity[key]])
            needed = float((short[hours] / np.maximum(able, 1e-9)).max()) * (1.0 + 1e-9)
            if able.min() > 0.05 and needed <= room:
                full[supply.capacity[key]] += needed
                return True
        return False

    def _capacity_cost(self, supply: SupplyBlock, technology: Technology) -> float:
        return float(self.year.program.cost([supply.capacity[technology.key]])[0])

    def _exact(self, x: Floats, players: frozenset[str]) -> Hours | None:
        """The optimum of all hours that keeps what the years' programme has built."""
        given = Solution(
            "optimal", 0.0, x, x[:0], x[:0], 0.0, 0.0, 0.0, 0.0, 0, "representative days"
        )
        held = self.block.decisions(given)
        solution = self.year.solve(players, held)
        if not solution.optimal:
            solution = self.year.solve(players, held, grow=True)
        if not solution.optimal:
            return None
        return Hours(solution.x, self.year.cost_usd(solution.x), True)


def _inertia(technology: Technology) -> tuple[float, float, float]:
    """Lowest output, ramp and yearly energy over capacity, as the programme limits them."""
    least = technology.min_load * technology.always_on
    ramped = technology.ramp_per_h < technology.availability - least
    ramp = technology.ramp_per_h if ramped else FREE
    energy = technology.annual_factor * HOURS if technology.annual_factor < 1.0 else FREE
    return least, ramp, energy
