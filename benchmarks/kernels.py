"""Time the hardware kernels: calls a second on one core, inside compiled loops.

python benchmarks/kernels.py [--chip H100] [--calls 2000000]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from numba import njit

from wattpath.hardware import Chip, load_chip
from wattpath.hardware.attention import attention_decode_s, attention_prefill_s
from wattpath.hardware.collectives import all_reduce_s, all_to_all_s
from wattpath.hardware.exchange import expert_exchange_s
from wattpath.hardware.kernels import gemm_s, grouped_gemm_s
from wattpath.hardware.power import chip_power_w


@njit
def products(chip: Chip, calls: int) -> float:
    """Sum over products of changing rows."""
    total = 0.0
    for i in range(calls):
        total += gemm_s(chip, float(i % 4096 + 1), 8192.0, 7168.0, 8.0, 8.0)
    return total


@njit
def grouped(chip: Chip, calls: int) -> float:
    """Sum over grouped products of changing rows."""
    total = 0.0
    for i in range(calls):
        total += grouped_gemm_s(chip, float(i % 4096 + 1), 32.0, 4096.0, 7168.0, 8.0, 8.0)
    return total


@njit
def prefill(chip: Chip, calls: int) -> float:
    """Sum over prefill attention of changing length."""
    total = 0.0
    for i in range(calls):
        total += attention_prefill_s(
            chip, 1.0, float(i % 8192 + 1), 512.0, 64.0, 8.0, 128.0, 128.0, 8.0, 0.0
        )
    return total


@njit
def decode(chip: Chip, calls: int) -> float:
    """Sum over decode attention of changing batch."""
    total = 0.0
    for i in range(calls):
        total += attention_decode_s(
            chip, float(i % 512 + 1), 4096.0, 64.0, 8.0, 128.0, 128.0, 8.0, 0.0
        )
    return total


@njit
def reductions(chip: Chip, calls: int) -> float:
    """Sum over all-reduces that span both tiers."""
    total = 0.0
    for i in range(calls):
        total += all_reduce_s(chip, float(i % 4096 + 1) * 1e4, 16.0, 1.0)
    return total


@njit
def exchanges(chip: Chip, calls: int) -> float:
    """Sum over all-to-alls and expert exchanges that span both tiers."""
    total = 0.0
    for i in range(calls // 2):
        total += all_to_all_s(chip, float(i % 4096 + 1) * 1e4, 64.0, 1.0)
        total += expert_exchange_s(chip, float(i % 4096 + 1), 7168.0, 8.0, 64.0, 8.0, 1.0)
    return total


@njit
def powers(chip: Chip, calls: int) -> float:
    """Sum over power at changing shares."""
    total = 0.0
    for i in range(calls):
        total += chip_power_w(chip, float(i % 100) * 0.01, float(i % 37) * 0.02, 0.9)
    return total


LOOPS: tuple[Callable[[Chip, int], float], ...] = (
    products,
    grouped,
    prefill,
    decode,
    reductions,
    exchanges,
    powers,
)


def main() -> None:
    """Compile each loop, run it, and print the calls a second."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--chip", default="H100")
    parser.add_argument("--calls", type=int, default=2_000_000)
    options = parser.parse_args()
    chip = load_chip(options.chip, "--chip")
    for loop in LOOPS:
        loop(chip, 1)
        start = time.perf_counter()
        loop(chip, options.calls)
        rate = options.calls / (time.perf_counter() - start)
        print(f"{loop.__name__:<12} {rate / 1e6:6.1f} million calls a second")


if __name__ == "__main__":
    main()
