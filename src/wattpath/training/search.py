"""Exhaustive search over layouts, one compiled loop, with bounds that lose nothing.

What shapes a layer (``tp, cp, ep``, micro-batch, recomputation, sequence split) is timed
once; everything else is combined in closed form. A branch is cut only where a lower bound
of its step time (compute of all micro-batches, nothing else) already exceeds the worst
layout that would still be listed, or where its weights alone exceed the memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wattpath.training.layertimes import LayerTimes
from wattpath.training.layout import REASONS, Layout
from wattpath.training.searchloop import Grid, Tally, measure, retime, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from wattpath.hardware import Chip
    from wattpath.models import Shape
    from wattpath.training.steptime import Job
    from wattpath.training.trainer import Trainer

#: Columns of a result row: the layout's fields, then step time, memory and bytes over.
_WIDTH = len(Layout._fields) + 2
#: Why layouts of which a rank needs more than its memory fall out.
UNFIT = "does not fit in memory"

#: Reports of a search that is watched.
REPORTS = 100


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
    found = _nothing(keep, front)
    pps = np.array(full.pp)
    grid = Grid(*(np.array(v) for v in (full.vpp, full.zero, full.schedule, full.offload)))
    bases = _bases(full, chips)
    rows, least = np.zeros((len(bases), len(LayerTimes._fields))), np.full(len(bases), np.inf)
    measure(shape, chip, trainer, job, bases, float(chips), rows, least)
    cut = prune and front == 0
    if cut:
        order = np.argsort(least, kind="stable")
        bases, rows, least = bases[order], rows[order], least[order]
    step = max(1, len(bases) if report is None else len(bases) // REPORTS)
    for first in range(0, len(bases), step):
        if report is not None:
            report(first / len(bases))
        some = slice(first, first + step)
        scan(
            shape, chip, trainer, job, bases[some], rows[some], least[some], float(chips), pps,
            grid, found, cut,
        )  # fmt: skip
    return _summary(found)


def again(
    shape: Shape,
    chip: Chip,
    trainer: Trainer,
    job: Job,
    chips: float,
    layouts: Sequence[Layout],
    keep: int = 10,
) -> Search:
    """The `keep` fastest of given layouts on `chips` chips (see `search`)."""
    found = _nothing(min(keep, max(1, len(layouts))), 0)
    rows = np.array(layouts, dtype=np.float64).reshape(-1, len(Layout._fields))
    retime(shape, chip, trainer, job, rows, float(chips), found)
    return _summary(found)


def _nothing(keep: int, front: int) -> Tally:
    """What a search has found before it begins."""
    return Tally(
        np.full((keep, _WIDTH), np.inf),
        np.zeros(len(REASONS) + 3, dtype=np.int64),
        np.array([np.inf]),
        np.full((front, _WIDTH), np.inf),
    )


def _bases(space: Space, chips: float) -> NDArray[np.float64]:
    """What shapes a layer, a row for each (see `scan`), the most promising (small splits) first."""
    rows = [
        (tp, cp, ep, batch, mode, split, kind)
        for mode in space.recompute
        for tp in space.tp
        for cp in space.cp
        for kind in (space.context if cp > 1.0 else (0.0,))
        for ep in space.ep
        for batch in space.micro_batch
        for split in (space.sequence_parallel if tp > 1.0 else (0.0,))
        if chips % (tp * cp) == 0
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 7)


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


def _summary(found: Tally) -> Search:
    """The outcome in words and records."""
    table, counts = found.table, found.counts
    best = tuple(_found(row) for row in table if np.isfinite(row[-2]))
    refused = {REASONS[i]: int(n) for i, n in enumerate(counts[: len(REASONS)]) if i and n}
    unfit, evaluated, bounded = (int(n) for n in counts[-3:])
    if unfit:
        refused[UNFIT] = unfit
    size = int(counts[: len(REASONS)].sum()) + evaluated + bounded
    excess = float(found.excess[0]) if unfit else 0.0
    return Search(best, size, evaluated, bounded, refused, excess, _front(found.front))
