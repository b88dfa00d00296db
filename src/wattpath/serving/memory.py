"""What one chip must hold: its share of the weights, of the KV cache, and the workspace."""

from __future__ import annotations

from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.parameters import parameter_count
from wattpath.models.shape import Shape
from wattpath.models.work import kv_bytes, state_bytes
from wattpath.serving.engine import Engine
from wattpath.serving.layout import Layout


@njit(cache=True)
def weight_bytes_chip(shape: Shape, layout: Layout, settings: ServingSettings) -> float:
    """Bytes of weights on one chip [B].

    Attention, dense and shared blocks and embeddings are split over tp and copied on every
    attention rank; routed experts are split over all tp x dp chips of a stage; routers and
    norms are copied. Embeddings, routers and norms stay at 16 bit or more.
    """
    count = parameter_count(shape)
    bits = settings.weight_bits * settings.weight_overhead
    kept = max(settings.weight_bits, 16.0)
    matrices = (count.attention + count.dense_ffn + count.shared + count.state) / layout.tp
    experts = count.experts / (layout.tp * layout.dp)
    rest = count.embedding / layout.tp + count.router + count.norm
    return ((matrices + experts) * bits + rest * kept) / 8.0 / layout.pp


@njit(cache=True)
def kv_bytes_chip(shape: Shape, layout: Layout, settings: ServingSettings, context: float) -> float:
    """Bytes that one sequence of `context` tokens keeps on one chip of its attention rank [B].

    KV heads are split over tp as far as there are heads; a latent cache (MLA) has one head
    and is copied on every chip of the rank. Recurrent states are split over tp.
    """
    state = state_bytes(shape)
    cache = kv_bytes(shape, context, settings.kv_bits * settings.kv_overhead) - state
    split = 1.0 if shape.kv_rank > 0.0 else min(layout.tp, max(1.0, shape.kv_heads))
    return (cache / split + state / layout.tp) / layout.pp


@njit(cache=True)
def activation_bytes_chip(shape: Shape, layout: Layout, tokens: float) -> float:
    """Largest activations of one iteration of `tokens` tokens on one chip [B].

    Residual stream in and out at 16 bit, the widest inner width of a block, and 32-bit
    logits of at most one row a sequence (bounded by 512 rows).
    """
    inner = max(shape.ffn, shape.experts_active * shape.moe_ffn) * shape.mlp_matrices
    stream = tokens * (4.0 * shape.hidden + inner / layout.tp) * 2.0
    return stream + min(tokens, 512.0) * shape.vocab / layout.tp * 4.0


@njit(cache=True)
def workspace_bytes_chip(chip: Chip, engine: Engine) -> float:
    """Bytes of one chip that are neither weight, KV cache nor activation [B]."""
    return min(engine.workspace_bytes, engine.workspace_share * chip.mem_bytes)


@njit(cache=True)
def free_kv_bytes(
    chip: Chip, shape: Shape, layout: Layout, settings: ServingSettings, engine: Engine
) -> float:
    """Bytes of one chip that are left for KV cache [B]; negative: the model does not fit."""
    usable = chip.mem_bytes * engine.memory_utilisation - workspace_bytes_chip(chip, engine)
    weights = weight_bytes_chip(shape, layout, settings)
    return usable - weights - activation_bytes_chip(shape, layout, engine.chunk_tokens)


@njit(cache=True)
def most_sequences(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    input_tokens: float,
    output_tokens: float,
) -> float:
    """Sequences that one attention rank can run at once: KV memory or the engine's limit.

    A running sequence claims its prompt and, on average, the engine's `kv_reserve` share of
    its answer.
    """
    context = input_tokens + engine.kv_reserve * output_tokens
    free = free_kv_bytes(chip, shape, layout, settings, engine)
    return min(engine.max_sequences, free / kv_bytes_chip(shape, layout, settings, context))
