"""Mixers without a growing cache: state-space and linear-attention layers.

Each kind is one row of `MIXERS`: how many parameters one layer has and how many elements
its recurrent state keeps for one sequence (the convolution's tail included).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MixerGeometry:
    """Geometry of one state layer.

    Parameters
    ----------
    hidden : float
        Width of the residual stream.
    heads, value_dim : float
        Heads that hold a state, and the width of their values.
    groups, key_dim : float
        Groups (Mamba-2) or key heads (delta rule) that share keys, and the keys' width: the
        state size of a state-space layer.
    conv_width : float
        Taps of the short convolution; 0 without one.
    dt_rank : float
        Rank of the step-size projection (Mamba) or of the gates' projections (KDA).
    """

    hidden: float
    heads: float
    value_dim: float
    groups: float
    key_dim: float
    conv_width: float
    dt_rank: float

    @property
    def inner(self) -> float:
        """Width of the values of all heads."""
        return self.heads * self.value_dim

    @property
    def keys(self) -> float:
        """Width of the keys of all groups."""
        return self.groups * self.key_dim


Count = tuple[float, float]


def _mamba(g: MixerGeometry) -> Count:
    """Mamba (selective state space), arXiv:2312.00752, with its inner norms left out."""
    projections = 3.0 * g.hidden * g.inner + g.inner * (g.dt_rank + 2.0 * g.key_dim)
    step = g.dt_rank * g.inner + g.inner
    local = g.inner * (g.conv_width + 1.0) + g.inner * (g.key_dim + 1.0)
    return projections + step + local, g.inner * (g.key_dim + g.conv_width - 1.0)


def _mamba2(g: MixerGeometry) -> Count:
    """Mamba-2 (state-space duality), arXiv:2405.21060."""
    channels = g.inner + 2.0 * g.keys
    projections = g.hidden * (2.0 * g.inner + 2.0 * g.keys + g.heads) + g.inner * g.hidden
    local = channels * (g.conv_width + 1.0) + 3.0 * g.heads + g.inner
    return projections + local, g.inner * g.key_dim + channels * (g.conv_width - 1.0)


def _gated_delta(g: MixerGeometry) -> Count:
    """Gated DeltaNet, arXiv:2412.06464: query and key heads are fewer than value heads."""
    channels = 2.0 * g.keys + g.inner
    projections = g.hidden * (2.0 * g.keys + 2.0 * g.inner + 2.0 * g.heads) + g.inner * g.hidden
    local = channels * g.conv_width + 2.0 * g.heads + g.value_dim
    return projections + local, g.inner * g.key_dim + channels * (g.conv_width - 1.0)


def _kimi_delta(g: MixerGeometry) -> Count:
    """Kimi delta attention, arXiv:2510.26692: channel-wise decay and low-rank output gate."""
    channels = 2.0 * g.keys + g.inner
    gates = g.dt_rank * (2.0 * g.hidden + g.keys + g.inner) + g.hidden * g.heads
    projections = g.hidden * channels + g.inner * g.hidden + gates
    local = channels * g.conv_width + g.heads + g.keys + g.value_dim
    return projections + local, g.inner * g.key_dim + channels * (g.conv_width - 1.0)


def _kimi_delta_wide(g: MixerGeometry) -> Count:
    """Kimi delta attention with an output gate of full rank."""
    parameters, state = _kimi_delta(g)
    return parameters + g.inner * (g.hidden - g.dt_rank) - g.hidden * g.dt_rank, state


def _lightning(g: MixerGeometry) -> Count:
    """Lightning attention, arXiv:2501.08313: fixed decay, gated output."""
    projections = g.hidden * (2.0 * g.keys + 2.0 * g.inner) + g.inner * g.hidden
    return projections + g.inner, g.inner * g.key_dim


#: Kind -> (parameters of one layer, state elements of one layer and sequence).
MIXERS: Mapping[str, Callable[[MixerGeometry], Count]] = {
    "mamba": _mamba,
    "mamba2": _mamba2,
    "gated-delta": _gated_delta,
    "kimi-delta": _kimi_delta,
    "kimi-delta-wide": _kimi_delta_wide,
    "lightning": _lightning,
}
