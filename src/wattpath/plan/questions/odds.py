r"""How sure a ranking of places is: what each costs when sourced ranges are drawn.

The plan of a place is held, and its cost is a sum of amounts times prices, so that a draw of
prices needs no new optimum:

.. math:: C(z) = C + \sum_i a_i\, [x_i(z) - x_i], \qquad x_i \in [l_i, h_i]

with amounts a (energy from the grid, peak import, heat of gas, water, capital of servers and
halls) and their prices x, each drawn from its range as in
`wattpath.plan.uncertainty.distribution`. An input that places share (the price of a server, the
cost of a hall) is one number for all of them in a draw; prices of a place are drawn for that
place alone.

Where it breaks down: a plan would answer to prices, so a held one is somewhat dear in far
draws; prices of neighbours are drawn apart, which makes their order less sure than it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattpath.catalog import Quantity
from wattpath.plan.uncertainty.distribution import FARTHEST, quantile

Floats = NDArray[np.float64]

#: What places are ranked by; less is better in each.
CRITERIA = ("cost", "carbon", "water", "date")


@dataclass(frozen=True, slots=True)
class Range:
    """A sourced number with the input that moves it; the same input moves the same way."""

    key: str
    low: float
    value: float
    high: float

    @classmethod
    def of(cls, key: str, quantity: Quantity) -> Range:
        """The range of a catalogue number."""
        return cls(key, quantity.low, quantity.value, quantity.high)


class Inputs:
    """Standard normal draws by input, made when first asked for and then kept.

    Parameters
    ----------
    count : int
        Draws.
    seed : int
    """

    def __init__(self, count: int, seed: int) -> None:
        self.count, self._seed = count, seed
        self._drawn: dict[str, Floats] = {}

    def values(self, span: Range) -> Floats:
        """The number in each draw, shape (draws,)."""
        if not span.low < span.high:
            return np.full(self.count, span.value)
        z = self._normal(span.key)
        return np.array([quantile(span.low, span.value, span.high, float(own)) for own in z])

    def _normal(self, key: str) -> Floats:
        """Evenly spread quantiles of the normal distribution in an order of the input's own."""
        if key not in self._drawn:
            from scipy.special import ndtri

            rng = np.random.default_rng([self._seed, *key.encode()])
            places = (rng.permutation(self.count) + rng.random(self.count)) / self.count
            self._drawn[key] = np.clip(ndtri(places), -FARTHEST, FARTHEST)
        return self._drawn[key]


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a criterion of one plan is made of.

    Attributes
    ----------
    value : float
        At the ranges' central values.
    terms : tuple of (Range, float)
        A number and by how much the criterion grows with each of its units.
    """

    value: float
    terms: tuple[tuple[Range, float], ...] = ()

    def drawn(self, inputs: Inputs) -> Floats:
        """The criterion in each draw, shape (draws,)."""
        total = np.full(inputs.count, self.value)
        for span, amount in self.terms:
            if amount != 0.0:
                total += amount * (inputs.values(span) - span.value)
        return total


@dataclass(frozen=True, slots=True)
class Latest:
    """A date: the slowest of several lead times [months]."""

    leads: tuple[Range, ...]

    @property
    def value(self) -> float:
        """At central values."""
        return max(lead.value for lead in self.leads)

    def drawn(self, inputs: Inputs) -> Floats:
        """The date in each draw, shape (draws,)."""
        return np.asarray(np.max([inputs.values(lead) for lead in self.leads], axis=0))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one candidate stands by one criterion.

    Attributes
    ----------
    value, p10, p90 : float
        Central value and quantiles over the draws.
    rank : int
        From 1, by central values; equal values share the better rank.
    holds, first : float
        Share of draws in which it has this rank; in which it is the best.
    """

    value: float
    p10: float
    p90: float
    rank: int
    holds: float
    first: float


def standings(amounts: Sequence[Amounts | Latest], inputs: Inputs) -> tuple[Standing, ...]:
    """Rank candidates by one criterion, in each draw and at central values."""
    central = np.array([one.value for one in amounts])
    drawn = np.array([one.drawn(inputs) for one in amounts])
    own = _ranks(central[:, None])[:, 0]
    ranks = _ranks(drawn)
    return tuple(
        Standing(
            float(central[i]),
            float(np.quantile(drawn[i], 0.1)),
            float(np.quantile(drawn[i], 0.9)),
            int(own[i]),
            float((ranks[i] == own[i]).mean()),
            float((ranks[i] == 1).mean()),
        )
        for i in range(len(amounts))
    )


def _ranks(values: Floats) -> NDArray[np.int64]:
    """Rank of each row in each column, from 1; values equal to six digits share a rank."""
    rounded = np.array([[float(f"{value:.6g}") for value in row] for row in values])
    less = rounded[None, :, :] < rounded[:, None, :]
    return np.asarray(1 + less.sum(axis=1), dtype=np.int64)
