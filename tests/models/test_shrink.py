"""Structured pruning of a geometry."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath.errors import InputError
from wattpath.models import load, shrink
from wattpath.models import work as w

factors = st.floats(0.05, 1.0)
models = st.sampled_from(["llama-3-1-70b", "deepseek-v3", "nemotron-3-nano-30b-a3b", "kimi-k3"])


@settings(deadline=None, max_examples=60)
@given(models, factors, factors)
def test_shrinking_never_adds_work(model: str, width: float, depth: float) -> None:
    full = load(model).shape
    small = shrink(full, width, depth)
    for kernel in (w.weight_elements, w.active_elements, w.kv_elements_per_token, w.state_bytes):
        assert kernel(small) <= kernel(full) * (1 + 1e-12)
    assert w.weight_elements(small) <= width * w.weight_elements(full) * (1 + 1e-9)
    assert w.kv_elements_per_token(small) == pytest.approx(depth * w.kv_elements_per_token(full))


def test_nothing_is_pruned_at_one() -> None:
    shape = load("llama-3-1-8b").shape
    assert shrink(shape) == shape


def test_half_the_width_leaves_a_third_of_a_dense_model() -> None:
    """Feed-forward blocks fall to a quarter, attention and embeddings to a half."""
    shape = load("llama-3-1-8b").shape
    count = load("llama-3-1-8b").parameters()
    half = w.weight_elements(shrink(shape, width=0.5))
    expected = count.dense_ffn / 4 + (count.total - count.dense_ffn) / 2
    assert half == pytest.approx(expected)


@pytest.mark.parametrize("bad", [0.0, -0.5, 1.5, float("nan")])
def test_factors_outside_the_unit_interval_are_refused(bad: float) -> None:
    shape = load("llama-3-1-8b").shape
    with pytest.raises(InputError, match=r"shrink.width must be a factor"):
        shrink(shape, width=bad)
    with pytest.raises(InputError, match=r"shrink.depth must be a factor"):
        shrink(shape, depth=bad)
