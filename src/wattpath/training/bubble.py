"""Idle time of a pipeline stage in one step, in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

if TYPE_CHECKING:
    from wattpath.training.layout import Layout


@njit(cache=True)
def bubble_s(
    layout: Layout, forward_s: float, backward_s: float, weight_s: float, send_s: float
) -> float:
    """Idle time of a stage in one step [s] for the schedule of the layout.

    With p stages, v chunks, and F, B, W the seconds of a stage's forward, whole backward
    and weight-gradient part for one micro-batch::

        one forward one backward   (p - 1) (F + B)
        interleaved                (p - 1) (F + B) / v
        zero bubble                (p - 1) (F + B - 2 W)
        DualPipe                   (p / 2 - 1) (F + B + B - 3 W)
    """
    ramp = layout.pp - 1.0
    if ramp <= 0.0:
        return 0.0
    if layout.schedule >= 4.0:
        idle = (0.5 * layout.pp - 1.0) * (forward_s + 2.0 * backward_s - 3.0 * weight_s)
        return max(0.0, idle) + ramp * send_s
    if layout.schedule >= 3.0:
        idle = forward_s + backward_s - 2.0 * weight_s
        return ramp * (max(0.0, idle) / layout.vpp + 2.0 * send_s)
    return ramp * ((forward_s + backward_s) / layout.vpp + 2.0 * send_s)
