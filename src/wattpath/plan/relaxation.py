"""The smallest relaxation of each rule of a supply, alone, that lets a plan meet every need.

Each is a programme of its own, with what the rule would have to give way by as the only cost.
Power that is missing in the worst hour is looked at last, for it would hide every other reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wattpath.plan.optimise import Optimiser
from wattpath.supply.program import Solution


class Relaxed(NamedTuple):
    """A rule that, relaxed alone, would let the plan be.

    Attributes
    ----------
    what : str
        ``carbon.cap``, ``carbon.carbon_free_share``, ``carbon.matched_share`` or ``power``.
    missing : float
        By how much: [kg/year], share of the load, or [W].
    reached : float
        The share that can be kept; NaN where the rule is none.
    """

    what: str
    missing: float
    reached: float = float("nan")


def relaxations(days: Optimiser, players: frozenset[str]) -> tuple[Relaxed, ...]:
    """What would have to give way for these players to meet every need.

    The optimiser is of no other use afterwards.

    Parameters
    ----------
    days : Optimiser
        Over the representative days.
    players : frozenset of str
        What the plan may use.

    Returns
    -------
    tuple of Relaxed
        Empty where no rule alone is what stops the plan.
    """
    days.allow(players)
    days.program.set_cost(np.arange(days.program.shape[1]), 0.0)
    slack = dict(_slack(days))
    found = [_alone(days, slack, what) for what in slack if what != "power"]
    rules = tuple(one for one in found if one is not None)
    if rules:
        return rules
    power = _alone(days, slack, "power")
    return () if power is None else (power,)


def _slack(days: Optimiser) -> Iterator[tuple[str, int]]:
    """A column that lets each rule give way."""
    supply, program = days.supply, days.program
    rows: list[tuple[str, ArrayLike, float, bool]] = [
        ("carbon.cap", supply.carbon_row, -1.0, bool(np.isfinite(supply.options.carbon_cap_kg))),
        ("carbon.carbon_free_share", supply.free_row, -1.0, supply.free_row >= 0),
        ("carbon.matched_share", supply.match_row, 1.0, supply.match_row >= 0),
        ("power", supply.balance_rows, 1.0, True),
    ]
    for what, row, sign, there in rows:
        if there:
            column = int(program.variables(f"slack of {what}", 1, upper=0.0)[0])
            program.add(row, column, sign)
            yield what, column


def _alone(days: Optimiser, slack: dict[str, int], what: str) -> Relaxed | None:
    """The least that one rule has to give way by; None if that is not enough."""
    program, scale = days.program, days.parts.scale
    for other, column in slack.items():
        free = other == what
        program.set_bounds(column, 0.0, np.inf if free else 0.0)
        program.set_cost(column, float(free))
    solution = program.solve()
    if not solution.optimal:
        return None
    amount = float(solution.x[slack[what]])
    if what == "power":
        return Relaxed(what, amount * scale.power_w)
    if what == "carbon.cap":
        return Relaxed(what, amount * scale.carbon_kg)
    share = amount / _year(days, solution)
    asked = getattr(days.parts.options, what.removeprefix("carbon."))
    return Relaxed(what, share, max(asked - share, 0.0))


def _year(days: Optimiser, solution: Solution) -> float:
    """Energy of the facility in the year [power unit x hour]."""
    power = days.facility_w(solution.x) / days.parts.scale.power_w
    return max(days.periods.total(power), 1e-30)
