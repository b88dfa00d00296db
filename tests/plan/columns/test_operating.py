"""Operating points: every clock and cap of a lever's range, and none of them lost."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.conftest import TINY
from wattpath import levers, models
from wattpath.plan import scenario
from wattpath.plan.columns import operating, search
from wattpath.plan.columns.deployment import Columns
from wattpath.plan.columns.operating import operating_points, read_label
from wattpath.plan.fleet.replicas import replica_of
from wattpath.plan.prices import Prices


def _searched(options: list[str]) -> Columns:
    raw = copy.deepcopy(TINY)
    raw["options"] = {"levers": options}
    asked = scenario.from_dict(raw)
    return search.search(asked, Prices.of(asked), lambda stage, share: None)


def test_points_span_the_range_that_a_lever_may_be_set_to() -> None:
    lock, cap = levers.by_names(["clock-lock", "power-cap-serving"])
    given = lock.sets["decode_clock"]
    values = [one.overrides["clock-lock.set_decode_clock"] for one in operating_points([lock])]
    assert values[0] == given.value
    assert (min(values), max(values), len(values)) == (given.low, given.high, operating.ALONE)
    both = operating_points([lock, cap])
    assert len({one.label for one in both}) == len(both) == operating.TOGETHER**2
    assert [one.label for one in operating_points(levers.by_names(["kv-fp8"]))] == [""]


def test_a_label_tells_its_operating_point() -> None:
    for one in operating_points(levers.by_names(["clock-lock", "power-cap-serving"])):
        layout, point = read_label(f"5 x tp2 + 1 x dp8 ep8{one.label}, on lent servers")
        assert layout == "5 x tp2 + 1 x dp8 ep8, on lent servers"
        assert list(point.values()) == list(one.overrides.values())
        assert set(point) == {"decode_clock", "power_cap"}


def test_no_operating_point_is_lost_and_each_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a single clock gives, the search over all of them has as good or better."""
    kept, without = _searched(["clock-lock"]), _searched([])
    clocks = [read_label(one.label)[1] for one in kept.deployments if "clock-lock" in one.levers]
    assert clocks
    each = len(operating_points(levers.by_names(["clock-lock"])))
    assert kept.counts.considered == (1 + each) * without.counts.considered
    for at in operating_points(levers.by_names(["clock-lock"])):
        one = "wattpath.plan.columns.points.operating_points"
        monkeypatch.setattr(one, lambda chosen, at=at: [at])
        for column in _searched(["clock-lock"]).deployments:
            better = (
                own.players <= column.players
                and all(
                    a <= b * (1.0 + 2e-6)
                    for a, b in zip(own.burden(), column.burden(), strict=True)
                )
                for own in kept.deployments
            )
            assert any(better), column.label


def test_a_replica_runs_at_the_clock_of_its_label() -> None:
    kept = _searched(["clock-lock"])
    column = next(one for one in kept.deployments if "clock" in one.label)
    asked: Any = scenario.from_dict(TINY).demands[0]
    shape = models.load(asked.model).shape
    replica = replica_of(column, shape, search.traffic_of(asked))
    assert [pool.clock for pool in replica.pools] == [read_label(column.label)[1]["decode_clock"]]
