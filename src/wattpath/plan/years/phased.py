"""A plan over several years: search, pool, the programme of all years, all hours of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wattpath import units
from wattpath.facility import Weather
from wattpath.plan.attribution import Split
from wattpath.plan.build import DAYS, calls_of, parts_of, search_periods, with_lending
from wattpath.plan.columns.deployment import Columns, Refusal
from wattpath.plan.columns.search import search
from wattpath.plan.compute import Hall, Slot, slots
from wattpath.plan.halls import Halls, halls_of, weather_of
from wattpath.plan.limits import binding, missing
from wattpath.plan.optimise import Parts
from wattpath.plan.outcome import read
from wattpath.plan.prices import Prices
from wattpath.plan.result import PLANS, PlanResult, replaceable
from wattpath.plan.saving import attributed
from wattpath.plan.scenario import Scenario
from wattpath.plan.start import Clock, expected_w, inputs_of, players_of
from wattpath.plan.years.buildings import modular
from wattpath.plan.years.horizon import Year, years_of
from wattpath.plan.years.kept import Ran, clean_of, through_hours
from wattpath.plan.years.market import Market, market_of
from wattpath.plan.years.path import Path, PlanYear, Years
from wattpath.plan.years.pool import Alone, alone, bound_usd, grown, pool_of
from wattpath.plan.years.shares import shares_of, split_years
from wattpath.plan.years.stocks import Stocks
from wattpath.plan.years.vintages import Horizon
from wattpath.progress import Progress
from wattpath.supply.program import Solution

#: Rounds of pricing after which the pool is left as it is.
ROUNDS = 3

#: Hourly share of clean energy from which few days flatter storage, and the days that then stand
#: for each year: 80 % of a gigawatt campus came out 1.6 % low on eight, 0.9 % on sixteen.
HIGH, MANY = 0.7, 16


@dataclass(frozen=True, slots=True)
class Given:
    """All that the years' programme is made from."""

    scenario: Scenario
    years: tuple[Year, ...]
    players: dict[str, frozenset[str]]
    parts: tuple[Parts, ...]
    slots: tuple[Slot, ...]
    market: Market
    prices: Prices
    refusals: tuple[Refusal, ...]


def run_years(scenario: Scenario, progress: Progress, *, attribute: bool) -> PlanResult:
    """Answer a scenario with a horizon of several years.

    Parameters
    ----------
    scenario : Scenario
        What is asked.
    progress : callable
        ``progress(stage, share)``.
    attribute : bool
        Whether to split the saving of all years, and of the last one, among the levers.

    Returns
    -------
    PlanResult
        With `years`; its plans are those of the last year.
    """
    seconds: dict[str, float] = {}
    clock = Clock(seconds)
    years, prices = years_of(scenario), Prices.of(scenario)
    # Before the search, for it refuses levers that clash.
    players = players_of(scenario)
    weather = weather_of(scenario)
    halls = halls_of(years[-1].scenario, weather, prices.book)
    clock("facility")
    columns = search(scenario, prices, progress)
    clock("search")
    given = given_of(scenario, weather, prices, halls, columns)
    answer, single = solved(given, clock, progress)
    last: Split | None = None
    if attribute and all(path.feasible for path in answer.paths.values()):
        whole, last = split_years(years, single, players["both"], scenario.seed, progress)
        answer = replace(answer, attribution=shares_of(whole, answer.paths))
        clock("attribution")
    return PlanResult(
        scenario=scenario.name,
        plans=answer.last(),
        replaceable_share=replaceable(answer.last()),
        attribution=attributed(last, answer.last()),
        split=last,
        refusals=given.refusals,
        counts=columns.counts,
        columns=len(given.slots),
        gap=answer.gap,
        inputs=inputs_of(scenario, weather.source, weather.evidence),
        seconds=seconds,
        years=answer,
    )


def given_of(
    scenario: Scenario, weather: Weather, prices: Prices, halls: Halls, columns: Columns
) -> Given:
    """All that the years' programme is made from.

    Parameters
    ----------
    halls : Halls
        Of the last year.
    columns : Columns
        Of the search.
    """
    years = years_of(scenario)
    built = _unit_halls(scenario, years, halls.halls, prices)
    found = slots(columns.deployments, built)
    last = parts_of(years[-1].scenario, weather, built, _largest_w(columns, years))
    first, found = with_lending(
        years[-1].scenario, year_parts(last, years[0], years[-1]), found, prices
    )
    return Given(
        scenario,
        years,
        players_of(scenario),
        tuple(year_parts(first, year, years[0]) for year in years),
        found,
        market_of(years, found, built, prices.book),
        prices,
        columns.refusals + halls.refusals,
    )


def _unit_halls(
    scenario: Scenario, years: Sequence[Year], halls: Sequence[Hall], prices: Prices
) -> tuple[Hall, ...]:
    """The halls at the cost of the units that they are built in."""
    if not scenario.horizon.modules:
        return tuple(halls)
    return tuple(modular(years, hall, prices.book) for hall in halls)


def _largest_w(columns: Columns, years: Sequence[Year]) -> float:
    """The order of magnitude of the load in the largest year [W]."""
    return expected_w(columns) * max(max(year.multiples.values()) for year in years)


def year_parts(last: Parts, year: Year, final: Year) -> Parts:
    """The parts of a year from those of the final one."""
    needs = tuple(
        replace(
            need,
            rate=need.rate / final.multiples[need.of or need.name],
            multiple=year.multiples[need.of or need.name],
        )
        for need in last.needs
    )
    limit = year.scenario.grid.limit
    site = last.site if limit is None else replace(last.site, grid_limit_w=limit)
    options = replace(last.options, months=year.months)
    return replace(last, needs=needs, site=site, options=options, calls=calls_of(year.scenario))


def solved(given: Given, clock: Clock, progress: Progress) -> tuple[Years, list[Alone]]:
    """The four plans through the years, and each year alone."""
    many = given.parts[0].options.carbon_free_share >= HIGH
    periods = search_periods(given.parts[0], MANY if many else DAYS)

    def done(share: float) -> None:
        progress("Each year alone", share)

    single = alone(
        given.years, given.parts, given.slots, periods, given.market, given.players, done
    )
    clock("each year alone")
    pool = pool_of(single, given.slots)
    for step in range(ROUNDS):
        progress("All years together", step / ROUNDS)
        market = pool.market(given.market)
        horizon = Horizon(
            given.years,
            [pool.parts(part) for part in given.parts],
            pool.members(given.slots),
            periods,
            market,
            given.prices.book,
        )
        free = {name: _solve(horizon, given, single, name, rounded=False) for name in PLANS}
        wider = grown(pool, horizon, given.market, free, given.slots, given.players)
        if wider == pool:
            break
        pool = wider
    chosen = _ordered(given, {name: _solve(horizon, given, single, name) for name in PLANS})
    clock("all years")
    progress("Checking all 8,760 hours", 0.0)
    paths = _paths(given, single, horizon, chosen, progress)
    clock("all hours")
    return Years(paths, tuple(year.label for year in given.years)), single


def _solve(
    horizon: Horizon, given: Given, single: Sequence[Alone], name: str, *, rounded: bool = True
) -> Solution:
    """A plan through all years, or its first year that has no answer alone."""
    alone = [one.solutions[name] for one in single]
    without = next((solution for solution in alone if not solution.optimal), None)
    return without or horizon.solve(given.players[name], rounded=rounded)


def _ordered(given: Given, chosen: dict[str, Solution]) -> dict[str, Solution]:
    """Each plan no dearer than any that it includes, whatever whole modules were rounded to."""
    best = dict(chosen)
    for name in PLANS:
        for other in PLANS:
            cheaper = chosen[other].objective < best[name].objective
            if given.players[other] < given.players[name] and cheaper:
                best[name] = chosen[other]
    return best


def _paths(
    given: Given,
    single: Sequence[Alone],
    horizon: Horizon,
    chosen: dict[str, Solution],
    progress: Progress,
) -> dict[str, Path]:
    """Each plan through all hours of its years."""
    kept, ran = through_hours(horizon, given.players, chosen)
    stocks = {
        name: Stocks(horizon, solution.x) for name, solution in kept.items() if solution.optimal
    }
    paths: dict[str, Path] = {}
    for place, name in enumerate(PLANS):
        progress("Checking all 8,760 hours", place / len(PLANS))
        if name not in stocks:
            paths[name] = Path(name, _reasons(given, single, horizon, name), (), 0.0, 0.0)
            continue
        bound = bound_usd(given.years, single, name)
        both = (chosen[name], kept[name])
        paths[name] = _path(given, name, both, horizon, ran, stocks[name], bound)
    return _cheapest(given, paths)


def _path(
    given: Given,
    name: str,
    found: tuple[Solution, Solution],
    horizon: Horizon,
    ran: Ran,
    stocks: Stocks,
    bound: float,
) -> Path:
    """One plan, its years read from all hours, against what its days found first."""
    first, solution = found
    told, short = [], []
    for year, block, (reader, runs) in zip(given.years, horizon.blocks, ran, strict=True):
        run = runs[name]
        beside, stock = stocks.year(year.index, reader.year, run.x)
        objective = run.cost_usd / block.parts.scale.money_usd
        full = replace(solution, x=run.x, objective=objective)
        limits = binding(block, solution, given.players[name])
        outcome = read(name, year.scenario, reader.year, full, limits, beside)
        told.append(
            PlanYear(
                year.label, year.months, year.weight, year.multiples, outcome,
                horizon.cost_usd(first.x, year.index), run.exact, stock,
                clean_of(reader.year, run.x),
            )
        )  # fmt: skip
        if run.short_w > 0.0:
            more = units.show(run.short_w, "W")
            short.append(
                f"in {year.label} all hours need {more} more than the representative days, and "
                "no technology has room for it."
            )
        elif run.dirty:
            short.append(
                f"in {year.label} all hours break the carbon cap or the share of clean energy "
                "that the representative days keep."
            )
    return Path(name, tuple(short), tuple(told), bound, horizon.npv_usd(first))


def _cheapest(given: Given, paths: dict[str, Path]) -> dict[str, Path]:
    """Each plan, or one that it includes where that comes out cheaper over all hours."""
    best = dict(paths)
    for name in PLANS:
        for other in PLANS:
            cheaper = paths[other].npv_usd < best[name].npv_usd
            if given.players[other] < given.players[name] and cheaper:
                own = best[name]
                best[name] = replace(paths[other], name=name, bound_npv_usd=own.bound_npv_usd)
    return best


def _reasons(given: Given, single: Sequence[Alone], horizon: Horizon, name: str) -> tuple[str, ...]:
    """Why a plan has no answer: the first year that has none, and what would help."""
    allowed = given.players[name]
    for year, one in zip(given.years, single, strict=True):
        if not one.solutions[name].optimal:
            reasons = missing(one.block, given.refusals, allowed)
            return tuple(f"in {year.label}: {reason}" for reason in reasons)
    return (horizon.shortfall(allowed),)
