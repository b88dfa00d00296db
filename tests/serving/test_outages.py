"""Failures and scaling: what becomes of requests, and when replicas are on."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath.errors import InputError
from wattpath.serving.events import Outages, Scaling
from wattpath.serving.fleet import simulate_fleet
from wattpath.serving.generator import Pattern, generate
from wattpath.serving.options import Options, draw_outages

COUNT = 400


@pytest.fixture(scope="module")
def made():
    return generate(COUNT, Pattern(10.0, 700.0, 200.0))


def test_without_failures_all_is_as_before(replica, made) -> None:
    plain = simulate_fleet(replica, made, 3)
    never = draw_outages(3, np.inf, 60.0, 1e9, 1)
    assert len(never.when) == 0
    late = Outages(np.array([1e6]), np.array([1]), np.array([1e6 + 1.0]))
    for outages in (never, late):
        run = simulate_fleet(replica, made, 3, Options(outages=outages))
        assert np.array_equal(run.done_s, plain.done_s)
        assert (run.lost, run.resent) == (0.0, 0.0)


@pytest.mark.parametrize("resend", [True, False])
def test_every_request_is_answered_or_counted_as_lost(replica, made, resend) -> None:
    outages = draw_outages(3, 10.0, 5.0, 60.0, 4)
    run = simulate_fleet(replica, made, 3, Options(outages=outages, resend=resend))
    plain = simulate_fleet(replica, made, 3)
    assert np.isnan(run.done_s).sum() == run.lost
    assert (run.resent > 0.0) == resend
    assert (run.lost > 0.0) != resend
    served = np.isfinite(run.done_s)
    assert np.all(run.done_s[served] > run.first_s[served])
    if resend:
        assert np.mean(run.done_s) > np.mean(plain.done_s)
    edges = (np.minimum(run.seconds, one) for one in (outages.when, outages.until))
    down = -float(np.subtract(*edges).sum())
    assert run.on_s.sum() == pytest.approx(3.0 * run.seconds - down, rel=1e-6)


def test_all_down_is_a_wait_until_one_is_back(replica, made) -> None:
    outages = Outages(np.array([1.0]), np.array([0]), np.array([50.0]))
    run = simulate_fleet(replica, made, 1, Options(outages=outages))
    assert np.all(np.isfinite(run.done_s))
    late = made.arrival_s > 1.0
    assert run.first_s[late].min() > 50.0
    forever = Outages(np.array([1.0]), np.array([0]), np.array([np.inf]))
    dead = simulate_fleet(replica, made, 1, Options(outages=forever))
    assert np.isnan(dead.done_s).sum() == dead.lost > 0.0


def test_failures_are_drawn_with_their_means_and_a_seed() -> None:
    one, two = (draw_outages(50, 100.0, 10.0, 1e4, seed) for seed in (1, 1))
    assert np.array_equal(one.when, two.when)
    assert np.all(np.diff(one.when) >= 0.0)
    assert len(one.when) == pytest.approx(50 * 1e4 / 110.0, rel=0.05)
    assert np.mean(one.until - one.when) == pytest.approx(10.0, rel=0.05)
    with pytest.raises(InputError, match="mtbf_s"):
        draw_outages(1, 0.0, 1.0, 1.0, 1)


def test_scaling_follows_the_load_at_a_cost_in_time(replica) -> None:
    busy = generate(300, Pattern(12.0, 700.0, 200.0))
    quiet = generate(60, Pattern(0.5, 700.0, 200.0))
    when = np.concatenate([busy.arrival_s, busy.arrival_s[-1] + 30.0 + quiet.arrival_s])
    join = np.concatenate
    from wattpath.serving.requests import plain

    made = plain(when, join([busy.inputs, quiet.inputs]), join([busy.outputs, quiet.outputs]))
    scaling = Scaling(1.0, 4.0, 8.0, 0.0, 2.0, 5.0, 10.0)
    run = simulate_fleet(replica, made, 4, Options(step_s=5.0, scaling=scaling))
    always = simulate_fleet(replica, made, 4, Options(step_s=5.0))
    assert np.all(np.isfinite(run.done_s))
    assert run.on_s.sum() < 0.6 * always.on_s.sum()
    assert run.on_s.max() > 3.0 * 5.0  # most are on in the rush
    assert np.mean(run.first_s - made.arrival_s) >= np.mean(always.first_s - made.arrival_s)
    assert run.replica[0] == 0


def test_scaling_by_busy_share_and_a_fixed_fleet(replica, made) -> None:
    fixed = Scaling(3.0, 3.0, 8.0, 0.0, 1.0, 5.0, 10.0)
    plain = simulate_fleet(replica, made, 3)
    run = simulate_fleet(replica, made, 3, Options(scaling=fixed))
    assert np.array_equal(run.done_s, plain.done_s)
    share = fixed._replace(least=1.0, target=0.5, by_share=1.0)
    run = simulate_fleet(replica, made, 3, Options(scaling=share))
    assert run.on_s.sum() < 3.0 * run.seconds
    with pytest.raises(InputError, match="scaling"):
        simulate_fleet(replica, made, 2, Options(scaling=fixed))
