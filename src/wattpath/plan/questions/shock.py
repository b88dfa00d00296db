r"""What an efficiency jump strands, and the elasticity of demand at which a site is full again.

From year T on, software does k times the work with the same servers and power, or a new chip
can be bought. What was bought for the years before stays bought (see
`wattpath.plan.questions.jump`). With p the least cost of a token where everything is newly
bought, demand of elasticity e grows to

.. math:: q = (p_0 / p_1)^e, \qquad e_{full} = \frac{\ln q_{full}}{\ln (p_0 / p_1)}

where q_full is the growth at which no more servers stand unused than without the jump. If
price follows the site's own average cost instead, of which a share s is sunk, more tokens make
tokens cheaper: tokens and price run away from each other at

.. math:: e\, s \ge 1

Where it breaks down: the jump is free and comes to everybody at once; all demands react alike;
the owner sells at the least cost of a newly built site; before tax and debt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from wattpath.economics import present_value
from wattpath.errors import InputError
from wattpath.plan.plain import plain
from wattpath.plan.questions.effect import Effect, effect_of, unused_servers
from wattpath.plan.questions.jump import (
    MOST_GROWTH,
    Jump,
    Timeline,
    over_years,
    servers_with,
)
from wattpath.plan.result import PLANS
from wattpath.plan.scenario import Scenario
from wattpath.progress import Progress
from wattpath.supply.program import Solution

#: A price that falls by less than this share has not fallen.
SAME = 1e-3

#: Share of the servers' capital that may stand unused where a site counts as full.
FULL = 5e-3

#: Relative width at which the search for the growth that fills a site ends.
WIDTH = 5e-3


@dataclass(frozen=True, slots=True)
class ShockAnswer:
    """What the jump does to one plan.

    Attributes
    ----------
    plan : str
    jump : Jump
    labels : tuple of str
        Of the years.
    before_usd : float
        Net present value of all costs without the jump [USD].
    foreseen_usd : float
        The same with the jump, had it been known from the start [USD].
    price : float
        Cost of a token where all is newly bought, over that without the jump [-].
    same : Effect or None
        With unchanged demand.
    rebound : Effect or None
        With demand of the given elasticity.
    elasticity : float or None
        As given.
    growth_full, elasticity_full : float
        Growth and elasticity at which the site is full again; infinite if none fills it.
    reasons : tuple of str
        Why there is no answer.
    fractions : bool
        Whether the scenario counts servers in whole units, which the years here do not.
    """

    scenario: Scenario
    plan: str
    jump: Jump
    labels: tuple[str, ...]
    before_usd: float = math.nan
    foreseen_usd: float = math.nan
    price: float = math.nan
    same: Effect | None = None
    rebound: Effect | None = None
    elasticity: float | None = None
    growth_full: float = math.nan
    elasticity_full: float = math.nan
    reasons: tuple[str, ...] = ()
    fractions: bool = False

    @property
    def feasible(self) -> bool:
        """Whether the years can be served."""
        return not self.reasons

    @property
    def runaway(self) -> float:
        """Elasticity from which tokens and the site's own average cost do not settle [-]."""
        sunk = self.same.sunk_share if self.same else 0.0
        return 1.0 / sunk if sunk > 0.0 else math.inf

    def sentences(self) -> tuple[str, ...]:
        """The rebound in words."""
        if self.same is None:
            return ()
        if self.same.unused_servers <= FULL:
            first = "No server stands unused, so no rebound is needed to fill the site."
        elif not math.isfinite(self.growth_full):
            first = (
                "No growth of demand fills the site again: running what stands unused costs more "
                "than buying anew, so the elasticity diverges."
            )
        elif not math.isfinite(self.elasticity_full):
            first = "A token gets no cheaper, so no elasticity fills the site again."
        else:
            first = (
                f"The site is full again if demand has an elasticity of {self.elasticity_full:.2f}:"
                f" tokens {self.growth_full:.2f}-fold at {self.price:.0%} of the price."
            )
        sunk = self.same.sunk_share
        second = (
            f"If the price followed this site's own average cost, {sunk:.0%} of it sunk, tokens "
            f"and price would not settle from an elasticity of {self.runaway:.2f} on: the site "
            "would fill by itself."
        )
        third = "Servers come in fractions here, though the scenario counts whole ones."
        return (first, second, third) if self.fractions else (first, second)

    def to_json(self) -> dict[str, Any]:
        """The form of `wattpath shock --json`."""
        same = self.same
        return {
            "scenario": self.scenario.name,
            "plan": self.plan,
            "years": list(self.labels),
            "year": self.jump.year + 1,
            "factor": self.jump.factor,
            "servers": list(self.jump.servers),
            "feasible": self.feasible,
            "reasons": list(self.reasons),
            "npv_without_usd": plain(self.before_usd),
            "npv_foreseen_usd": plain(self.foreseen_usd),
            "npv_change_usd": plain(same.npv_usd - self.before_usd) if same else None,
            "price_ratio": plain(self.price),
            "same_demand": same.to_json() if same else None,
            "elasticity": self.elasticity,
            "rebound": self.rebound.to_json() if self.rebound else None,
            "full_again": {
                "growth": plain(self.growth_full),
                "elasticity": plain(self.elasticity_full),
                "runaway_elasticity": plain(self.runaway),
                "sentences": list(self.sentences()),
            },
        }


def shock(
    scenario: Scenario,
    progress: Progress,
    *,
    factor: float | None = None,
    year: int = 2,
    chip: str = "",
    elasticity: float | None = None,
    plan: str = "both",
) -> ShockAnswer:
    """What a jump of efficiency does to a site that did not see it coming.

    Parameters
    ----------
    scenario : Scenario
        Its horizon, or the life of its servers if it has none.
    progress : callable
        ``progress(stage, share)``.
    factor : float, optional
        Work per unit after the jump over that before [-].
    year : int
        In which it comes; the first is 1.
    chip : str, optional
        Instead of a factor: a chip or server that can be bought from then on.
    elasticity : float, optional
        Of demand to the price of a token.
    plan : str
        One of the four.

    Raises
    ------
    InputError
        If the options contradict each other or name nothing known.
    """
    asked = _jump(factor, year, chip, elasticity, plan)
    years = over_years(scenario, asked)
    if year > years.horizon.years:
        raise InputError("--year", f"lie in the {years.horizon.years} years of the plan", year)
    line = Timeline(years, asked, plan, progress)
    labels = tuple(one.label for one in line.years)
    reasons = line.unserved()
    if reasons:
        return ShockAnswer(years, plan, asked, labels, reasons=reasons)
    answer = _Shock(line, plan, labels, progress).answer(elasticity)
    return replace(answer, fractions=scenario.whole_units)


def _jump(factor: float | None, year: int, chip: str, elasticity: float | None, plan: str) -> Jump:
    """What is asked, if it can be."""
    if plan not in PLANS:
        raise InputError("--plan", f"be one of {', '.join(PLANS)}", plan)
    if (factor is None) == (not chip):
        given = "neither" if factor is None else "both"
        hint = "For example --factor 3, or --chip nvidia-vera-rubin-nvl72."
        raise InputError("shock", "have either --factor or --chip", given, hint)
    if factor is not None and not 1.0 < factor <= MOST_GROWTH:
        raise InputError("--factor", f"be above 1 and at most {MOST_GROWTH:,.0f}", factor)
    if year < 2:
        hint = "What is there from the first year on strands nothing."
        raise InputError("--year", "be 2 or later", year, hint)
    if elasticity is not None and not 0.0 <= elasticity < math.inf:
        raise InputError("--elasticity", "be a finite number of at least 0", elasticity)
    servers = servers_with(chip) if chip else ()
    return Jump(year - 1, factor if factor is not None else 1.0, servers)


class _Shock:
    """The courses with the jump and without, and what they say."""

    def __init__(
        self, line: Timeline, plan: str, labels: tuple[str, ...], progress: Progress
    ) -> None:
        self.line, self.plan, self.labels, self.progress = line, plan, labels, progress
        self.year = line.jump.year
        progress("All years together", 0.0)
        self.before = line.horizon(jumps=False)
        self.x = self.before.solve()
        progress("All years together", 0.3)
        self.after = line.horizon(jumps=True)
        self.foreseen = self.after.solve()
        self.usd = [
            [line.usd_alone(y, jumps=jumps) for y in range(len(labels))] for jumps in (False, True)
        ]

    def answer(self, elasticity: float | None) -> ShockAnswer:
        """Everything that is told."""
        line, jump = self.line, self.line.jump
        if not (self.x.optimal and self.foreseen.optimal):
            failed = self.after if self.x.optimal else self.before
            reason = failed.horizon.shortfall(line.players)
            return ShockAnswer(line.scenario, self.plan, jump, self.labels, reasons=(reason,))
        price = self.usd[True][self.year] / self.usd[False][self.year]
        wanted = self._wanted(price, elasticity)
        self.after.hold(self.before, self.x.x)
        solution = self.after.solve()
        if not solution.optimal:
            reason = "what was bought before the jump leaves no way to serve the years after it."
            return ShockAnswer(line.scenario, self.plan, jump, self.labels, reasons=(reason,))
        same = self._effect(solution, 1.0)
        full = self._full(same)
        fills = math.log(full) / -math.log(price) if price < 1.0 - SAME else math.inf
        rebound, reasons = self._rebound(wanted)
        return ShockAnswer(
            line.scenario,
            self.plan,
            jump,
            self.labels,
            before_usd=self.before.horizon.npv_usd(self.x),
            foreseen_usd=self.after.horizon.npv_usd(self.foreseen),
            price=price,
            same=same,
            rebound=rebound,
            elasticity=elasticity,
            growth_full=full,
            elasticity_full=0.0 if full == 1.0 else fills,
            reasons=reasons,
        )

    def _wanted(self, price: float, elasticity: float | None) -> float | None:
        """Growth of demand at an elasticity.

        Raises
        ------
        InputError
            If it is beyond all that is looked at.
        """
        if elasticity is None:
            return None
        growth = elasticity * -math.log(min(price, 1.0))
        if growth > math.log(MOST_GROWTH):
            most = math.log(MOST_GROWTH) / -math.log(price)
            raise InputError(
                "--elasticity",
                f"be at most {most:.1f}, where tokens grow {MOST_GROWTH:,.0f}-fold",
                elasticity,
                "Beyond that demand diverges.",
            )
        return math.exp(growth)

    def _rebound(self, growth: float | None) -> tuple[Effect | None, tuple[str, ...]]:
        """The years with the demand that the elasticity asks for."""
        if growth is None:
            return None, ()
        self.progress("Growing demand", 0.9)
        solution = self.after.solve(growth)
        if solution.optimal:
            return self._effect(solution, growth), ()
        label = self.labels[self.year]
        reason = (
            f"from {label} on, the supply of the site cannot serve {growth:.3g} times the demand."
        )
        return None, (reason,)

    def _full(self, same: Effect) -> float:
        """Growth of demand at which no more servers stand unused than without the jump."""
        allowed = unused_servers(self.before, self.x, self.year) + FULL
        if same.unused_servers <= allowed:
            return 1.0
        low, high = 1.0, 2.0 * self.line.jump.factor
        while self._unused_at(high) > allowed:
            low, high = high, 2.0 * high
            if high > MOST_GROWTH:
                return math.inf
        while high / low > 1.0 + WIDTH:
            self.progress("Growing demand", min(0.9, WIDTH / (high / low - 1.0)))
            middle = math.sqrt(low * high)
            if self._unused_at(middle) > allowed:
                low = middle
            else:
                high = middle
        return math.sqrt(low * high)

    def _unused_at(self, growth: float) -> float:
        """Unused share at a growth; a growth that cannot be served fills the site."""
        solution = self.after.solve(growth)
        return unused_servers(self.after, solution, self.year) if solution.optimal else 0.0

    def _effect(self, solution: Solution, growth: float) -> Effect:
        """What the years with a growth of demand come to."""
        npv = self.after.horizon.npv_usd(solution)
        owner = self._sold(growth) - npv
        owner -= self._sold(None) - self.before.horizon.npv_usd(self.x)
        return effect_of(self.after, solution, growth, owner)

    def _sold(self, growth: float | None) -> float:
        """Present value of all tokens at what newly built sites charge; None without the jump."""
        revenue = list(self.usd[False])
        if growth is not None:
            revenue[self.year :] = [growth * usd for usd in self.usd[True][self.year :]]
        return present_value(self.line.scenario.finance.discount_rate, [0.0, *revenue])
