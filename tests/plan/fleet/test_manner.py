"""What of a fleet fails together, who is in which class, and what few ranks cannot do."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from wattpath.errors import InputError
from wattpath.plan.fleet.manner import Manner, domain, spread
from wattpath.plan.fleet.replicas import DECODE, SERVE
from wattpath.plan.operation import Autoscale, Failures, Operation
from wattpath.serving.events import Outages
from wattpath.serving.routing import ROUTERS


def _replica(chips_per_rank: float, dp: float, server_chips: float = 8.0, kind: str = SERVE):
    pool = SimpleNamespace(kind=kind, chips_per_rank=chips_per_rank, layout=SimpleNamespace(dp=dp))
    server = SimpleNamespace(chips=server_chips)
    return SimpleNamespace(pools=(pool,), server=server, label="small")


@pytest.mark.parametrize(
    ("chips_per_rank", "dp", "ranks", "servers"),
    [(1.0, 1.0, 8, 1), (2.0, 2.0, 4, 1), (8.0, 1.0, 1, 1), (16.0, 1.0, 1, 2), (1.0, 32.0, 32, 4)],
)
def test_ranks_of_a_server_or_of_a_worker_fail_together(
    chips_per_rank: float, dp: float, ranks: int, servers: int
) -> None:
    replica = _replica(chips_per_rank, dp)
    assert domain(replica, replica.pools[0]) == (ranks, servers)


def test_failures_of_units_reach_all_their_ranks_and_no_others() -> None:
    units = Outages(np.array([3.0, 5.0]), np.array([1, 0]), np.array([4.0, 9.0]))
    found = spread(units, 4, 6)
    assert list(found.rank) == [4, 5, 0, 1, 2, 3]
    assert list(found.when) == [3.0] * 2 + [5.0] * 4
    assert list(found.until) == [4.0] * 2 + [9.0] * 4


def test_options_follow_the_operation() -> None:
    how = Operation(
        router="by-length",
        autoscale=Autoscale(least=0.3),
        failures=Failures(between="1 h", repair="1 min", resend=False),
    )
    options = Manner(how).options(_replica(1.0, 1.0), 0, 10, 60.0, 86_400.0)
    assert options.scaling is not None
    assert (options.scaling.least, options.scaling.most) == (3.0, 10.0)
    assert options.long_replicas == 3
    assert not options.resend
    assert options.outages is not None
    assert len(options.outages.when) > 10
    behind = Manner(how).options(_replica(1.0, 1.0, kind=DECODE), 0, 10, 60.0, 1.0)
    assert behind.router == ROUTERS["least-loaded"]
    with pytest.raises(InputError, match="router"):
        Manner(how).options(_replica(1.0, 1.0), 0, 1, 60.0, 1.0)


def test_classes_have_their_shares() -> None:
    drawn = Manner(Operation(priorities=[0.2, 0.3, 0.5]), seed=3).classes(20_000)
    assert np.bincount(drawn) / 20_000 == pytest.approx([0.2, 0.3, 0.5], abs=0.02)
    assert not Manner().classes(5).any()
