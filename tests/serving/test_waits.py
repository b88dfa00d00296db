"""One slot is one server: the replay must queue as the theory of queues says.

The chain has two links. The replay's waits are, request by request, those of Lindley's
recursion, over the times that single requests take alone. The mean of that recursion, over
independent seeds and runs long enough for the load, is the theory's.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from wattpath.serving.fleet import LEAST_LOADED, ROUND_ROBIN, simulate_fleet
from wattpath.serving.options import Options
from wattpath.serving.queueing import mean_wait_s
from wattpath.serving.requests import plain

LOADS = (0.3, 0.6, 0.8, 0.9)
#: Customers of one seed: the relative error of a mean wait goes with 1 / (1 - load).
LENGTHS = {0.3: 100_000, 0.6: 200_000, 0.8: 600_000, 0.9: 2_000_000}
SEEDS = range(8)


def _services(random, kind, count):
    """Service times of mean 1."""
    if kind == "M/D/1":
        return np.ones(count)
    if kind == "M/M/1":
        return random.exponential(1.0, count)
    return random.gamma(0.5, 2.0, count)  # squared variation 2


def _lindley(arrivals, services):
    """Waits before a single server, first come first served."""
    slack = np.cumsum(services[:-1] - np.diff(arrivals))
    slack = np.concatenate([[0.0], slack])
    return slack - np.minimum.accumulate(slack)


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("kind", ["M/M/1", "M/D/1", "M/G/1"])
def test_means_over_seeds_are_those_of_the_theory(kind, load) -> None:
    means = []
    for seed in SEEDS:
        random = np.random.default_rng([seed, round(10 * load)])
        count = LENGTHS[load]
        arrivals = np.cumsum(random.exponential(1.0 / load, count))
        means.append(_lindley(arrivals, _services(random, kind, count)).mean())
    variation = {"M/M/1": 1.0, "M/D/1": 0.0, "M/G/1": math.sqrt(2.0)}[kind]
    theory = mean_wait_s(load, 1.0, variation)
    half = 3.5 * np.std(means, ddof=1) / math.sqrt(len(means))  # 99 % of Student's t, 7 degrees
    assert half < 0.03 * theory  # long enough to tell
    assert abs(np.mean(means) - theory) < max(half, 0.02 * theory)
    assert np.mean(means) == pytest.approx(theory, rel=0.02)


@pytest.fixture(scope="module")
def server(replica):
    """A replica with one place."""
    return replica._replace(
        engine=replica.engine._replace(max_sequences=1.0, request_s=0.0, reply_s=0.0)
    )


def _requests(server, kind, load, seed, count, servers=1):
    """Poisson arrivals, and what each request takes alone."""
    random = np.random.default_rng([seed, round(10 * load)])
    lengths = np.maximum(1.0, np.round(400.0 * _services(random, kind, count)))
    prompts, far = np.full(count, 8.0), np.arange(count) * 1e4
    services = simulate_fleet(server, plain(far, prompts, lengths), 1).done_s - far
    gaps = random.exponential(1.0, count) * services.mean() / load / servers
    return plain(np.cumsum(gaps), prompts, lengths), services


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("kind", ["M/M/1", "M/D/1", "M/G/1"])
def test_every_wait_is_that_of_lindley(server, kind, load) -> None:
    for seed in range(2):
        made, services = _requests(server, kind, load, seed, 1500)
        run = simulate_fleet(server, made, 1, Options(ROUND_ROBIN))
        free = np.concatenate([[0.0], run.done_s[:-1]])
        taken = run.done_s - np.maximum(free, made.arrival_s)  # never idle beside a waiting one
        assert np.allclose(taken, services, rtol=0.01)
        waits = np.maximum(0.0, free - made.arrival_s)
        assert np.allclose(waits, _lindley(made.arrival_s, taken), atol=1e-6)


def _erlang_c_wait(load, servers):
    """Mean wait of M/M/c in service times."""
    offered, total, term = load * servers, 0.0, 1.0
    for k in range(servers):
        total += term
        term *= offered / (k + 1)
    late = term / (1.0 - load)
    return late / (total + late) / (servers * (1.0 - load))


def test_replicas_wait_between_one_common_line_and_lines_of_their_own(server) -> None:
    made, services = _requests(server, "M/M/1", 0.8, 1, 12_000, 4)
    waits = {}
    for router in (ROUND_ROBIN, LEAST_LOADED):
        run = simulate_fleet(server, made, 4, Options(router))
        waits[router] = np.mean(run.done_s - made.arrival_s - services) / services.mean()
    assert 0.85 * _erlang_c_wait(0.8, 4) < waits[LEAST_LOADED]
    assert waits[LEAST_LOADED] < waits[ROUND_ROBIN] < 1.15 * mean_wait_s(0.8, 1.0, 1.0)
