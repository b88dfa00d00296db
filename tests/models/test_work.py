"""Work of a pass: published figures, limits and properties."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath.models import Shape, load, parameter_count
from wattpath.models import work as w
from wattpath.models.geometry import Geometry

whole = st.integers
quick = settings(deadline=None, max_examples=60)


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """Small geometries: dense or expert blocks, grouped or latent attention, windows, states."""
    layers = draw(whole(1, 12))
    heads = draw(st.sampled_from([1, 2, 4, 8]))
    moe = draw(whole(0, layers))
    window = draw(whole(0, layers))
    states = draw(whole(0, layers - window))
    experts = draw(whole(1, 16))
    latent = draw(st.booleans())
    return Geometry(
        layers=layers,
        hidden=64 * draw(whole(1, 8)),
        vocab=draw(whole(100, 5000)),
        tied=draw(st.booleans()),
        heads=heads,
        kv_heads=draw(st.sampled_from([k for k in (1, 2, 4, 8) if k <= heads])),
        head_dim=48,
        v_head_dim=32,
        kv_rank=64 * latent,
        q_rank=96 * latent,
        nope_dim=32 * latent,
        rope_dim=16 * latent,
        gated=draw(st.booleans()),
        dense_layers=layers - moe,
        ffn=256,
        moe_layers=moe,
        experts=experts,
        experts_active=draw(whole(1, experts)),
        experts_shared=draw(whole(0, 2)),
        moe_ffn=128,
        shared_ffn=128,
        full_layers=layers - window - states,
        window_layers=window,
        window=draw(whole(1, 512)),
        sparse_tokens=draw(st.sampled_from([0, 64])),
        index_heads=2,
        index_dim=16,
        state_kind="mamba2",
        state_layers=states,
        state_heads=4,
        state_value_dim=32,
        state_groups=1,
        state_key_dim=16,
        conv_width=4,
        max_context=8192,
    ).shape()


tokens = st.floats(1.0, 1e5)


@pytest.mark.parametrize(
    ("model", "bytes_per_token"),
    [
        ("DeepSeek-V3", 70_272),
        ("Llama 3.1 405B", 516_096),
        ("Qwen2.5 72B", 327_680),
        ("Llama 2 7B", 524_288),
        ("DeepSeek-V2-Lite", 31_104),
    ],
)
def test_published_cache_bytes(model: str, bytes_per_token: int) -> None:
    assert w.kv_bytes_per_token(load(model).shape, 16.0) == bytes_per_token


def test_compressed_cache_of_deepseek_v4_pro() -> None:
    """The maker states 9.62 GiB for one sequence of 1,048,576 tokens in BF16."""
    stored = w.kv_bytes(load("deepseek-v4-pro").shape, 1048576.0, 16.0)
    assert stored / 2**30 == pytest.approx(9.62, abs=0.01)


def test_window_layers_stop_growing() -> None:
    shape = load("gpt-oss-120b").shape
    growth = w.kv_bytes(shape, 8192.0, 16.0) - w.kv_bytes(shape, 4096.0, 16.0)
    assert growth == pytest.approx(4096 * 18 * 2 * 8 * 64 * 2)
    assert w.kv_bytes(load("mistral-7b").shape, 1e6, 16.0) == w.kv_bytes(
        load("mistral-7b").shape, 4096.0, 16.0
    )


def test_state_space_model_keeps_a_fixed_state() -> None:
    shape = load("mamba-2-2-7b").shape
    assert w.kv_elements_per_token(shape) == 0
    assert w.kv_bytes(shape, 10.0, 8.0) == w.kv_bytes(shape, 1e6, 16.0) == w.state_bytes(shape)
    # 64 layers of 80 heads x 64 x 128 elements, and the tail of the convolution.
    assert w.state_bytes(shape) == 64 * (80 * 64 * 128 + (5120 + 256) * 3) * 4


@pytest.mark.parametrize("model", ["Llama 3.1 8B", "Llama 3.1 405B", "Mixtral 8x7B"])
def test_training_of_short_sequences_is_six_flop_a_parameter(model: str) -> None:
    shape = load(model).shape
    flops = w.training_flops_per_token(shape, 16.0, 0.0)
    assert flops == pytest.approx(6 * parameter_count(shape).active_compute, rel=1e-3)
    assert w.training_flops_per_token(shape, 16.0, 2.0) / flops == pytest.approx(4 / 3, rel=0.03)


@pytest.mark.parametrize(
    ("model", "sequence", "tokens_total", "published"),
    [("GPT-3 175B", 2048.0, 0.3e12, 3.14e23), ("Llama 3.1 405B", 8192.0, 15.6e12, 3.8e25)],
)
def test_published_training_flop(
    model: str, sequence: float, tokens_total: float, published: float
) -> None:
    """Both reports count 6 N D; attention adds a few percent."""
    total = w.training_flops_per_token(load(model).shape, sequence, 0.0) * tokens_total
    assert published < total < 1.06 * published


def test_decode_of_latent_attention_is_cheaper_in_latent_space() -> None:
    """Expanding 128 heads of a long cache for one token would cost far more."""
    shape = load("DeepSeek-V3").shape
    decode = w.attention_flops(shape, 1.0, 8192.0)
    assert decode == pytest.approx(61 * 2 * 128 * (2 * 512 + 64) * 8193)
    prefill = w.attention_flops(shape, 8192.0, 0.0)
    assert prefill == pytest.approx(61 * 2 * 128 * (192 + 128) * 8192 * 8193 / 2)


def test_sparse_attention_bounds_what_a_query_sees() -> None:
    dense, sparse = load("DeepSeek-V3").shape, load("DeepSeek-V3.2").shape
    far = 131072.0
    assert w.attention_flops(sparse, 1.0, far) < 0.2 * w.attention_flops(dense, 1.0, far)
    assert w.kv_bytes_read(sparse, far, 16.0) < 0.3 * w.kv_bytes_read(dense, far, 16.0)
    assert w.kv_bytes(sparse, far, 16.0) > w.kv_bytes(dense, far, 16.0)


def test_experts_touched_limits() -> None:
    assert w.experts_touched(256.0, 8.0, 1.0) == pytest.approx(8.0)
    assert w.experts_touched(256.0, 8.0, 0.0) == 0.0
    assert w.experts_touched(256.0, 8.0, 1e6) == pytest.approx(256.0)
    assert w.experts_touched(256.0, 8.0, 32.0) / 256 == pytest.approx(0.638, abs=0.001)
    assert w.experts_touched(8.0, 8.0, 3.0) == 8.0
    assert w.experts_touched(0.0, 0.0, 3.0) == 0.0


@quick
@given(st.floats(1, 1000), st.floats(0, 1), st.floats(0, 1e4), st.floats(0, 1e4))
def test_experts_touched_grows_with_the_batch(
    experts: float, share: float, one: float, more: float
) -> None:
    few = w.experts_touched(experts, share * experts, one)
    many = w.experts_touched(experts, share * experts, one + more)
    assert 0.0 <= few <= many * (1 + 1e-12) <= experts * (1 + 1e-9)


def test_released_formats() -> None:
    """gpt-oss-120b is published as 60.8 GiB of weights, experts at 4.25 bit."""
    shape = load("gpt-oss-120b").shape
    assert w.weight_bytes(shape, 16.0, 4.25) / 2**30 == pytest.approx(60.8, abs=0.3)
    assert w.weight_bytes(shape, 16.0) == 2 * w.weight_elements(shape)


@quick
@given(shapes(), tokens, tokens)
def test_a_batch_never_reads_more_than_all_weights(shape: Shape, batch: float, more: float) -> None:
    read = w.weight_bytes_read(shape, batch, 8.0)
    assert read <= w.weight_bytes(shape, 8.0) * (1 + 1e-9)
    assert read <= w.weight_bytes_read(shape, batch + more, 8.0) * (1 + 1e-9)


@quick
@given(shapes(), whole(1, 300), whole(0, 300))
def test_attention_of_a_prompt_is_the_sum_of_its_tokens(shape: Shape, new: int, past: int) -> None:
    """Chunking a prompt changes no pair; latent attention may only gain from larger chunks."""
    together = w.attention_flops(shape, float(new), float(past))
    alone = sum(w.attention_flops(shape, 1.0, float(past + i)) for i in range(new))
    if shape.kv_rank > 0 or shape.sparse_tokens > 0:
        assert together <= alone * (1 + 1e-9) or shape.sparse_tokens > 0
    else:
        assert together == pytest.approx(alone)


def test_part_of_a_token_sees_no_more_than_the_window() -> None:
    assert w.attended_pairs(1.0, 0.5, 1.0) == 1.0
    assert w.attended_pairs(3.0, 0.0, 2.0) == 1.0 + 2.0 + 2.0


@quick
@given(shapes(), tokens, tokens)
def test_more_context_costs_more(shape: Shape, context: float, more: float) -> None:
    assert w.forward_flops_per_token(shape, context) <= w.forward_flops_per_token(
        shape, context + more
    ) * (1 + 1e-12)
    for kernel in (w.kv_bytes, w.kv_bytes_read):
        assert kernel(shape, context, 8.0) <= kernel(shape, context + more, 8.0) * (1 + 1e-12)
    assert w.kv_bytes(shape, context, 8.0) <= w.kv_bytes(shape, context, 16.0)
    assert w.kv_bytes_read(shape, context, 8.0) <= w.kv_bytes(shape, context, 8.0)


@quick
@given(shapes(), whole(1, 5))
def test_more_layers_cost_more(shape: Shape, added: int) -> None:
    deeper = shape._replace(
        layers=shape.layers + added,
        full_layers=shape.full_layers + added,
        dense_layers=shape.dense_layers + added,
    )
    assert w.weight_elements(deeper) > w.weight_elements(shape)
    assert w.forward_flops_per_token(deeper, 100.0) > w.forward_flops_per_token(shape, 100.0)
    assert w.kv_bytes(deeper, 100.0, 8.0) > w.kv_bytes(shape, 100.0, 8.0)


@quick
@given(shapes(), tokens)
def test_classes_of_forward_flop_add_up(shape: Shape, context: float) -> None:
    flops = w.forward_flops(shape, context, 0.0)
    assert sum(flops[:-1]) == pytest.approx(flops.total)
    multiplied = flops.linear + flops.expert + flops.head
    assert multiplied == pytest.approx(2 * context * w.active_elements(shape), rel=1e-9)


@quick
@given(shapes(), tokens)
def test_training_needs_three_to_four_forward_passes(shape: Shape, length: float) -> None:
    forward = w.forward_flops(shape, length, 0.0).total / length
    none, selective, full = (w.training_flops_per_token(shape, length, r) for r in (0.0, 1.0, 2.0))
    assert none == pytest.approx(3 * forward)
    assert none <= selective <= full <= 4 * forward * (1 + 1e-9)


_VALUES = """
from wattpath.models import load, work as w
values = []
for name in ("llama-3-1-8b", "deepseek-v3-2", "gpt-oss-20b", "qwen3-next-80b-a3b"):
    s = load(name).shape
    values += [*w.forward_flops(s, 512.0, 1024.0), w.training_flops_per_token(s, 4096.0, 1.0)]
    values += [w.kv_bytes(s, 9999.0, 8.0), w.kv_bytes_read(s, 9999.0, 8.0)]
    values += [w.weight_bytes(s, 8.0, 4.25), w.weight_bytes_read(s, 33.0, 8.0, 4.25)]
"""


def test_kernels_equal_plain_python() -> None:
    """The same lines, compiled here and interpreted in a process without the compiler."""
    compiled: dict[str, list[float]] = {}
    exec(_VALUES, compiled)
    run = subprocess.run(
        [sys.executable, "-c", f"{_VALUES}\nimport json; print(json.dumps(values))"],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout) == pytest.approx(compiled["values"], rel=1e-13)
