r"""How much of a service a facility power carries through a real weather year.

Each of the four plans is asked for the largest multiple of the scenario's demand that its
facility power carries in all 8,760 hours (see `wattpath.plan.questions.largest`), and then
for the cheapest way to serve it.

The limit is that of the scenario's own site: what its other sites take is beside it, as far as
their connections go. Servers are lent as in the plan.

Representative and hard days choose units, sun, wind and storage; all hours size halls and plants.
Where it breaks down: the power counts as energised, so no lead time of the grid is asked for;
all demands grow alike; training at a multiple means so many runs side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wattpath import units
from wattpath.errors import InputError
from wattpath.plan.build import needs_of, parts_of, search_periods, with_lending
from wattpath.plan.compute import Slot
from wattpath.plan.limits import missing
from wattpath.plan.optimise import Optimiser, Parts
from wattpath.plan.outcome import NEGLIGIBLE, read
from wattpath.plan.questions.fitted import FitAnswer, Fitted, daily_tokens, worst_hour
from wattpath.plan.questions.ground import Ground, ground_of, smallest_w, unit_w
from wattpath.plan.questions.harddays import hard_days
from wattpath.plan.questions.largest import WHOLE_GAP, Ceiling, Largest, highest, hold_all_hours
from wattpath.plan.result import PLANS, Outcome
from wattpath.plan.scenario import Scenario
from wattpath.plan.start import expected_w
from wattpath.plan.years.horizon import grown
from wattpath.progress import Progress
from wattpath.supply.options import Scale
from wattpath.supply.periods import Periods, full_year
from wattpath.supply.program import Solution
from wattpath.units import HOURS

Floats = NDArray[np.float64]
#: Share of the largest multiple that is given up so that the cheapest mix has room.
ROOM = 1e-6

#: Shares of the days' multiple that all hours are asked for, one after the other.
STEPS = (1.0, 0.999, 0.995, 0.98)


@dataclass(frozen=True, slots=True)
class _Case:
    """One scenario scaled so that a multiple of about one fits; `scale` says by how much.

    `hard` are the hours that can hold the highest power (`highest`).
    """

    ground: Ground
    scenario: Scenario
    parts: Parts
    slots: tuple[Slot, ...]
    power_w: float
    scale: float
    most: float
    hard: NDArray[np.int64]


def fit(scenario: Scenario, power_w: float | None, progress: Progress) -> FitAnswer:
    """The largest multiple of the demand that fits under a facility power.

    Parameters
    ----------
    scenario : Scenario
        With a horizon, its first year counts.
    power_w : float or None
        Limit of the facility [W]; None for the scenario's own grid limit, else what stands.
    progress : callable
        ``progress(stage, share)``.

    Raises
    ------
    InputError
        If there is no limit, two that contradict each other, or one that is too small.
    """
    limit = _limit(scenario, power_w)
    ready = ground_of(_connected(scenario, limit), progress)
    case = _case(ready, limit)
    progress("Fitting representative days", 0.0)
    first = Largest(case.parts, case.slots, hard_days(case.parts), limit, case.most)
    days = {name: first.solve(ready.players[name]) for name in PLANS}
    multiples = {name: first.of(solution) for name, solution in days.items()}
    kept, bought = _kept(case, first, days)
    stops = {name: first.held_by(one) if one.optimal else "" for name, one in days.items()}
    year = _Year(kept, first.block.periods, bought)
    plans = _through_the_year(case, year, multiples, stops, progress)
    progress("Trying each hall alone", 0.0)
    if plans["both"].outcome.feasible:
        plans["both"] = replace(plans["both"], by_hall=_by_hall(case, first))
    return FitAnswer(scenario, limit, ready.weather, plans)


def _limit(scenario: Scenario, power_w: float | None) -> float:
    """The limit of the facility [W]."""
    own = scenario.grid.limit
    if power_w is None:
        found = own if own is not None else scenario.grid.existing
        if found is None:
            raise InputError(
                "--power", "be given where the scenario has no grid.limit", None,
                "For example --power '20 MW'.",
            )  # fmt: skip
        return found
    alone = {*scenario.baseline.supply, *scenario.options.supply} == {"grid"}
    if own is not None and own < power_w and alone:
        given = units.show(power_w, "W")
        hint = f"Or change it: --set grid.limit='{given}'."
        shown = units.show(own, "W")
        constraint = f"not exceed grid.limit, {shown}, the site's only supply"
        raise InputError("--power", constraint, given, hint)
    return power_w


def _connected(scenario: Scenario, limit: float) -> Scenario:
    """The scenario in one year, with its connection energised."""
    own = scenario.grid.limit
    power = limit if own is None else min(own, limit)
    grid = scenario.grid.model_copy(update={"existing": power, "limits": []})
    horizon = scenario.horizon.model_copy(update={"years": 1, "modules": []})
    return scenario.model_copy(update={"grid": grid, "horizon": horizon})


def _case(ready: Ground, limit: float) -> _Case:
    """Scale the demands to the limit, and drop what is too large for it.

    Raises
    ------
    InputError
        If not one unit of each demand fits.
    """
    guess = limit / (1.3 * expected_w(ready.columns))
    changes = {"demands": [grown(demand, guess) for demand in ready.scenario.demands]}
    scenario = ready.scenario.model_copy(update=changes)
    parts = parts_of(scenario, ready.weather, ready.halls.halls, limit)
    parts = replace(parts, scale=Scale.around(limit))
    # One-off work is paid once at any scale, so what lent work pays of it is that of scale one.
    known = replace(parts, needs=needs_of(ready.scenario))
    lent, found = with_lending(ready.scenario, known, ready.slots, ready.prices)
    more = (replace(need, rate=need.rate * guess) for need in lent.needs if need.of)
    parts = replace(parts, needs=(*parts.needs, *more))
    needs = {need.name: need for need in parts.needs}
    least = {s: unit_w(s, needs[s.deployment.need], parts.halls[s.hall]) for s in found}
    ready = replace(ready, slots=found)
    _check_smallest(ready, parts, limit)
    kept = tuple(slot for slot in found if least[slot] <= limit)
    most = _most(parts, kept, limit)
    return _Case(ready, scenario, parts, kept, limit, guess, most, highest(parts))


def _check_smallest(ready: Ground, parts: Parts, limit: float) -> None:
    """Refuse a limit under which no plan can run one unit of each demand."""
    least = min(
        smallest_w(parts.needs, parts.halls, ready.slots, ready.players[name]) for name in PLANS
    )
    if limit < least < np.inf:
        needed = units.show(least * 1.001, "W")
        raise InputError(
            "--power",
            "be enough for one unit of each demand",
            units.show(limit, "W"),
            f"The smallest that works here is {needed}.",
        )


def _most(parts: Parts, kept: Sequence[Slot], limit: float) -> float:
    """A multiple that no plan can reach: the limit over what the leanest units draw."""
    most = np.inf
    room = limit + sum(other.power_w for other in parts.others)
    for need in (need for need in parts.needs if not need.of):
        own = [slot for slot in kept if slot.deployment.demand == need.name]
        mean = 1.0 if need.flexible else float(need.load.max())
        least = min(
            (
                (d.idle_w + (d.full_w - d.idle_w) * mean)
                / d.capacity
                * parts.halls[slot.hall].it_share
                for slot in own
                for d in (slot.deployment,)
            ),
            default=np.inf,
        )
        most = min(most, room / (least * need.rate))
    return float(1.05 * most) if 0.0 < most < np.inf else 1.0


def _programme(case: _Case, periods: Periods, multiple: float) -> Optimiser:
    """The demands at a multiple under the limit, one-off work paid once."""
    part = multiple * (1.0 - ROOM)
    needs = tuple(replace(need, rate=need.rate * part) for need in case.parts.needs)
    whole = case.scale * part
    own = [replace(slot, deployment=slot.deployment.at(whole)) for slot in case.slots]
    block = Optimiser(replace(case.parts, needs=needs), own, periods)
    Ceiling(block, case.power_w)
    if periods.n < HOURS:
        hold_all_hours(block, case.power_w, case.hard)
    return block


def _cheapest(
    case: _Case,
    periods: Periods,
    multiple: float,
    players: frozenset[str],
    held: Floats | None = None,
) -> tuple[Optimiser, Solution]:
    """The cheapest plan at a multiple."""
    block = _programme(case, periods, multiple)
    block.allow(players)
    if held is not None:
        block.program.set_bounds(block.compute.units, held, held)
    return block, block.program.solve(method=block.method, gap=WHOLE_GAP)


def _kept(
    case: _Case, days: Largest, chosen: dict[str, Solution]
) -> tuple[_Case, dict[str, Floats]]:
    """What any plan uses on the representative days, and whole units by plan."""
    built: set[str] = set()
    used: set[int] = set()
    bought: dict[str, Floats] = {}
    for name, largest in chosen.items():
        multiple = days.of(largest)
        if not multiple > 0.0:
            continue
        players, periods = case.ground.players[name], days.block.periods
        block, solution = _cheapest(case, periods, multiple, players)
        if not solution.optimal:
            continue
        least = NEGLIGIBLE * case.power_w / block.parts.scale.power_w
        columns = block.supply.capacity.items()
        built |= {key for key, column in columns if solution.x[column] > least}
        used |= block.used(solution) | days.block.used(largest)
        if case.parts.whole:
            bought[name] = np.round(solution.x[block.compute.units])
    index = sorted(used)
    technologies = tuple(t for t in case.parts.technologies if t.key in built)
    parts = replace(case.parts, technologies=technologies, whole=False)
    kept = replace(case, parts=parts, slots=tuple(case.slots[i] for i in index))
    return kept, {name: units[index] for name, units in bought.items()}


def _through_the_year(
    case: _Case,
    year: _Year,
    days: dict[str, float],
    stops: dict[str, str],
    progress: Progress,
) -> dict[str, Fitted]:
    """Every plan over all hours."""
    plans: dict[str, Fitted] = {}
    for place, name in enumerate(PLANS):
        progress("Fitting all 8,760 hours", place / len(PLANS))
        players = case.ground.players[name]
        multiple, stop, best = days[name], stops[name], None
        if multiple > 0.0:
            multiple, best = year.near(name, multiple, players)
        if best is None and multiple > 0.0:
            multiple, stop = year.largest(name, players)
            best = year.cheapest(name, multiple, players) if multiple > 0.0 else None
        if best is None:
            plans[name] = _unfit(case, name, players)
            continue
        plans[name] = _fitted(case, name, multiple, best, days[name] / multiple - 1.0, stop)
    return plans


class _Year:
    """All hours: the cheapest plan at a multiple, and the largest where that has none.

    Hard days hold all hours under the limit, so that their multiple is that of the year
    unless the supply falls short, or work has to move, in hours that they do not have.
    """

    def __init__(self, case: _Case, days: Periods, bought: dict[str, Floats]) -> None:
        self.case, self.days, self.bought = case, days, bought
        self.periods = full_year()
        self._largest: Largest | None = None

    def near(
        self, name: str, multiple: float, players: frozenset[str]
    ) -> tuple[float, tuple[Optimiser, Solution] | None]:
        """The multiple of the days, or one a little below, with what the days choose for it.

        Units, mean work, sun, wind and storage are those of the days; halls, plants and
        operation are those of all hours.
        """
        first, *between, last = STEPS
        found = self._held(name, multiple * first, players)
        if found is not None:
            return multiple * first, found
        least = self._held(name, multiple * last, players)
        if least is None:
            return multiple, None
        for less in between:
            found = self._held(name, multiple * less, players)
            if found is not None:
                return multiple * less, found
        return multiple * last, least

    def _held(
        self, name: str, multiple: float, players: frozenset[str]
    ) -> tuple[Optimiser, Solution] | None:
        """All hours at a multiple with what the days choose for it; None if there is no way."""
        block, days = _cheapest(self.case, self.days, multiple, players, self.bought.get(name))
        if not days.optimal:
            return None
        year = _programme(self.case, self.periods, multiple)
        solution = year.solve(players, block.decisions(days))
        return (year, solution) if solution.optimal else None

    def cheapest(
        self, name: str, multiple: float, players: frozenset[str]
    ) -> tuple[Optimiser, Solution] | None:
        """The cheapest plan at a multiple; None if there is none."""
        held = self.bought.get(name)
        best = _cheapest(self.case, self.periods, multiple, players, held)
        return best if best[1].optimal else None

    def largest(self, name: str, players: frozenset[str]) -> tuple[float, str]:
        """The largest multiple of all hours, and what stops it."""
        if self._largest is None:
            case = self.case
            self._largest = Largest(case.parts, case.slots, self.periods, case.power_w, case.most)
        solution = self._largest.solve(players, held=self.bought.get(name))
        if not solution.optimal:
            return 0.0, ""
        return self._largest.of(solution), self._largest.held_by(solution)


def _by_hall(case: _Case, days: Largest) -> dict[str, float]:
    """The multiple of the plan *both* in each own hall alone; NaN where it cannot serve."""
    found = {}
    own = ((index, hall) for index, hall in enumerate(case.parts.halls) if not hall.site)
    for index, hall in own:
        multiple = days.of(days.solve(case.ground.players["both"], index)) * case.scale
        found[hall.name] = multiple if multiple > 0.0 else float("nan")
    return found


def _fitted(
    case: _Case,
    name: str,
    multiple: float,
    best: tuple[Optimiser, Solution],
    gap: float,
    held: str,
) -> Fitted:
    """Read a plan at its multiple."""
    part = multiple * (1.0 - ROOM)
    changes = {"demands": [grown(demand, part) for demand in case.scenario.demands]}
    scenario = case.scenario.model_copy(update=changes)
    outcome = read(name, scenario, *best, ())
    block, solution = best
    worst = worst_hour(block, solution.x, case.ground.weather)
    full = worst.facility_w > 0.999 * case.power_w
    if not full and not held:
        held = "whole units" if case.parts.whole else ""
    demands = {demand.name: daily_tokens(demand) for demand in scenario.demands}
    return Fitted(name, multiple * case.scale, outcome, worst, "" if full else held, gap, demands)


def _unfit(case: _Case, name: str, players: frozenset[str]) -> Fitted:
    """Why a plan fits nothing."""
    refusals = case.ground.columns.refusals + case.ground.halls.refusals
    least = smallest_w(case.parts.needs, case.parts.halls, case.ground.slots, players)
    if case.power_w < least < np.inf:
        needed = units.show(least * 1.001, "W")
        reasons: tuple[str, ...] = (f"one unit of each demand needs {needed}.",)
    else:
        block = Optimiser(case.parts, case.ground.slots, search_periods(case.parts))
        reasons = missing(block, refusals, players)
    return Fitted(name, float("nan"), Outcome(name, False, reasons))
