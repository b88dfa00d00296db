"""Structured pruning of a geometry: narrower layers, fewer of them, or both."""

from __future__ import annotations

from wattpath.errors import InputError
from wattpath.models.shape import Shape

_WIDTHS = ("hidden", "ffn", "moe_ffn", "shared_ffn", "moe_hidden")
_DEPTHS = (
    "layers",
    "dense_layers",
    "moe_layers",
    "full_layers",
    "window_layers",
    "state_layers",
)


def shrink(shape: Shape, width: float = 1.0, depth: float = 1.0) -> Shape:
    """The geometry that structured pruning leaves.

    Parameters
    ----------
    shape : Shape
        The full model.
    width : float
        Factor on the residual width and on the inner widths of feed-forward blocks and
        experts; in (0, 1]. Heads and experts stay, so the cache of a token stays.
    depth : float
        Factor on the number of layers of every kind; in (0, 1]. The cache shrinks with it.

    Returns
    -------
    Shape
        The pruned geometry, as a continuous relaxation: widths and layer counts need not be
        whole numbers, so that a search over factors has no cliffs.

    Raises
    ------
    InputError
        If a factor is not above 0 and at most 1.

    Notes
    -----
    Feed-forward parameters shrink with the square of `width`, attention and embeddings in
    proportion to it. What the pruned model loses in quality is the business of the levers.
    """
    for name, factor in (("width", width), ("depth", depth)):
        if not 0.0 < factor <= 1.0:
            raise InputError(f"shrink.{name}", "be a factor above 0 and at most 1", factor)
    fields = {name: getattr(shape, name) * width for name in _WIDTHS}
    fields |= {name: getattr(shape, name) * depth for name in _DEPTHS}
    fields["state_params"] = shape.state_params * width
    fields["attention_extra"] = shape.attention_extra * width
    fields["other_params"] = shape.other_params * width * depth
    return shape._replace(**fields)
