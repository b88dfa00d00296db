"""Mixers of state layers against counts worked out by hand."""

from __future__ import annotations

import pytest

from wattpath.models.mixers import MIXERS, MixerGeometry


def geometry(**changes: float) -> MixerGeometry:
    """Four heads of width 8 with two key groups of width 16."""
    base = {
        "hidden": 32.0,
        "heads": 4.0,
        "value_dim": 8.0,
        "groups": 2.0,
        "key_dim": 16.0,
        "conv_width": 4.0,
        "dt_rank": 2.0,
    }
    return MixerGeometry(**{**base, **changes})


def test_mamba2() -> None:
    channels = 32 + 2 * 32
    parameters = 32 * (64 + 64 + 4) + 32 * 32 + channels * 5 + 3 * 4 + 32
    assert MIXERS["mamba2"](geometry()) == (parameters, 4 * 8 * 16 + channels * 3)


def test_gated_delta() -> None:
    channels = 2 * 32 + 32
    parameters = 32 * (64 + 64 + 8) + 32 * 32 + channels * 4 + 8 + 8
    assert MIXERS["gated-delta"](geometry()) == (parameters, 4 * 8 * 16 + channels * 3)


def test_a_full_gate_replaces_the_low_rank_one() -> None:
    narrow, _ = MIXERS["kimi-delta"](geometry())
    wide, _ = MIXERS["kimi-delta-wide"](geometry())
    assert wide - narrow == 32 * 32 - 2 * (32 + 32)


@pytest.mark.parametrize("kind", sorted(MIXERS))
def test_wider_mixers_are_larger(kind: str) -> None:
    small, large = MIXERS[kind](geometry()), MIXERS[kind](geometry(value_dim=16.0))
    assert small[0] < large[0]
    assert small[1] < large[1]
