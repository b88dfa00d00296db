"""Units of a plant that are on or off, and the loss of the largest one.

With N units of size u of which n_t are on and s_t start at the beginning of step t:

    m u n_t <= g_t <= a h_t u n_t,          u n_t <= K = u N
    s_t >= n_t - n_t-1
    g_t - g_t-1 <= r u n_t + max(m - r, 0) u s_t
    g_t-1 - g_t <= r u n_t-1 + max(m - r, 0) u (n_t-1 - n_t + s_t)
    sum_{k < run} s_t-k <= n_t,             sum_{k < rest} s_t-k <= N - n_t-rest

and a start costs money. All units of a technology are alike, so one whole number per step
tells them apart enough. Against the loss U of the largest unit, in every step

    sum_i h_it K_i + (storage, sun and wind as in the reserve) - U >= load_t
    U >= min(u_i, K_i)    as    U >= K_i - M z_i,  U >= u_i z_i,  z_i in {0, 1}

Where it breaks down: a unit that is on burns as well at part load as at full; what a start
burns and wears is one price, however long the unit was cold; the loss is met by what stands,
whether it spins or not, so the first minutes are the batteries' (not modelled); one unit is
lost at a time, and a connection as one circuit of the catalogue's size.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wattpath.supply.model import Model
from wattpath.supply.periods import Periods
from wattpath.supply.technology import HOUR_S, Technology

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

#: Roles whose units can fail at once.
LOST = ("grid", "firm", "backup")

#: Largest capacity that the rows of a lost unit allow, in units of the programme's power.
MOST = 1e4


class Units(NamedTuple):
    """Columns of a plant's units per step: how many are on, and how many start."""

    on: Index
    start: Index


class Loss(NamedTuple):
    """The loss that is covered: its column, its rows per step, and z per technology."""

    column: int
    rows: Index
    whole: dict[str, int]


def commits(technology: Technology) -> bool:
    """Whether the units of a technology are switched on and off."""
    return technology.role in ("firm", "backup") and not technology.always_on


def add_units(
    program: Model,
    technology: Technology,
    periods: Periods,
    name: str,
    *,
    capacity: Index,
    output: Index,
    able: Floats,
    unit: float,
    start_cost: float,
    whole: bool,
) -> Units:
    """Let a plant's units switch.

    Parameters
    ----------
    program : Model
        Holds the plant.
    technology, periods
        What and when.
    name : str
        First part of the names.
    capacity, output : ndarray
        Columns of capacity and output at each step.
    able : ndarray
        Largest output over capacity at each step.
    unit : float
        Size of a unit, in the programme's power.
    start_cost : float
        Of one unit, in the programme's money.
    whole : bool
        Whether units are whole.
    """
    before = periods.previous
    on = program.variables(f"{name}.on", periods.n, integer=whole)
    start = program.variables(f"{name}.start", periods.n, cost=start_cost * periods.weights)
    _rows(program, f"{name}.limit", (output, 1.0), (on, -unit * able))
    _rows(program, f"{name}.standing", (on, unit), (capacity, -1.0))
    _rows(program, f"{name}.least", (on, unit * technology.min_load), (output, -1.0))
    _rows(program, f"{name}.switch", (on, 1.0), (on[before], -1.0), (start, -1.0))
    ramp, least = technology.ramp_per_h, technology.min_load
    if ramp < technology.availability:
        jump = max(least - ramp, 0.0) * unit
        up = ((output, 1.0), (output[before], -1.0), (on, -ramp * unit), (start, -jump))
        down = (
            (output[before], 1.0), (output, -1.0), (on[before], -ramp * unit - jump), (on, jump),
            (start, -jump),
        )  # fmt: skip
        for way, terms in (("up", up), ("down", down)):
            _rows(program, f"{name}.{way}", *terms)
    window = _window(technology.min_run_s, before)
    if len(window) > 1:
        begun = [(start[step], 1.0) for step in window]
        _rows(program, f"{name}.run", *begun, (on, -1.0))
    window = _window(technology.min_rest_s, before)
    if len(window) > 1:
        begun = [(start[step], 1.0) for step in window]
        last = (on[before[window[-1]]], 1.0)
        _rows(program, f"{name}.rest", *begun, last, (capacity, -1.0 / unit))
    return Units(on, start)


def add_loss(program: Model, name: str, steps: int) -> Loss:
    """The column and rows of the largest loss; `cover` and `lose` fill them."""
    column = int(program.variables(f"{name}.loss", 1)[0])
    rows = program.rows(f"{name}.outage", steps, lower=0.0)
    program.add(rows, program.copies(f"{name}.loss", column, steps), -1.0)
    return Loss(column, rows, {})


def lose(program: Model, loss: Loss, name: str, key: str, capacity: int, unit: float) -> None:
    """The loss is at least a unit of this technology, or all of it if it is less."""
    whole = int(program.variables(f"{name}.lost-unit", 1, upper=1.0, integer=True)[0])
    top = program.bounds(capacity)[1]
    most = min(float(top), MOST)
    rows = program.rows(f"{name}.lost", 2, lower=0.0)
    program.add(rows, loss.column, 1.0)
    program.add(rows[0], capacity, -1.0)
    program.add(rows, whole, [most, -unit])
    loss.whole[key] = whole


def cover_year(program: Model, loss: Loss, capacities: Index, shares: Floats, load: Floats) -> None:
    """Cover the loss in every hour of the year, also those that no step stands for.

    Parameters
    ----------
    program : Model
        Holds the loss.
    loss : Loss
        From `add_loss`.
    capacities : ndarray, shape (k,)
        Columns of capacity.
    shares : ndarray, shape (k, 8760)
        What counts of each (`wattpath.supply.terms.firm_share`).
    load : ndarray, shape (8760,)
        In the programme's power.
    """
    hours = hardest(load, shares)
    rows = program.rows("outage-of-the-year", hours.size, lower=load[hours])
    program.add(rows, loss.column, -1.0)
    program.add(rows[:, None], capacities[None, :], shares[:, hours].T)


def hardest(load: Floats, shares: Floats) -> Index:
    """Hours that no other hour beats with at least the load and at most every share."""
    table = np.vstack([-load, shares]).T
    kept = np.empty((0, table.shape[1]))
    hours: list[int] = []
    for hour in np.lexsort(table.T[::-1]):
        if not (kept <= table[hour] + 1e-12).all(axis=1).any():
            kept = np.vstack([kept, table[hour]])
            hours.append(int(hour))
    return np.array(hours, dtype=np.int64)


def _rows(program: Model, name: str, *terms: tuple[Index, float | Floats]) -> None:
    """Rows sum(values x columns) <= 0, one per step."""
    rows = program.rows(name, terms[0][0].size, upper=0.0)
    for columns, values in terms:
        program.add(rows, columns, values)


def _window(time_s: float, before: Index) -> list[Index]:
    """Each step and those before it within a time."""
    hours = max(min(int(np.ceil(time_s / HOUR_S - 1e-9)), before.size), 1)
    steps = [np.arange(before.size)]
    for _ in range(hours - 1):
        steps.append(before[steps[-1]])
    return steps
