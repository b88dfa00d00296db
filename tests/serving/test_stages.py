"""Prefill before decode, a small model before a large one."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath.errors import InputError
from wattpath.serving.fleet import simulate_fleet
from wattpath.serving.generator import Pattern, generate
from wattpath.serving.options import Options
from wattpath.serving.stages import Pool, hardest, serve_cascade, serve_disaggregated


@pytest.fixture(scope="module")
def made():
    return generate(300, Pattern(8.0, 1500.0, 150.0))


def test_both_pools_do_their_part_of_every_request(replica, made) -> None:
    pool = Pool(replica, 2, Options())
    run = serve_disaggregated(pool, pool, made)
    assert np.all(made.arrival_s < run.first_s)
    assert np.all(run.first_s <= run.done_s)
    assert np.array_equal(np.sort(run.second), np.flatnonzero(made.outputs > 1.0))
    assert run.ended is not None
    assert run.ended.steps >= made.outputs[run.second].max() - 1.0
    longest = made.outputs - 1.0
    least = np.min((run.done_s - run.first_s)[longest > 0] / longest[longest > 0])
    together = simulate_fleet(replica, made, 4)
    paces = ((one.done_s - one.first_s) / np.maximum(1.0, longest) for one in (run, together))
    apart, beside = (np.percentile(one, 99.0) for one in paces)
    assert 0.0 < least <= apart < beside  # no prompt ever delays a token


def test_a_slow_network_delays_by_its_queue(replica, made) -> None:
    slow = replica._replace(chip=replica.chip._replace(scaleout_bytes_s=2e7))
    fast, late = (
        serve_disaggregated(Pool(one, 1, Options()), Pool(replica, 2, Options()), made)
        for one in (replica, slow)
    )
    assert np.array_equal(fast.began.done_s, late.began.done_s)
    assert np.all(late.first_s > fast.first_s)


def test_cascade_pays_for_both_and_its_ends_are_the_single_fleets(replica, made) -> None:
    small, large = Pool(replica, 1, Options()), Pool(replica, 2, Options())
    count = len(made)
    nobody, everybody = np.zeros(count, dtype=bool), np.ones(count, dtype=bool)
    only = serve_cascade(small, large, made, nobody)
    assert np.array_equal(only.done_s, simulate_fleet(replica, made, 1).done_s)
    assert only.ended is None
    at_once = serve_cascade(small, large, made, nobody, everybody)
    assert np.array_equal(at_once.done_s, simulate_fleet(replica, made, 2).done_s)
    hard = hardest(made.inputs, 0.3)
    assert hard.sum() == round(0.3 * count)
    assert made.inputs[hard].min() >= made.inputs[~hard].max()
    both = serve_cascade(small, large, made, hard)
    assert np.array_equal(both.done_s[~hard], only.done_s[~hard])
    assert np.all(both.first_s[hard] > only.done_s[hard])
    assert both.began.steps == only.began.steps  # the small model's work is done all the same
    with pytest.raises(InputError, match="share"):
        hardest(made.inputs, 1.5)
