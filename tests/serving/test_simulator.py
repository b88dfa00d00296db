from __future__ import annotations

import numpy as np
import pytest

from wattpath.serving import Layout
from wattpath.serving.simulator import replay
from wattpath.serving.steady import steady


def _run(chip, shape, settings, engine, traffic, users, count=400, arrivals=None, layout=None):
    inputs = np.full(count, traffic.input_tokens)
    outputs = np.full(count, traffic.output_tokens)
    when = np.zeros(count) if arrivals is None else arrivals
    return replay(
        chip,
        shape,
        layout or Layout(8.0),
        settings,
        engine,
        when,
        inputs,
        outputs,
        np.zeros(count),
        float(users),
    )


def test_closed_loop_agrees_with_the_steady_state(chip, dense, settings, engine, traffic) -> None:
    users, count = 32, 960
    spread = 0.5 + (np.arange(count) * 0.754877666) % 1.0  # equal answers would run in step
    outputs = np.round(traffic.output_tokens * spread)
    inputs = np.full(count, traffic.input_tokens)
    nothing = np.zeros(count)
    case = (chip, dense, Layout(8.0), settings, engine)
    run = replay(*case, nothing, inputs, outputs, nothing, float(users))
    measured = np.sum(run.done_s - run.first_s) / np.sum(outputs - 1.0)
    state = steady(*case, traffic, float(users))
    assert measured == pytest.approx(state.tpot_s, rel=0.1)


def test_every_request_is_sent_then_answered_then_done(
    chip, dense, settings, engine, traffic
) -> None:
    run = _run(chip, dense, settings, engine, traffic, 16)
    assert np.all(run.first_s > run.sent_s)
    assert np.all(run.done_s > run.first_s)
    assert run.seconds == pytest.approx(run.done_s.max())


def test_little_law_holds_in_the_closed_loop(chip, dense, settings, engine, traffic) -> None:
    run = _run(chip, dense, settings, engine, traffic, 16, 640)
    inside = np.sum(run.done_s - run.sent_s) / run.seconds
    assert inside == pytest.approx(16.0, rel=0.05)


def test_open_arrivals_queue_when_they_come_too_fast(
    chip, dense, settings, engine, traffic
) -> None:
    slow, fast = (
        _run(chip, dense, settings, engine, traffic, 0, 300, np.arange(300) * gap)
        for gap in (1.0, 0.01)
    )
    assert np.mean(fast.first_s - fast.sent_s) > 3.0 * np.mean(slow.first_s - slow.sent_s)
    assert slow.done_s[-1] > fast.done_s[-1]


def test_memory_bounds_what_runs_at_once(chip, dense, settings, engine, traffic) -> None:
    small = chip._replace(mem_bytes=52e9)
    long = traffic._replace(input_tokens=20_000.0)
    case = (dense, settings, engine, long, 64, 128)
    tight = _run(small, *case, layout=Layout(2.0))
    wide = _run(chip, *case, layout=Layout(2.0))
    assert tight.seconds > wide.seconds


def test_a_request_that_can_never_fit_is_left_unserved(
    chip, dense, settings, engine, traffic
) -> None:
    huge = traffic._replace(input_tokens=1e8)
    run = _run(chip, dense, settings, engine, huge, 4, 8)
    assert np.all(np.isnan(run.done_s))


def test_same_requests_same_times(chip, dense, settings, engine, traffic) -> None:
    one, two = (_run(chip, dense, settings, engine, traffic, 16, 64) for _ in range(2))
    assert np.array_equal(one.done_s, two.done_s)


def test_paged_memory_preempts_and_still_answers_all(chip, dense, settings, engine) -> None:
    inputs, outputs = np.full(64, 500.0), np.full(64, 4000.0)
    nothing = np.zeros(64)
    small = chip._replace(mem_bytes=48e9)
    case = (small, dense, Layout(2.0), settings)
    paged = replay(*case, engine, nothing, inputs, outputs, nothing, 64.0)
    held = replay(*case, engine._replace(kv_reserve=1.0), nothing, inputs, outputs, nothing, 64.0)
    assert paged.preempted > 0.0
    assert held.preempted == 0.0
    assert np.all(np.isfinite(paged.done_s))
    assert np.all(np.isfinite(held.done_s))


def test_tokens_are_not_made_faster_than_the_steps(chip, dense, settings, engine, traffic) -> None:
    run = _run(chip, dense, settings, engine, traffic, 16, 64)
    assert run.steps >= (traffic.output_tokens - 1.0) * 64 / 16
    drafts = settings._replace(draft_tokens=3.0, acceptance=0.8)
    fast = _run(chip, dense, drafts, engine, traffic, 16, 64)
    assert fast.steps < run.steps


def test_ways_in_and_out_delay_the_first_token_alone(
    chip, dense, settings, engine, traffic
) -> None:
    near, far = (
        _run(chip, dense, settings, engine._replace(reply_s=delay), traffic, 8, 80)
        for delay in (0.0, 0.02)
    )
    assert far.first_s - far.sent_s == pytest.approx(near.first_s - near.sent_s + 0.02)
    assert far.seconds == pytest.approx(near.seconds)


def test_steps_prepared_ahead_delay_only_those_who_meet_others(
    chip, dense, settings, engine, traffic
) -> None:
    at_once, ahead = (engine._replace(ahead_steps=steps) for steps in (0.0, 1.0))
    alone = [_run(chip, dense, settings, one, traffic, 1, 3) for one in (at_once, ahead)]
    assert alone[0].first_s == pytest.approx(alone[1].first_s)
    inputs, outputs = np.full(2, 1000.0), np.full(2, 400.0)
    case = (chip, dense, Layout(8.0), settings)
    waits = []
    for one in (at_once, ahead):
        run = replay(*case, one, np.array([0.0, 1.0]), inputs, outputs, np.zeros(2), 0.0)
        waits.append(run.first_s[1] - run.sent_s[1])
    step = (alone[0].done_s[0] - alone[0].first_s[0]) / (traffic.output_tokens - 1.0)
    assert waits[1] - waits[0] == pytest.approx(step, rel=0.1)


def test_an_answer_of_one_token_ends_with_it(chip, dense, settings, engine, traffic) -> None:
    one = traffic._replace(output_tokens=1.0)
    run = _run(chip, dense, settings, engine._replace(reply_s=0.05), one, 4, 12)
    assert run.done_s == pytest.approx(run.first_s)
