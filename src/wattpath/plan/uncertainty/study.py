"""An uncertainty study from start to end: draws, plans, quantiles, indices, rankings, gap."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.plan.result import PLANS, SHARES, Outcome
from wattpath.plan.scenario import Scenario
from wattpath.plan.search import Group
from wattpath.plan.uncertainty import hallrange, pool, sourced
from wattpath.plan.uncertainty.holding import ranking_of
from wattpath.plan.uncertainty.inputs import Collector, Input
from wattpath.plan.uncertainty.model import SMOOTH, Draws, Solved, table
from wattpath.plan.uncertainty.reading import FIELDS, Reading, read_outcome
from wattpath.plan.uncertainty.result import Gap, Index, Indices, Ranges, span_of
from wattpath.plan.uncertainty.sobol import normal_points, sobol_indices
from wattpath.plan.uncertainty.store import Store, fingerprint
from wattpath.plan.uncertainty.surrogate import fit
from wattpath.supply.periods import Periods

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]

#: Draws below which no polynomial is fitted.
FEWEST = 64

#: Replaceable share -> place of its headline.
PLACES = {key: FIELDS.index(field) for key, field in SHARES.items()}

#: Headlines of *both* whose indices are given beside those of the replaceable shares.
LOOKED_AT = ("facility_power_peak_w", "cost_usd_per_year")


def silent(stage: str, share: float) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class Fast:
    """The fast path: what it evaluates, its days, and its factors to the central plan.

    `scale` has shape (plans, headlines): the whole year of the central case over its
    reading from the pool on representative days.
    """

    model: Draws
    only: frozenset[Group]
    periods: Periods
    central: dict[str, Reading]
    scale: Floats

    def solve(self, z: Mapping[str, float]) -> dict[str, Reading]:
        """A draw on representative days, before the scale."""
        return self.model.fast(z, self.only, self.periods)


@dataclass(frozen=True, slots=True)
class Central:
    """The central case of a scenario, from which draws start.

    Attributes
    ----------
    solved, plans : Solved, dict
        On representative days, and over the whole year.
    """

    scenario: Scenario
    model: Draws
    inputs: tuple[Input, ...]
    solved: Solved
    plans: dict[str, Outcome]


def ranges(
    scenario: Scenario,
    draws: int = 256,
    seed: int | None = None,
    progress: Progress = silent,
    *,
    checks: int = 2,
    keep: Path | None = None,
) -> Ranges:
    """P10, P50 and P90 of every headline, and what moves them.

    Parameters
    ----------
    scenario : Scenario
        Of one year.
    draws : int
        Points of the quasi-random sequence; powers of two are spread most evenly.
    seed : int, optional
        Of its scrambling; the scenario's own if not given.
    progress : callable
        ``progress(stage, share)``.
    checks : int
        Draws that are also run in full, for the gap of the fast path.
    keep : Path, optional
        File in which draws are kept as they are solved, and from which they are taken up.

    Raises
    ------
    InputError
        If the scenario cannot be used or has several years, or the file holds other draws.
    """
    if scenario.horizon.years > 1:
        hint = "Take the years one by one: leave horizon, growth and grid.limits out."
        raise InputError("horizon.years", "be 1 for ranges", scenario.horizon.years, hint)
    progress("Reading ranges", 0.0)
    model, inputs = prepare(scenario)
    own_seed = scenario.seed if seed is None else seed
    store = Store(keep, fingerprint(scenario, own_seed, tuple(own.key for own in inputs)))
    start = central_case(scenario, model, inputs, progress)
    return drawn_ranges(start, draws, own_seed, progress, checks=checks, store=store)


def prepare(scenario: Scenario) -> tuple[Draws, tuple[Input, ...]]:
    """The scenario with the effects of its ranges, and their inputs."""
    found = Collector()
    sourced.compute(found, scenario)
    sourced.site(found, scenario)
    sourced.supplies(found, scenario)
    sourced.book(found, scenario)
    model = Draws(scenario, found.effects)
    hallrange.halls(found, scenario, model.weather)
    return model, found.inputs()


def central_case(
    scenario: Scenario, model: Draws, inputs: tuple[Input, ...], progress: Progress = silent
) -> Central:
    """The plans with every number at its value."""
    progress("Solving the central case", 0.0)
    solved = model.solve({})
    return Central(scenario, model, inputs, solved, model.outcomes(solved))


def drawn_ranges(
    start: Central,
    draws: int,
    seed: int,
    progress: Progress = silent,
    *,
    checks: int = 0,
    store: Store | None = None,
    within: float = 1.0,
) -> Ranges:
    """The ranges of a central case (see `ranges`).

    Parameters
    ----------
    store : Store, optional
        Of the same scenario, seed and inputs.
    within : float
        Factor on all deviations: 0 repeats the central case.
    """
    if draws < 1 or not 0 <= checks <= draws:
        raise InputError("draws", "be at least 1, and no fewer than checks", draws)
    clock = _Clock()
    names = tuple(own.key for own in start.inputs)
    progress("Choosing the deployments of the draws", 0.0)
    fast = _fast(start, names, seed)
    clock("pool")
    points = normal_points(draws, len(names), seed) * within
    found = _drawn(fast, store or Store(None, {}), points, names, progress)
    clock("draws")
    values = np.array([table(draw) for draw in found]) * fast.scale
    gap = _gap(start.model, points[:checks], names, values, progress)
    clock("full runs")
    progress("Ranking the inputs", 0.0)
    indices = _indices(points, _smooth(found, values), start.inputs, seed)
    clock("indices")
    return _read(start, fast, found, points, values, seed, indices, gap, clock.seconds)


def _read(
    start: Central,
    fast: Fast,
    found: list[dict[str, Reading]],
    points: Floats,
    values: Floats,
    seed: int,
    indices: dict[str, Indices],
    gap: Gap,
    seconds: dict[str, float],
) -> Ranges:
    """Quantiles and rankings of the draws, with all else beside them."""
    base = table({name: read_outcome(plan) for name, plan in start.plans.items()})
    whole = fast.scale * table(fast.central)
    return Ranges(
        scenario=start.scenario.name,
        seed=seed,
        draws=len(found),
        base={
            name: dict(zip(FIELDS, map(float, row), strict=True))
            for name, row in zip(PLANS, base, strict=True)
        },
        headlines={
            name: {field: span_of(values[:, i, j]) for j, field in enumerate(FIELDS)}
            for i, name in enumerate(PLANS)
        },
        base_replaceable={key: float(own[0]) for key, own in _shares(base[None]).items()},
        replaceable={key: span_of(own) for key, own in _shares(values).items()},
        infeasible={n: float(np.isnan(values[:, i, 0]).mean()) for i, n in enumerate(PLANS)},
        indices=indices,
        ranking=ranking_of(start.scenario, fast.central, whole, found, values),
        gap=gap,
        inputs=start.inputs,
        points=points,
        values=values,
        pool=len(fast.only),
        reasons={name: plan.reasons for name, plan in start.plans.items() if not plan.feasible},
        seconds=seconds,
        digest=catalog.digest(),
    )


class _Clock:
    """Wall time of each stage [s]."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = time.perf_counter()

    def __call__(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage], self.last = now - self.last, now


def _fast(start: Central, names: tuple[str, ...], seed: int) -> Fast:
    """The fast path, set up from the central case."""
    model, solved = start.model, start.solved
    only = pool.used(solved) | pool.close(solved, model.players)
    only |= pool.tried(solved, model.players, seed)
    periods = solved.days.periods
    for point in normal_points(pool.searched(solved.days), len(names), seed + 1):
        z = dict(zip(names, point.tolist(), strict=True))
        only |= pool.used(model.solve(z, periods=periods))
    central = model.fast({}, only, periods)
    whole = table({name: read_outcome(plan) for name, plan in start.plans.items()})
    days = table(central)
    scale = np.divide(whole, days, out=np.ones_like(whole), where=days > 0.0)
    return Fast(model, only, periods, central, np.where(np.isfinite(scale), scale, 1.0))


def _drawn(
    fast: Fast, store: Store, points: Floats, names: tuple[str, ...], progress: Progress
) -> list[dict[str, Reading]]:
    """Every draw, from the store where it is there."""
    for number, point in enumerate(points):
        if number in store.kept:
            continue
        progress(f"Draw {number + 1} of {len(points)}", number / len(points))
        store.add(number, fast.solve(dict(zip(names, point.tolist(), strict=True))))
    return [store.kept[number] for number in range(len(points))]


def _shares(values: Floats) -> dict[str, Floats]:
    """Replaceable shares of each draw; NaN where blue or both has no answer."""
    both, blue = values[:, PLANS.index("both")], values[:, PLANS.index("blue")]
    empty = np.full(values.shape[0], np.nan)
    return {
        key: 1.0 - np.divide(both[:, i], blue[:, i], out=empty.copy(), where=blue[:, i] > 0.0)
        for key, i in PLACES.items()
    }


def _gap(
    model: Draws, points: Floats, names: tuple[str, ...], values: Floats, progress: Progress
) -> Gap:
    """Full runs of the first draws beside the fast ones."""
    full = []
    for number, point in enumerate(points):
        progress(f"Full run {number + 1} of {len(points)}", number / len(points))
        full.append(table(model.full(dict(zip(names, point.tolist(), strict=True)))))
    if not full:
        return Gap(0, {}, {})
    whole, fast = np.array(full), values[: len(full)]
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.abs(fast / whole - 1.0)
    found = {field: apart[:, :, i] for i, field in enumerate(FIELDS)}
    exact, quick = _shares(whole), _shares(fast)
    found |= {f"replaceable.{key}": np.abs(quick[key] - exact[key]) for key in exact}
    known = {key: own[np.isfinite(own)] for key, own in found.items()}
    known = {key: own for key, own in known.items() if own.size}
    return Gap(
        len(full),
        {key: float(np.median(own)) for key, own in known.items()},
        {key: float(own.max()) for key, own in known.items()},
    )


def _smooth(found: list[dict[str, Reading]], values: Floats) -> Floats:
    """The draws in fractions of servers where these come whole, else as they are."""
    if not all(SMOOTH.keys() <= draw.keys() for draw in found):
        return values
    smooth = values.copy()
    for name, plan in SMOOTH.items():
        rows = [[getattr(draw[name], field) for field in FIELDS] for draw in found]
        smooth[:, PLANS.index(plan)] = rows
    return smooth


def _indices(
    points: Floats, values: Floats, inputs: tuple[Input, ...], seed: int
) -> dict[str, Indices]:
    """Indices of the replaceable shares of power and cost, and of the plan *both*."""
    shares = _shares(values)
    looked_at = {f"replaceable.{key}": shares[key] for key in ("power", "cost")}
    both = PLANS.index("both")
    looked_at |= {f"both.{field}": values[:, both, FIELDS.index(field)] for field in LOOKED_AT}
    found = {}
    for name, result in looked_at.items():
        known = np.isfinite(result)
        if int(known.sum()) >= FEWEST and inputs:
            found[name] = _explained(points[known], result[known], inputs, seed)
    return found


def _explained(points: Floats, result: Floats, inputs: tuple[Input, ...], seed: int) -> Indices:
    polynomial = fit(points, result)
    first, total = sobol_indices(lambda u: polynomial(norm.ppf(u)), len(inputs), seed=seed)
    order = np.argsort(-total, kind="stable")
    rows = [
        Index(inputs[i].key, inputs[i].title, float(first[i]), float(total[i]))
        for i in order
        if total[i] > 0.0
    ]
    return Indices(polynomial.explained, tuple(rows))
