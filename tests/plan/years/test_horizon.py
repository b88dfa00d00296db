"""Growth, weights and limits of the years."""

from __future__ import annotations

from typing import Any

import pytest

from wattpath import load_scenario
from wattpath.errors import InputError
from wattpath.plan.years.horizon import multiple, years_of


def test_growth_multiplies_and_its_last_rate_goes_on() -> None:
    assert [multiple([0.5, 0.2], year) for year in range(4)] == pytest.approx([1, 1.5, 1.8, 2.16])
    assert multiple([], 3) == 1.0


def test_years_have_their_own_demand_date_limit_and_weight(tiny: dict[str, Any]) -> None:
    tiny["horizon"] = {"years": 3, "start": 2029}
    tiny["demands"][0]["growth"] = "100 %"
    tiny["grid"] = {"limits": ["1 MW", "3 MW"]}
    tiny["finance"] = {"discount_rate": 0.1}
    years = years_of(load_scenario(tiny))
    assert [year.label for year in years] == ["2029", "2030", "2031"]
    assert [year.months for year in years] == [30.0, 42.0, 54.0]
    assert [year.scenario.grid.limit for year in years] == [1e6, 3e6, 3e6]
    assert [year.weight for year in years] == pytest.approx([1 / 1.1, 1 / 1.21, 1 / 1.331])
    first, last = years[0].scenario.demands[0], years[2].scenario.demands[0]
    assert last.requests == pytest.approx(4 * first.requests)


def test_growth_without_years_is_refused(tiny: dict[str, Any]) -> None:
    tiny["demands"][0]["growth"] = 0.3
    with pytest.raises(InputError, match=r"horizon\.years above 1"):
        load_scenario(tiny)
