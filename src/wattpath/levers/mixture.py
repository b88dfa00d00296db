r"""The mixture of experts that a recipe makes of a model, at equal loss.

A feed-forward block of the parent becomes E narrow experts of which k are visited, with as much
inner width visited as before; its experts' width f sets the granularity and k / E the share:

.. math:: f = 2 h / G, \qquad k f = F, \qquad E = k / A

Then the whole model is made narrower until it stands for the same dense model as the parent at
the same tokens, by the leverage of its experts (`wattpath.levers.makeup.dense_size`). Memory,
arithmetic and the exchange of tokens follow from the shape, as for any other model.

Where it breaks down: the leverage is fitted up to 6e20 FLOP and carried on by powers of ten;
the child keeps the parent's depth, heads and vocabulary, where a design from scratch would move
them too; equal loss on text is not equal knowledge or reasoning.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from wattpath.levers.makeup import dense_size
from wattpath.models.parameters import parameter_count
from wattpath.models.shrink import shrink

if TYPE_CHECKING:
    from wattpath.levers.settings import TrainingSettings
    from wattpath.models import Shape

#: Widths are multiples of this, so that tensors and tiles divide.
TILE = 64.0

#: Experts are a multiple of this, so that ranks divide them.
EXPERTS = 32.0

#: Smallest width of a child over its parent's, beyond which the search does not go.
NARROWEST = 0.05


def trained_shape(shape: Shape, settings: TrainingSettings, tokens: float) -> Shape:
    """The shape that is trained in the place of a model: itself, or its mixture.

    Parameters
    ----------
    shape : Shape
        The demand's model.
    settings : TrainingSettings
        `active_share` and `granularity`, 0 where the model's own is kept.
    tokens : float
        Tokens of the run [token].
    """
    if settings.active_share <= 0.0 and settings.granularity <= 0.0:
        return shape
    return _mixture(shape, settings.active_share, settings.granularity, tokens)


@cache
def _mixture(shape: Shape, active_share: float, granularity: float, tokens: float) -> Shape:
    """The narrowest child that is as good as the parent, or the parent if none is narrower."""
    wanted = dense_size(shape, tokens)
    parent = _mixed(shape, active_share, granularity)
    if dense_size(parent, tokens) <= wanted:
        return shape
    low, high = NARROWEST, 1.0
    for _ in range(40):
        middle = math.sqrt(low * high)
        good = dense_size(_whole(shrink(parent, middle)), tokens) >= wanted
        low, high = (low, middle) if good else (middle, high)
    child = _whole(shrink(parent, high))
    lighter = parameter_count(child).active < parameter_count(shape).active
    return child if lighter else shape


def _mixed(shape: Shape, active_share: float, granularity: float) -> Shape:
    """The parent's width with its feed-forward blocks dealt out to experts."""
    if shape.moe_layers > 0.0:
        finer = max(1.0, granularity * shape.moe_ffn / (2.0 * (shape.moe_hidden or shape.hidden)))
        return shape._replace(
            experts=shape.experts * finer,
            experts_active=shape.experts_active * finer,
            moe_ffn=shape.moe_ffn / finer,
        )
    narrow = 2.0 * shape.hidden / granularity
    visited = max(2.0, round(shape.ffn / narrow))
    return shape._replace(
        dense_layers=0.0,
        moe_layers=shape.dense_layers,
        experts=visited / active_share,
        experts_active=visited,
        moe_ffn=shape.ffn / visited,
    )


def _whole(shape: Shape) -> Shape:
    """Widths in whole tiles and experts in whole groups, each rounded up."""
    experts = math.ceil(shape.experts / EXPERTS - 1e-9) * EXPERTS
    widths = {
        name: math.ceil(getattr(shape, name) / TILE - 1e-9) * TILE
        for name in ("hidden", "ffn", "moe_ffn", "shared_ffn", "moe_hidden")
    }
    return shape._replace(experts=experts, experts_active=round(shape.experts_active), **widths)
