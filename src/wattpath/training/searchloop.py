"""The compiled loop of the layout search: bases, stages, sharding, chunks, schedules.

A *base* holds what shapes a layer (``tp, cp, ep``, micro-batch, recomputation, sequence split);
it is timed once. A branch is cut only where computing all its micro-batches, and nothing else,
already takes as long as the worst layout that would still be listed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from wattpath.training.layout import Layout, validity
from wattpath.training.steptime import assembled, layer_times, paired

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wattpath.hardware import Chip
    from wattpath.models import Shape
    from wattpath.training.steptime import Job, LayerTimes, Step
    from wattpath.training.trainer import Trainer


class Grid(NamedTuple):
    """Values of a layout that its layer does not depend on."""

    vpps: NDArray[np.float64]
    zeros: NDArray[np.float64]
    schedules: NDArray[np.float64]
    offloads: NDArray[np.float64]


class Tally(NamedTuple):
    """What a search has found so far.

    `table` holds the best rows, best first; `counts` has a cell for every reason (the last
    is a missing link), then: does not fit, evaluated, bounded; `excess` is the least number
    of bytes over; `front` has the fastest row of each memory class.
    """

    table: NDArray[np.float64]
    counts: NDArray[np.int64]
    excess: NDArray[np.float64]
    front: NDArray[np.float64]


@njit(cache=True)
def _insert(table: NDArray[np.float64], row: NDArray[np.float64], key: int) -> None:
    """Put a row into a table sorted by the column `key`, if it is better than the last."""
    last = table.shape[0] - 1
    if row[key] >= table[last, key]:
        return
    at = last
    while at > 0 and table[at - 1, key] > row[key]:
        table[at] = table[at - 1]
        at -= 1
    table[at] = row


@njit(cache=True)
def _staged(
    base: Layout,
    pp: float,
    vpp: float,
    dp: float,
    schedule: float,
    zero: float,
    offload: float,
) -> Layout:
    """The layout `base` with its stages, data parallelism and sharding filled in."""
    return Layout(
        base.tp, pp, vpp, base.cp, base.ep, dp, base.micro_batch, zero, base.shard,
        base.recompute, schedule, base.sequence_parallel, offload, base.expert_tp, base.context,
    )  # fmt: skip


@njit(cache=True)
def _record(
    chip: Chip,
    layout: Layout,
    result: Step,
    found: Tally,
) -> None:
    """Count one evaluated layout and list it where it is among the best."""
    table, counts, front = found.table, found.counts, found.front
    link, fit, done = len(counts) - 4, len(counts) - 3, len(counts) - 2
    if not math.isfinite(result.step_s):
        counts[link] += 1
        return
    counts[done] += 1
    if result.memory_bytes > chip.mem_bytes:
        counts[fit] += 1
        found.excess[0] = min(found.excess[0], result.memory_bytes - chip.mem_bytes)
        return
    key = table.shape[1] - 2
    if result.step_s >= table[-1, key] and front.shape[0] == 0:
        return
    row = np.empty(table.shape[1])
    for i in range(key):
        row[i] = layout[i]
    row[key] = result.step_s
    row[key + 1] = result.memory_bytes
    _insert(table, row, key)
    if front.shape[0] > 0:
        share = result.memory_bytes / chip.mem_bytes
        at = min(front.shape[0] - 1, int(share * front.shape[0]))
        if row[key] < front[at, key]:
            front[at] = row


@njit(cache=True)
def _inner(
    shape: Shape,
    chip: Chip,
    trainer: Trainer,
    job: Job,
    base: Layout,
    times: LayerTimes,
    chips: float,
    pps: NDArray[np.float64],
    grid: Grid,
    found: Tally,
    prune: bool,
) -> None:
    """All layouts that share one layer; fills what is `found`.

    A number of stages is cut where computing all its micro-batches, and nothing else, takes
    as long as the worst layout that is listed.
    """
    variants = len(grid.vpps) * len(grid.zeros) * len(grid.schedules) * len(grid.offloads)
    cut = len(found.counts) - 1
    worst = found.table.shape[1] - 2
    busy = times.forward_s + times.backward_s + times.recompute_s
    for pp in pps:
        dp = chips / (base.tp * base.cp * pp)
        start = _staged(base, pp, 1.0, dp, 1.0, 0.0, 0.0)
        code = validity(shape, start, chips, job.batch, job.sequence, trainer.uneven_stages)
        if code > 0:
            found.counts[code] += variants
            continue
        bound = job.batch / (dp * base.micro_batch) * busy * shape.layers / pp
        if prune and bound >= found.table[-1, worst]:
            found.counts[cut] += variants
            continue
        _variants(shape, chip, trainer, job, start, times, chips, grid, found)


@njit(cache=True)
def _variants(
    shape: Shape,
    chip: Chip,
    trainer: Trainer,
    job: Job,
    base: Layout,
    times: LayerTimes,
    chips: float,
    grid: Grid,
    found: Tally,
) -> None:
    """All sharding, chunks, schedules and offload of one number of stages."""
    each = len(grid.offloads)
    for zero in grid.zeros:
        shared = _staged(base, base.pp, 1.0, base.dp, 1.0, zero, 0.0)
        pair = paired(shape, chip, trainer, shared, job, times)
        for vpp in grid.vpps:
            for schedule in grid.schedules:
                chunked = _staged(base, base.pp, vpp, base.dp, schedule, zero, 0.0)
                code = validity(
                    shape, chunked, chips, job.batch, job.sequence, trainer.uneven_stages
                )
                if code > 0:
                    found.counts[code] += each
                    continue
                for offload in grid.offloads:
                    layout = _staged(base, base.pp, vpp, base.dp, schedule, zero, offload)
                    result = assembled(shape, chip, trainer, layout, job, times, pair)
                    _record(chip, layout, result, found)


@njit(cache=True)
def base_code(shape: Shape, base: Layout, job: Job, chips: float) -> int:
    """The reason why no layout with this layer can be valid, or 0."""
    dp = chips / (base.tp * base.cp)
    whole = Layout(
        base.tp, 1.0, 1.0, base.cp, base.ep, dp, 1.0, base.zero, base.shard, base.recompute,
        base.schedule, base.sequence_parallel, base.offload, base.expert_tp, base.context,
    )  # fmt: skip
    code = validity(shape, whole, chips, max(job.batch, dp), job.sequence, 1.0)
    if code == 2 or code == 3 or code == 6 or code == 7 or code == 8 or code == 11:
        return code
    return 0


@njit(cache=True)
def scan(
    shape: Shape,
    chip: Chip,
    trainer: Trainer,
    job: Job,
    bases: NDArray[np.float64],
    chips: float,
    pps: NDArray[np.float64],
    grid: Grid,
    found: Tally,
    prune: bool,
) -> None:
    """All layouts of some bases (rows of tp, cp, ep, micro-batch, recomputation, sequence split
    and context); fills what is `found`.
    """
    inner = len(grid.vpps) * len(grid.zeros) * len(grid.schedules) * len(grid.offloads)
    for i in range(bases.shape[0]):
        row = bases[i]
        base = Layout(
            row[0], 1.0, 1.0, row[1], row[2], 1.0, row[3], 1.0, 0.0, row[4], 1.0, row[5], 0.0,
            1.0, row[6],
        )  # fmt: skip
        code = base_code(shape, base, job, chips)
        if code > 0:
            found.counts[code] += inner * len(pps)
            continue
        times = layer_times(shape, chip, trainer, base, job)
        _inner(shape, chip, trainer, job, base, times, chips, pps, grid, found, prune)
