"""What else a hall must do, in the scenario's own terms."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wattpath import load_scenario
from wattpath.plan.place.duties import Duties, duties_of
from wattpath.plan.place.hall import FacilityAnswer, facility_of, it_load


def silent(stage: str, share: float) -> None:
    """No progress."""


@pytest.fixture
def halls(tiny: dict[str, Any]) -> FacilityAnswer:
    scenario = load_scenario(tiny)
    return facility_of(scenario, it_load(scenario, 10e6, 0.8, silent))


def test_every_duty_is_told(halls: FacilityAnswer) -> None:
    other = duties_of(halls, 3e6, 65.0)
    told = other.to_json()
    json.dumps(told, allow_nan=False)
    assert [one["redundancy"] for one in told["redundancy"]] == ["N", "N+1", "2N"]
    down = [one["hours_without_power_per_year"] for one in told["redundancy"]]
    assert down == sorted(down, reverse=True)
    own = next(r for r in told["redundancy"] if r["availability"] == halls.hours.availability)
    assert own["pue"] == pytest.approx(halls.run.pue)
    assert {unit["form"] for unit in told["modules"]} == {"hall", "prefabricated", "retrofit"}
    for unit in told["modules"]:
        assert unit["units"] * unit["module_w"] >= 12.5e6 > (unit["units"] - 1) * unit["module_w"]
    saved = [one["saved_w"] for one in told["retrofits"]]
    assert saved == sorted(saved, reverse=True)
    assert saved[-1] > 0.0
    heat = told["heat_reuse"]
    assert 0.0 < heat["met_share"] <= 1.0
    assert heat["cop"] > 2.0


def test_without_a_demand_there_is_no_heat(halls: FacilityAnswer) -> None:
    other: Duties = duties_of(halls)
    assert other.to_json()["heat_reuse"] is None
