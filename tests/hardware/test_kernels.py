"""Matrix products: limits, smoothness, monotony, published times."""

from __future__ import annotations

import pytest

from wattpath.hardware import Chip, load_chip
from wattpath.hardware.kernels import (
    compute_flops,
    convert_s,
    gemm_s,
    grouped_gemm_s,
    linear_s,
    memory_s,
)

CHIPS = ("nvidia-a100-sxm4-80gb", "nvidia-h100-sxm", "nvidia-b200-sxm", "amd-mi300x")

#: Source aiconfigurator-kernels: chip, rows, columns, inner, weight and activation bits,
#: measured microseconds, and the error that may only shrink.
PUBLISHED = (
    ("nvidia-h100-sxm", 4353, 8192, 8192, 16, 16, 734.96, 0.05),
    ("nvidia-h100-sxm", 512, 7168, 16384, 16, 16, 170.0, 0.05),
    ("nvidia-h100-sxm", 1, 5120, 16384, 16, 16, 63.31, 0.05),
    ("nvidia-h100-sxm", 1, 5120, 12288, 8, 8, 35.70, 0.05),
    ("nvidia-h200-sxm", 16, 10240, 8192, 16, 16, 48.68, 0.10),
    ("nvidia-h200-sxm", 512, 10240, 6144, 8, 8, 63.29, 0.10),
    ("nvidia-a100-sxm4-80gb", 512, 4096, 12288, 16, 16, 222.67, 0.10),
    ("nvidia-a100-sxm4-80gb", 1, 4096, 8192, 16, 16, 52.01, 0.10),
    ("nvidia-b200-sxm", 512, 7168, 16384, 16, 16, 90.09, 0.10),
    ("nvidia-b200-sxm", 512, 8192, 12288, 8, 8, 57.24, 0.10),
    ("nvidia-gb200", 512, 7168, 8192, 4.5, 4.5, 24.97, 0.20),
    ("nvidia-gb200", 1, 5120, 16384, 16, 16, 35.44, 0.20),
)


@pytest.fixture(params=CHIPS)
def chip(request: pytest.FixtureRequest) -> Chip:
    return load_chip(request.param)


@pytest.mark.parametrize("row", PUBLISHED)
def test_published_times(row: tuple[str, *tuple[float, ...]]) -> None:
    key, m, n, k, weight, act, microseconds, bound = row
    predicted = linear_s(load_chip(key), m, n, k, weight, act)
    assert predicted * 1e6 == pytest.approx(microseconds, rel=bound)


def test_huge_product_reaches_its_asymptotic_efficiency(chip: Chip) -> None:
    m = n = k = 65536.0
    rate = 2.0 * m * n * k / gemm_s(chip, m, n, k)
    assert 0.9 * compute_flops(chip, 16.0, 16.0) < rate < compute_flops(chip, 16.0, 16.0)


def test_tiny_product_takes_the_launch_floor(chip: Chip) -> None:
    assert chip.launch_s < gemm_s(chip, 1.0, 32.0, 32.0) < 1.5 * chip.launch_s + 1e-6


def test_one_row_is_bound_by_weight_traffic(chip: Chip) -> None:
    n, k = 32768.0, 16384.0
    ideal = 2.0 * n * k / (chip.bandwidth_bytes_s * chip.memory_eff)
    assert ideal < gemm_s(chip, 1.0, n, k) < 1.35 * ideal


@pytest.mark.parametrize("bits", [4.5, 8.0, 16.0])
def test_time_never_falls_and_never_jumps_with_size(chip: Chip, bits: float) -> None:
    for n, k in ((512.0, 7168.0), (8192.0, 8192.0), (57344.0, 128.0)):
        before = gemm_s(chip, 1.0, n, k, bits, bits)
        for m in range(2, 1200):
            now = gemm_s(chip, float(m), n, k, bits, bits)
            assert before <= now <= 1.02 * before + 1e-12
            before = now


def test_more_bandwidth_or_peak_is_never_slower(chip: Chip) -> None:
    wide = chip._replace(bandwidth_bytes_s=2.0 * chip.bandwidth_bytes_s)
    fast = chip._replace(bf16_flops=2.0 * chip.bf16_flops)
    for m in (1.0, 64.0, 4096.0):
        assert gemm_s(wide, m, 4096.0, 4096.0) <= gemm_s(chip, m, 4096.0, 4096.0)
        assert gemm_s(fast, m, 4096.0, 4096.0) <= gemm_s(chip, m, 4096.0, 4096.0)


def test_unsupported_precision_runs_at_the_next_one_up() -> None:
    h100, a100 = load_chip("nvidia-h100-sxm"), load_chip("nvidia-a100-sxm4-80gb")
    assert compute_flops(h100, 4.0, 4.0) == compute_flops(h100, 8.0, 8.0)
    assert compute_flops(a100, 8.0, 8.0) == compute_flops(a100, 16.0, 16.0)
    assert compute_flops(h100, 4.0, 16.0) == compute_flops(h100, 16.0, 16.0)
    assert gemm_s(a100, 1.0, 8192.0, 8192.0, 4.0, 16.0) < gemm_s(a100, 1.0, 8192.0, 8192.0)


def test_conversion_costs_only_below_16_bit() -> None:
    chip = load_chip("nvidia-h100-sxm")
    assert convert_s(chip, 1e6, 16.0) == 0.0
    assert convert_s(chip, 1e6, 8.0) > chip.convert_8_s
    whole = linear_s(chip, 128.0, 4096.0, 4096.0, 8.0, 8.0)
    product = gemm_s(chip, 128.0, 4096.0, 4096.0, 8.0, 8.0)
    assert whole == pytest.approx(product + convert_s(chip, 128.0 * 4096.0, 8.0))


def test_more_bytes_take_longer(chip: Chip) -> None:
    assert memory_s(chip, 0.0) == chip.launch_s
    assert memory_s(chip, 1e9) > memory_s(chip, 1e8)


def test_grouped_product_reads_each_touched_expert(chip: Chip) -> None:
    times = [grouped_gemm_s(chip, 64.0, g, 2048.0, 7168.0) for g in (1.0, 8.0, 32.0, 64.0)]
    assert times == sorted(times)
    weights = 64.0 * 2048.0 * 7168.0 * 2.0 / (chip.bandwidth_bytes_s * chip.memory_eff)
    assert times[-1] > weights


def test_grouped_product_grows_with_rows_without_jumps(chip: Chip) -> None:
    before = grouped_gemm_s(chip, 32.0, 32.0, 2048.0, 7168.0, 8.0, 8.0)
    for rows in range(33, 2000):
        now = grouped_gemm_s(chip, float(rows), 32.0, 2048.0, 7168.0, 8.0, 8.0)
        assert before <= now <= 1.02 * before
        before = now


def test_kernels_equal_plain_python(chip: Chip) -> None:
    args = (chip, 100.0, 3000.0, 5000.0, 8.0, 8.0)
    assert gemm_s(*args) == pytest.approx(gemm_s.py_func(*args), rel=1e-12)
    assert linear_s(*args) == pytest.approx(linear_s.py_func(*args), rel=1e-12)
    grouped = (chip, 100.0, 7.0, 3000.0, 5000.0, 8.0, 8.0)
    assert grouped_gemm_s(*grouped) == pytest.approx(grouped_gemm_s.py_func(*grouped), rel=1e-12)


def test_scales_of_blocks_slow_large_grouped_products_alone() -> None:
    slow = load_chip("nvidia-h100-sxm")._replace(grouped_block_eff=0.4)
    few, many = (
        grouped_gemm_s(slow, rows, 32.0, 2048.0, 7168.0, 8.0, 8.25)
        / grouped_gemm_s(slow, rows, 32.0, 2048.0, 7168.0, 8.0, 8.0)
        for rows in (32.0, 65536.0)
    )
    assert 1.0 <= few < 1.1
    assert many > 1.5
