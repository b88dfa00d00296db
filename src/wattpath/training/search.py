"""Exhaustive search over layouts, one compiled loop, with bounds that lose nothing.

What shapes a layer (``tp, cp, ep``, micro-batch, recomputation, sequence split) is timed
once; everything else is combined in closed form. A branch is cut only where a lower bound
of its step time (compute of all micro-batches, nothing else) already exceeds the worst
layout that would still be listed, or where its weights alone exceed the memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from wattpath.training.layout import REASONS, Layout, validity
from wattpath.training.steptime import combine, layer_times

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
    table: NDArray[np.float64],
    counts: NDArray[np.int64],
    excess: NDArray[np.float64],
    front: NDArray[np.float64],
) -> None:
    """Count one evaluated layout and list it where it is among the best."""
    link, fit, done = len(counts) - 4, len(counts) - 3, len(counts) - 2
    if not math.isfinite(result.step_s):
        counts[link] += 1
        return
    counts[done] += 1
    if result.memory_bytes > chip.mem_bytes:
        counts[fit] += 1
        excess[0] = min(excess[0], result.memory_bytes - chip.mem_bytes)
        return
    key = table.shape[1] - 2
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
    vpps: NDArray[np.float64],
    zeros: NDArray[np.float64],
    schedules: NDArray[np.float64],
    offloads: NDArray[np.float64],
    table: NDArray[np.float64],
    counts: NDArray[np.int64],
    excess: NDArray[np.float64],
    front: NDArray[np.float64],
    prune: bool,
) -> None:
    """All layouts that share one layer; fills `table` (best first), `counts` and `excess`.

    `counts` has a cell for every reason (the last is a missing link), then: does not fit,
    evaluated, bounded.
    """
    variants = len(vpps) * len(zeros) * len(schedules) * len(offloads)
    cut = len(counts) - 1
    key = table.shape[1] - 2
    for pp in pps:
        dp = chips / (base.tp * base.cp * pp)
        start = _staged(base, pp, 1.0, dp, 1.0, 0.0, 0.0)
        code = validity(shape, start, chips, job.batch, job.sequence, trainer.uneven_stages)
        if code > 0:
            counts[code] += variants
            continue
        busy = times.forward_s + times.backward_s + times.recompute_s
        bound = job.batch / (dp * base.micro_batch) * busy * shape.layers / pp
        if prune and bound >= table[-1, key]:
            counts[cut] += variants
            continue
        for vpp in vpps:
            for schedule in schedules:
                chunked = _staged(base, pp, vpp, dp, schedule, 0.0, 0.0)
                code = validity(
                    shape, chunked, chips, job.batch, job.sequence, trainer.uneven_stages
                )
                if code > 0:
                    counts[code] += variants // (len(vpps) * len(schedules))
                    continue
                for zero in zeros:
                    for offload in offloads:
                        layout = _staged(base, pp, vpp, dp, schedule, zero, offload)
                        result = combine(shape, chip, trainer, layout, job, times)
                        _record(chip, layout, result, table, counts, excess, front)


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
    table = np.full((keep, _WIDTH), np.inf)
    counts = np.zeros(len(REASONS) + 3, dtype=np.int64)
    excess = np.array([np.inf])
    lean = np.full((front, _WIDTH), np.inf)
    pps, vpps, zeros = (np.array(v) for v in (full.pp, full.vpp, full.zero))
    schedules, offloads = np.array(full.schedule), np.array(full.offload)
    variants = pps.size * vpps.size * zeros.size * schedules.size * offloads.size
    bases = _bases(full, chips)
    for done, base in enumerate(bases):
        if report is not None:
            report(done / len(bases))
        code = _base_code(shape, base, job, chips)
        if code > 0:
            counts[code] += variants
            continue
        times = layer_times(shape, chip, trainer, base, job)
        _inner(
            shape, chip, trainer, job, base, times, float(chips), pps, vpps, zeros, schedules,
            offloads, table, counts, excess, lean, prune and front == 0,
        )  # fmt: skip
    return _summary(table, counts, float(excess[0]), lean)


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


def _summary(
    table: NDArray[np.float64],
    counts: NDArray[np.int64],
    excess: float,
    lean: NDArray[np.float64],
) -> Search:
    best = tuple(_found(row) for row in table if np.isfinite(row[-2]))
    refused = {REASONS[i]: int(n) for i, n in enumerate(counts[: len(REASONS)]) if i and n}
    unfit, evaluated, bounded = (int(n) for n in counts[-3:])
    if unfit:
        refused["does not fit in memory"] = unfit
    size = int(counts[: len(REASONS)].sum()) + evaluated + bounded
    return Search(best, size, evaluated, bounded, refused, excess if unfit else 0.0, _front(lean))
