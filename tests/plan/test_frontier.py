"""Frontiers: no point beats another, cost falls as the ceiling rises, and points can be opened."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.conftest import TINY
from wattpath.errors import InputError
from wattpath.plan import scenario, study
from wattpath.plan.frontier import AXES, Frontier, frontier_of, with_ceiling
from wattpath.progress import silent


def raw(key: str, **changes: Any) -> dict[str, Any]:
    """Cheap against clean, cool against dry, quick against cheap: a choice for each quantity."""
    made = copy.deepcopy(TINY)
    made["demands"][0]["requests"] = "300M requests/day"
    made["grid"] = {"existing": "2 MW"}
    made["options"]["cooling"] = ["air-evaporative-hyperscale"]
    if key in ("carbon", "power"):
        made["baseline"]["standing_hall"] = "1 MW"
    if key == "carbon":
        made["options"]["supply"] = ["solar-single-axis"]
    if key == "date":
        made["site"], made["months_available"], made["grid"] = "us-abilene", 60, {}
        made["options"]["supply"] = ["gas-reciprocating-engine"]
    return made | changes


def traced(key: str, **changes: Any) -> Frontier:
    return frontier_of(scenario.from_dict(raw(key, **changes)), key, 3, silent)


@pytest.fixture(scope="module")
def frontiers() -> dict[str, Frontier]:
    return {key: traced(key) for key in AXES}


@pytest.mark.parametrize("key", list(AXES))
def test_points_are_monotone_and_none_beats_another(
    key: str, frontiers: dict[str, Frontier]
) -> None:
    points = frontiers[key].points
    assert len(points) >= 2
    for low, high in pairwise(points):
        assert low.value < high.value
        assert low.cost_usd > high.cost_usd
    assert min(frontiers[key].prices()) > 0.0


@pytest.mark.parametrize("key", list(AXES))
def test_each_point_keeps_its_ceiling_over_all_hours(
    key: str, frontiers: dict[str, Frontier]
) -> None:
    for point in frontiers[key].points:
        assert point.outcome.feasible
        assert point.value <= point.ceiling * (1.0 + 1e-6)
        assert point.outcome.hourly is not None
        assert point.outcome.hourly.facility_w.size == 8760


@pytest.mark.parametrize("key", ["carbon", "power"])
def test_an_opened_point_plans_to_the_same(key: str, frontiers: dict[str, Frontier]) -> None:
    found = frontiers[key]
    number = max(1, len(found.points) - 1)
    point = found.points[number - 1]
    told = with_ceiling(raw(key), found, number)
    again = study.run(scenario.from_dict(told), attribute=False).plans["both"]
    assert again.feasible
    assert again.cost_usd_per_year == pytest.approx(point.cost_usd, rel=1e-4)
    assert found.axis.of(again) == pytest.approx(point.value, rel=1e-3)


def test_the_last_point_is_the_plan_without_a_ceiling(frontiers: dict[str, Frontier]) -> None:
    free = study.run(scenario.from_dict(raw("power")), attribute=False).plans["both"]
    found = frontiers["power"]
    assert found.points[-1].cost_usd == pytest.approx(free.cost_usd_per_year, rel=1e-4)
    assert with_ceiling(raw("power"), found, len(found.points)) == raw("power")


def test_a_ceiling_that_no_plan_keeps_says_what_is_least() -> None:
    asked = scenario.from_dict(raw("power", limits={"facility_power": "10 kW"}))
    found = study.run(asked, attribute=False).plans["both"]
    assert not found.feasible
    assert found.reasons[0].startswith("limits.facility_power of 10.0 kW is too low: the least")


def test_bad_questions(frontiers: dict[str, Frontier]) -> None:
    with pytest.raises(InputError, match="--against must be one of carbon, power, water, date"):
        frontier_of(scenario.from_dict(raw("power")), "beauty", 3, silent)
    with pytest.raises(InputError, match=r"horizon\.years must be 1"):
        traced("power", horizon={"years": 2})
    with pytest.raises(InputError, match="--open must be a point from 1"):
        with_ceiling(raw("date"), frontiers["date"], 99)
    with pytest.raises(InputError, match="have a plan before it has a frontier"):
        traced("power", limits={"facility_power": "10 kW"})
    with pytest.raises(InputError, match="for a single year only"):
        scenario.from_dict(raw("power", horizon={"years": 2}, limits={"water": "10 m3"}))


def test_told_as_json(frontiers: dict[str, Frontier]) -> None:
    told = frontiers["power"].to_json()
    assert told["against"] == "power"
    assert told["limits"] == "limits.facility_power"
    assert np.isfinite([point["cost_usd_per_year"] for point in told["points"]]).all()
    assert told["points"][0]["plan"]["deployments"]
