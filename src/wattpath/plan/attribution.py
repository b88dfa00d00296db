"""Splitting a saving among the levers by Shapley values.

A player is a lever group, or one of the hardware groups *chips*, *cooling* and *supply*.
The value of a coalition is the saving of the best plan that may use only its members.
Shapley's split counts each interaction once and adds up to the saving of all.

References
----------
Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II.
Castro, Gomez, Tejada (2009). Polynomial calculation of the Shapley value based on sampling.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

#: Beyond this many players the coalitions are sampled.
EXACT_PLAYERS = 12

Value = Callable[[int], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Split:
    """A saving split among players.

    `share` is players x quantities and sums over players to `total`; `standard_error` is
    zero for an exact split. `alone` is what each player saves as the only one, `last`
    what is lost when it alone is taken away.
    """

    players: tuple[str, ...]
    share: NDArray[np.float64]
    alone: NDArray[np.float64]
    last: NDArray[np.float64]
    total: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    exact: bool
    evaluated: int


def split(
    players: tuple[str, ...],
    value: Value,
    *,
    samples: int = 400,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Split:
    """Shapley values of a game over bit masks of players.

    Parameters
    ----------
    players : tuple of str
        Bit i of a mask stands for ``players[i]``.
    value : callable
        Takes a mask, returns the value of that coalition as an array [quantities].
    samples : int
        Permutations drawn when there are more than `EXACT_PLAYERS` players.
    seed : int
        Of the permutations.
    progress : callable, optional
        Told the share of the permutations that are done, where they are drawn.
    """
    known: dict[int, NDArray[np.float64]] = {}

    def of(mask: int) -> NDArray[np.float64]:
        if mask not in known:
            known[mask] = np.asarray(value(mask), dtype=np.float64)
        return known[mask]

    full = (1 << len(players)) - 1
    exact = len(players) <= EXACT_PLAYERS
    if exact:
        share, error = _exact(len(players), of)
    else:
        share, error = _sampled(len(players), of, samples, seed, progress)
    empty = of(0)
    alone = np.array([of(1 << i) - empty for i in range(len(players))])
    last = np.array([of(full) - of(full & ~(1 << i)) for i in range(len(players))])
    shape = (len(players), empty.size)
    return Split(
        players,
        share.reshape(shape),
        alone.reshape(shape),
        last.reshape(shape),
        of(full) - empty,
        error.reshape(shape),
        exact,
        len(known),
    )


def _exact(count: int, of: Value) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """All coalitions, visited so that neighbours differ in one player (Gray code)."""
    masks = [i ^ (i >> 1) for i in range(1 << count)]
    values = {mask: of(mask) for mask in masks}
    weight = [factorial(s) * factorial(count - s - 1) / factorial(count) for s in range(count)]
    share = np.zeros((count, values[0].size))
    for mask, base in values.items():
        size = mask.bit_count()
        for player in range(count):
            if not mask >> player & 1:
                share[player] += weight[size] * (values[mask | 1 << player] - base)
    return share, np.zeros_like(share)


def _sampled(
    count: int,
    of: Value,
    samples: int,
    seed: int,
    progress: Callable[[float], None] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Random permutations with their reverses (antithetic), mean and standard error."""
    random = np.random.default_rng(seed)
    pairs = []
    drawings = max(samples // 2, 2)
    for drawing in range(drawings):
        if progress is not None:
            progress(drawing / drawings)
        order = random.permutation(count)
        pairs.append((_walk(order, of) + _walk(order[::-1], of)) / 2.0)
    drawn = np.array(pairs)
    return drawn.mean(axis=0), drawn.std(axis=0, ddof=1) / np.sqrt(len(drawn))


def _walk(order: NDArray[np.int64], of: Value) -> NDArray[np.float64]:
    """Marginal contributions along one order of arrival."""
    mask, before = 0, of(0)
    marginal = np.zeros((len(order), before.size))
    for player in order:
        mask |= 1 << int(player)
        after = of(mask)
        marginal[player] = after - before
        before = after
    return marginal
