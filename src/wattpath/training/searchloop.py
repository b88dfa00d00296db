"""The compiled loop of the layout search: bases, stages, sharding, chunks, schedules.

A *base* holds what shapes a layer (``tp, cp, ep``, micro-batch, recomputation, sequence split);
it is timed once. A branch is cut only where its layers with their communication (and, once it
is known, the bubble of its schedule) already take as long as the worst layout that would still
be listed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from wattpath.training.bubble import bubble_s
from wattpath.training.layertimes import LayerTimes, layer_times
from wattpath.training.layout import Layout, microbatches, stage_layers, validity
from wattpath.training.steptime import assembled, paired

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wattpath.hardware import Chip
    from wattpath.models import Shape
    from wattpath.training.steptime import Job, Pair, Step
    from wattpath.training.trainer import Trainer

#: Share of a bound that is left after rounding.
SAFE = 1.0 - 1e-12


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
    least: float,
    chips: float,
    pps: NDArray[np.float64],
    grid: Grid,
    found: Tally,
    prune: bool,
) -> None:
    """All layouts that share one layer; fills what is `found`.

    They are cut where `least`, a bound of their step times [s], is that of the worst layout
    that is listed.
    """
    variants = len(grid.vpps) * len(grid.zeros) * len(grid.schedules) * len(grid.offloads)
    cut = len(found.counts) - 1
    worst = found.table.shape[1] - 2
    for pp in pps:
        dp = chips / (base.tp * base.cp * pp)
        start = _staged(base, pp, 1.0, dp, 1.0, 0.0, 0.0)
        code = validity(shape, start, chips, job.batch, job.sequence, trainer.uneven_stages)
        if code > 0:
            found.counts[code] += variants
        elif prune and least >= found.table[-1, worst]:
            found.counts[cut] += variants
        else:
            _variants(shape, chip, trainer, job, start, times, chips, grid, found, prune)


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
    prune: bool,
) -> None:
    """All sharding, chunks, schedules and offload of one number of stages."""
    each, cut = len(grid.offloads), len(found.counts) - 1
    worst = found.table.shape[1] - 2
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
                if prune and _least_s(shape, chunked, job, times, pair) >= found.table[-1, worst]:
                    found.counts[cut] += each
                    continue
                for offload in grid.offloads:
                    layout = _staged(base, base.pp, vpp, base.dp, schedule, zero, offload)
                    result = assembled(shape, chip, trainer, layout, job, times, pair)
                    _record(chip, layout, result, found)


@njit(cache=True)
def _least_s(shape: Shape, layout: Layout, job: Job, times: LayerTimes, pair: Pair) -> float:
    """Layers with their communication, and the bubble: a step takes at least so long [s].

    The gradient exchange, the optimiser, the head and the host come on top. Layouts without a
    link are not bounded, so that they are counted as such.
    """
    if math.isinf(pair.forward_s + pair.backward_s + pair.hop_s):
        return 0.0
    layers = stage_layers(shape, layout)
    forward, backward = layers * pair.forward_s, layers * pair.backward_s
    idle = bubble_s(layout, forward, backward, layers * times.weight_s, pair.hop_s)
    return SAFE * (microbatches(layout, job.batch) * (forward + backward) + idle)


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
def _based(row: NDArray[np.float64]) -> Layout:
    """The layout of a base: tp, cp, ep, micro-batch, recomputation, sequence split, context."""
    return Layout(
        row[0], 1.0, 1.0, row[1], row[2], 1.0, row[3], 1.0, 0.0, row[4], 1.0, row[5], 0.0,
        1.0, row[6],
    )  # fmt: skip


@njit(cache=True)
def measure(
    shape: Shape,
    chip: Chip,
    trainer: Trainer,
    job: Job,
    bases: NDArray[np.float64],
    chips: float,
    rows: NDArray[np.float64],
    least: NDArray[np.float64],
) -> None:
    """Fill a row of `LayerTimes` for each base, and in `least` a bound of its steps [s].

    The bound is that of all layers with the communication that every sharding has: work per
    chip is the same for any number of stages, so the bound is too. It is infinite for bases
    that no valid layout has.
    """
    for i in range(bases.shape[0]):
        base = _based(bases[i])
        if base_code(shape, base, job, chips) > 0:
            continue
        times = layer_times(shape, chip, trainer, base, job)
        pair = paired(shape, chip, trainer, base, job, times)
        for j, value in enumerate(times):
            rows[i, j] = value
        both = pair.forward_s + pair.backward_s
        share = chips / (base.tp * base.cp) * base.micro_batch
        least[i] = 0.0 if math.isinf(both) else SAFE * job.batch / share * shape.layers * both


@njit(cache=True)
def scan(
    shape: Shape,
    chip: Chip,
    trainer: Trainer,
    job: Job,
    bases: NDArray[np.float64],
    rows: NDArray[np.float64],
    least: NDArray[np.float64],
    chips: float,
    pps: NDArray[np.float64],
    grid: Grid,
    found: Tally,
    prune: bool,
) -> None:
    """All layouts of some bases (rows of tp, cp, ep, micro-batch, recomputation, sequence split
    and context) that are measured; fills what is `found`.
    """
    inner = len(grid.vpps) * len(grid.zeros) * len(grid.schedules) * len(grid.offloads)
    for i in range(bases.shape[0]):
        base = _based(bases[i])
        code = base_code(shape, base, job, chips)
        if code > 0:
            found.counts[code] += inner * len(pps)
            continue
        t = rows[i]
        times = LayerTimes(
            t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11], t[12],
            t[13], t[14],
        )  # fmt: skip
        _inner(
            shape, chip, trainer, job, base, times, least[i], chips, pps, grid, found, prune
        )  # fmt: skip


@njit(cache=True)
def retime(
    shape: Shape,
    chip: Chip,
    trainer: Trainer,
    job: Job,
    layouts: NDArray[np.float64],
    chips: float,
    found: Tally,
) -> None:
    """Time given layouts (rows of the fields of `Layout`); fills what is `found`."""
    for i in range(layouts.shape[0]):
        r = layouts[i]
        layout = Layout(
            r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12],
            r[13], r[14],
        )  # fmt: skip
        code = validity(shape, layout, chips, job.batch, job.sequence, trainer.uneven_stages)
        if code > 0:
            found.counts[code] += 1
            continue
        times = layer_times(shape, chip, trainer, layout, job)
        pair = paired(shape, chip, trainer, layout, job, times)
        result = assembled(shape, chip, trainer, layout, job, times, pair)
        _record(chip, layout, result, found)
