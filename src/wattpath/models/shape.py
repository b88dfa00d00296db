"""The geometry of a neural architecture as a named tuple of floats.

Every kernel of Wattpath that needs a model takes this tuple. It holds no names, so the
compiled kernels and plain Python read the same thing.
"""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """Geometry of a decoder-only language model; every field is a float.

    Parameters
    ----------
    layers
        Depth of the network, counted as the model's own configuration counts it.
    hidden
        Width of the residual stream.
    heads, kv_heads
        Query heads and key/value heads of one softmax attention layer.
    head_dim, v_head_dim
        Width of one query/key head (for MLA: `nope_dim` + `rope_dim`) and of one value head.
    q_rank, kv_rank, nope_dim, rope_dim
        Latent ranks of multi-head latent attention (MLA); all 0 without it. `q_rank` is 0
        where queries are projected without a bottleneck.
    mlp_matrices
        Matrices of one feed-forward block: 2 plain (up, down), 3 gated (gate, up, down).
    dense_layers, ffn
        Layers with a dense feed-forward block, and its inner width.
    moe_layers, experts, experts_active, experts_shared, moe_ffn, shared_ffn
        Layers with a mixture of experts; routed experts in each, how many of them a token
        visits, how many shared experts every token visits; inner width of one routed and of
        one shared expert.
    full_layers, window_layers, window
        Softmax attention layers that see the whole context, those that see a sliding window,
        and the window [token].
    state_layers, state_elements, state_params
        Linear-attention or state-space layers; elements of the recurrent state of one layer
        and one sequence; parameters of the mixer of one such layer.
    vocab, embeddings
        Rows of the embedding table, and how many tables: 1 tied, 2 untied.
    max_context
        Longest context the model is published for [token].
    attention_extra
        Parameters of one softmax attention layer beyond its four projections: biases,
        output gate, latent norms, the indexer of sparse attention. Below zero where the
        output projection is factored.
    other_params
        Parameters of the whole network that belong to no matrix multiplication of a layer:
        norms, biases of dense feed-forward blocks, learned positions.
    moe_hidden
        Width at which routed experts read and write; 0 where that is `hidden` (latent
        mixtures of experts project down before and up after).
    sparse_tokens, index_heads, index_dim
        Tokens that sparse attention selects for each query (0: all of them), and the heads
        and head width of the indexer that selects them.
    kv_stride
        Tokens that share one stored key/value entry of a full layer (1: none do).
    kv_tied
        1 where one stored vector serves as key and as value, else 0.
    state_bits
        Bits in which one element of a recurrent state is kept.
    expert_extra
        Parameters of one routed expert beyond its matrices: biases.
    """

    layers: float
    hidden: float
    heads: float
    kv_heads: float
    head_dim: float
    v_head_dim: float
    q_rank: float
    kv_rank: float
    nope_dim: float
    rope_dim: float
    mlp_matrices: float
    dense_layers: float
    ffn: float
    moe_layers: float
    experts: float
    experts_active: float
    experts_shared: float
    moe_ffn: float
    shared_ffn: float
    full_layers: float
    window_layers: float
    window: float
    state_layers: float
    state_elements: float
    state_params: float
    vocab: float
    embeddings: float
    max_context: float
    attention_extra: float = 0.0
    other_params: float = 0.0
    moe_hidden: float = 0.0
    sparse_tokens: float = 0.0
    index_heads: float = 0.0
    index_dim: float = 0.0
    kv_stride: float = 1.0
    kv_tied: float = 0.0
    state_bits: float = 32.0
    expert_extra: float = 0.0
