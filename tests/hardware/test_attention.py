"""Fused attention: limits, smoothness, monotony, published times."""

from __future__ import annotations

import pytest

from wattpath.hardware import Chip, load_chip
from wattpath.hardware.attention import attention_decode_s, attention_prefill_s

CHIPS = ("nvidia-a100-sxm4-80gb", "nvidia-h100-sxm", "nvidia-b200-sxm", "google-tpu-v5p")

#: Source aiconfigurator-kernels: chip, sequences, new tokens, query heads, cache bits,
#: product bits, measured microseconds, error that may only shrink (8 cached heads of 128).
PREFILL = (
    ("nvidia-a100-sxm4-80gb", 1, 2048, 64, 16, 16, 446.1, 0.15),
    ("nvidia-h100-sxm", 1, 10240, 24, 16, 16, 1247.7, 0.20),
    ("nvidia-h100-sxm", 1, 12288, 64, 8, 8, 3673.4, 0.15),
    ("nvidia-h200-sxm", 1, 16384, 96, 16, 16, 12522.7, 0.20),
    ("nvidia-b200-sxm", 1, 16384, 64, 16, 16, 3893.4, 0.25),
    ("nvidia-gb200", 2, 4096, 40, 8, 8, 338.2, 0.20),
)

#: The same for decode: chip, sequences, context, cache bits, microseconds, bound (64 heads).
DECODE = (
    ("nvidia-h100-sxm", 32, 8192, 16, 365.7, 0.15),
    ("nvidia-h100-sxm", 16, 4096, 8, 57.14, 0.20),
    ("nvidia-h200-sxm", 4, 32768, 16, 151.7, 0.15),
    ("nvidia-b200-sxm", 4, 32768, 16, 86.54, 0.10),
    ("nvidia-gb200", 32, 8192, 8, 85.03, 0.10),
)


@pytest.fixture(params=CHIPS)
def chip(request: pytest.FixtureRequest) -> Chip:
    return load_chip(request.param)


def decode(chip: Chip, sequences: float, context: float, window: float = 0.0) -> float:
    return attention_decode_s(chip, sequences, context, 64.0, 8.0, 128.0, 128.0, 16.0, window)


def prefill(
    chip: Chip, sequences: float, new: float, past: float = 0.0, window: float = 0.0
) -> float:
    return attention_prefill_s(chip, sequences, new, past, 64.0, 8.0, 128.0, 128.0, 16.0, window)


@pytest.mark.parametrize("row", PREFILL)
def test_published_prefill(
    row: tuple[str, float, float, float, float, float, float, float],
) -> None:
    key, sequences, new, heads, bits, act, microseconds, bound = row
    predicted = attention_prefill_s(
        load_chip(key), sequences, new, 0.0, heads, 8.0, 128.0, 128.0, bits, 0.0, act
    )
    assert predicted * 1e6 == pytest.approx(microseconds, rel=bound)


@pytest.mark.parametrize("row", DECODE)
def test_published_decode(row: tuple[str, float, float, float, float, float]) -> None:
    key, sequences, context, bits, microseconds, bound = row
    predicted = attention_decode_s(
        load_chip(key), sequences, context, 64.0, 8.0, 128.0, 128.0, bits
    )
    assert predicted * 1e6 == pytest.approx(microseconds, rel=bound)


def test_decode_of_a_long_cache_is_bound_by_its_traffic(chip: Chip) -> None:
    nbytes = 256.0 * 65536.0 * 8.0 * 256.0 * 2.0
    ideal = nbytes / (chip.bandwidth_bytes_s * chip.decode_memory_eff)
    assert ideal < decode(chip, 256.0, 65536.0) < 1.15 * ideal


def test_nothing_cached_takes_the_floor(chip: Chip) -> None:
    assert chip.decode_s <= decode(chip, 1.0, 0.0) < chip.decode_s + 1e-5


def test_decode_grows_smoothly_with_batch_and_context(chip: Chip) -> None:
    for step in (lambda i: decode(chip, float(i), 700.0), lambda i: decode(chip, 8.0, float(i))):
        before = step(15)
        for i in range(16, 1500):
            now = step(i)
            assert before <= now <= 1.07 * before
            before = now


def test_prefill_grows_smoothly_with_tokens(chip: Chip) -> None:
    before = prefill(chip, 2.0, 1.0)
    for i in range(2, 3000):
        now = prefill(chip, 2.0, float(i))
        assert before <= now <= 1.02 * before
        before = now


def test_past_tokens_and_chunks_cost(chip: Chip) -> None:
    assert prefill(chip, 1.0, 1024.0, 8192.0) > prefill(chip, 1.0, 1024.0)
    chunks = sum(prefill(chip, 1.0, 2048.0, 2048.0 * i) for i in range(4))
    assert chunks > prefill(chip, 1.0, 8192.0)


def test_window_bounds_the_reach(chip: Chip) -> None:
    assert decode(chip, 64.0, 65536.0, 1024.0) < 1.05 * decode(chip, 64.0, 1024.0)
    assert decode(chip, 64.0, 128.0, 65536.0) == pytest.approx(decode(chip, 64.0, 128.0))
    assert prefill(chip, 1.0, 16384.0, 0.0, 1024.0) < 0.4 * prefill(chip, 1.0, 16384.0)


def test_narrower_cache_is_never_slower(chip: Chip) -> None:
    half = attention_decode_s(chip, 64.0, 8192.0, 64.0, 8.0, 128.0, 128.0, 8.0)
    assert half < decode(chip, 64.0, 8192.0)


def test_functions_equal_plain_python(chip: Chip) -> None:
    args = (chip, 3.0, 777.0, 32.0, 8.0, 128.0, 128.0, 8.0, 512.0)
    assert attention_decode_s(*args) == pytest.approx(attention_decode_s.py_func(*args), rel=1e-12)
    more = (chip, 3.0, 777.0, 100.0, 32.0, 8.0, 128.0, 128.0, 8.0, 512.0, 8.0)
    assert attention_prefill_s(*more) == pytest.approx(
        attention_prefill_s.py_func(*more), rel=1e-12
    )
