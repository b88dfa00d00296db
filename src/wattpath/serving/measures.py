"""What a replay means to its users and its operator: percentiles, service levels, crowds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wattpath.errors import InputError
from wattpath.serving.fleet import FleetReplay
from wattpath.serving.heap import Floats, Integers
from wattpath.serving.requests import Requests

#: Percentiles that are reported.
PERCENTILES = (50.0, 90.0, 95.0, 99.0)


@dataclass(frozen=True, slots=True)
class Level:
    """A service level: limits on time to first token and per further token [s]."""

    ttft_s: float = np.inf
    tpot_s: float = np.inf


@dataclass(frozen=True, slots=True)
class ClassMeasure:
    """What the requests of one class got.

    Attributes
    ----------
    requests, served : int
        How many came, and how many were answered.
    ttft_s, tpot_s, e2e_s : ndarray
        At each of `PERCENTILES` [s]: to the first token, per further token, to the last.
    within : float
        Share of all requests that kept both limits [-]; unserved ones did not.
    """

    requests: int
    served: int
    ttft_s: Floats
    tpot_s: Floats
    e2e_s: Floats
    within: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """Mean numbers in each interval: requests that wait and run, replicas that are on.

    `length_s` is how long each interval is; the last one takes all that follows [s].
    """

    length_s: Floats
    waiting: Floats
    running: Floats
    on: Floats


def measure(
    replay: FleetReplay,
    requests: Requests,
    levels: tuple[Level, ...] = (Level(),),
    priority: Integers | None = None,
) -> tuple[ClassMeasure, ...]:
    """Percentiles and kept limits of each class, most important first.

    Parameters
    ----------
    levels : tuple of Level
        The service level of each class.
    priority : array of int, shape (n,), optional
        Class of each request; without it, all are of class 0.
    """
    priority = np.zeros(len(requests), dtype=np.int64) if priority is None else priority
    if len(priority) and priority.max() >= len(levels):
        raise InputError("levels", "give each class a service level", len(levels))
    first, whole = replay.first_s - requests.arrival_s, replay.done_s - requests.arrival_s
    each = (whole - first) / np.maximum(1.0, requests.outputs - 1.0)
    found = []
    for number, level in enumerate(levels):
        mine = priority == number
        served = mine & np.isfinite(whole)
        kept = served & (first <= level.ttft_s) & (each <= level.tpot_s)
        share = kept.sum() / mine.sum() if mine.any() else np.nan
        ttft, tpot, e2e = (_at(values[served]) for values in (first, each, whole))
        count = (int(mine.sum()), int(served.sum()))
        found.append(ClassMeasure(*count, ttft, tpot, e2e, float(share)))
    return tuple(found)


def _at(values: Floats) -> Floats:
    if not values.size:
        return np.full(len(PERCENTILES), np.nan)
    return np.percentile(values, PERCENTILES)


def crowd(replay: FleetReplay, step_s: float) -> Crowd:
    """Queue depth, running batch and replicas over time."""
    length = np.full(len(replay.series), step_s)
    length[-1] = max(1e-9, replay.seconds - step_s * (len(length) - 1))
    parts = (replay.waiting_s, replay.running_s, replay.on_s)
    return Crowd(length, *(part / length for part in parts))
