from __future__ import annotations

import pytest

from wattpath.models.work import kv_bytes, weight_bytes
from wattpath.serving import Layout
from wattpath.serving.memory import (
    free_kv_bytes,
    kv_bytes_chip,
    most_sequences,
    weight_bytes_chip,
)


def test_one_chip_holds_the_whole_model(dense, settings) -> None:
    whole = weight_bytes_chip(dense, Layout(), settings)
    assert whole == pytest.approx(weight_bytes(dense, 8.0))


@pytest.mark.parametrize("layout", [Layout(8.0), Layout(4.0, 2.0), Layout(2.0, 4.0)])
def test_weights_are_cut_over_the_chips(dense, settings, layout) -> None:
    share = weight_bytes_chip(dense, layout, settings)
    whole = weight_bytes_chip(dense, Layout(), settings)
    assert whole / 8.0 <= share <= whole / 8.0 * 1.01  # norms are copied


def test_experts_are_spread_and_attention_is_copied(moe, settings) -> None:
    wide = weight_bytes_chip(moe, Layout(1.0, 1.0, 32.0, 32.0), settings)
    narrow = weight_bytes_chip(moe, Layout(1.0, 1.0, 8.0, 8.0), settings)
    assert wide < narrow < 4.0 * wide


def test_latent_cache_is_copied_and_grouped_cache_is_cut(dense, moe, settings) -> None:
    one = kv_bytes_chip(dense, Layout(), settings, 1000.0)
    assert one == pytest.approx(kv_bytes(dense, 1000.0, 8.0))
    assert kv_bytes_chip(dense, Layout(8.0), settings, 1000.0) == pytest.approx(one / 8.0)
    assert kv_bytes_chip(dense, Layout(16.0), settings, 1000.0) == pytest.approx(one / 8.0)
    latent = kv_bytes_chip(moe, Layout(), settings, 1000.0)
    assert kv_bytes_chip(moe, Layout(8.0), settings, 1000.0) == pytest.approx(latent)


def test_too_large_a_model_leaves_less_than_nothing(chip, dense, settings, engine) -> None:
    wide = settings._replace(weight_bits=16.0)
    assert free_kv_bytes(chip, dense, Layout(), wide, engine) < 0.0
    assert free_kv_bytes(chip, dense, Layout(8.0), wide, engine) > 0.0


def test_longer_requests_leave_room_for_fewer(chip, dense, settings, engine) -> None:
    case = (chip, dense, Layout(4.0), settings, engine)
    assert most_sequences(*case, 1000.0, 1000.0) >= most_sequences(*case, 8000.0, 1000.0)
    half = settings._replace(kv_bits=4.0)
    more = most_sequences(chip, dense, Layout(4.0), half, engine, 8000.0, 1000.0)
    assert more == pytest.approx(2.0 * most_sequences(*case, 8000.0, 1000.0), rel=1e-6)
