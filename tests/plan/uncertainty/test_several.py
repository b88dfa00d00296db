"""Ranges of several years: medians are the plan itself, and the fast path is close to it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from wattpath.plan import scenario
from wattpath.plan.result import PLANS
from wattpath.plan.uncertainty import Ranges
from wattpath.plan.uncertainty.reading import FIELDS
from wattpath.plan.uncertainty.study import central_case, drawn_ranges, prepare


@pytest.fixture(scope="module")
def drawn() -> Ranges:
    from tests.conftest import TINY

    given: dict[str, Any] = deepcopy(TINY)
    given["horizon"] = {"years": 2}
    given["demands"][0]["growth"] = "40 %"
    asked = scenario.from_dict(given)
    return drawn_ranges(central_case(asked, *prepare(asked)), 4, seed=3, checks=1)


def test_years_are_drawn_and_close_to_a_full_run(drawn: Ranges) -> None:
    cost = FIELDS.index("cost_usd_per_year")
    assert np.isfinite(drawn.values[:, :, cost]).any()
    assert drawn.gap.runs == 1
    assert max(drawn.gap.worst.values(), default=0.0) < 0.05


def test_plans_stay_nested(drawn: Ranges) -> None:
    base, blue, red, both = drawn.values[:, :, FIELDS.index("cost_usd_per_year")].T
    known = np.isfinite(base + blue + red + both)
    assert np.all((both <= np.minimum(blue, red) * 1.01)[known])
    assert np.all((np.maximum(blue, red) <= base * 1.01)[known])


def test_shares_are_of_the_whole_horizon(drawn: Ranges) -> None:
    blue, both = drawn.base["blue"], drawn.base["both"]
    for key, field in (("power", "facility_power_peak_w"), ("cost", "cost_usd_per_year")):
        assert drawn.base_replaceable[key] == pytest.approx(1.0 - both[field] / blue[field])
    assert set(drawn.headlines) == set(PLANS)
