"""What a forward or training pass costs: FLOP, bytes read and bytes kept.

All functions are scalar kernels over a `Shape`; they hold exact counts, not times. A
multiplication and an addition are two FLOP. Tokens, widths and contexts are floats, so
that averages over traffic can be passed as they are.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from wattpath.models.parameters import (
    active_elements,
    expert_parameters,
    kv_entry_elements,
    parameter_count,
    weight_elements,
)
from wattpath.models.shape import Shape

__all__ = [
    "ForwardFlops",
    "active_elements",
    "attended_pairs",
    "attention_flops",
    "experts_touched",
    "forward_flops",
    "forward_flops_per_token",
    "kv_bytes",
    "kv_bytes_per_token",
    "kv_bytes_read",
    "kv_elements_per_token",
    "kv_entry_elements",
    "state_bytes",
    "state_flops_per_token",
    "training_flops_per_token",
    "weight_bytes",
    "weight_bytes_read",
    "weight_elements",
]


class ForwardFlops(NamedTuple):
    """FLOP of a forward pass by the precision class in which they run.

    Parameters
    ----------
    linear
        Projections of attention and state mixers, dense and shared feed-forward blocks
        [FLOP]: what weight quantisation speeds up.
    expert
        Routed experts [FLOP]: grouped matrix multiplications.
    head
        Routers and the projection to the vocabulary [FLOP]: kept at 16 bit or more.
    attention
        Scores, weighted values and sparse-attention indexing [FLOP]: grows with context.
    state
        Recurrent updates of linear-attention and state-space layers [FLOP].
    total
        The sum [FLOP].
    """

    linear: float
    expert: float
    head: float
    attention: float
    state: float
    total: float


@njit(cache=True)
def attended_pairs(new_tokens: float, past_tokens: float, limit: float) -> float:
    """Query/key pairs of causal attention with at most `limit` keys a query.

    ``sum over i = 1..n of min(p + i, limit)`` in closed form; parts of a token never see more than
    the limit.

    Parameters
    ----------
    new_tokens : float
        Queries ``n`` of one sequence [token].
    past_tokens : float
        Keys ``p`` that are already in the cache [token].
    limit : float
        Window or number of selected tokens [token]; 0 for no limit.

    Returns
    -------
    float
        Pairs.
    """
    every = new_tokens * past_tokens + 0.5 * new_tokens * (new_tokens + 1.0)
    if limit <= 0.0 or past_tokens + new_tokens <= limit:
        return every
    growing = max(0.0, limit - past_tokens)
    below = growing * past_tokens + 0.5 * growing * (growing + 1.0)
    return min(below + (new_tokens - growing) * limit, new_tokens * limit)


@njit(cache=True)
def _latent_flops(shape: Shape, pairs: float, past_tokens: float) -> float:
    """One MLA layer: the cheaper of attending in latent space and of expanding the cache."""
    latent = 2.0 * shape.heads * (2.0 * shape.kv_rank + shape.rope_dim) * pairs
    expanded = 2.0 * shape.heads * (shape.head_dim + shape.v_head_dim) * pairs
    expand = 2.0 * shape.kv_rank * shape.heads * (shape.nope_dim + shape.v_head_dim) * past_tokens
    return min(latent, expanded + expand)


@njit(cache=True)
def attention_flops(shape: Shape, new_tokens: float, past_tokens: float) -> float:
    """FLOP of all softmax attention layers for new tokens of one sequence.

    Each query/key pair costs ``2 H (d + v)``. MLA attends either in latent space,
    ``2 H (2 r + rope)`` a pair (decode), or expands the cached latents first (prefill); the
    cheaper one is taken. Sparse attention adds ``2 H_i d_i`` a pair for its indexer and then
    attends to the selected tokens only.

    Parameters
    ----------
    shape : Shape
        The geometry.
    new_tokens : float
        Tokens to process; 1 is a decode step [token].
    past_tokens : float
        Tokens already in the cache [token].

    Returns
    -------
    float
        [FLOP]; causal: masked pairs are not counted.

    Notes
    -----
    Kernels that work in tiles compute part of the masked pairs too, which is an efficiency of
    the kernel and not work. The projections are in `forward_flops`.
    """
    full = attended_pairs(new_tokens, past_tokens, 0.0)
    stored = full / shape.kv_stride
    selected = stored
    if shape.sparse_tokens > 0.0:
        selected = min(stored, attended_pairs(new_tokens, past_tokens, shape.sparse_tokens))
    windowed = attended_pairs(new_tokens, past_tokens, shape.window)
    index = 2.0 * shape.index_heads * shape.index_dim * stored
    if shape.kv_rank > 0.0:
        past = past_tokens / shape.kv_stride
        full_layer = _latent_flops(shape, selected, past)
        window_layer = _latent_flops(shape, windowed, min(past_tokens, shape.window))
    else:
        pair = 2.0 * shape.heads * (shape.head_dim + shape.v_head_dim)
        full_layer = pair * selected
        window_layer = pair * windowed
    return shape.full_layers * (full_layer + index) + shape.window_layers * window_layer


@njit(cache=True)
def state_flops_per_token(shape: Shape) -> float:
    """FLOP a token of the recurrent updates: about 6 for each element of the state.

    Decay (1), rank-one update (2) and read-out (2) are five; gates and the delta rule's
    correction lie between nothing and two more.

    Notes
    -----
    Chunked kernels trade this for matrix multiplications inside a chunk, which cost up to
    twice as many FLOP but run on matrix units.
    """
    return 6.0 * shape.state_layers * shape.state_elements


@njit(cache=True)
def forward_flops(shape: Shape, new_tokens: float, past_tokens: float) -> ForwardFlops:
    """FLOP of one forward pass over new tokens of one sequence, by precision class.

    Parameters
    ----------
    shape : Shape
        The geometry.
    new_tokens, past_tokens : float
        Tokens to process and tokens in the cache [token].

    Returns
    -------
    ForwardFlops
        [FLOP]; every token is projected to the vocabulary, as in training.
    """
    count = parameter_count(shape)
    twice = 2.0 * new_tokens
    linear = twice * (count.attention + count.dense_ffn + count.shared + count.state)
    active = min(shape.experts_active, shape.experts)
    expert = twice * shape.moe_layers * active * expert_parameters(shape)
    head = twice * (count.router + shape.vocab * shape.hidden)
    attention = attention_flops(shape, new_tokens, past_tokens)
    state = new_tokens * state_flops_per_token(shape)
    total = linear + expert + head + attention + state
    return ForwardFlops(linear, expert, head, attention, state, total)


@njit(cache=True)
def forward_flops_per_token(shape: Shape, context: float) -> float:
    """FLOP of one token that attends to `context` tokens, itself included [FLOP/token].

    ``2 N_active`` plus attention. The average token of a causal sequence of ``s`` tokens has
    ``context = (s + 1) / 2``.
    """
    return forward_flops(shape, 1.0, max(0.0, context - 1.0)).total


@njit(cache=True)
def training_flops_per_token(shape: Shape, sequence_tokens: float, recompute: float) -> float:
    """FLOP of forward, backward and recomputation for one training token.

    Backward costs twice the forward pass. Recomputation adds the forward pass of attention
    scores (selective) or of everything (full).

    Parameters
    ----------
    shape : Shape
        The geometry.
    sequence_tokens : float
        Length of a training sequence, attended causally [token].
    recompute : float
        0 none, 1 selective, 2 full; between them linear.

    Returns
    -------
    float
        [FLOP/token]; with short sequences and no recomputation about ``6 N_active``.

    References
    ----------
    Korthikanti et al., "Reducing Activation Recomputation in Large Transformer Models",
    arXiv:2205.05198, appendix A.
    """
    flops = forward_flops(shape, sequence_tokens, 0.0)
    selective = min(recompute, 1.0) * (flops.attention + flops.state)
    full = max(recompute - 1.0, 0.0) * (flops.linear + flops.expert)
    return (3.0 * flops.total + selective + full) / sequence_tokens


@njit(cache=True)
def experts_touched(experts: float, active: float, tokens: float) -> float:
    """Distinct experts that a batch visits: ``E (1 - (1 - k/E)^B)``.

    Parameters
    ----------
    experts, active : float
        Routed experts ``E`` of a layer and experts ``k`` that a token visits.
    tokens : float
        Tokens ``B`` of the batch.

    Returns
    -------
    float
        Between 0 and `experts`.

    Notes
    -----
    Tokens route independently and evenly. Real routing is skewed: a batch of like tokens
    touches fewer experts, at the price of uneven load.
    """
    if experts <= 0.0 or active <= 0.0:
        return 0.0
    if active >= experts:
        return experts * min(1.0, tokens)
    return experts * -math.expm1(tokens * math.log1p(-active / experts))


@njit(cache=True)
def weight_bytes(shape: Shape, weight_bits: float, expert_bits: float = 0.0) -> float:
    """Bytes of all weights in memory [B].

    Parameters
    ----------
    shape : Shape
        The geometry.
    weight_bits : float
        Bits of a matrix element, scale factors included (MXFP4 has 4.25).
    expert_bits : float, optional
        Bits of a routed expert's element; 0 means `weight_bits`.

    Notes
    -----
    Embedding tables, vocabulary projection, routers and norms stay at 16 bit or more, as
    released low-precision checkpoints keep them.
    """
    count = parameter_count(shape)
    kept = max(weight_bits, 16.0)
    routed = expert_bits if expert_bits > 0.0 else weight_bits
    matrices = count.attention + count.dense_ffn + count.shared + count.state
    rest = count.embedding + count.router + count.norm
    return (matrices * weight_bits + count.experts * routed + rest * kept) / 8.0


@njit(cache=True)
def weight_bytes_read(
    shape: Shape, tokens: float, weight_bits: float, expert_bits: float = 0.0
) -> float:
    """Bytes of weights that one forward pass over a batch reads once [B].

    Every matrix is read once a pass, of the routed experts only those that the batch touches,
    of the input table one row a token.

    Parameters
    ----------
    shape : Shape
        The geometry.
    tokens : float
        Tokens of the pass over all sequences [token].
    weight_bits, expert_bits : float
        As in `weight_bytes`.
    """
    count = parameter_count(shape)
    kept = max(weight_bits, 16.0)
    routed = expert_bits if expert_bits > 0.0 else weight_bits
    touched = experts_touched(shape.experts, shape.experts_active, tokens)
    experts = shape.moe_layers * touched * expert_parameters(shape)
    matrices = count.attention + count.dense_ffn + count.shared + count.state
    rows = min(tokens, shape.vocab) * shape.hidden if shape.embeddings > 1.0 else 0.0
    rest = shape.vocab * shape.hidden + rows + count.router + count.norm
    return (matrices * weight_bits + experts * routed + rest * kept) / 8.0


@njit(cache=True)
def kv_elements_per_token(shape: Shape) -> float:
    """Cache elements a token and sequence in the layers that keep the whole context."""
    entry = kv_entry_elements(shape) + shape.index_dim
    return shape.full_layers * entry / shape.kv_stride


@njit(cache=True)
def kv_bytes_per_token(shape: Shape, kv_bits: float) -> float:
    """Bytes by which one more token grows a long sequence's cache [B/token]."""
    return kv_elements_per_token(shape) * kv_bits / 8.0


@njit(cache=True)
def state_bytes(shape: Shape) -> float:
    """Bytes of the recurrent state of one sequence, whatever its length [B]."""
    return shape.state_layers * shape.state_elements * shape.state_bits / 8.0


@njit(cache=True)
def kv_bytes(shape: Shape, context: float, kv_bits: float) -> float:
    """Bytes that one sequence of `context` tokens keeps: cache and recurrent state [B].

    Full layers keep every token, window layers at most `Shape.window` of them, state layers a
    fixed state. The state is kept in its own `Shape.state_bits`, since its errors accumulate.

    Parameters
    ----------
    shape : Shape
        The geometry.
    context : float
        Tokens of the sequence so far [token].
    kv_bits : float
        Bits of a cache element.
    """
    windowed = shape.window_layers * kv_entry_elements(shape) * min(context, shape.window)
    cache = kv_elements_per_token(shape) * context + windowed
    return cache * kv_bits / 8.0 + state_bytes(shape)


@njit(cache=True)
def kv_bytes_read(shape: Shape, context: float, kv_bits: float) -> float:
    """Bytes of cache and state that one decode step of one sequence reads [B].

    As `kv_bytes`, but sparse attention reads the indexer's keys of all tokens and the entries
    of the selected ones only.
    """
    if shape.sparse_tokens <= 0.0:
        return kv_bytes(shape, context, kv_bits)
    stored = context / shape.kv_stride
    entry = kv_entry_elements(shape)
    full = shape.full_layers * (shape.index_dim * stored + entry * min(stored, shape.sparse_tokens))
    windowed = shape.window_layers * entry * min(context, shape.window)
    return (full + windowed) * kv_bits / 8.0 + state_bytes(shape)
