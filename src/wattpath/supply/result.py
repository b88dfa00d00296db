"""Reading a solved supply block: capacities, operation, cost by part, carbon and prices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattpath.supply.block import SupplyBlock
from wattpath.supply.periods import HOURS, Periods
from wattpath.supply.program import Solution
from wattpath.supply.technology import HOUR_S, Technology
from wattpath.supply.terms import Excluded, hour_cost, lead_months, yearly_usd_w

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

#: Capacity below this share of the largest is taken as none.
NOTHING = 1e-6

COST_PARTS = ("capital", "fixed", "fuel", "variable", "water", "carbon")


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The smallest change of one limit that would make an infeasible supply feasible.

    Attributes
    ----------
    what : str
        The limit, such as ``grid.limit``.
    given, needed : float
        Its value and the value at which a plan exists, in `unit`.
    unit : str
        W, kg/year, months or fraction.
    sentence : str
        The same in words.
    """

    what: str
    given: float
    needed: float
    unit: str
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class SupplyResult:
    """What to build and how it runs. Powers in W, energies in J, money in USD.

    Attributes
    ----------
    feasible : bool
        Whether the load can be met; if not, only `relaxations` and `excluded` speak.
    status : str
        Status of the solver.
    relaxations : tuple of Relaxation
        What would make an infeasible supply feasible, each alone.
    excluded : tuple of Excluded
        Technologies that could not be built, with reasons.
    periods : Periods
        The steps of time and their weights.
    capacity_w, energy_j : dict
        Per technology key: power [W]; storage energy [J].
    year_j : dict
        Energy produced, imported or discharged in the year [J], after spilling.
    load_w, curtailed_w : ndarray, shape (8760,)
        Load and spilled sun and wind (and must-run surplus) per hour [W]. With
        representative days every day repeats the day that stands for it.
    output_w, charge_w, level_j : dict of ndarray
        Hourly production, import or discharge; charging; storage level. Sun and wind after
        spilling in proportion.
    cost_usd : dict of dict
        Key -> part (`COST_PARTS`) -> USD a year.
    carbon_kg, life_cycle_kg, marginal_kg : float
        Direct carbon with the grid's average; of all stages, the grid's average added; direct
        with the grid's marginal [kg/year].
    water_m3 : float
        Water consumed by the plants [m3/year].
    months_to_power : float
        The slowest of what is newly built [months].
    price_usd_j : ndarray, shape (8760,)
        Dual of the balance: cost of one more joule in each hour [USD/J].
    grid_worth_usd_w : float
        What one more watt of grid limit would save [USD/W/year].
    carbon_worth_usd_kg : float
        What one more kilogram of carbon cap would save [USD/kg].
    solution : Solution
        Residuals, time and iterations.
    free_worth_usd_j, match_worth_usd_j : float
        What one more joule of carbon-free power costs where hourly or annual matching binds
        [USD/J].
    units, on, starts : dict
        Where units are switched: plant -> how many stand; on per hour, shape (8760,); starts
        of all of them in the year.
    lost_w : float
        Loss of one unit that the supply covers in every hour [W].
    bound_usd : float
        No supply of whole units costs less [USD/year]; NaN where no units are counted.
    """

    feasible: bool
    status: str
    relaxations: tuple[Relaxation, ...]
    excluded: tuple[Excluded, ...]
    periods: Periods
    capacity_w: dict[str, float]
    energy_j: dict[str, float]
    year_j: dict[str, float]
    load_w: Floats
    curtailed_w: Floats
    output_w: dict[str, Floats]
    charge_w: dict[str, Floats]
    level_j: dict[str, Floats]
    cost_usd: dict[str, dict[str, float]]
    carbon_kg: float
    life_cycle_kg: float
    marginal_kg: float
    water_m3: float
    months_to_power: float
    price_usd_j: Floats
    grid_worth_usd_w: float
    carbon_worth_usd_kg: float
    solution: Solution
    free_worth_usd_j: float = 0.0
    match_worth_usd_j: float = 0.0
    units: dict[str, float] = field(default_factory=dict)
    on: dict[str, Floats] = field(default_factory=dict)
    starts: dict[str, float] = field(default_factory=dict)
    lost_w: float = 0.0
    bound_usd: float = float("nan")

    @property
    def total_usd(self) -> float:
        """All cost of a year [USD/year]."""
        return sum(sum(parts.values()) for parts in self.cost_usd.values())

    @property
    def levelised_usd_j(self) -> float:
        """Cost per energy used [USD/J]; NaN for a load of zero."""
        steps = self.load_w[self.periods.hours]
        energy = self.periods.total(steps) * HOUR_S
        return self.total_usd / energy if energy > 0.0 else float("nan")

    def to_frame(self) -> pd.DataFrame:
        """The hourly operation as a table; columns carry their unit."""
        import pandas as pd

        columns: dict[str, Any] = {"load_w": self.load_w}
        columns |= {f"{key}.output_w": values for key, values in self.output_w.items()}
        columns |= {f"{key}.charge_w": values for key, values in self.charge_w.items()}
        columns |= {f"{key}.level_j": values for key, values in self.level_j.items()}
        columns |= {f"{key}.units_on": values for key, values in self.on.items()}
        columns |= {"curtailed_w": self.curtailed_w, "price_usd_j": self.price_usd_j}
        return pd.DataFrame(columns)

    def explain(self) -> str:
        """A few lines: what is built, what it costs, what binds."""
        if not self.feasible:
            return "\n".join(["The load cannot be met.", *(r.sentence for r in self.relaxations)])
        lines = [
            f"{key}: {self.capacity_w[key] / 1e6:,.1f} MW, "
            f"{self.year_j[key] / 3.6e12:,.1f} GWh, "
            f"{sum(self.cost_usd[key].values()) / 1e6:,.1f} M USD a year"
            for key in self.capacity_w
            if self.capacity_w[key] > 0.0
        ]
        lines.append(f"levelised {self.levelised_usd_j * 3.6e9:,.1f} USD/MWh")
        lines.append(f"carbon {self.carbon_kg / 1e6:,.1f} kt a year")
        lines.append(f"power in {self.months_to_power:.0f} months")
        lines += [f"not {out.key}: {out.reason}" for out in self.excluded]
        return "\n".join(lines)


def read_supply(block: SupplyBlock, solution: Solution, load_w: ArrayLike) -> SupplyResult:
    """The supply that an optimal solution of a programme holds.

    Parameters
    ----------
    block : SupplyBlock
        The supply's place in the programme.
    solution : Solution
        Optimal.
    load_w : float or array of shape (n,)
        The load at each step [W], as the programme had it.
    """
    periods, scale, x = block.periods, block.scale, solution.x
    load = np.broadcast_to(np.asarray(load_w, dtype=np.float64), (periods.n,))
    capacity = _capacity(block, x)
    output, charge, level = _operation(block, x, capacity)
    supplied = sum(output.values(), start=np.zeros(periods.n))
    surplus = np.maximum(supplied - sum(charge.values(), start=np.zeros(periods.n)) - load, 0.0)
    output = _spilled(block, output, surplus)
    energy = {k: max(float(x[c]), 0.0) * scale.power_w * HOUR_S for k, c in block.energy.items()}
    carbon = _carbon(block, capacity, output)
    return SupplyResult(
        feasible=True,
        status=solution.status,
        relaxations=(),
        excluded=block.excluded,
        periods=periods,
        capacity_w=capacity,
        energy_j=energy,
        year_j={k: periods.total(v) * HOUR_S for k, v in output.items()},
        load_w=periods.expand(load),
        curtailed_w=periods.expand(surplus),
        output_w={k: periods.expand(v) for k, v in output.items()},
        charge_w={k: periods.expand(v) for k, v in charge.items()},
        level_j={k: periods.expand(v) for k, v in level.items()},
        cost_usd=_costs(block, x, capacity, energy, output),
        carbon_kg=carbon[0],
        life_cycle_kg=carbon[1],
        marginal_kg=carbon[2],
        water_m3=sum(
            t.water_m3_j * periods.total(output[t.key]) * HOUR_S for t in block.technologies
        ),
        months_to_power=_months(block, capacity),
        solution=solution,
        **_prices(block, solution),
        **_switched(block, x, capacity),
    )


def _capacity(block: SupplyBlock, x: Floats) -> dict[str, float]:
    """Power of each technology [W]; next to nothing is none."""
    raw = {t.key: max(float(x[block.capacity[t.key]]), 0.0) for t in block.technologies}
    floor = NOTHING * max([*raw.values(), 1e-30])
    return {key: (v if v > floor else 0.0) * block.scale.power_w for key, v in raw.items()}


def _months(block: SupplyBlock, capacity: dict[str, float]) -> float:
    """Lead time of the slowest of what is newly built [months]."""
    new = [
        lead_months(t, block.site, block.options)
        for t in block.technologies
        if capacity[t.key] > block.options.existing_w.get(t.key, 0.0) * (1.0 + NOTHING)
    ]
    return max(new, default=0.0)


def _prices(block: SupplyBlock, solution: Solution) -> dict[str, Any]:
    """The duals, by field of the result."""
    return {
        "price_usd_j": block.periods.expand(_price(block, solution)),
        "grid_worth_usd_w": _grid_worth(block, solution),
        "carbon_worth_usd_kg": _carbon_worth(block, solution),
        "free_worth_usd_j": clean_worth(block, solution, block.free_row),
        "match_worth_usd_j": clean_worth(block, solution, block.match_row),
    }


def _switched(block: SupplyBlock, x: Floats, capacity: dict[str, float]) -> dict[str, Any]:
    """Units that stand, are on and start, and the loss that is covered, by field."""
    expand = block.periods.expand
    size = {t.key: t.unit_w for t in block.technologies}
    lost = 0.0 if block.loss is None else float(x[block.loss.column]) * block.scale.power_w
    return {
        "units": {key: capacity[key] / size[key] for key in block.units},
        "on": {key: expand(np.maximum(x[unit.on], 0.0)) for key, unit in block.units.items()},
        "starts": _starts(block, x),
        "lost_w": lost,
    }


def _starts(block: SupplyBlock, x: Floats) -> dict[str, float]:
    """Starts of all units of a plant in the year."""
    return {k: max(block.periods.total(x[unit.start]), 0.0) for k, unit in block.units.items()}


def _costs(
    block: SupplyBlock,
    x: Floats,
    capacity: dict[str, float],
    energy: dict[str, float],
    output: dict[str, Floats],
) -> dict[str, dict[str, float]]:
    """USD a year by technology and part, starts included."""
    starts = _starts(block, x)
    cost = {t.key: _cost(block, t, capacity, energy, output) for t in block.technologies}
    for technology in block.technologies:
        usd = technology.start_usd_w * technology.unit_w * starts.get(technology.key, 0.0)
        cost[technology.key]["variable"] += usd
    return cost


def _operation(
    block: SupplyBlock, x: Floats, capacity: dict[str, float]
) -> tuple[dict[str, Floats], dict[str, Floats], dict[str, Floats]]:
    """Output before spilling, charge [W] and level [J] per step."""
    unit = block.scale.power_w
    output = {k: np.maximum(x[columns], 0.0) * unit for k, columns in block.output.items()}
    output |= {k: able * capacity[k] for k, able in block.potential.items()}
    ordered = {t.key: output[t.key] for t in block.technologies}
    charge = {k: np.maximum(x[columns], 0.0) * unit for k, columns in block.charge.items()}
    level = {k: np.maximum(x[c], 0.0) * unit * HOUR_S for k, c in block.level.items()}
    return ordered, charge, level


def _spilled(block: SupplyBlock, output: dict[str, Floats], surplus: Floats) -> dict[str, Floats]:
    """Take the surplus off sun and wind in proportion to what they could give."""
    able = sum((output[k] for k in block.potential), start=np.zeros(block.periods.n))
    share = np.clip(surplus / np.maximum(able, 1e-30), 0.0, 1.0)
    return {k: v * (1.0 - share) if k in block.potential else v for k, v in output.items()}


def _cost(
    block: SupplyBlock,
    technology: Technology,
    capacity: dict[str, float],
    energy: dict[str, float],
    output: dict[str, Floats],
) -> dict[str, float]:
    """USD a year by part; the same terms as in the objective."""
    site, options, key = block.site, block.options, technology.key
    capital, fixed = yearly_usd_w(technology, site, options.rate)
    new = max(capacity[key] - options.existing_w.get(key, 0.0), 0.0)
    stored = energy.get(key, 0.0)
    tax = site.tax * technology.capex_usd_j
    joules = block.periods.weights * _counted(block, key, capacity, output) * HOUR_S
    if technology.role == "grid":
        fuel = float(block.periods.take(site.grid_price_usd_j) @ joules)
        variable = 0.0
    else:
        total = float(joules.sum())
        variable = technology.variable_usd_j * total
        fuel = technology.marginal_usd_j(site.gas_usd_j) * total - variable
    carbon = block.carbon_kg_j(technology) @ joules * options.carbon_price_usd_kg
    return {
        "capital": capital * new + (technology.capital_usd_j_year(options.rate) + tax) * stored,
        "fixed": fixed * capacity[key] + technology.fixed_usd_j_year * stored,
        "fuel": fuel,
        "variable": variable,
        "water": technology.water_m3_j * site.water_usd_m3 * float(joules.sum()),
        "carbon": float(carbon),
    }


def _counted(
    block: SupplyBlock, key: str, capacity: dict[str, float], output: dict[str, Floats]
) -> Floats:
    """Sun and wind are charged on their potential, the others on their output [W]."""
    return block.potential[key] * capacity[key] if key in block.potential else output[key]


def _carbon(
    block: SupplyBlock, capacity: dict[str, float], output: dict[str, Floats]
) -> tuple[float, float, float]:
    """Carbon of the year [kg]: direct, life-cycle, and direct with the grid's marginal."""
    direct = life = marginal = 0.0
    for technology in block.technologies:
        joules = block.periods.weights * HOUR_S
        joules = joules * _counted(block, technology.key, capacity, output)
        if technology.role == "grid":
            average = float(block.periods.take(block.site.grid_average_kg_j) @ joules)
            direct, life = direct + average, life + average
            marginal += float(block.periods.take(block.site.grid_marginal_kg_j) @ joules)
            continue
        own = technology.carbon_direct_kg_j * float(joules.sum())
        direct, marginal = direct + own, marginal + own
        life += technology.carbon_life_cycle_kg_j * float(joules.sum())
    return direct, life, marginal


def _price(block: SupplyBlock, solution: Solution) -> Floats:
    """Dual of the balance per energy [USD/J]."""
    dual = solution.row_dual[block.balance_rows]
    return np.asarray(dual / block.periods.weights / hour_cost(block.scale))


def _grid_worth(block: SupplyBlock, solution: Solution) -> float:
    """Saving per watt of grid limit; zero where the limit does not bind."""
    keys = [t.key for t in block.technologies if t.role == "grid"]
    reduced = sum(min(float(solution.reduced_cost[block.capacity[k]]), 0.0) for k in keys)
    return -reduced * block.scale.money_usd / block.scale.power_w


def _carbon_worth(block: SupplyBlock, solution: Solution) -> float:
    """Saving per kilogram of carbon cap."""
    dual = min(float(solution.row_dual[block.carbon_row]), 0.0)
    return -dual * block.scale.money_usd / block.scale.carbon_kg


def clean_worth(block: SupplyBlock, solution: Solution, row: int) -> float:
    """Dual of a row of matching [USD/J]; zero where there is none."""
    year = HOURS * hour_cost(block.scale)
    return abs(float(solution.row_dual[row])) / year if row >= 0 else 0.0
