"""Exhaustive search over layouts, one compiled loop, with bounds that lose nothing.

What shapes a layer (``tp, cp, ep``, micro-batch, recomputation, sequence split) is timed
once; everything else is combined in closed form. A branch is cut only where a lower bound
of its step time (compute of all micro-batches, nothing else) already exceeds the worst
layout that would still be listed, or where its weights alone exceed the memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from wattpath.training.layout import REASONS, Layout, validity
from wattpath.training.steptime import assembled, layer_times, paired

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from wattpath.hardware import Chip
    from wattpath.models import Shape
    from wattpath.training.steptime import Job, LayerTimes, Step
    from wattpath.training.trainer import Trainer

#: Columns of a result row: the layout's fields, then step time, memory and bytes over.
_WIDTH = len(Layout._fields) + 2
#: Code of a layout that does not fit in memory (beyond those of `REASONS`).
NO_FIT = len(REASONS)


@dataclass(frozen=True, slots=True)
class Space:
    """The degrees of freedom of a search; empty tuples mean every sensible value.

    Every field lists the values to try for the field of `Layout` of the same name.
    """

    tp: tuple[float, ...] = ()
    pp: tuple[float, ...] = ()
    vpp: tuple[float, ...] = ()
    cp: tuple[float, ...] = (1.0,)
    ep: tuple[float, ...] = ()
    micro_batch: tuple[float, ...] = ()
    zero: tuple[float, ...] = (0.0, 1.0, 2.0, 3.0)
    recompute: tuple[float, ...] = (0.0, 1.0, 2.0)
    schedule: tuple[float, ...] = (1.0, 3.0)
    sequence_parallel: tuple[float, ...] = (0.0, 1.0)
    offload: tuple[float, ...] = (0.0,)
    context: tuple[float, ...] = (0.0,)


@dataclass(frozen=True, slots=True)
class Found:
    """One layout of a search with its step time [s] and memory [B]."""

    layout: Layout
    step_s: float
    memory_bytes: float


@dataclass(frozen=True, slots=True)
class Search:
    """The outcome of a search.

    `evaluated` layouts were timed in full, `bounded` were cut by the time bound, `refused`
    counts the rest by reason; together they are the whole space of `size` layouts.
    `smallest_excess` is the least number of bytes by which a layout did not fit. `front`
    holds, from the fastest on, layouts that no other beats in both time and memory.
    """

    best: tuple[Found, ...]
    size: int
    evaluated: int
    bounded: int
    refused: dict[str, int]
    smallest_excess: float
    front: tuple[Found, ...] = ()


def divisors(number: float, most: float = 1e9) -> tuple[float, ...]:
    """All whole divisors up to `most`, ascending."""
    whole = round(number)
    return tuple(float(d) for d in range(1, min(whole, int(most)) + 1) if whole % d == 0)


def complete(space: Space, shape: Shape, job: Job, chips: float, uneven: float = 0.0) -> Space:
    """The space with every empty field filled with all values that can be valid.

    With `uneven` stages any number of stages and chunks up to the number of layers is.
    """
    stages, chunks = divisors(shape.layers), divisors(shape.layers)
    if uneven > 0.5:
        stages = divisors(chips, shape.layers)
        chunks = tuple(sorted({*chunks, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0}))
    return Space(
        tp=space.tp or tuple(d for d in divisors(shape.heads) if chips % d == 0),
        pp=space.pp or tuple(d for d in stages if chips % d == 0),
        vpp=space.vpp or chunks,
        cp=space.cp,
        ep=space.ep or (divisors(shape.experts, chips) if shape.moe_layers > 0 else (1.0,)),
        micro_batch=space.micro_batch or divisors(job.batch, 64.0),
        zero=space.zero,
        recompute=space.recompute,
        schedule=space.schedule,
        sequence_parallel=space.sequence_parallel,
        offload=space.offload,
        context=space.context,
    )


class _Grid(NamedTuple):
    """Values of a layout that its layer does not depend on."""

    vpps: NDArray[np.float64]
    zeros: NDArray[np.float64]
    schedules: NDArray[np.float64]
    offloads: NDArray[np.float64]


class _Found(NamedTuple):
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
    found: _Found,
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
    grid: _Grid,
    found: _Found,
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
    grid: _Grid,
    found: _Found,
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


def search(
    shape: Shape,
    chip: Chip,
    trainer: Trainer,
    job: Job,
    chips: float,
    space: Space | None = None,
    *,
    keep: int = 10,
    prune: bool = True,
    front: int = 0,
    report: Callable[[float], None] | None = None,
) -> Search:
    """The `keep` fastest layouts of a job on `chips` chips that fit in memory.

    Parameters
    ----------
    shape, chip, trainer, job
        What is trained, on what, with which software.
    chips : float
        Size of the cluster.
    space : Space, optional
        Values to try; everything by default.
    keep : int
        How many layouts to return.
    prune : bool
        False evaluates every valid layout.
    front : int
        Memory classes for the front of time against memory; 0 leaves it out. A front needs
        every layout, so it switches the bound off.
    report : callable, optional
        Called with the share of the outer branches that are done, from 0 to 1.
    """
    full = complete(space or Space(), shape, job, chips, trainer.uneven_stages)
    found = _Found(
        np.full((keep, _WIDTH), np.inf),
        np.zeros(len(REASONS) + 3, dtype=np.int64),
        np.array([np.inf]),
        np.full((front, _WIDTH), np.inf),
    )
    pps = np.array(full.pp)
    grid = _Grid(*(np.array(v) for v in (full.vpp, full.zero, full.schedule, full.offload)))
    variants = pps.size * math.prod(values.size for values in grid)
    bases = _bases(full, chips)
    for done, base in enumerate(bases):
        if report is not None:
            report(done / len(bases))
        code = _base_code(shape, base, job, chips)
        if code > 0:
            found.counts[code] += variants
            continue
        times = layer_times(shape, chip, trainer, base, job)
        _inner(
            shape, chip, trainer, job, base, times, float(chips), pps, grid, found,
            prune and front == 0,
        )  # fmt: skip
    return _summary(found)


def _bases(space: Space, chips: float) -> Sequence[Layout]:
    """The layouts with distinct layers, the most promising (small splits) first."""
    return [
        Layout(
            tp=tp,
            cp=cp,
            ep=ep,
            micro_batch=batch,
            recompute=mode,
            sequence_parallel=split,
            context=kind,
        )
        for mode in space.recompute
        for tp in space.tp
        for cp in space.cp
        for kind in (space.context if cp > 1.0 else (0.0,))
        for ep in space.ep
        for batch in space.micro_batch
        for split in (space.sequence_parallel if tp > 1.0 else (0.0,))
        if chips % (tp * cp) == 0
    ]


def _base_code(shape: Shape, base: Layout, job: Job, chips: float) -> int:
    """The reason why no layout with this layer can be valid, or 0."""
    whole = base._replace(dp=chips / (base.tp * base.cp), micro_batch=1.0)
    code = validity(shape, whole, chips, max(job.batch, whole.dp), job.sequence, 1.0)
    return int(code) if code in (2, 3, 6, 7, 8, 11) else 0


def _found(row: NDArray[np.float64]) -> Found:
    fields = len(Layout._fields)
    layout = Layout(*(float(x) for x in row[:fields]))
    return Found(layout, float(row[fields]), float(row[fields + 1]))


def _front(lean: NDArray[np.float64]) -> tuple[Found, ...]:
    """Of the fastest layouts of each memory class those that nothing dominates."""
    found = sorted(
        (_found(row) for row in lean if np.isfinite(row[-2])),
        key=lambda f: (f.step_s, f.memory_bytes),
    )
    kept: list[Found] = []
    for item in found:
        if not kept or item.memory_bytes < kept[-1].memory_bytes:
            kept.append(item)
    return tuple(kept)


def _summary(found: _Found) -> Search:
    """The outcome in words and records."""
    table, counts = found.table, found.counts
    best = tuple(_found(row) for row in table if np.isfinite(row[-2]))
    refused = {REASONS[i]: int(n) for i, n in enumerate(counts[: len(REASONS)]) if i and n}
    unfit, evaluated, bounded = (int(n) for n in counts[-3:])
    if unfit:
        refused["does not fit in memory"] = unfit
    size = int(counts[: len(REASONS)].sum()) + evaluated + bounded
    excess = float(found.excess[0]) if unfit else 0.0
    return Search(best, size, evaluated, bounded, refused, excess, _front(found.front))
