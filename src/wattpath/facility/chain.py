"""The electrical chain from the grid connection to the rack (compiled losses).

Each stage loses n + l x + q x^2 of its rating at load share x: n is there without load
(cores, control, fans), l follows the load (switching, diodes), q its square (copper).
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit


class Stage(NamedTuple):
    """Rating [W per W of load at design] and losses as shares of the rating."""

    rating: float
    no_load: float
    linear: float
    quadratic: float


class Chain(NamedTuple):
    """Rack distribution in the hall, uninterruptible supply, transformers and feeders."""

    hall: Stage
    ups: Stage
    grid: Stage


@njit(cache=True, error_model="numpy")
def stage_loss_w(stage: Stage, load_w: float) -> float:
    """Loss of one stage [W].

    Parameters
    ----------
    stage : Stage
    load_w : float
        Power that leaves the stage [W], in the unit of the rating.
    """
    share = load_w / stage.rating
    return stage.rating * (stage.no_load + stage.linear * share + stage.quadratic * share * share)
