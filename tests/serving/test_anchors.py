"""Published operating figures that nothing here was fitted on."""

from __future__ import annotations

import pytest

from wattpath.hardware.chip import describe, load_chip
from wattpath.levers.settings import ServingSettings
from wattpath.serving import Layout, Traffic, load_engine
from wattpath.serving.blocks import Batch
from wattpath.serving.disaggregation import decode_pool, prefill_pool
from wattpath.serving.iteration import iteration
from wattpath.serving.memory import free_kv_bytes, weight_bytes_chip
from wattpath.validate.serving_rows import model_shape

#: DeepSeek's production day (open-infra-index, 2025-03): 608e9 input tokens of which 56.3 %
#: were cached, 168e9 output tokens, 4,989 cached tokens per output token on average, decode
#: on 18 and prefill on 4 nodes of 8 H800, 73.7k input tokens/s (cached ones included) and
#: 14.8k output tokens/s a node, at 20 to 22 tokens a second for a user.
INPUT, CACHED, CONTEXT = 73_700.0, 0.563, 4989.0
OUTPUT, PACE_S = 14_800.0, 1.0 / 21.0


def _traffic(answer: float) -> Traffic:
    return Traffic(CONTEXT - 0.625 * answer, answer, CACHED, 5.0, 0.06, 0.9, 0.5)


def _pace_and_rate(moe, overlap: float) -> tuple[float, float]:
    """Largest decode rate of one node [token/s] at the published pace, and the pace [s]."""
    chip, engine = load_chip("nvidia-h800-sxm"), load_engine()
    settings = ServingSettings(8.0, 8.0, 16.0, overlap=overlap)
    layout = Layout(1.0, 1.0, 144.0, 144.0)
    best = (0.0, 0.0)
    for i in range(80):
        pool = decode_pool(chip, moe, layout, settings, engine, _traffic(500.0), 1.1**i)
        if pool.mean_s <= PACE_S:
            best = pool.mean_s, pool.requests_per_s * 500.0 / 18.0
    return best


def test_production_decode_is_met_by_two_batches_that_take_turns(moe) -> None:
    _, serial = _pace_and_rate(moe, 0.0)
    _, halves = _pace_and_rate(moe, 1.0)
    assert 0.5 * OUTPUT < serial < OUTPUT
    assert halves == pytest.approx(OUTPUT, rel=0.15)


def test_production_prefill(moe) -> None:
    chip, engine = load_chip("nvidia-h800-sxm"), load_engine("sglang")
    settings = ServingSettings(8.0, 8.0, 16.0, prefix_reuse=1.0)
    layout = Layout(1.0, 1.0, 32.0, 32.0)
    traffic = _traffic(500.0)
    pool = prefill_pool(chip, moe, layout, settings, engine, traffic, 0.95)
    rate = pool.requests_per_s * traffic.input_tokens / 4.0
    assert rate == pytest.approx(INPUT, rel=0.35)


@pytest.mark.parametrize(
    ("name", "layout", "bits", "low", "high"),
    [
        ("groq-lpu-v1", Layout(8.0, 80.0), 8.0, 250.0, 300.0),
        ("cerebras-wse-3", Layout(1.0, 4.0), 16.0, 450.0, 2100.0),
    ],
)
def test_speed_for_one_user_of_chips_with_on_chip_memory(
    dense, name: str, layout: Layout, bits: float, low: float, high: float
) -> None:
    """Makers publish tokens a second for one user of a model of 70 billion parameters."""
    chip, engine = load_chip(name), load_engine("static-pipeline")
    settings = ServingSettings(weight_bits=bits)
    assert free_kv_bytes(chip, dense, layout, settings, engine) > 0.0
    batch = Batch(1.0, 1000.0, 1.0, 0.0, 0.0, 0.0)
    speed = 1.0 / iteration(chip, dense, layout, settings, engine, batch).seconds
    spread = 1.0 + describe(name).relative_range
    assert speed < high * spread
    assert speed > low / spread


def test_llama_70b_in_8_bit_takes_70_gigabytes(dense) -> None:
    settings = ServingSettings(weight_bits=8.0)
    assert weight_bytes_chip(dense, Layout(), settings) == pytest.approx(72.7e9, rel=0.01)


#: PaLM 540B on 64 TPU v4 (Pope et al. 2022, abstract): a step of 29 ms with 8-bit weights at a
#: small batch and contexts of 2,048 tokens, and 76 % of the peak in prefill of a large batch.
PALM_STEP_S, PALM_PREFILL_SHARE = 0.029, 0.76


def test_large_dense_model_on_a_torus_misses_for_want_of_two_axes() -> None:
    chip, shape, engine = load_chip("google-tpu-v4"), model_shape("palm-540b"), load_engine()
    weights = ServingSettings(weight_bits=8.0)
    batch = Batch(64.0, 2048.0, 1.0, 0.0, 0.0, 0.0)
    step = iteration(chip, shape, Layout(64.0), weights, engine, batch)
    # one cached head is copied on every chip, where they cut the batch: 49 ms
    assert 1.2 * PALM_STEP_S < step.seconds < 2.0 * PALM_STEP_S
    prompts = Batch(0.0, 0.0, 1.0, 512.0 * 2048.0, 512.0, 0.0)
    prefill = iteration(chip, shape, Layout(64.0), ServingSettings(), engine, prompts)
    # sums over one axis of 64, where they gather weights over two: 22 %
    assert 0.2 * PALM_PREFILL_SHARE < prefill.compute_s / prefill.seconds < PALM_PREFILL_SHARE
    assert prefill.network_s > 0.5 * prefill.seconds
