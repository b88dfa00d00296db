from __future__ import annotations

import numpy as np
import pytest

from wattpath.errors import InputError
from wattpath.serving import Layout
from wattpath.serving.fleet import (
    BUSY,
    BY_LENGTH,
    LEAST_LOADED,
    PREFIX_AWARE,
    ROUND_ROBIN,
    replay_fleet,
    simulate_fleet,
)
from wattpath.serving.generator import Pattern, Sessions, generate, generate_sessions
from wattpath.serving.options import Options
from wattpath.serving.simulator import replay


@pytest.fixture(scope="module")
def drive(replica):
    def run(requests, replicas=1, router=ROUND_ROBIN):
        case = replica._replace(settings=replica.settings._replace(prefix_reuse=1.0))
        lists = (requests.arrival_s, requests.inputs, requests.outputs)
        shared = (requests.blocks, requests.starts, requests.block_tokens)
        nothing = np.zeros(len(requests))
        return replay_fleet(*case, *lists, *shared, nothing, replicas, router, 60.0)

    return run


def test_one_replica_is_the_plain_replay(chip, dense, settings, engine, drive) -> None:
    made = generate(400, Pattern(6.0, 900.0, 200.0))
    lists = (made.arrival_s, made.inputs, made.outputs)
    plain = replay(chip, dense, Layout(8.0), settings, engine, *lists, np.zeros(400), 0.0)
    run = drive(made)
    assert np.array_equal(run.done_s, plain.done_s)
    assert run.steps == plain.steps


def test_routers_spread_the_load_and_find_prefixes(drive) -> None:
    plain = generate(600, Pattern(30.0, 900.0, 200.0))
    turn, least = (drive(plain, 3, router) for router in (ROUND_ROBIN, LEAST_LOADED))
    assert list(turn.replica[:4]) == [0, 1, 2, 0]
    assert np.bincount(least.replica).min() > 150
    assert np.all(np.isfinite(least.done_s))
    assert 0.0 < least.series[:, BUSY].sum() <= 3.0 * least.seconds
    talks = generate_sessions(600, Pattern(2.0, 700.0, 100.0), Sessions(5.0, 5.0, 1024.0))
    blind, aware = (drive(talks, 3, router) for router in (LEAST_LOADED, PREFIX_AWARE))
    assert aware.found.sum() > 1.2 * blind.found.sum() > 0.0
    assert np.all(aware.found < talks.inputs)


def test_long_prompts_have_replicas_of_their_own(replica) -> None:
    made = generate(300, Pattern(20.0, 900.0, 60.0))
    limit = float(np.median(made.inputs))
    options = Options(BY_LENGTH, long_tokens=limit, long_replicas=1)
    run = simulate_fleet(replica, made, 3, options)
    assert np.array_equal(run.replica == 2, made.inputs > limit)


def test_queue_and_batch_obey_little_law(replica) -> None:
    made = generate(600, Pattern(20.0, 900.0, 200.0))
    few = replica._replace(engine=replica.engine._replace(max_sequences=16.0))
    run = simulate_fleet(few, made, 2, Options(step_s=5.0))
    inside = np.sum(run.done_s - made.arrival_s)
    assert run.waiting_s.sum() + run.running_s.sum() == pytest.approx(inside, rel=1e-6)
    assert run.running_s.sum() <= 2 * 16 * run.seconds
    assert run.on_s.sum() == pytest.approx(2.0 * run.seconds)


def test_impossible_options_are_refused(replica) -> None:
    made = generate(4, Pattern(1.0, 9.0, 9.0))
    with pytest.raises(InputError, match="replicas"):
        simulate_fleet(replica, made, 0)
    with pytest.raises(InputError, match="long_replicas"):
        simulate_fleet(replica, made, 2, Options(BY_LENGTH, long_replicas=2))
    with pytest.raises(InputError, match="step_s"):
        Options(step_s=0.0)
