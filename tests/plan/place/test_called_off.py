"""What hours without the grid are worth in each year of a horizon, and over all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wattpath.plan.place.dates import CURTAILED_H, Loads, dates_of_loads
from wattpath.plan.place.hall import Load
from wattpath.plan.scenario import load
from wattpath.plan.years.horizon import years_of

ENTERPRISE = Path(__file__).parents[3] / "examples" / "enterprise.yaml"


def test_each_year_counts_from_when_the_connection_can_stand() -> None:
    sets = ["horizon.years=3", "months_available=36", "baseline.supply=[grid, gas-simple-cycle]"]
    scenario = load(ENTERPRISE, [*sets, "grid={existing: 1 MW}"])
    powers = (2e6, 0.5e6, 4e6)
    loads = Loads(tuple(Load(np.full(8760, power), 0.0, "both") for power in powers))
    answer = dates_of_loads(scenario, loads, days=3)
    first, small, large = answer.called_off
    assert first[2] is answer.curtailment
    assert small[2] is None, "what stands is enough"
    assert large[2] is not None
    years = years_of(scenario)
    assert [first[1], small[1]] == [0.0, 0.0], "month 36 is before the connection"
    assert large[1] == pytest.approx(years[2].weight)
    told = large[2].to_json()["hours"]
    assert [row["hours"] for row in told] == list(CURTAILED_H)
    worth = answer.worth_of_years()
    for row in told:
        assert worth[row["hours"]] == pytest.approx(large[1] * row["worth_usd_per_year"])
    assert worth[50.0] >= worth[200.0]
    assert len(answer.to_json()["curtailment_of_years"]["years"]) == 3
