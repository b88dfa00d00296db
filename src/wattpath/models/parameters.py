"""How many parameters a geometry has, part by part.

Each part is the count of the matrices that the textbook block diagram shows; what is not
a matrix multiplication (norms, biases, positions) is in `Shape.other_params`.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from wattpath.models.shape import Shape


class ParameterCount(NamedTuple):
    """Parameters of a network by part; every field is a float.

    Parameters
    ----------
    total
        All parameters that must be stored.
    active
        Parameters that one token visits, both embedding tables included.
    active_compute
        The active parameters that are multiplied: `active` without the input table, of which
        a token reads one row. Two FLOP a token and parameter.
    embedding, attention, dense_ffn, experts, shared, router, state, norm
        The parts of `total`: embedding tables; softmax attention; dense feed-forward blocks;
        routed experts; shared experts; routers (and latent projections of the experts);
        linear-attention or state-space mixers; norms, biases and positions.
    """

    total: float
    active: float
    active_compute: float
    embedding: float
    attention: float
    dense_ffn: float
    experts: float
    shared: float
    router: float
    state: float
    norm: float


@njit(cache=True)
def kv_entry_elements(shape: Shape) -> float:
    """Elements that one token leaves in the cache of one softmax attention layer.

    ``K (d + v)`` for grouped-query attention, ``K d`` where key and value are one vector; for
    MLA the latent and the shared rotary key, ``r + rope``.
    """
    if shape.kv_rank > 0.0:
        return shape.kv_rank + shape.rope_dim
    if shape.kv_tied > 0.0:
        return shape.kv_heads * shape.head_dim
    return shape.kv_heads * (shape.head_dim + shape.v_head_dim)


@njit(cache=True)
def attention_layer_parameters(shape: Shape) -> float:
    """Parameters of one softmax attention layer.

    Grouped-query attention has ``h (H d + K (d + v)) + H v h``; latent attention (MLA) has
    ``h q + q H d + h (r + rope) + r H (nope + v) + H v h``.

    Parameters
    ----------
    shape : Shape
        With ``h`` hidden, ``H`` heads, ``K`` kv_heads, ``d`` head_dim, ``v`` v_head_dim,
        ``q`` q_rank and ``r`` kv_rank.

    Returns
    -------
    float
        Parameters.

    References
    ----------
    DeepSeek-AI, "DeepSeek-V2", arXiv:2405.04434, section 2.1.
    """
    query_width = shape.heads * shape.head_dim
    output = shape.heads * shape.v_head_dim * shape.hidden
    if shape.q_rank > 0.0:
        query = shape.q_rank * (shape.hidden + query_width)
    else:
        query = shape.hidden * query_width
    if shape.kv_rank > 0.0:
        down = shape.hidden * kv_entry_elements(shape)
        up = shape.kv_rank * shape.heads * (shape.nope_dim + shape.v_head_dim)
        key_value = down + up
    else:
        key_value = shape.hidden * kv_entry_elements(shape)
    return query + key_value + output + shape.attention_extra


@njit(cache=True)
def expert_parameters(shape: Shape) -> float:
    """Parameters of one routed expert: ``matrices x width read x inner width`` and biases."""
    width = shape.moe_hidden if shape.moe_hidden > 0.0 else shape.hidden
    return shape.mlp_matrices * width * shape.moe_ffn + shape.expert_extra


@njit(cache=True)
def parameter_count(shape: Shape) -> ParameterCount:
    """Count the parameters of a network by part.

    Parameters
    ----------
    shape : Shape
        The geometry.

    Returns
    -------
    ParameterCount
        Parameters; `total` is the sum of the parts.

    Notes
    -----
    Modules that take no part in ordinary decoding (multi-token prediction heads, vision and
    audio towers) are not in the geometry and so not in the count.
    """
    table = shape.vocab * shape.hidden
    embedding = table * shape.embeddings
    attention = (shape.full_layers + shape.window_layers) * attention_layer_parameters(shape)
    dense = shape.dense_layers * shape.mlp_matrices * shape.hidden * shape.ffn
    per_expert = shape.moe_layers * expert_parameters(shape)
    experts = per_expert * shape.experts
    shared = (
        shape.moe_layers
        * shape.experts_shared
        * shape.mlp_matrices
        * shape.hidden
        * shape.shared_ffn
    )
    router = shape.moe_layers * shape.hidden * (shape.experts + 2.0 * shape.moe_hidden)
    state = shape.state_layers * shape.state_params
    common = embedding + attention + dense + shared + router + state + shape.other_params
    active = common + per_expert * min(shape.experts_active, shape.experts)
    lookup = table if shape.embeddings > 1.0 else 0.0
    return ParameterCount(
        total=common + experts,
        active=active,
        active_compute=active - lookup - shape.other_params,
        embedding=embedding,
        attention=attention,
        dense_ffn=dense,
        experts=experts,
        shared=shared,
        router=router,
        state=state,
        norm=shape.other_params,
    )


@njit(cache=True)
def weight_elements(shape: Shape) -> float:
    """All parameters of the network (see `parameter_count`)."""
    return parameter_count(shape).total


@njit(cache=True)
def active_elements(shape: Shape) -> float:
    """Parameters that one token is multiplied with (see `ParameterCount.active_compute`)."""
    return parameter_count(shape).active_compute
