"""What fits: the limit holds in every hour, plans are in order, and size is proportional."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wattpath.errors import InputError
from wattpath.plan import scenario
from wattpath.plan.questions.fit import fit
from wattpath.plan.questions.fitted import FitAnswer
from wattpath.progress import silent

LIMIT_W = 3e6


@pytest.fixture(scope="module")
def answer() -> FitAnswer:
    return ask(LIMIT_W)


def ask(limit: float | None, **changes: Any) -> FitAnswer:
    from tests.conftest import TINY

    lines = [f"{path.replace('__', '.')}={value}" for path, value in changes.items()]
    return fit(scenario.from_dict(TINY, lines), limit, silent)


def test_the_limit_holds_in_every_hour_and_is_reached(answer: FitAnswer) -> None:
    for plan in answer.plans.values():
        hours = plan.outcome.hourly
        assert hours is not None
        assert plan.worst is not None
        assert hours.facility_w.max() <= LIMIT_W * (1.0 + 1e-6)
        assert hours.facility_w.max() == pytest.approx(LIMIT_W, rel=1e-4)
        assert plan.worst.hour == int(np.argmax(hours.facility_w))
        assert plan.worst.dry_bulb_c == answer.weather.dry_bulb_c[plan.worst.hour]


def test_more_freedom_fits_more(answer: FitAnswer) -> None:
    multiple = {name: plan.multiple for name, plan in answer.plans.items()}
    assert multiple["baseline"] <= multiple["blue"] * (1.0 + 1e-9)
    assert multiple["baseline"] <= multiple["red"] * (1.0 + 1e-9)
    assert max(multiple["blue"], multiple["red"]) <= multiple["both"] * (1.0 + 1e-9)
    by_hall = answer.plans["both"].by_hall or {}
    assert max(by_hall.values()) == pytest.approx(multiple["both"], rel=1e-6)


def test_tokens_and_cost_belong_together(answer: FitAnswer) -> None:
    plan = answer.plans["both"]
    row = (plan.demands or {})["chat"]
    assert row["requests_per_s"] * 86400.0 == pytest.approx(20e6 * plan.multiple, rel=1e-5)
    assert row["tokens_per_day"] == pytest.approx(1000.0 * row["requests_per_s"] * 86400.0)
    price = plan.outcome.prices["chat"]["usd_per_million_tokens"]
    assert plan.usd_per_million_tokens == pytest.approx(price, rel=1e-9)


def test_twice_the_power_fits_twice_the_demand(answer: FitAnswer) -> None:
    twice = ask(None, grid__limit="6 MW")
    assert twice.power_w == 2.0 * LIMIT_W
    assert twice.plans["both"].multiple == pytest.approx(
        2.0 * answer.plans["both"].multiple, rel=1e-4
    )


def test_whole_units_fit_no_more(answer: FitAnswer) -> None:
    whole = ask(LIMIT_W, whole_units="true").plans["blue"]
    assert 0.98 * answer.plans["blue"].multiple < whole.multiple
    assert whole.multiple <= answer.plans["blue"].multiple * (1.0 + 1e-6)
    for chosen in whole.outcome.chosen:
        assert chosen.units == pytest.approx(round(chosen.units), abs=1e-6)


def test_the_smallest_limit_is_told_and_works() -> None:
    with pytest.raises(InputError, match="one unit of each demand") as caught:
        ask(100.0)
    least = float(caught.value.hint.split()[-2]) * 1e3
    assert "kW" in caught.value.hint
    assert ask(least * 1.01).feasible


def test_limits_that_contradict_each_other() -> None:
    with pytest.raises(InputError, match=r"not exceed grid\.limit, 1\.00 MW"):
        ask(LIMIT_W, grid__limit="1 MW")
    with pytest.raises(InputError, match="be given where the scenario has no"):
        ask(None, grid="{}")
