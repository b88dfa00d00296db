"""Writing the columns and rows of a supply block (see `wattpath.supply.block`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wattpath.supply.commitment import LOST, Loss, Units, add_loss, add_units, commits, lose
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import HOURS, Periods
from wattpath.supply.program import Program
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import HOUR_S, Technology
from wattpath.supply.terms import (
    Excluded,
    able_at,
    carbon_kg_j,
    clean_share,
    exclusion,
    firm_at,
    hour_cost,
    late,
    limit_w,
    marginal_usd_j,
    yearly_usd_w,
)

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


class Builder:
    """Adds one technology after the other to a programme."""

    def __init__(
        self,
        program: Program,
        site: SiteHours,
        periods: Periods,
        options: SupplyOptions,
        scale: Scale,
        prefix: str,
    ) -> None:
        self.program, self.site, self.periods = program, site, periods
        self.options, self.scale, self.prefix = options, scale, prefix
        n = periods.n
        self.balance = program.rows(f"{prefix}.balance", n, lower=0.0)
        cap = options.carbon_cap_kg / scale.carbon_kg
        self.carbon = int(program.rows(f"{prefix}.carbon", 1, lower=0.0, upper=cap)[0])
        count = n if options.reserve > 0.0 else 0
        self.reserve = program.rows(f"{prefix}.reserve", count, lower=0.0)
        self.free, self.match = -1, -1
        if options.carbon_free_share > 0.0:
            self.free = int(program.rows(f"{prefix}.carbon-free", 1, upper=0.0)[0])
        if options.matched_share > 0.0:
            self.match = int(program.rows(f"{prefix}.matched", 1, lower=0.0)[0])
        heat = site.gas_limit_w / scale.power_w
        self.gas = int(program.rows(f"{prefix}.gas", 1, upper=heat)[0]) if heat < np.inf else -1
        self.loss: Loss | None = None
        if options.outage_reserve:
            self.loss = add_loss(program, prefix, n)
        self.units: dict[str, Units] = {}
        self.capacity: dict[str, int] = {}
        self.energy: dict[str, int] = {}
        self.output: dict[str, Index] = {}
        self.charge: dict[str, Index] = {}
        self.level: dict[str, Index] = {}
        self.potential: dict[str, Floats] = {}

    def build(
        self, technologies: Sequence[Technology]
    ) -> tuple[tuple[Technology, ...], tuple[Excluded, ...]]:
        """Add all technologies that may be built; return them, and the others with reasons."""
        used: list[Technology] = []
        excluded: list[Excluded] = []
        for technology in technologies:
            reason = exclusion(technology, self.site, self.options)
            if reason is not None:
                excluded.append(reason)
                continue
            used.append(technology)
            if technology.role == "storage":
                self._storage(technology)
            elif technology.role in ("solar", "wind"):
                self._variable(technology)
            else:
                self._dispatched(technology)
        return tuple(used), tuple(excluded)

    # ------------------------------------------------------------------ kinds

    def _dispatched(self, technology: Technology) -> None:
        """Grid, dispatchable plant or backup: a column per step under its capacity."""
        key, weights = technology.key, self.periods.weights
        capacity = self._copies(key, self._capacity(technology))
        carbon = self.periods.take(carbon_kg_j(technology, self.site, self.options))
        cost = self._marginal(technology)
        output = self.program.variables(self._name(key, "output"), self.periods.n, cost=cost)
        self.output[key] = output
        able = able_at(technology, self.site, self.periods)
        if self.options.commitment != "none" and commits(technology):
            self._switched(technology, capacity, output, able)
        else:
            rows = self.program.rows(self._name(key, "limit"), self.periods.n, upper=0.0)
            self.program.add(rows, output, 1.0)
            self.program.add(rows, capacity, -able)
        self.program.add(self.balance, output, 1.0)
        self.program.add(self.carbon, output, weights * carbon * HOUR_S * 1e3 / HOURS)
        self._covers(technology, capacity)
        self._matching(technology, output)
        if key not in self.units:
            self._inertia(technology, capacity, output)
        self._inflow(technology, int(capacity[0]), output)

    def _variable(self, technology: Technology) -> None:
        """Sun or wind: potential straight into the balance, no column per step."""
        key = technology.key
        able = able_at(technology, self.site, self.periods)
        self.potential[key] = able
        running = float(able @ self._marginal(technology))
        column = self._capacity(technology, extra_cost=running)
        capacity = self._copies(key, column)
        carbon = self.periods.take(carbon_kg_j(technology, self.site, self.options))
        self.program.add(self.balance, capacity, able)
        self.program.add(self.carbon, column, self._yearly(able * carbon) * HOUR_S * 1e3)
        self._covers(technology, capacity)
        if self.match >= 0:
            self.program.add(self.match, column, self._yearly(able))

    def _storage(self, technology: Technology) -> None:
        """Storage: charge, discharge and level per step; power and energy apart."""
        key, n, program = technology.key, self.periods.n, self.program
        power, energy = self._capacity(technology), self._energy(technology)
        powers, energies = self._copies(key, power), self._copies(key, energy, "energy")
        root = float(np.sqrt(technology.efficiency))
        leak = technology.self_discharge_per_h
        charge = program.variables(self._name(key, "charge"), n)
        output = program.variables(self._name(key, "output"), n, cost=self._marginal(technology))
        level = program.variables(self._name(key, "level"), n)
        rows = program.rows(self._name(key, "level"), n, lower=0.0, upper=0.0)
        program.add(rows, level, 1.0)
        program.add(rows, level[self.periods.previous], -(1.0 - leak))
        program.add(rows, charge, -root)
        program.add(rows, output, 1.0 / root)
        rows = program.rows(self._name(key, "power"), n, upper=0.0)
        program.add(rows, charge, 1.0)
        program.add(rows, output, 1.0)
        program.add(rows, powers, -technology.availability)
        rows = program.rows(self._name(key, "energy"), n, upper=0.0)
        program.add(rows, level, 1.0)
        program.add(rows, energies, -1.0)
        rows = program.rows(self._name(key, "duration"), 2, upper=0.0)
        program.add(rows, energy, [1.0, -1.0])
        hours = [-technology.duration_high_s / HOUR_S, technology.duration_low_s / HOUR_S]
        program.add(rows, power, hours)
        program.add(self.balance, output, 1.0)
        program.add(self.balance, charge, -1.0)
        carbon = technology.carbon_kg_j(self.options.carbon_scope)
        program.add(self.carbon, output, self.periods.weights * carbon * HOUR_S * 1e3 / HOURS)
        self._covers(technology, powers)
        self.output[key], self.charge[key], self.level[key] = output, charge, level

    # ------------------------------------------------------------------ parts

    def _copies(self, key: str, column: int, part: str = "capacity") -> Index:
        """A column per step that stands for one capacity."""
        return self.program.copies(self._name(key, part), column, self.periods.n)

    def _capacity(self, technology: Technology, extra_cost: float = 0.0) -> int:
        """The column of capacity: what stands is free of capital but pays fixed operation."""
        key, options = technology.key, self.options
        capital, fixed = yearly_usd_w(technology, self.site, options.rate)
        unit = self.scale.power_w / self.scale.money_usd
        stands = options.existing_w.get(key, 0.0)
        limit = limit_w(technology, self.site, options)
        if late(technology, self.site, options):
            limit = stands
        column = self.program.variables(
            self._name(key, "capacity"), 1, cost=(capital + fixed) * unit + extra_cost,
            lower=stands / self.scale.power_w, upper=max(limit, stands) / self.scale.power_w,
        )  # fmt: skip
        self.program.constant -= capital * stands / self.scale.money_usd
        if key in options.whole_units:
            units = self.program.variables(self._name(key, "units"), 1, integer=True)
            stood = stands / self.scale.power_w
            row = self.program.rows(self._name(key, "units"), 1, lower=stood, upper=stood)
            self.program.add(row, column, 1.0)
            self.program.add(row, units, -technology.unit_w / self.scale.power_w)
        if technology.fuel == "gas" and self.gas >= 0:
            self.program.add(self.gas, column, 1.0 / technology.efficiency)
        self.capacity[key] = int(column[0])
        return int(column[0])

    def _energy(self, technology: Technology) -> int:
        """The column of storage energy [power unit x hour]."""
        rate = self.options.rate
        yearly = technology.capital_usd_j_year(rate) + technology.fixed_usd_j_year
        yearly += self.site.tax * technology.capex_usd_j
        name = self._name(technology.key, "energy")
        column = self.program.variables(name, 1, cost=yearly * hour_cost(self.scale))
        self.energy[technology.key] = int(column[0])
        return int(column[0])

    def _marginal(self, technology: Technology) -> Floats:
        """Cost of one power unit over one step, weight included [money unit]."""
        carbon = carbon_kg_j(technology, self.site, self.options)
        price = self.options.carbon_price_usd_kg
        cost = self.periods.take(marginal_usd_j(technology, self.site, carbon, price))
        return np.asarray(cost * self.periods.weights * hour_cost(self.scale))

    def _covers(self, technology: Technology, capacity: Index) -> None:
        """The reserve counts plants less their outage rate; a lost unit is one in full."""
        share = firm_at(technology, self.site, self.periods)
        plant = technology.role in ("firm", "backup")
        if self.reserve.size:
            less = 1.0 - technology.outage_rate if plant else 1.0
            self.program.add(self.reserve, capacity, share * less)
        if self.loss is None:
            return
        self.program.add(self.loss.rows, capacity, share)
        if technology.role in LOST:
            name = f"{self.prefix}.{technology.key}"
            unit = technology.unit_w / self.scale.power_w
            lose(self.program, self.loss, name, technology.key, int(capacity[0]), unit)

    def _matching(self, technology: Technology, output: Index) -> None:
        """Fossil output uses up what hourly matching allows; clean output counts yearly.

        The grid's own mix does not count over the year, or importing to spill would match.
        """
        clean, share = clean_share(technology, self.site), self.periods.weights / HOURS
        if self.free >= 0:
            self.program.add(self.free, output, (1.0 - clean) * share)
        if self.match >= 0 and clean > 0.0 and technology.role != "grid":
            self.program.add(self.match, output, clean * share)

    def _inertia(self, technology: Technology, capacity: Index, output: Index) -> None:
        """Lowest stable output and ramps."""
        key, n, program = technology.key, self.periods.n, self.program
        if technology.always_on and technology.min_load > 0.0:
            rows = program.rows(self._name(key, "least"), n, lower=0.0)
            program.add(rows, output, 1.0)
            program.add(rows, capacity, -technology.min_load)
        swing = technology.availability - technology.min_load * technology.always_on
        if technology.ramp_per_h < swing:
            for sign, word in ((1.0, "up"), (-1.0, "down")):
                rows = program.rows(self._name(key, word), n, upper=0.0)
                program.add(rows, output, sign)
                program.add(rows, output[self.periods.previous], -sign)
                program.add(rows, capacity, -technology.ramp_per_h)

    def _inflow(self, technology: Technology, capacity: int, output: Index) -> None:
        """The year's limit of water or permitted hours."""
        if technology.annual_factor < 1.0:
            row = self.program.rows(self._name(technology.key, "year"), 1, upper=0.0)
            self.program.add(row, output, self.periods.weights)
            self.program.add(row, capacity, -technology.annual_factor * HOURS)

    def _switched(
        self, technology: Technology, capacity: Index, output: Index, able: Floats
    ) -> None:
        """Units that are on or off."""
        unit = technology.unit_w / self.scale.power_w
        self.units[technology.key] = add_units(
            self.program, technology, self.periods, f"{self.prefix}.{technology.key}",
            capacity=capacity, output=output, able=able, unit=unit,
            start_cost=technology.start_usd_w * technology.unit_w / self.scale.money_usd,
            whole=self.options.commitment == "whole",
        )  # fmt: skip

    def _yearly(self, values: Floats) -> float:
        """Mean over the year of what each step has."""
        return self.periods.total(values) / HOURS

    def _name(self, key: str, part: str) -> str:
        return f"{self.prefix}.{key}.{part}"
