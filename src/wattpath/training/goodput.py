"""Time lost to failures: checkpoints, lost work, restarts, spares and stragglers.

A job on n chips is stopped at a rate ``n r`` (r per chip and second, components added up)
plus planned stops. Between checkpoints at distance t with a stall d each, a segment takes

    E = M exp(R/M) (exp((t + d)/M) - 1)

seconds on average when stops come at random with mean time M between them and cost R each
(Daly 2006). Goodput is t / E; the best t is near sqrt(2 d M) (Young 1974, Daly 2006).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from numba import njit

from wattpath import catalog

#: Components of `Reliability` and the attribute of their share of the failures.
COMPONENTS = ("chip", "memory", "network", "host", "software")


class Reliability(NamedTuple):
    """How often a cluster's chips stop a job and what a stop costs; SI floats.

    `failure_rate` is per chip and second, `planned_rate` per job and second.
    """

    failure_rate: float
    planned_rate: float
    detect_s: float
    restart_s: float
    repair_s: float
    straggler: float


class Storage(NamedTuple):
    """Where checkpoints go; rates of the whole system [B/s], money [USD], power [W]."""

    capacity_bytes: float
    write_bytes_s: float
    read_bytes_s: float
    price_usd: float
    power_w: float


@dataclass(frozen=True, slots=True)
class Goodput:
    """What is left of the wall clock for useful steps, and why.

    Attributes
    ----------
    share : float
        Useful time over wall-clock time.
    stops : dict of str to float
        Expected stops per second by component (and ``planned``).
    mean_time_between_s : float
        Mean time between stops of the job [s].
    interval_s, stall_s, write_s, read_s : float
        Best distance between checkpoints, stall of each, time of its write in the
        background, and time of reading it back [s].
    checkpoint_bytes : float
        Size of one checkpoint [B].
    lost : dict of str to float
        Shares of the wall clock lost to checkpoints, repeated work, restarts, stragglers.
    spare_nodes : float
        Nodes of 8 chips to keep ready so that 99 % of stops find one.
    """

    share: float
    stops: dict[str, float]
    mean_time_between_s: float
    interval_s: float
    stall_s: float
    write_s: float
    read_s: float
    checkpoint_bytes: float
    lost: dict[str, float]
    spare_nodes: float


def load_reliability(name: str = "usual", path: str = "reliability") -> Reliability:
    """The failure figures with this key, name or alias."""
    entry = catalog.load("reliability", name, path)
    return Reliability(**{field: entry.si(field) for field in Reliability._fields})


def component_shares(name: str = "usual", path: str = "reliability") -> dict[str, float]:
    """Shares of the failures by component, scaled to add up to 1."""
    entry = catalog.load("reliability", name, path)
    shares = {part: entry.si(f"{part}_share") for part in COMPONENTS}
    total = sum(shares.values())
    return {part: share / total for part, share in shares.items()}


def load_storage(name: str = "flash-fabric", path: str = "storage") -> Storage:
    """The storage system with this key, name or alias."""
    entry = catalog.load("storage", name, path)
    return Storage(**{field: entry.si(field) for field in Storage._fields})


def scaled(storage: Storage, units: float) -> Storage:
    """Several units of a storage system that are filled and read in parallel."""
    return Storage(*(units * value for value in storage))


@njit(cache=True)
def segment_s(interval_s: float, stall_s: float, cost_s: float, mean_s: float) -> float:
    """Expected wall-clock time [s] of `interval_s` seconds of work and its checkpoint."""
    return mean_s * math.exp(cost_s / mean_s) * math.expm1((interval_s + stall_s) / mean_s)


@njit(cache=True)
def best_interval_s(stall_s: float, mean_s: float) -> float:
    """Daly's higher-order estimate of the best distance between checkpoints [s]."""
    if stall_s >= 2.0 * mean_s:
        return mean_s
    ratio = stall_s / (2.0 * mean_s)
    root = math.sqrt(2.0 * stall_s * mean_s)
    return root * (1.0 + math.sqrt(ratio) / 3.0 + ratio / 9.0) - stall_s


@njit(cache=True)
def goodput_share(
    chips: float,
    state_bytes: float,
    reliability: Reliability,
    write_bytes_s: float,
    read_bytes_s: float,
    copy_bytes_s: float,
    downtime_factor: float,
) -> float:
    """Useful share of the wall clock for a job of `chips` with `state_bytes` to save.

    `copy_bytes_s` is the rate at which one chip hands its part to host memory; the job
    stands still for that copy only, the write to storage goes on beside the next steps and
    bounds the interval from below.
    """
    rate = (chips * reliability.failure_rate + reliability.planned_rate) * downtime_factor
    mean_s = 1.0 / rate
    stall_s = state_bytes / chips / copy_bytes_s
    interval_s = max(best_interval_s(stall_s, mean_s), state_bytes / write_bytes_s)
    cost_s = reliability.detect_s + reliability.restart_s + state_bytes / read_bytes_s
    cost_s += 0.5 * state_bytes / write_bytes_s  # the newest checkpoint may be half written
    slow = 1.0 + straggler_factor(reliability.straggler, chips)
    return interval_s / segment_s(interval_s, stall_s, cost_s, mean_s) / slow


@njit(cache=True)
def straggler_factor(deviation: float, chips: float) -> float:
    """Expected excess of the slowest of `chips` equal chips, for normal scatter."""
    return deviation * math.sqrt(2.0 * math.log(max(1.0, chips)))


def spares(chips: float, reliability: Reliability, confidence: float = 0.99) -> float:
    """Nodes of 8 chips that are in repair at once with this confidence (Poisson)."""
    mean = chips * reliability.failure_rate * reliability.repair_s
    term = math.exp(-mean)
    if term == 0.0:
        return float(math.ceil(mean + 2.33 * math.sqrt(mean)))
    total, count = term, 0
    while total < confidence:
        count += 1
        term *= mean / count
        total += term
    return float(count)


def goodput(
    chips: float,
    state_bytes: float,
    reliability: Reliability | None = None,
    storage: Storage | None = None,
    *,
    copy_bytes_s: float = 20e9,
    downtime_factor: float = 1.0,
    shares: dict[str, float] | None = None,
) -> Goodput:
    """The expected goodput of a job and what it loses to what.

    Parameters
    ----------
    chips : float
        Chips that must all work for the job to go on.
    state_bytes : float
        Size of a checkpoint [B].
    reliability : Reliability, optional
        Failure figures; the catalogue's usual ones by default.
    storage : Storage, optional
        Where checkpoints are written; a large flash system by default.
    copy_bytes_s : float
        Rate at which one chip copies its part to the host [B/s] (PCIe gen 4 x16 in practice).
    downtime_factor : float
        Stops relative to plain practice (a lever).
    shares : dict, optional
        Shares of the failures by component.

    Notes
    -----
    Failures are independent and come at a constant rate; bad batches of parts, lemon nodes
    and storms after power events are not in it, nor is the fall of rates over the first
    weeks of a cluster.
    """
    reliability = reliability or load_reliability()
    storage = storage or load_storage()
    split = shares or component_shares()
    failing = chips * reliability.failure_rate * downtime_factor
    stops = {part: failing * share for part, share in split.items()}
    stops["planned"] = reliability.planned_rate * downtime_factor
    mean_s = 1.0 / sum(stops.values())
    stall_s = state_bytes / chips / copy_bytes_s
    write_s, read_s = state_bytes / storage.write_bytes_s, state_bytes / storage.read_bytes_s
    interval_s = max(best_interval_s(stall_s, mean_s), write_s)
    share = goodput_share(
        chips, state_bytes, reliability, storage.write_bytes_s, storage.read_bytes_s,
        copy_bytes_s, downtime_factor,
    )  # fmt: skip
    cost = reliability.detect_s + reliability.restart_s + read_s
    slow = straggler_factor(reliability.straggler, chips)
    lost = {
        "checkpoints": stall_s / (interval_s + stall_s),
        "repeated work": (0.5 * (interval_s + stall_s) + 0.5 * write_s) / mean_s,
        "restarts": cost / mean_s,
        "stragglers": slow,
    }
    scale = (1.0 - share) / max(1e-30, sum(lost.values()))
    return Goodput(
        share, stops, mean_s, interval_s, stall_s, write_s, read_s, state_bytes,
        {cause: part * scale for cause, part in lost.items()}, spares(chips, reliability),
    )  # fmt: skip
