"""Seconds of one layer for one micro-batch on one rank, operator by operator.

A layer's time depends on few numbers of a layout: ``tp``, ``cp``, ``ep``, the micro-batch
and the sequence split. It is computed once for these and combined with everything else
(stages, data parallelism, sharding, schedule) in `wattpath.training.steptime`.

Per matrix product y[t, n] = x[t, k] w[k, n] a step runs three: forward, the gradient of x
(t, k, n) and the gradient of w (n, k, t).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from numba import njit

from wattpath.hardware.kernels import attention_prefill_s, gemm_s, memory_s

if TYPE_CHECKING:
    from wattpath.hardware import Chip
    from wattpath.models import Shape
    from wattpath.training.layout import Layout
    from wattpath.training.trainer import Trainer


class Pass(NamedTuple):
    """Device time [s] of one operator or layer: forward, backward, and its two parts.

    `products_s` and `core_s` are the forward seconds of matrix products and of attention
    alone, which recomputation repeats in part; `weight_s` is the part of the backward pass
    that only weight gradients need, which a zero-bubble schedule may postpone; `flops` is
    the forward work of the matrix units.
    """

    forward_s: float
    backward_s: float
    products_s: float
    core_s: float
    weight_s: float
    flops: float


@njit(cache=True)
def add(a: Pass, b: Pass, share: float) -> Pass:
    """The sum of `a` and `share` times `b`."""
    return Pass(
        a.forward_s + share * b.forward_s,
        a.backward_s + share * b.backward_s,
        a.products_s + share * b.products_s,
        a.core_s + share * b.core_s,
        a.weight_s + share * b.weight_s,
        a.flops + share * b.flops,
    )


@njit(cache=True)
def linear(chip: Chip, trainer: Trainer, t: float, n: float, k: float, bits: float) -> Pass:
    """One matrix product with both of its gradients, casts to a low precision included."""
    forward = gemm_s(chip, t, n, k, bits, bits)
    weight = gemm_s(chip, n, k, t, bits, bits) * trainer.gemm
    backward = gemm_s(chip, t, k, n, bits, bits) * trainer.gemm + weight
    forward *= trainer.gemm
    if bits < 16.0:
        forward += memory_s(chip, trainer.cast_bytes * t * k)
        backward += memory_s(chip, trainer.cast_bytes * t * n)
    return Pass(forward, backward, forward, 0.0, weight, 2.0 * t * n * k)


@njit(cache=True)
def grouped(
    chip: Chip, trainer: Trainer, t: float, groups: float, n: float, k: float, bits: float
) -> Pass:
    """The products of `groups` experts that share `t` rows, with both gradients.

    Training runs one product per expert, one after the other; experts with few rows lose
    to the fill of the chip and to the launch of each product.
    """
    one = linear(chip, trainer, t / groups, n, k, bits)
    return add(Pass(0.0, 0.0, 0.0, 0.0, 0.0, 0.0), one, groups)


@njit(cache=True)
def fused_attention(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, sequence: float, window: float
) -> Pass:
    """Attention in one kernel: 2 products forward and 5 backward, scores never in memory."""
    own = sequence / layout.cp
    past = 0.5 * sequence * (1.0 - 1.0 / layout.cp)
    split = layout.tp
    if layout.context > 1.5:  # the whole sequence of fewer heads
        own, past, split = sequence, 0.0, layout.tp * layout.cp
    heads, kv_heads = shape.heads / split, max(1.0, shape.kv_heads / split)
    best = attention_prefill_s(
        chip, layout.micro_batch, own, past, heads, kv_heads, shape.head_dim, shape.v_head_dim,
        16.0, window,
    )  # fmt: skip
    pairs = layout.micro_batch * own * heads * (0.5 * sequence)
    if window > 0.0:
        pairs = layout.micro_batch * own * heads * min(window, 0.5 * sequence)
    flops = 2.0 * pairs * (shape.head_dim + shape.v_head_dim)
    full = 1.0 + (1.0 - trainer.causal_skip)
    ceiling = full * flops / trainer.attention_ceiling
    forward = full * best * trainer.attention_forward + ceiling
    ceiling *= trainer.ceiling_backward
    backward = 2.5 * (full * best * trainer.attention_backward + ceiling)
    return Pass(forward, backward, 0.0, forward, 0.0, flops)


@njit(cache=True)
def plain_attention(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, sequence: float
) -> Pass:
    """Attention as separate products and passes over the score matrix in memory.

    The products run over all pairs (no causal skipping), head by head; scale, mask and
    softmax read and write the scores once, dropout once more with its mask of one byte.
    """
    own = sequence / layout.cp
    batch = layout.micro_batch * shape.heads / layout.tp
    scores = batch * own * sequence
    rate = chip.bf16_flops * chip.gemm_eff_16 * trainer.batched_products
    compute = 2.0 * scores * shape.head_dim / rate
    store = memory_s(chip, 2.0 * scores + 4.0 * batch * own * shape.head_dim)
    product = (compute**2 + store**2) ** 0.5
    passes = memory_s(chip, 4.0 * scores) + memory_s(chip, 5.0 * scores)
    forward = 2.0 * product + passes * trainer.elementwise
    backward = 4.0 * product + (passes + memory_s(chip, 3.0 * scores)) * trainer.elementwise
    return Pass(forward, backward, 0.0, forward, 0.0, 4.0 * scores * shape.head_dim)


@njit(cache=True)
def attention_core(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, sequence: float
) -> Pass:
    """The mean over a model's full, windowed and recurrent layers of the mixing itself."""
    total = Pass(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    if shape.full_layers > 0.0:
        if trainer.fused_attention > 0.5:
            full = fused_attention(shape, chip, trainer, layout, sequence, 0.0)
        else:
            full = plain_attention(shape, chip, trainer, layout, sequence)
        total = add(total, full, shape.full_layers / shape.layers)
    if shape.window_layers > 0.0:
        part = fused_attention(shape, chip, trainer, layout, sequence, shape.window)
        total = add(total, part, shape.window_layers / shape.layers)
    if shape.state_layers > 0.0:
        tokens = layout.micro_batch * sequence / layout.cp
        flops = 6.0 * tokens * shape.state_elements / layout.tp
        seconds = flops / (chip.bf16_flops * chip.attention_eff)
        state = Pass(seconds, 2.0 * seconds, 0.0, seconds, 0.0, flops)
        total = add(total, state, shape.state_layers / shape.layers)
    return total


@njit(cache=True)
def projections(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, t: float, bits: float
) -> Pass:
    """Query, key, value and output products of one softmax attention layer."""
    h, tp = shape.hidden, layout.tp
    out = linear(chip, trainer, t, h, shape.heads * shape.v_head_dim / tp, bits)
    if shape.kv_rank <= 0.0:
        width = shape.heads * shape.head_dim
        width += shape.kv_heads * (shape.head_dim + shape.v_head_dim)
        return add(out, linear(chip, trainer, t, width / tp, h, bits), 1.0)
    latent = shape.kv_rank + shape.rope_dim + shape.q_rank
    total = add(out, linear(chip, trainer, t, latent, h, bits), 1.0)
    queries = shape.heads * shape.head_dim / tp
    rank = shape.q_rank if shape.q_rank > 0.0 else h
    total = add(total, linear(chip, trainer, t, queries, rank, bits), 1.0)
    keys = shape.heads * (shape.nope_dim + shape.v_head_dim) / tp
    return add(total, linear(chip, trainer, t, keys, shape.kv_rank, bits), 1.0)


@njit(cache=True)
def feed_forward(
    chip: Chip, trainer: Trainer, t: float, hidden: float, ffn: float, matrices: float, bits: float
) -> Pass:
    """A dense feed-forward block; the up (and gate) products run as one."""
    up = linear(chip, trainer, t, (matrices - 1.0) * ffn, hidden, bits)
    return add(up, linear(chip, trainer, t, hidden, ffn, bits), 1.0)


@njit(cache=True)
def experts(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, t: float, bits: float
) -> Pass:
    """Router, routed and shared experts of one layer, without the exchange of tokens."""
    h = shape.hidden
    rows = t * shape.experts_active
    groups = max(1.0, shape.experts / layout.ep)
    width = shape.moe_ffn / layout.expert_tp
    up = (shape.mlp_matrices - 1.0) * width
    rows /= layout.tp / layout.expert_tp
    total = grouped(chip, trainer, rows, groups, up, h, bits)
    total = add(total, grouped(chip, trainer, rows, groups, h, width, bits), 1.0)
    total = add(total, linear(chip, trainer, t / layout.tp, shape.experts, h, 16.0), 1.0)
    if shape.experts_shared > 0.0:
        inner = shape.experts_shared * shape.shared_ffn / layout.tp
        total = add(total, feed_forward(chip, trainer, t, h, inner, shape.mlp_matrices, bits), 1.0)
    return total


@njit(cache=True)
def elementwise_bytes(shape: Shape, layout: Layout, t: float) -> float:
    """Bytes that one layer's norms, residual sums, rotations and activations move forward.

    Every operand of two bytes is read or written once: two norms (4 h), two residual sums
    with dropout (6 h), rotation of queries and keys, activation of the inner width, and for
    experts the permutation of tokens there and back.
    """
    split = layout.tp if layout.sequence_parallel > 0.5 else 1.0
    gate = shape.mlp_matrices
    width = shape.heads * shape.head_dim + shape.kv_heads * shape.head_dim
    nbytes = 20.0 * shape.hidden / split + 4.0 * width / layout.tp
    nbytes += shape.dense_layers / shape.layers * 2.0 * gate * shape.ffn / layout.tp
    inner = shape.experts_active * (2.0 * gate * shape.moe_ffn + 8.0 * shape.hidden)
    inner += shape.experts_shared * 2.0 * gate * shape.shared_ffn
    nbytes += shape.moe_layers / shape.layers * inner / layout.tp
    return t * nbytes


@njit(cache=True)
def layer(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, sequence: float, bits: float
) -> Pass:
    """Device time of the mean layer of the model for one micro-batch on one rank."""
    t = layout.micro_batch * sequence / layout.cp
    total = attention_core(shape, chip, trainer, layout, sequence)
    softmax = (shape.full_layers + shape.window_layers) / shape.layers
    if softmax > 0.0:
        total = add(total, projections(shape, chip, trainer, layout, t, bits), softmax)
    if shape.state_layers > 0.0:
        width = shape.state_params / shape.hidden / layout.tp
        mixer = linear(chip, trainer, t, width, shape.hidden, bits)
        total = add(total, mixer, shape.state_layers / shape.layers)
    if shape.dense_layers > 0.0:
        ffn = shape.ffn / layout.tp
        dense = feed_forward(chip, trainer, t, shape.hidden, ffn, shape.mlp_matrices, bits)
        total = add(total, dense, shape.dense_layers / shape.layers)
    if shape.moe_layers > 0.0:
        routed = experts(shape, chip, trainer, layout, t, bits)
        total = add(total, routed, shape.moe_layers / shape.layers)
    moved = memory_s(chip, elementwise_bytes(shape, layout, t)) * trainer.elementwise
    return add(total, Pass(moved, trainer.elementwise_backward * moved, 0.0, 0.0, 0.0, 0.0), 1.0)


@njit(cache=True)
def head(shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, sequence: float) -> Pass:
    """Embedding look-up, vocabulary product and cross entropy of one micro-batch."""
    t = layout.micro_batch * sequence / layout.cp
    vocab = shape.vocab / layout.tp
    total = linear(chip, trainer, t, vocab, shape.hidden, 16.0)
    loss = memory_s(chip, t * vocab * trainer.logits_bytes)
    look_up = memory_s(chip, 4.0 * t * shape.hidden)
    return add(total, Pass(loss + look_up, loss + 2.0 * look_up, 0.0, 0.0, 0.0, 0.0), 1.0)
