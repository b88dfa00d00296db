"""Seconds of one matrix product or memory-bound kernel on one chip.

A roofline whose two arms meet smoothly, with the fill of the chip's units as a smooth
function of shape and a launch floor. Every function takes a `Chip` and floats, so that
other compiled code can call it; equations and fits are in ``docs/methods/hardware.md``.
"""

from __future__ import annotations

from numba import njit

from wattpath.hardware.attention import attention_decode_s, attention_prefill_s
from wattpath.hardware.chip import Chip
from wattpath.hardware.roofline import at_least, overlap

__all__ = [
    "attention_decode_s",
    "attention_prefill_s",
    "compute_flops",
    "convert_s",
    "gemm_s",
    "grouped_gemm_s",
    "linear_s",
    "memory_s",
]


@njit(cache=True)
def compute_bits(chip: Chip, weight_bits: float, act_bits: float) -> float:
    """Precision [bit] at which a product really runs: 4, 8 or 16.

    The coarser of the two operands decides, and a precision that the chip has no matrix
    unit for runs at the next one up; the bytes shrink all the same. Block scales may add up
    to one bit to the width of a format: 4.5 is a 4-bit format, 8.25 an 8-bit one.
    """
    bits = max(weight_bits, act_bits)
    if bits <= 5.0 and chip.fp4_flops > 0.0:
        return 4.0
    if bits <= 9.0 and chip.fp8_flops > 0.0:
        return 8.0
    return 16.0


@njit(cache=True)
def compute_flops(chip: Chip, weight_bits: float, act_bits: float) -> float:
    """Usable matrix rate [FLOP/s] of a very large product of two precisions [bit]."""
    bits = compute_bits(chip, weight_bits, act_bits)
    if bits <= 4.0:
        return chip.fp4_flops * chip.gemm_eff_4
    if bits <= 8.0:
        return chip.fp8_flops * chip.gemm_eff_8
    return chip.bf16_flops * chip.gemm_eff_16


@njit(cache=True)
def _fill_slowdown(chip: Chip, pieces: float) -> float:
    """Factor (>= 1) on the time of a product whose `pieces` do not fill the chip's units."""
    sharpness = chip.fill_sharpness
    return float((1.0 + (chip.units / pieces) ** sharpness) ** (1.0 / sharpness))


@njit(cache=True)
def _split(chip: Chip, bits: float) -> float:
    """Inner length [element] that one more parallel piece is worth at a precision."""
    if bits <= 4.0:
        return chip.split_4
    if bits <= 8.0:
        return chip.split_8
    return chip.split_16


@njit(cache=True)
def row_tile(chip: Chip, weight_bits: float, bits: float) -> float:
    """Rows below which a product of precision `bits` costs as if it had this many.

    4-bit weights that are unpacked to wider products have kernels of their own for few rows.
    """
    if weight_bits <= 5.0 and bits > 5.0:
        return min(chip.tile_m, chip.few_tile)
    return chip.tile_m


@njit(cache=True)
def memory_s(chip: Chip, nbytes: float) -> float:
    """Time [s] of a kernel that only moves `nbytes` [B] between memory and chip."""
    return chip.launch_s + nbytes / (chip.bandwidth_bytes_s * chip.memory_eff)


@njit(cache=True)
def gemm_s(
    chip: Chip, m: float, n: float, k: float, weight_bits: float = 16.0, act_bits: float = 16.0
) -> float:
    r"""Time [s] of y[m, n] = x[m, k] w[k, n].

    .. math:: t = t_0 + \left(t_c^3 + t_m^3\right)^{1/3}

    Parameters
    ----------
    chip : Chip
    m, n, k : float
        Rows (tokens), columns and inner length.
    weight_bits, act_bits : float
        Width of a stored weight and of an input activation [bit]; the output has 16.

    Notes
    -----
    The activations are taken to be in `act_bits` already: see `linear_s` for the conversion.
    Breaks down where a library picks a poor kernel for one shape, which the smooth surface
    cannot know; weight-only formats are taken to unpack for free.
    """
    bits = compute_bits(chip, weight_bits, act_bits)
    tile = row_tile(chip, weight_bits, bits)
    rows = at_least(m, tile)
    columns = at_least(n, chip.tile_n)
    tiles = rows / tile * columns / chip.tile_n
    pieces = tiles * (1.0 + k / _split(chip, bits))
    compute = 2.0 * rows * columns * (k + chip.k_start)
    compute *= _fill_slowdown(chip, pieces) / compute_flops(chip, weight_bits, act_bits)
    nbytes = (k * n * weight_bits + m * k * act_bits) / 8.0 + chip.write_cost * 2.0 * m * n
    moved = nbytes / (chip.bandwidth_bytes_s * chip.memory_eff)
    return chip.launch_s + overlap(compute, moved)


@njit(cache=True)
def convert_s(chip: Chip, elements: float, act_bits: float) -> float:
    """Time [s] of turning 16-bit activations into `act_bits` with their scales.

    Zero at 16 bit. Engines that fuse the conversion into the kernel before it pay less.
    """
    if act_bits >= 16.0:
        return 0.0
    rate = chip.bandwidth_bytes_s * chip.memory_eff
    if act_bits <= 5.0 and chip.fp4_flops > 0.0:
        return chip.convert_4_s + chip.convert_4_bytes * elements / rate
    return chip.convert_8_s + chip.convert_8_bytes * elements / rate


@njit(cache=True)
def linear_s(
    chip: Chip, m: float, n: float, k: float, weight_bits: float = 16.0, act_bits: float = 16.0
) -> float:
    """Time [s] of a linear layer on 16-bit inputs: conversion to `act_bits`, then the product."""
    return convert_s(chip, m * k, act_bits) + gemm_s(chip, m, n, k, weight_bits, act_bits)


@njit(cache=True)
def grouped_gemm_s(
    chip: Chip,
    tokens: float,
    groups_touched: float,
    n: float,
    k: float,
    weight_bits: float = 16.0,
    act_bits: float = 16.0,
) -> float:
    """Time [s] of the products of `groups_touched` experts that share `tokens` rows.

    Routing, permutation, activation function and the conversion of the rows are in: an
    expert layer is the sum of its two grouped products (gate with up, and down).

    Parameters
    ----------
    chip : Chip
    tokens : float
        Rows over all experts of this chip: its tokens times active experts per token.
    groups_touched : float
        Experts of this chip that get at least one row.
    n, k : float
        Columns and inner length of one expert's matrix on this chip.
    weight_bits, act_bits : float
        Stored width of the weights, and width of the rows that enter the product [bit].

    Notes
    -----
    Rows are taken as even over the experts; `wattpath.hardware.exchange.busiest_share`
    says how much the busiest rank gets. Activations of more than 8 bit in an 8-bit product
    carry a scale for each block of numbers. With 4-bit weights the kernel made for few rows
    counts where it is faster. Breaks down for a handful of rows on very large experts of
    other formats, where engines change to a matrix-vector kernel.
    """
    groups = at_least(groups_touched, 1.0)
    bits = compute_bits(chip, weight_bits, act_bits)
    rows = at_least(tokens, groups * chip.grouped_tile_m)
    columns = at_least(n, chip.grouped_tile_n)
    tiles = rows / chip.grouped_tile_m * columns / chip.grouped_tile_n
    pieces = tiles * (1.0 + k / _split(chip, bits))
    rate = compute_flops(chip, weight_bits, act_bits) * chip.grouped_eff
    if bits == 8.0 and act_bits > 8.0:  # sums are rescaled block by block
        rate *= chip.grouped_block_eff
    compute = 2.0 * rows * columns * (k + chip.k_start) * _fill_slowdown(chip, pieces) / rate
    bandwidth = chip.bandwidth_bytes_s * chip.memory_eff
    weights = groups * k * n * weight_bits / 8.0 / bandwidth
    traffic = chip.grouped_row_bytes * tokens * (n + k) / bandwidth
    time = chip.grouped_s + overlap(compute, weights) + traffic
    if weight_bits <= 5.0:
        few = 2.0 * at_least(tokens, groups * chip.few_tile) * n * k / rate
        time = min(time, chip.few_s + overlap(few, weights) + traffic)
    return time
