"""The attention that a lever puts in the place of a model's own, as a change of its geometry.

A window, a selection of tokens, linear layers and a latent cache are properties of the model,
so they change its `Shape`; what they save at a context, what they cost in projections, states
and indexers, and how they split over ranks then follow as for a model that was built so.

Where it breaks down: the replaced layers keep their heads and widths, where a design from
scratch would choose others; what the change does to quality is the business of the levers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wattpath.models.mixers import MIXERS, MixerGeometry

if TYPE_CHECKING:
    from wattpath.levers.settings import ServingSettings
    from wattpath.models.shape import Shape

#: Mixer of linear layers, and the taps of its short convolution (Kimi Linear, 2510.26692).
LINEAR, TAPS = "kimi-delta", 4.0


def attended(shape: Shape, settings: ServingSettings) -> Shape:
    """The geometry with the attention that the settings ask for; the model's own without.

    Parameters
    ----------
    shape : Shape
        The model, pruned or not.
    settings : ServingSettings
        `window_share`, `linear_share`, `selected_tokens` and `latent_rank` with the fields
        beside them; 0 keeps what the model has.

    Notes
    -----
    Layers that have a window already keep their own. Levers that would meet on the same
    layers exclude each other in the catalogue; applied together here, windows and linear
    layers take their shares one after the other.
    """
    if settings.latent_rank > 0.0 and shape.kv_rank <= 0.0:
        shape = _latent(shape, settings.latent_rank, settings.latent_rope)
    if settings.window_share > 0.0:
        shape = _windowed(shape, settings.window_share, settings.window_tokens)
    if settings.linear_share > 0.0:
        shape = _linear(shape, settings.linear_share)
    if settings.selected_tokens > 0.0 and shape.sparse_tokens <= 0.0:
        shape = _selective(shape, settings)
    return shape


def _windowed(shape: Shape, share: float, window: float) -> Shape:
    """Some of the full layers see the last tokens only."""
    moved = share * shape.full_layers
    return shape._replace(
        full_layers=shape.full_layers - moved,
        window_layers=shape.window_layers + moved,
        window=shape.window if shape.window_layers > 0.0 else window,
    )


def _linear(shape: Shape, share: float) -> Shape:
    """Some of the full layers keep a state of fixed size, one of a head's key by its value."""
    width = shape.v_head_dim
    mixer = MixerGeometry(shape.hidden, shape.heads, width, shape.heads, width, TAPS, width)
    parameters, state = MIXERS[LINEAR](mixer)
    if shape.state_layers > 0.0:  # a hybrid grows by layers of its own kind
        parameters, state = shape.state_params, shape.state_elements
    moved = share * shape.full_layers
    return shape._replace(
        full_layers=shape.full_layers - moved,
        state_layers=shape.state_layers + moved,
        state_params=parameters,
        state_elements=state,
    )


def _latent(shape: Shape, rank: float, rope: float) -> Shape:
    """Keys and values of all heads are kept as one latent vector and one rotary key."""
    return shape._replace(
        kv_rank=rank,
        rope_dim=rope,
        nope_dim=shape.head_dim,
        head_dim=shape.head_dim + rope,
        kv_heads=shape.heads,
        kv_tied=0.0,
    )


def _selective(shape: Shape, settings: ServingSettings) -> Shape:
    """An indexer of small heads, with one key a token, selects what each query reads."""
    heads, width = settings.index_heads, settings.index_dim
    source = shape.q_rank if shape.q_rank > 0.0 else shape.hidden
    indexer = source * heads * width + shape.hidden * (width + heads) + 2.0 * width
    return shape._replace(
        sparse_tokens=settings.selected_tokens,
        index_heads=heads,
        index_dim=width,
        attention_extra=shape.attention_extra + indexer,
    )
