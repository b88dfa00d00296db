"""An uncertainty study from start to end: draws, plans, quantiles, indices, rankings, gap."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path as File

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.plan.result import PLANS, SHARES
from wattpath.plan.scenario import Scenario
from wattpath.plan.uncertainty import hallrange, outside, pool, sourced, yearpool
from wattpath.plan.uncertainty.holding import ranking_of
from wattpath.plan.uncertainty.inputs import Collector, Input
from wattpath.plan.uncertainty.model import SMOOTH, Draws, Solved, table
from wattpath.plan.uncertainty.reading import FIELDS, Reading, read_outcome
from wattpath.plan.uncertainty.result import Gap, Index, Indices, Ranges, span_of
from wattpath.plan.uncertainty.several import YearDraws, read_path
from wattpath.plan.uncertainty.sobol import normal_points, sobol_indices
from wattpath.plan.uncertainty.store import Store, fingerprint
from wattpath.plan.uncertainty.surrogate import fit
from wattpath.plan.years.path import Path
from wattpath.progress import Progress, silent

Floats = NDArray[np.float64]
#: Draws below which no polynomial is fitted.
FEWEST = 64

#: Replaceable share -> place of its headline.
PLACES = {key: FIELDS.index(field) for key, field in SHARES.items()}
PLACES["months_to_power"] = FIELDS.index("months_to_power")

#: Headlines of *both* whose indices are given beside those of the replaceable shares.
LOOKED_AT = ("facility_power_peak_w", "cost_usd_per_year")


@dataclass(frozen=True, slots=True)
class Fast:
    """The fast path: a draw's headlines before the scale, and its factors to the central plan.

    `pool` counts the groups of deployments that it evaluates. `scale` has shape (plans,
    headlines): all hours of the central case over its reading on representative days.
    """

    solve: Callable[[Mapping[str, float]], dict[str, Reading]]
    pool: int
    central: dict[str, Reading]
    scale: Floats


@dataclass(frozen=True, slots=True)
class Central:
    """The central case of a scenario, from which draws start.

    Attributes
    ----------
    solved : Solved or dict of str to Path
        One year on representative days, or the plans through several years.
    base : dict
        Plan -> its headlines over all hours.
    reasons : dict
        Plan without an answer -> why.
    """

    scenario: Scenario
    model: Draws | YearDraws
    inputs: tuple[Input, ...]
    solved: Solved | dict[str, Path]
    base: dict[str, Reading]
    reasons: dict[str, tuple[str, ...]]


def ranges(
    scenario: Scenario,
    draws: int = 256,
    seed: int | None = None,
    progress: Progress = silent,
    *,
    checks: int = 2,
    keep: File | None = None,
    hold: Sequence[str] = (),
) -> Ranges:
    """P10, P50 and P90 of every headline, and what moves them.

    Parameters
    ----------
    scenario : Scenario
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
    hold : sequence of str
        First words of inputs that stay at their value, such as ``lead`` or ``demand``.

    Raises
    ------
    InputError
        If the scenario cannot be used, nothing is called as `hold` says, or the file holds
        other draws.
    """
    progress("Reading ranges", 0.0)
    model, inputs = prepare(scenario, hold)
    own_seed = scenario.seed if seed is None else seed
    store = Store(keep, fingerprint(scenario, own_seed, tuple(own.key for own in inputs)))
    start = central_case(scenario, model, inputs, progress)
    return drawn_ranges(start, draws, own_seed, progress, checks=checks, store=store)


def prepare(
    scenario: Scenario, hold: Sequence[str] = ()
) -> tuple[Draws | YearDraws, tuple[Input, ...]]:
    """The scenario with the effects of its ranges, and their inputs.

    Raises
    ------
    InputError
        If no input begins with a word to be held.
    """
    found = Collector()
    outside.own(found, scenario)
    sourced.compute(found, scenario)
    sourced.site(found, scenario)
    sourced.supplies(found, scenario)
    sourced.book(found, scenario)
    outside.demand(found, scenario)
    outside.dates(found, scenario)
    several = scenario.horizon.years > 1
    model = YearDraws(scenario, found.effects) if several else Draws(scenario, found.effects)
    hallrange.halls(found, scenario, model.weather)
    outside.weather(found, scenario, model.weather)
    for word in hold:
        found.hold(word, f"--hold {word}")
    return model, found.inputs()


def central_case(
    scenario: Scenario,
    model: Draws | YearDraws,
    inputs: tuple[Input, ...],
    progress: Progress = silent,
) -> Central:
    """The plans with every number at its value."""
    progress("Solving the central case", 0.0)
    if isinstance(model, YearDraws):
        paths = model.paths({})
        read = {name: read_path(path) for name, path in paths.items()}
        why = {name: path.reasons for name, path in paths.items() if not path.feasible}
        return Central(scenario, model, inputs, paths, read, why)
    solved = model.solve({})
    plans = model.outcomes(solved)
    read = {name: read_outcome(plan) for name, plan in plans.items()}
    why = {name: plan.reasons for name, plan in plans.items() if not plan.feasible}
    return Central(scenario, model, inputs, solved, read, why)


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
    base = table(start.base)
    whole = fast.scale * table(fast.central)
    return Ranges(
        scenario=start.scenario.name,
        years=start.scenario.horizon.years,
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
        pool=fast.pool,
        reasons=start.reasons,
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
    solve: Callable[[Mapping[str, float]], dict[str, Reading]]
    if isinstance(model, YearDraws):
        assert not isinstance(solved, Solved)
        kept = yearpool.frame(model, solved, names, seed)
        solve, count = partial(model.fast, frame=kept), len(kept.only)
    else:
        assert isinstance(solved, Solved)
        frame = pool.frame(model, solved, names, seed)
        solve, count = partial(model.fast, frame=frame), frame.pool
    central = solve({})
    whole, days = table(start.base), table(central)
    scale = np.divide(whole, days, out=np.ones_like(whole), where=days > 0.0)
    return Fast(solve, count, central, np.where(np.isfinite(scale), scale, 1.0))


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
    model: Draws | YearDraws,
    points: Floats,
    names: tuple[str, ...],
    values: Floats,
    progress: Progress,
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
