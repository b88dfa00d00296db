r"""Work that moves within its day, brought from the representative days into every hour of a year.

An hour takes the shift s that its representative day has. Real days differ a little from it: a
rhythm lends more or less at that hour, the grid calls at another one. So each day's shift is
moved to the nearest that holds in its own hours,

.. math:: s'(t) = \min(b(t), \max(a(t), s(t) + \lambda)), \qquad \sum_t s'(t) = 0

with :math:`\lambda` found by halving. The bounds: work that borrows servers stays within what its
lenders leave in that hour; work that answers the grid's calls gives up its share in the called
hours, for as long as it can in a day, and moves on that day alone where nothing else may move it;
and nothing exceeds the hall as far as the others in it leave room.

Where it breaks down: work of one hall is placed demand by demand, in the order of the needs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.compute import DAY, Need
from wattpath.plan.operate.response import RESPONSE
from wattpath.plan.optimise import SHIFTING, Optimiser
from wattpath.units import HOUR_S

Floats = NDArray[np.float64]

#: Halvings in search of a day's level.
HALVINGS = 50


def place_moves(year: Optimiser, full: Floats, players: frozenset[str]) -> None:
    """Let lent work and answered calls hold in all hours, and count what is promised for them.

    Work that only load shifting moves is left as it is.

    Parameters
    ----------
    year : Optimiser
        Over all hours.
    full : ndarray
        Its columns, with the shift of each hour's representative day; changed in place.
    players : frozenset of str
        What the plan may use.
    """
    answers = RESPONSE in players and bool(year.called.any())
    for need in year.compute.needs:
        for hall in range(len(year.compute.halls)):
            if (need.name, hall) in year.compute.shift and (need.of or (answers and need.shed)):
                _place(year, full, need, hall, players)
    if answers and year.promised.size:
        full[year.promised] = _promised(year, full)


def _place(year: Optimiser, full: Floats, need: Need, hall: int, players: frozenset[str]) -> None:
    """The shift of one demand in one hall."""
    block, key = year.compute, (need.name, hall)
    columns = block.shift[key]
    shift = full[columns].reshape(-1, DAY)
    mean, most = full[block.mean[key]], full[block.dynamic[key]]
    upper = (need.load * most - mean).reshape(-1, DAY)
    moved = _power(year, full, SHIFTING, key) if not need.of else mean
    lower = np.minimum(upper, -moved * need.movable)
    size = full[block.capacity[hall]] + full[block.standing[hall]]
    there = block.it_w(full, year.periods)[hall].reshape(-1, DAY) / block.scale.power_w
    room = np.maximum(np.minimum(upper, size - there + shift), lower)
    fits = room.sum(axis=1, keepdims=True) >= 0.0
    upper = np.where(fits, room, upper)
    if not need.of:
        own = _power(year, full, RESPONSE, key) * need.shed
        if SHIFTING in players:
            own += moved * need.movable
        lower, upper = _answering(year, need, (own, mean), lower, upper, moves=SHIFTING in players)
    full[columns] = nearest(shift, lower, upper).ravel()


def _power(year: Optimiser, full: Floats, player: str, key: tuple[str, int]) -> float:
    """Mean power of the work that has the software of a lever; all of it where that is free."""
    column = year.compute.movers.get((player, *key), year.compute.mean[key])
    return float(full[column])


def _answering(
    year: Optimiser,
    need: Need,
    powers: tuple[float, float],
    lower: Floats,
    upper: Floats,
    *,
    moves: bool,
) -> tuple[Floats, Floats]:
    """Bounds of work that gives up power when called: as much as its day can catch up.

    `powers` are what its software lets it give up, and its mean.
    """
    called = year.called.reshape(-1, DAY)
    hours = called.sum(axis=1, keepdims=True)
    longest = np.minimum(1.0, need.shed_s / HOUR_S / np.maximum(hours, 1))
    share = need.shed * longest if need.shed > need.movable else max(need.shed, need.movable)
    given = np.minimum(powers[0], powers[1] * share)
    free = np.where(called, 0.0, np.maximum(upper, 0.0)).sum(axis=1, keepdims=True)
    given = np.minimum(given, free / np.maximum(hours, 1))
    days = (hours > 0) | moves
    return (
        np.where(called, -given, np.where(moves, lower, 0.0)),
        np.where(called, -given, np.where(days, np.maximum(upper, 0.0), 0.0)),
    )


def nearest(shift: Floats, lower: Floats, upper: Floats) -> Floats:
    """Days whose hours sum to zero within their bounds, by one step up or down for all hours.

    Parameters
    ----------
    shift, lower, upper : ndarray, shape (days, 24)
        Lower bounds sum to at most, upper ones to at least zero in each day.
    """
    low = (lower - shift).min(axis=1, keepdims=True)
    high = (upper - shift).max(axis=1, keepdims=True)
    for _ in range(HALVINGS):
        step = 0.5 * (low + high)
        over = np.clip(shift + step, lower, upper).sum(axis=1, keepdims=True) > 0.0
        low, high = np.where(over, low, step), np.where(over, step, high)
    return np.asarray(np.clip(shift + 0.5 * (low + high), lower, upper))


def _promised(year: Optimiser, full: Floats) -> float:
    """The power that is given up at the meter in every called hour [programme]."""
    block = year.compute
    given, able = np.zeros(year.periods.n), np.zeros(year.periods.n)
    shed = {need.name: need.shed for need in block.needs if not need.of}
    for (name, hall), columns in block.shift.items():
        if name in shed:
            follow = year.periods.take(block.halls[hall].variable)
            given -= follow * full[columns]
            able += follow * shed[name] * _power(year, full, RESPONSE, (name, hall))
    return max(0.0, float(np.minimum(given, able)[year.called].min()))
