from __future__ import annotations

import math

import pytest

from wattpath.serving import Layout
from wattpath.serving.speculation import tokens_per_step
from wattpath.serving.steady import steady

BATCHES = (1.0, 4.0, 16.0, 64.0)


def test_little_law(chip, dense, settings, engine, traffic) -> None:
    state = steady(chip, dense, Layout(8.0), settings, engine, traffic, 64.0)
    in_decode = state.requests_per_s * state.tpot_s * (traffic.output_tokens - 1.0)
    assert in_decode == pytest.approx(64.0)


def test_larger_batches_serve_more_and_slower(chip, dense, settings, engine, traffic) -> None:
    states = [steady(chip, dense, Layout(8.0), settings, engine, traffic, b) for b in BATCHES]
    for field in ("requests_per_s", "tpot_s", "tpot_tail_s", "ttft_tail_s", "load"):
        values = [getattr(state, field) for state in states]
        assert values == sorted(values), field
    assert all(s.tpot_tail_s >= s.tpot_s and s.ttft_tail_s >= s.ttft_s for s in states)


def test_prefix_reuse_never_hurts_the_first_token(chip, dense, settings, engine, traffic) -> None:
    times = [
        steady(
            chip, dense, Layout(8.0), settings._replace(prefix_reuse=r), engine, traffic, 64.0
        ).ttft_tail_s
        for r in (0.0, 0.3, 0.6, 1.0)
    ]
    assert times == sorted(times, reverse=True)
    assert times[-1] < 0.8 * times[0]


def test_drafts_that_are_never_accepted_never_help(chip, dense, settings, engine, traffic) -> None:
    base = steady(chip, dense, Layout(8.0), settings, engine, traffic, 16.0)
    drafts = settings._replace(draft_tokens=3.0, acceptance=0.0, draft_cost=0.05)
    worse = steady(chip, dense, Layout(8.0), drafts, engine, traffic, 16.0)
    assert worse.tpot_s > base.tpot_s
    assert worse.requests_per_s < base.requests_per_s


def test_speculation_gains_less_at_large_batches(chip, dense, settings, engine, traffic) -> None:
    drafts = settings._replace(draft_tokens=3.0, acceptance=0.7, draft_cost=0.05)
    gains = []
    for batch in (1.0, 256.0):
        base = steady(chip, dense, Layout(4.0), settings, engine, traffic, batch)
        fast = steady(chip, dense, Layout(4.0), drafts, engine, traffic, batch)
        gains.append(base.tpot_s / fast.tpot_s)
    assert 1.0 < gains[0] <= tokens_per_step(3.0, 0.7)
    assert gains[1] < gains[0]


def test_a_batch_that_prefill_cannot_feed_is_infinite(
    chip, dense, settings, engine, traffic
) -> None:
    flood = traffic._replace(input_tokens=100_000.0, output_tokens=10.0)
    state = steady(chip, dense, Layout(8.0), settings, engine, flood, 512.0)
    assert state.requests_per_s == 0.0
    assert math.isinf(state.ttft_s)
