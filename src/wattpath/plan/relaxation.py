"""The smallest relaxation of a supply's rules that lets a plan meet every need.

Each rule is looked at alone, in a programme of its own with what the rule would have to give
way by as the only cost, and so is the date. Where no rule alone is what stops the plan, two of
them are relaxed together, in sum as little as possible of what each one asks, and at last all
of them. Power that is missing in the worst hour is looked at first without any rule, for it
would hide every other reason, and no rule could mend it.

Where it breaks down: of several dates only the soonest one that does is told; a pair is the
least in sum, not the only one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wattpath.plan.optimise import Optimiser
from wattpath.supply.problem import IN_TIME
from wattpath.supply.program import Solution
from wattpath.units import HOURS

#: Part of what a rule asks that counts as nothing to give way by.
NOTHING = 1e-9


class Relaxed(NamedTuple):
    """A rule that gives way.

    Attributes
    ----------
    what : str
        ``carbon.cap``, ``carbon.carbon_free_share``, ``carbon.matched_share``, ``date`` or
        ``power``.
    missing : float
        By how much: [kg/year], share of the load, [months] or [W].
    reached : float
        What can be kept: a share, or the date [months]; NaN for the others.
    """

    what: str
    missing: float
    reached: float = float("nan")


#: Rules that give way together.
Way = tuple[Relaxed, ...]


def relaxations(days: Optimiser, players: frozenset[str]) -> tuple[Way, ...]:
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
    tuple of Way
        Each of them is enough; rules alone where one is, the least share of what it asks first.
        Empty where nothing helps.
    """
    later = _later(days, players)
    rules = _Rules(days, players)
    if rules.least(rules.names) is None:
        power = rules.least((*rules.names, "power"), cost="power")
        short = tuple(r for r in power or () if r.what == "power")
        return (*later, short) if short else later
    alone = [way for name in rules.names if (way := rules.least((name,))) is not None]
    if alone or later:
        return (*sorted(alone, key=lambda way: _part(days, way)), *later)
    pairs = [way for pair in combinations(rules.names, 2) if (way := rules.least(pair))]
    if pairs:
        return (min(pairs, key=lambda way: _part(days, way)),)
    together = rules.least(rules.names)
    return () if together is None else (together,)


class _Rules:
    """A programme whose rules have a column each that lets them give way."""

    def __init__(self, days: Optimiser, players: frozenset[str]) -> None:
        self.days = days
        days.allow(players)
        days.program.set_cost(np.arange(days.program.shape[1]), 0.0)
        self.slack = dict(_slack(days))
        self.names = tuple(name for name in self.slack if name != "power")
        self.mean = 1.0

    def least(self, free: Sequence[str], cost: str = "") -> Way | None:
        """The least that some rules have to give way by; None if that is not enough.

        Parameters
        ----------
        free : sequence of str
            What may give way.
        cost : str
            The only one that counts; each in parts of what it asks if empty.
        """
        program = self.days.program
        for name, column in self.slack.items():
            program.set_bounds(column, 0.0, np.inf if name in free else 0.0)
            weight = 1.0 / self._asked(name) if not cost and len(free) > 1 else 1.0
            program.set_cost(column, weight if cost in ("", name) else 0.0)
        solution = program.solve(fresh=True)
        if not solution.optimal:
            return None
        self.mean = _mean(self.days, solution)
        told = [self._told(name, solution) for name in free]
        return tuple(one for one in told if one.missing > NOTHING) or tuple(told)

    def _asked(self, name: str) -> float:
        """What a rule asks, in the unit of its row."""
        options, scale = self.days.parts.options, self.days.parts.scale
        if name == "carbon.cap":
            return max(options.carbon_cap_kg / scale.carbon_kg, NOTHING)
        return max(getattr(options, name.removeprefix("carbon."), 1.0) * self.mean, NOTHING)

    def _told(self, name: str, solution: Solution) -> Relaxed:
        """What one rule gives way by."""
        amount, scale = float(solution.x[self.slack[name]]), self.days.parts.scale
        if name == "power":
            return Relaxed(name, amount * scale.power_w)
        if name == "carbon.cap":
            return Relaxed(name, amount * scale.carbon_kg)
        share = amount / self.mean
        asked = getattr(self.days.parts.options, name.removeprefix("carbon."))
        return Relaxed(name, share, max(asked - share, 0.0))


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


def _later(days: Optimiser, players: frozenset[str]) -> tuple[Way, ...]:
    """The soonest later date at which what comes too late today would do."""
    given = days.parts.options.months
    dates = sorted({item.months for item in days.supply.excluded if item.months > given})
    for months in dates:
        options = replace(days.parts.options, months=months * IN_TIME)
        parts = replace(days.parts, options=options)
        again = Optimiser(parts, days.compute.slots, days.periods)
        again.program.set_cost(np.arange(again.program.shape[1]), 0.0)
        if again.solve(players).optimal:
            return ((Relaxed("date", months - given, months),),)
    return ()


def _part(days: Optimiser, way: Way) -> float:
    """How much a way gives up of what its rules ask, in sum."""
    options, total = days.parts.options, 0.0
    for one in way:
        name = one.what.removeprefix("carbon.")
        asked = options.carbon_cap_kg if name == "cap" else getattr(options, name)
        total += one.missing / max(asked, NOTHING)
    return total


def _mean(days: Optimiser, solution: Solution) -> float:
    """Mean power of the facility [power unit]."""
    power = days.facility_w(solution.x) / days.parts.scale.power_w
    return max(days.periods.total(power) / HOURS, 1e-30)
