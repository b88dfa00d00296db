"""How a training job is spread over chips, and when a spread is valid.

Rank convention. The chips of a job are numbered so that tensor-parallel neighbours stand
next to each other, then context-parallel, then data-parallel, then pipeline stages::

    rank = t + tp * (c + cp * (d + dp * p))

A group therefore has a stride: 1 for tensor, ``tp`` for context, ``tp * cp`` for data and
``tp * cp * dp`` for pipeline parallelism. Expert parallelism folds into data (and context)
parallelism: ``ep`` groups of ``expert_tp`` neighbours each keep a part of the experts.
Gradients of the dense weights are reduced over ``dp * cp`` ranks, those of experts over
``tp * dp * cp / (ep * expert_tp)``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from numba import njit

if TYPE_CHECKING:
    from wattpath.models import Shape

#: Pipeline schedules by name.
SCHEDULES = {"1f1b": 1.0, "interleaved": 2.0, "zero-bubble": 3.0, "dualpipe": 4.0}
#: Activation recomputation by name.
RECOMPUTE = {"none": 0.0, "selective": 1.0, "full": 2.0}
#: Ways for context-parallel ranks to see the whole sequence, by name.
CONTEXT = {"gather": 0.0, "ring": 1.0, "all-to-all": 2.0}


class Layout(NamedTuple):
    """One spread of a model over chips; every field is a float.

    Parameters
    ----------
    tp, pp, vpp, cp, ep, dp
        Tensor, pipeline, virtual pipeline (chunks per stage), context, expert and data
        parallel degrees; ``tp * pp * cp * dp`` chips in all.
    micro_batch
        Sequences that one pipeline passes on at a time.
    zero
        What data-parallel ranks share out: 0 nothing, 1 optimiser state, 2 and gradients,
        3 and weights (also called fully sharded data parallelism, FSDP).
    shard
        Ranks over which they share it out; 0 for all data-parallel ranks. Fewer ranks than
        `dp` is hybrid sharding (HSDP).
    recompute
        A value of `RECOMPUTE`.
    schedule
        A value of `SCHEDULES`.
    sequence_parallel
        1 where the norms between tensor-parallel products are split over the sequence.
    offload
        Share of the optimiser state and of the kept activations that lies in host memory.
    expert_tp
        Tensor-parallel degree inside one expert; 1 keeps experts whole.
    context
        A value of `CONTEXT`: gather all keys and values, pass them round in a ring, or
        exchange the sequence for heads (all-to-all).
    """

    tp: float = 1.0
    pp: float = 1.0
    vpp: float = 1.0
    cp: float = 1.0
    ep: float = 1.0
    dp: float = 1.0
    micro_batch: float = 1.0
    zero: float = 1.0
    shard: float = 0.0
    recompute: float = 2.0
    schedule: float = 1.0
    sequence_parallel: float = 1.0
    offload: float = 0.0
    expert_tp: float = 1.0
    context: float = 0.0


#: Why a layout is not valid: code -> sentence. 0 means valid.
REASONS = (
    "",
    "tp x pp x cp x dp is not the number of chips",
    "the heads do not divide by tp",
    "the feed-forward width does not divide by tp",
    "the layers do not divide by pp x vpp",
    "the global batch does not divide by dp x micro-batch",
    "the experts do not divide by ep",
    "ep x expert tp does not divide tp x dp x cp",
    "the sequence does not divide by 2 x cp",
    "interleaving needs pp > 1 and micro-batches that divide by pp",
    "the schedule needs more micro-batches, more stages or a single chunk per stage",
    "the heads do not divide by tp x cp, which an all-to-all of the context needs",
    "chips that must exchange data have no link whose rate is known",
)


@njit(cache=True)
def chips_of(layout: Layout) -> float:
    """Chips that the layout occupies."""
    return layout.tp * layout.pp * layout.cp * layout.dp


@njit(cache=True)
def microbatches(layout: Layout, global_batch: float) -> float:
    """Micro-batches that one pipeline passes in one step."""
    return global_batch / (layout.dp * layout.micro_batch)


@njit(cache=True)
def stage_layers(shape: Shape, layout: Layout) -> float:
    """Layers of the fullest pipeline stage, whose chunks are as even as whole layers allow."""
    return layout.vpp * math.ceil(shape.layers / (layout.pp * layout.vpp) - 1e-9)


@njit(cache=True)
def _divides(whole: float, part: float) -> bool:
    return part >= 1.0 and abs(whole - part * round(whole / part)) < 1e-6


@njit(cache=True)
def _shape_code(shape: Shape, layout: Layout, sequence: float) -> int:
    """The part of `validity` that concerns the model's geometry."""
    if not _divides(shape.heads, layout.tp):
        return 2
    if shape.dense_layers > 0.0 and not _divides(shape.ffn, layout.tp):
        return 3
    if layout.cp > 1.0 and not _divides(sequence, 2.0 * layout.cp):
        return 8
    if layout.context > 1.5 and not _divides(shape.heads, layout.tp * layout.cp):
        return 11
    if layout.ep > 1.0:
        if shape.moe_layers <= 0.0 or not _divides(shape.experts, layout.ep):
            return 6
        if not _divides(layout.tp * layout.dp * layout.cp, layout.ep * layout.expert_tp):
            return 7
    return 0


@njit(cache=True)
def validity(
    shape: Shape, layout: Layout, chips: float, global_batch: float, sequence: float, uneven: float
) -> int:
    """Index into `REASONS`: 0 for a valid layout, else the first rule it breaks.

    `uneven` is 1 where pipeline stages may hold different numbers of layers.
    """
    if abs(chips_of(layout) - chips) > 1e-6:
        return 1
    code = _shape_code(shape, layout, sequence)
    if code > 0:
        return code
    stages = layout.pp * layout.vpp
    if stages > shape.layers or (uneven < 0.5 and not _divides(shape.layers, stages)):
        return 4
    if not _divides(global_batch, layout.dp * layout.micro_batch):
        return 5
    count = microbatches(layout, global_batch)
    if layout.vpp > 1.0 and (layout.pp < 2.0 or not _divides(count, layout.pp)):
        return 9
    if layout.schedule >= 3.0 and (layout.pp < 2.0 or count < layout.pp):
        return 10
    if layout.schedule == 3.0 and layout.vpp > 2.0:
        return 10
    if layout.schedule >= 4.0 and (layout.vpp > 1.0 or count < 2.0 * layout.pp):
        return 10
    return 0
