"""The supply as a block of columns and rows that any programme can hold.

For technologies i, storages s and steps t of weight w_t (hours a year):

    sum_i g_it + sum_r f_rt K_r + sum_s (d_st - c_st)  >=  load_t          balance
    m_i K_i <= g_it <= a_i h_it K_i                                        output
    |g_it - g_i,t-1| <= r_i K_i                                            ramp
    e_st = (1 - l_s) e_s,t-1 + sqrt(n_s) c_st - d_st / sqrt(n_s)           storage level
    c_st + d_st <= a_s P_s,   e_st <= E_s                                  storage power, energy
    sum_t w_t (sum_i q_i g_it + sum_r q_r f_rt K_r + ...) <= cap           carbon

Sun and wind r have no column per hour: their potential f_rt K_r stands in the balance and
what is not needed is spilled, the slack of the row. The caller puts its load on the balance
with `SupplyBlock.load`. Power is in units of `Scale.power_w` and money in `Scale.money_usd`
a year; the defaults are MW and k$.

Where it breaks down: units may be of any size (no commitment, no part-load efficiency) and
one capacity stands for many machines; output is reduced by the mean availability, so rare
outages must be met by the reserve share; the weather is foreseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath.supply.columns import Builder
from wattpath.supply.commitment import Loss, Units
from wattpath.supply.options import Scale, SupplyOptions, check_options
from wattpath.supply.periods import HOURS, Periods
from wattpath.supply.program import Program
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import HOUR_S, Technology
from wattpath.supply.terms import Excluded, carbon_kg_j

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class SupplyBlock:
    """Where the supply stands in its programme.

    Attributes
    ----------
    prefix : str
        First part of every name in the programme.
    technologies : tuple of Technology
        Those with columns, in order.
    periods, scale, site, options
        As given.
    balance_rows : ndarray
        One row per step: supply minus load >= 0, in `scale.power_w`.
    carbon_row : int
        Carbon of the year <= cap, in `scale.carbon_kg`.
    reserve_rows : ndarray
        One per step, or empty.
    free_row, match_row : int
        The rows of hourly and annual matching as means over the year, or -1.
    capacity, energy : dict
        Technology key -> column of new power [power_w] and energy capacity [power_w h].
    output : dict
        Key -> column per step: production, import or discharge.
    charge, level : dict
        Storage key -> columns per step.
    potential : dict
        Key of sun and wind -> output per capacity at each step.
    excluded : tuple of Excluded
        What was left out.
    units : dict
        Key of a plant whose units are switched -> its columns.
    loss : Loss or None
        The largest unit, with one row per step that covers its loss.
    """

    prefix: str
    technologies: tuple[Technology, ...]
    periods: Periods
    scale: Scale
    site: SiteHours
    options: SupplyOptions
    balance_rows: Index
    carbon_row: int
    reserve_rows: Index
    free_row: int
    match_row: int
    capacity: dict[str, int]
    energy: dict[str, int]
    output: dict[str, Index]
    charge: dict[str, Index]
    level: dict[str, Index]
    potential: dict[str, Floats]
    excluded: tuple[Excluded, ...]
    units: dict[str, Units]
    loss: Loss | None

    def load(self, program: Program, column: ArrayLike, power_w: ArrayLike) -> None:
        """Let columns draw power: each unit of a column takes power_w in each step.

        Parameters
        ----------
        program : Program
            The one that holds the block.
        column : int, array of shape (k,) or array of shape (n, k)
            Columns that draw power; with a row per step, each step has its own columns.
        power_w : float or array broadcastable to (n, k) or (n,) for one column
            Power per unit of the column at each step [W].
        """
        columns = np.atleast_1d(np.asarray(column, dtype=np.int64))
        columns = columns if columns.ndim == 2 else columns[None, :]
        power = np.asarray(power_w, dtype=np.float64) / self.scale.power_w
        power = power[:, None] if power.ndim == 1 else power
        power = np.broadcast_to(power, (self.periods.n, columns.shape[1]))
        program.add(self.balance_rows[:, None], columns, -power)
        if self.reserve_rows.size:
            program.add(self.reserve_rows[:, None], columns, -power * (1 + self.options.reserve))
        if self.loss is not None:
            program.add(self.loss.rows[:, None], columns, -power)
        weighted = power * self.periods.weights[:, None] / HOURS
        if self.free_row >= 0:
            program.add(self.free_row, columns, -(1 - self.options.carbon_free_share) * weighted)
        if self.match_row >= 0:
            program.add(self.match_row, columns, -self.options.matched_share * weighted)

    def fix(
        self, program: Program, capacity_w: Mapping[str, float], energy_j: Mapping[str, float]
    ) -> None:
        """Hold capacities: what another programme chose is then only operated.

        Parameters
        ----------
        program : Program
            The one that holds the block.
        capacity_w, energy_j : mapping
            Power [W] and storage energy [J] per key; keys not given get none.
        """
        for key, column in self.capacity.items():
            power = capacity_w.get(key, 0.0) / self.scale.power_w
            program.set_bounds(column, power, power)
        for key, column in self.energy.items():
            energy = energy_j.get(key, 0.0) / (self.scale.power_w * HOUR_S)
            program.set_bounds(column, energy, energy)

    def carbon_kg_j(self, technology: Technology) -> Floats:
        """Carbon of one joule at each step [kg/J], in the scope of the options."""
        return self.periods.take(carbon_kg_j(technology, self.site, self.options))

    def set_load(self, program: Program, load_w: ArrayLike) -> None:
        """A fixed load at each step [W]; replaces an earlier fixed load."""
        load = np.broadcast_to(np.asarray(load_w, dtype=np.float64), (self.periods.n,))
        load = load / self.scale.power_w
        year = self.periods.total(load) / HOURS
        program.set_rows(self.balance_rows, load, np.inf)
        if self.reserve_rows.size:
            program.set_rows(self.reserve_rows, load * (1 + self.options.reserve), np.inf)
        if self.loss is not None:
            program.set_rows(self.loss.rows, load, np.inf)
        if self.free_row >= 0:
            program.set_rows(self.free_row, -np.inf, (1 - self.options.carbon_free_share) * year)
        if self.match_row >= 0:
            program.set_rows(self.match_row, self.options.matched_share * year, np.inf)


def add_supply(
    program: Program,
    technologies: Sequence[Technology],
    site: SiteHours,
    periods: Periods,
    options: SupplyOptions | None = None,
    *,
    scale: Scale | None = None,
    prefix: str = "supply",
) -> SupplyBlock:
    """Add a supply to a programme.

    Parameters
    ----------
    program : Program
        Receives the columns and rows.
    technologies : sequence of Technology
        What may be built.
    site : SiteHours
        Where.
    periods : Periods
        The steps of time.
    options : SupplyOptions, optional
        What is asked.
    scale : Scale, optional
        Units inside; MW and k$ if not given.
    prefix : str
        First part of the names, so that a programme can hold several supplies (years).

    Returns
    -------
    SupplyBlock

    Raises
    ------
    InputError
        For an option outside its range or a technology given twice.
    """
    options = options or SupplyOptions()
    check_options(options, technologies)
    scale = scale or Scale()
    made = Builder(program, site, periods, options, scale, prefix)
    used, excluded = made.build(technologies)
    return SupplyBlock(
        prefix, used, periods, scale, site, options, made.balance, made.carbon, made.reserve,
        made.free, made.match, made.capacity, made.energy, made.output, made.charge,
        made.level, made.potential, excluded, made.units, made.loss,
    )  # fmt: skip
