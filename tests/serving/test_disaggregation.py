from __future__ import annotations

from wattpath.serving import Layout
from wattpath.serving.disaggregation import (
    decode_pool,
    prefill_pool,
    transfer_s,
)
from wattpath.serving.steady import steady


def test_decode_alone_is_never_slower_than_with_prefill(
    chip, dense, settings, engine, traffic
) -> None:
    both = steady(chip, dense, Layout(8.0), settings, engine, traffic, 64.0)
    alone = decode_pool(chip, dense, Layout(8.0), settings, engine, traffic, 64.0)
    assert alone.mean_s < both.tpot_s
    assert alone.tail_s < both.tpot_tail_s


def test_first_token_waits_longer_under_load(chip, dense, settings, engine, traffic) -> None:
    tails = [
        prefill_pool(chip, dense, Layout(8.0), settings, engine, traffic, load).tail_s
        for load in (0.1, 0.5, 0.9)
    ]
    assert tails == sorted(tails)


def test_transfer_sends_every_byte_once_over_the_rank(chip, dense, settings) -> None:
    time = transfer_s(chip, dense, Layout(8.0), settings, 8000.0)
    nbytes = 80 * 8 * 256 / 8.0 * 8000.0  # layers x KV heads x widths at 8 bit, per chip
    assert time >= nbytes / chip.scaleout_bytes_s
    assert time < 3.0 * nbytes / chip.scaleout_bytes_s + 1e-3
