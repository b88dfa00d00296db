"""Shapley's axioms, and the sampled split against the exact one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattpath.plan import attribution
from wattpath.plan.attribution import split


@given(st.lists(st.floats(-5, 5), min_size=16, max_size=16))
def test_shares_add_up_to_the_whole_saving(values: list[float]) -> None:
    result = split(tuple("abcd"), lambda mask: np.array([values[mask]]))
    assert result.exact
    np.testing.assert_allclose(result.share.sum(axis=0), values[15] - values[0], atol=1e-9)


def test_known_game_with_gloves() -> None:
    """One left glove, two right ones: the classic (2/3, 1/6, 1/6)."""

    def value(mask: int) -> np.ndarray:
        return np.array([float(bool(mask & 1) and bool(mask & 6))])

    result = split(("left", "right one", "right two"), value)
    np.testing.assert_allclose(result.share[:, 0], [2 / 3, 1 / 6, 1 / 6])
    np.testing.assert_allclose(result.last[:, 0], [1, 0, 0])
    np.testing.assert_allclose(result.alone[:, 0], 0)


def test_a_player_without_effect_gets_nothing_and_equals_get_equal() -> None:
    result = split(("x", "y", "idle"), lambda mask: np.array([float((mask & 3).bit_count() ** 2)]))
    np.testing.assert_allclose(result.share[:, 0], [2.0, 2.0, 0.0])


def test_sampled_split_agrees_with_exact_within_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = np.random.default_rng(3).uniform(0, 1, 6)

    def value(mask: int) -> np.ndarray:
        inside = np.array([mask >> i & 1 for i in range(6)]) @ weights
        return np.array([inside**2, inside])

    names = tuple("abcdef")
    exact = split(names, value)
    monkeypatch.setattr(attribution, "EXACT_PLAYERS", 3)
    sampled = split(names, value, samples=600, seed=1)
    assert not sampled.exact
    np.testing.assert_allclose(sampled.share.sum(axis=0), exact.total)
    assert np.all(np.abs(sampled.share - exact.share) <= 4 * sampled.standard_error + 1e-9)
