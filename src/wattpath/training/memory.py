"""Bytes on the fullest rank: weights, gradients, optimiser, activations, logits, buffers.

Activations are counted operand by operand for what the backward pass needs, per layer and
micro-batch, and multiplied by the micro-batches that a schedule keeps alive on its first
stage (Korthikanti et al. 2022, Qi et al. 2024, DeepSeek-AI 2024).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from numba import njit

from wattpath.training.layout import stage_layers
from wattpath.training.network import key_value_width

if TYPE_CHECKING:
    from wattpath.models import Shape
    from wattpath.training.layout import Layout
    from wattpath.training.trainer import Trainer


class Memory(NamedTuple):
    """Bytes of one rank, by use; `total` is their sum."""

    weights: float
    gradients: float
    optimizer: float
    activations: float
    logits: float
    buffers: float
    total: float


class LayerBytes(NamedTuple):
    """Elements of one mean layer: dense and expert parameters of one rank, kept bytes.

    `kept` is what one micro-batch leaves in memory for the backward pass, `working` what a
    layer needs while it is recomputed.
    """

    dense: float
    expert: float
    kept: float
    working: float


@njit(cache=True)
def layer_parameters(shape: Shape, tp: float, ep: float, expert_tp: float) -> tuple[float, float]:
    """Dense and expert parameters of the mean layer on one rank."""
    h = shape.hidden
    if shape.kv_rank > 0.0:
        rank = shape.q_rank if shape.q_rank > 0.0 else h
        mixer = shape.heads * shape.head_dim * rank
        mixer += shape.kv_rank * shape.heads * (shape.nope_dim + shape.v_head_dim)
        mixer += shape.heads * shape.v_head_dim * h
        whole = h * (shape.q_rank + shape.kv_rank + shape.rope_dim)
    else:
        heads = shape.heads * (shape.head_dim + shape.v_head_dim)
        mixer = h * (heads + shape.kv_heads * (shape.head_dim + shape.v_head_dim))
        whole = 0.0
    softmax = (shape.full_layers + shape.window_layers) / shape.layers
    dense = softmax * (mixer / tp + whole)
    dense += shape.state_layers / shape.layers * shape.state_params / tp
    dense += shape.dense_layers / shape.layers * shape.mlp_matrices * h * shape.ffn / tp
    moe = shape.moe_layers / shape.layers
    shared = shape.mlp_matrices * h * shape.experts_shared * shape.shared_ffn / tp
    dense += moe * (shared + h * shape.experts) + 2.0 * h
    expert = moe * shape.mlp_matrices * h * shape.moe_ffn * shape.experts / (ep * expert_tp)
    return dense, expert


@njit(cache=True)
def layer_activations(
    shape: Shape, trainer: Trainer, layout: Layout, sequence: float
) -> tuple[float, float]:
    """Bytes that one micro-batch leaves behind in one mean layer: (everything, kept).

    Inputs of both norms and of the products (2 bytes each), queries, keys, values and the
    attention's output, the activation's input and output; dropout masks and the score
    matrix only where the attention is not fused.
    """
    t = layout.micro_batch * sequence / layout.cp
    tp, h = layout.tp, shape.hidden
    split = tp if layout.sequence_parallel > 0.5 else 1.0
    stream = 8.0 * h / split
    heads = shape.heads * (shape.head_dim + shape.v_head_dim)
    inner = 2.0 * (heads + shape.kv_heads * (shape.head_dim + shape.v_head_dim)) / tp
    scores = 0.0
    if trainer.fused_attention < 0.5:
        stream += 2.0 * h / split
        scores = 5.0 * shape.heads * sequence / tp
    dense = shape.dense_layers / shape.layers * 2.0 * shape.mlp_matrices * shape.ffn / tp
    routed = shape.experts_active * (2.0 * shape.mlp_matrices * shape.moe_ffn + 4.0 * h)
    routed += shape.experts_shared * 2.0 * shape.mlp_matrices * shape.shared_ffn
    moe = shape.moe_layers / shape.layers * routed / tp
    everything = t * (stream + inner + scores + dense + moe)
    kept = everything
    if layout.recompute > 1.5:
        kept = 2.0 * t * h / split
    elif layout.recompute > 0.5:
        kept = stream * trainer.kept_stream + inner * trainer.kept_attention
        kept = t * (kept + (dense + moe) * trainer.kept_inner)
    return everything, kept


@njit(cache=True)
def layer_bytes(shape: Shape, trainer: Trainer, layout: Layout, sequence: float) -> LayerBytes:
    """All that memory needs to know of one mean layer of one layout."""
    dense, expert = layer_parameters(shape, layout.tp, layout.ep, layout.expert_tp)
    everything, kept = layer_activations(shape, trainer, layout, sequence)
    working = everything if layout.recompute > 0.5 else 0.0
    return LayerBytes(dense, expert, kept, working + context_bytes(shape, layout, sequence))


@njit(cache=True)
def context_bytes(shape: Shape, layout: Layout, sequence: float) -> float:
    """Buffers of one layer's context parallelism, beside what it keeps.

    A gather holds the keys and values of the whole sequence, a ring two blocks of them (in
    use and on the way), an all-to-all what it sends of queries, keys and values.
    """
    if layout.cp <= 1.0:
        return 0.0
    t = layout.micro_batch * sequence / layout.cp
    keys = 2.0 * t * key_value_width(shape, layout)
    if layout.context > 1.5:
        return keys + 2.0 * t * shape.heads * shape.head_dim / layout.tp
    return keys * (2.0 if layout.context > 0.5 else layout.cp)


@njit(cache=True)
def live_microbatches(layout: Layout, count: float) -> float:
    """Micro-batches, in units of a whole stage, alive at once on the fullest stage.

    One forward one backward: the number of stages. Interleaved: ``pp (1 + (pp-1)/(pp v))``.
    Zero bubble as one forward one backward. DualPipe: ``pp + 1`` for a stage of which each
    rank holds two halves.
    """
    alive = layout.pp
    if layout.vpp > 1.0:
        alive = layout.pp * (1.0 + (layout.pp - 1.0) / (layout.pp * layout.vpp))
    if layout.schedule >= 4.0:
        alive = layout.pp + 1.0
    return min(alive, count)


@njit(cache=True)
def rank_memory(
    shape: Shape, trainer: Trainer, layout: Layout, part: LayerBytes, sequence: float, count: float
) -> Memory:
    """Bytes on the fullest rank (the first stage; with the head where there is one stage).

    `count` is the number of micro-batches in a step.
    """
    layers = stage_layers(shape, layout)
    table = shape.vocab * shape.hidden / layout.tp
    copies = shape.embeddings if layout.pp <= 1.0 else 1.0
    dense = layers * part.dense + table * copies
    expert = layers * part.expert
    if layout.schedule >= 4.0:
        dense, expert = 2.0 * dense, 2.0 * expert
    ranks = layout.dp * layout.cp
    if layout.shard > 0.0:
        ranks = min(ranks, layout.shard)
    replicas = max(1.0, layout.tp * layout.dp * layout.cp / (layout.ep * layout.expert_tp))
    share, expert_share = 1.0 / ranks, 1.0 / min(replicas, ranks)
    parameters = dense + expert
    shared = dense * share + expert * expert_share
    weights = 2.0 * (shared if layout.zero >= 3.0 else parameters)
    gradients = trainer.gradient_bytes * (shared if layout.zero >= 2.0 else parameters)
    state = trainer.state_bytes * (shared if layout.zero >= 1.0 else parameters)
    state *= 1.0 - layout.offload
    t = layout.micro_batch * sequence / layout.cp
    alive = live_microbatches(layout, count) * (1.0 - layout.offload)
    activations = layers * part.kept * alive + part.working
    logits = 0.0
    if layout.pp <= 1.0:
        logits = t * shape.vocab / layout.tp * trainer.logits_kept
    buffers = trainer.reserve_bytes
    if layout.zero >= 3.0:
        buffers += 2.0 * 2.0 * (part.dense + part.expert) + 2.0 * table
    total = weights + gradients + state + activations + logits + buffers
    return Memory(weights, gradients, state, activations, logits, buffers, total)
