from __future__ import annotations

import numpy as np
import pytest

from wattpath.serving import Layout
from wattpath.serving.fleet import BUSY, LEAST_LOADED, PREFIX_AWARE, ROUND_ROBIN, replay_fleet
from wattpath.serving.generator import Pattern, Sessions, generate, generate_sessions
from wattpath.serving.simulator import replay


@pytest.fixture(scope="module")
def drive(chip, dense, settings, engine):
    def run(requests, replicas=1, router=ROUND_ROBIN):
        case = (chip, dense, Layout(8.0), settings._replace(prefix_reuse=1.0), engine)
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
