"""Another attention is another geometry: what it saves depends on the context, as for any model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattpath import levers, models
from wattpath.hardware import load_server
from wattpath.levers.attention import attended
from wattpath.models.parameters import parameter_count
from wattpath.models.work import attention_flops, kv_bytes, kv_bytes_read, state_bytes
from wattpath.serving.candidates import build_case
from wattpath.serving.layout import Layout
from wattpath.serving.memory import kv_bytes_chip
from wattpath.serving.traffic import Traffic

LLAMA = models.load("Llama 3.1 70B").shape
NAMES = ("sliding-window", "hybrid-linear", "latent-attention", "sparse-attention")


def with_lever(name: str, shape: models.Shape = LLAMA) -> models.Shape:
    settings = levers.apply_serving([levers.load(name)], levers.ServingSettings())
    return attended(shape, settings)


def kept(shape: models.Shape, context: float) -> float:
    """Cache and state of one sequence at 16 bits [B]."""
    return float(kv_bytes(shape, context, 16.0))


def test_without_the_levers_a_model_is_itself() -> None:
    assert attended(LLAMA, levers.ServingSettings()) is LLAMA


def test_serving_evaluates_the_changed_geometry_after_pruning() -> None:
    chosen = levers.by_names(("prune-distill", "sliding-window"))
    settings = levers.apply_serving(chosen, levers.plain_serving())
    server = load_server("nvidia-dgx-h100")
    case = build_case(LLAMA, server, settings, Traffic(1500.0, 400.0), "vllm-v1")
    pruned = models.shrink(LLAMA, settings.width_factor, settings.depth_factor)
    assert case.shape == attended(pruned, settings)
    assert case.shape.window_layers > 0.0 < case.shape.full_layers
    assert case.shape.hidden < LLAMA.hidden


@pytest.mark.parametrize("name", NAMES)
def test_layers_stay_as_many_and_the_model_nearly_as_large(name: str) -> None:
    child = with_lever(name)
    layers = child.full_layers + child.window_layers + child.state_layers
    assert layers == pytest.approx(LLAMA.full_layers)
    assert 1.0 <= parameter_count(child).total / parameter_count(LLAMA).total < 1.15


def test_a_window_saves_nothing_within_it_and_five_sixths_far_beyond() -> None:
    child = with_lever("sliding-window")
    assert kept(child, 1000.0) == pytest.approx(kept(LLAMA, 1000.0))
    assert kept(child, 4096.0) / kept(LLAMA, 4096.0) == pytest.approx(1 / 6 + 5 / 24, abs=0.001)
    assert kept(child, 131072.0) / kept(LLAMA, 131072.0) < 0.18


def test_linear_layers_lose_at_short_context_and_save_three_quarters_at_long() -> None:
    # Kimi Linear: up to 75 % less cache.
    child = with_lever("hybrid-linear")
    assert kept(child, 500.0) > kept(LLAMA, 500.0)
    assert kept(child, 1e6) / kept(LLAMA, 1e6) == pytest.approx(0.25, abs=0.01)
    assert state_bytes(child) > 0.0


def test_a_latent_takes_93_per_cent_off_the_cache_of_full_heads() -> None:
    # TransMLA: 93 % of the cache of Llama 2 7B.
    parent = models.load("Llama 2 7B").shape
    child = with_lever("latent-attention", parent)
    assert 1.0 - kept(child, 8192.0) / kept(parent, 8192.0) == pytest.approx(0.93, abs=0.003)


def test_a_latent_is_copied_where_key_heads_would_be_split() -> None:
    child, settings = with_lever("latent-attention"), levers.ServingSettings()
    ratios = [
        kv_bytes_chip(child, Layout(tp), settings, 8192.0)
        / kv_bytes_chip(LLAMA, Layout(tp), settings, 8192.0)
        for tp in (1.0, 8.0)
    ]
    assert ratios[0] == pytest.approx(576.0 / 2048.0)
    assert ratios[1] == pytest.approx(8.0 * 576.0 / 2048.0)


def test_a_query_in_the_latent_space_does_four_times_the_arithmetic() -> None:
    child = with_lever("latent-attention")
    ratio = attention_flops(child, 1.0, 16384.0) / attention_flops(LLAMA, 1.0, 16384.0)
    assert ratio == pytest.approx(1088.0 / 256.0, rel=0.01)


def test_selection_reads_no_less_at_short_context_and_stores_no_less_at_any() -> None:
    child = with_lever("sparse-attention")
    assert kv_bytes_read(child, 1500.0, 16.0) > kv_bytes_read(LLAMA, 1500.0, 16.0)
    assert kv_bytes_read(child, 65536.0, 16.0) < 0.12 * kv_bytes_read(LLAMA, 65536.0, 16.0)
    assert kept(child, 65536.0) > kept(LLAMA, 65536.0)


def test_a_model_that_has_it_already_keeps_its_own() -> None:
    latent = models.load("DeepSeek-V3.2").shape
    for name in ("latent-attention", "sparse-attention"):
        assert with_lever(name, latent) is latent
    windows = models.load("Gemma 3 27B").shape
    assert with_lever("sliding-window", windows).window == windows.window


@given(st.floats(64.0, 1e6), st.sampled_from((4.0, 8.0, 16.0)))
def test_a_latent_takes_from_a_low_bit_cache_what_it_acts_on(context: float, bits: float) -> None:
    # Two levers on one cache: together they save less than each for itself in bytes.
    child = with_lever("latent-attention")
    alone = kept(LLAMA, context) - kv_bytes(LLAMA, context, bits)
    after = kept(child, context) - kv_bytes(child, context, bits)
    assert after <= 0.3 * alone + 1e-6
