"""What an uncertainty study answers: ranges, what moves them, and whether rankings hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.plain import plain
from wattpath.plan.result import PLANS
from wattpath.plan.uncertainty.inputs import Input

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

#: P10, P50 and P90.
Span = tuple[float, float, float]

#: Their levels.
LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Index:
    """How much of a result's variance an input explains: alone, and with interactions."""

    input: str
    title: str
    first: float
    total: float


@dataclass(frozen=True, slots=True)
class Indices:
    """The inputs of one result, those that explain most first.

    `explained` is the share of the variance that the polynomial behind them explains for
    draws it has not seen.
    """

    explained: float
    inputs: tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """Something of the central case, and the share of draws in which it is the same."""

    what: str
    share: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Whether what the central case says about order and choice holds.

    Attributes
    ----------
    order : dict
        Headline -> the plans from least to most, with the share of draws in that order.
    cheaper : dict
        ``"red < blue"`` -> share of draws in which the first plan costs less.
    servers : dict
        Plan -> demand -> the server that carries most of it.
    levers : dict
        Lever on offer -> share of draws in which *both* uses it.
    """

    order: dict[str, Held]
    cheaper: dict[str, float]
    servers: dict[str, dict[str, Held]]
    levers: dict[str, float]


@dataclass(frozen=True, slots=True)
class Gap:
    """How far the fast path lies from full runs of the same draws.

    Attributes
    ----------
    runs : int
        Draws that were run in full.
    middle, worst : dict
        Headline -> median and largest relative distance over plans and draws; under
        ``replaceable.power`` and so on the distance of the shares themselves.
    """

    runs: int
    middle: dict[str, float]
    worst: dict[str, float]


@dataclass(frozen=True, slots=True)
class Ranges:
    """The ranges of a scenario's answer.

    Attributes
    ----------
    years : int
        Of the horizon. Of several, peak and chips are those of the last, months to power those
        of the first, the rest that of a mean year, with the cost that has the same present value
        if it is paid in each.
    base : dict
        Plan -> headline -> value of `wattpath plan`; NaN where it is infeasible.
    headlines : dict
        Plan -> headline -> P10, P50, P90 over the draws in which the plan is feasible.
    replaceable, base_replaceable : dict
        ``power``, ``cost`` and so on -> P10, P50, P90 of the replaceable share; its value.
    infeasible : dict
        Plan -> share of draws without an answer.
    values : ndarray, shape (draws, plans, headlines)
        Every draw.
    inputs, points : tuple of Input, ndarray of shape (draws, inputs)
        What was drawn, as standard normal values.
    pool, considered : int
        Deployment groups of the fast path, and of the scenario.
    """

    scenario: str
    years: int
    seed: int
    draws: int
    base: dict[str, dict[str, float]]
    headlines: dict[str, dict[str, Span]]
    base_replaceable: dict[str, float]
    replaceable: dict[str, Span]
    infeasible: dict[str, float]
    indices: dict[str, Indices]
    ranking: Ranking
    gap: Gap
    inputs: tuple[Input, ...]
    points: Floats
    values: Floats
    pool: int
    reasons: Mapping[str, tuple[str, ...]]
    seconds: Mapping[str, float]
    digest: str

    @property
    def feasible(self) -> bool:
        """Whether all four plans have an answer in the central case."""
        return not self.reasons

    def to_json(self) -> dict[str, Any]:
        """Plain values; the draws themselves are left out."""
        found: dict[str, Any] = {
            "scenario": self.scenario,
            "years": self.years,
            "seed": self.seed,
            "draws": self.draws,
            "catalog": self.digest,
            "feasible": self.feasible,
            "reasons": {name: list(texts) for name, texts in self.reasons.items()},
            "plans": {
                name: {
                    field: {"value": plain(self.base[name][field]), **_named(span)}
                    for field, span in self.headlines[name].items()
                }
                for name in PLANS
            },
            "replaceable_share": {
                key: {"value": plain(self.base_replaceable[key]), **_named(span)}
                for key, span in self.replaceable.items()
            },
            "infeasible_share": self.infeasible,
        }
        found["indices"] = {name: plain(asdict(own)) for name, own in self.indices.items()}
        found["ranking"] = plain(asdict(self.ranking))
        found["gap"] = plain(asdict(self.gap))
        found["inputs"] = [plain(asdict(own)) for own in self.inputs]
        found["pool"] = self.pool
        found["seconds"] = plain(dict(self.seconds))
        return found

    def to_frame(self) -> pd.DataFrame:
        """Every draw as a row: inputs, then ``plan.headline``."""
        import pandas as pd

        fields = list(self.headlines[PLANS[0]])
        names = [own.key for own in self.inputs]
        names += [f"{name}.{field}" for name in PLANS for field in fields]
        flat = self.values.reshape(self.values.shape[0], len(PLANS) * len(fields))
        return pd.DataFrame(np.hstack([self.points, flat]), columns=names)


def _named(span: Span) -> dict[str, Any]:
    return dict(zip(("p10", "p50", "p90"), map(plain, span), strict=True))


def span_of(values: Floats) -> Span:
    """P10, P50 and P90 of what is a number; NaN where nothing is."""
    known = values[np.isfinite(values)]
    if known.size == 0:
        return (float("nan"),) * 3
    low, middle, high = (float(x) for x in np.quantile(known, LEVELS))
    return low, middle, high
