"""Ranges become distributions whose quantiles are the ends of the range."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattpath.plan.uncertainty.distribution import FARTHEST, Z_95, Effect, quantile

Z = st.floats(-FARTHEST, FARTHEST)
SIDE = st.floats(1.0, 5.0)


@pytest.mark.parametrize("span", [(0.5, 1.0, 3.0), (0.0, 0.2, 1.0), (-2.0, 0.0, 1.0)])
def test_low_value_and_high_are_5_50_and_95_percent(span: tuple[float, float, float]) -> None:
    found = [quantile(*span, z) for z in (-Z_95, 0.0, Z_95)]
    assert found == pytest.approx(list(span))


@given(SIDE, SIDE, Z, Z)
def test_more_of_an_input_is_more(down: float, up: float, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert quantile(1.0 / down, 1.0, up, low) <= quantile(1.0 / down, 1.0, up, high) * (1 + 1e-12)


@given(Z)
def test_a_number_without_a_range_never_moves(z: float) -> None:
    assert quantile(3.0, 3.0, 3.0, z) == pytest.approx(3.0, rel=1e-12)


def test_physical_limits_hold_and_weights_keep_the_range() -> None:
    half = 0.5**0.5
    effect = Effect(("a", "b", "c"), 0.5, 0.8, 0.95, 0.0, 1.0, (("x", half), ("y", half)))
    assert effect.at({}) == 0.8
    assert effect.at({"x": 9.0, "y": 9.0}) == 1.0
    assert effect.at({"x": Z_95 * half, "y": Z_95 * half}) == pytest.approx(0.95)
    turned = Effect(("a", "b", "c"), 0.5, 0.8, 0.95, 0.0, 1.0, (("x", -1.0),))
    assert turned.at({"x": Z_95}) == pytest.approx(0.5)
