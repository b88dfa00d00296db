"""A whole study of a small scenario: medians, signs, seeds, rankings, draws taken up again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wattpath.errors import FileInputError, InputError
from wattpath.plan import scenario
from wattpath.plan.result import PLANS, PlanResult
from wattpath.plan.uncertainty import Ranges, outside, pool, ranges
from wattpath.plan.uncertainty.inputs import Collector
from wattpath.plan.uncertainty.model import Draws, Frame, Solved
from wattpath.plan.uncertainty.outside import GROWTH, asked_of
from wattpath.plan.uncertainty.pool import groups
from wattpath.plan.uncertainty.reading import FIELDS
from wattpath.plan.uncertainty.store import Store, fingerprint
from wattpath.plan.uncertainty.study import Central, central_case, drawn_ranges, prepare
from wattpath.plan.years.horizon import years_of

COST = FIELDS.index("cost_usd_per_year")


@pytest.fixture(scope="module")
def start(tiny_file: Path) -> Central:
    asked = scenario.load(tiny_file)
    return central_case(asked, *prepare(asked))


@pytest.fixture(scope="module")
def wide(start: Central) -> Ranges:
    return drawn_ranges(start, 8, seed=5, checks=1)


def test_no_deviation_gives_the_plan_itself(start: Central, tiny_answer: PlanResult) -> None:
    still = drawn_ranges(start, 2, seed=0, within=0.0)
    for name in PLANS:
        for field, span in still.headlines[name].items():
            assert span == pytest.approx((still.base[name][field],) * 3, rel=1e-9)
            assert span[1] == pytest.approx(getattr(tiny_answer.plans[name], field), rel=1e-6)
    for key, span in still.replaceable.items():
        assert span == pytest.approx((tiny_answer.replaceable_share[key],) * 3, abs=1e-6)
    assert still.indices == {}


def test_small_deviations_leave_the_ranking(start: Central) -> None:
    narrow = drawn_ranges(start, 4, seed=0, within=0.02)
    assert narrow.ranking.order["cost_usd_per_year"].share == 1.0
    assert all(own.share == 1.0 for own in narrow.ranking.servers["both"].values())
    assert set(narrow.infeasible.values()) == {0.0}


def test_quantiles_are_in_order_and_plans_are_nested(wide: Ranges) -> None:
    for spans in wide.headlines.values():
        for low, middle, high in spans.values():
            assert low <= middle <= high
    cost = wide.values[:, :, COST]
    base, blue, red, both = cost[np.isfinite(cost).all(axis=1)].T  # a draw may come too late
    assert base.size > 4
    assert np.all(both <= np.minimum(blue, red) * 1.001)
    assert np.all(np.maximum(blue, red) <= base * 1.001)


def test_the_fast_path_is_close_to_a_full_run(wide: Ranges) -> None:
    assert wide.gap.runs == 1
    assert max(wide.gap.worst.values()) < 0.02


def test_the_answer_is_plain(wide: Ranges) -> None:
    told = wide.to_json()
    assert told["plans"]["both"]["cost_usd_per_year"]["p50"] > 0.0
    assert told["draws"] == len(wide.to_frame()) == 8


def test_interrupted_draws_are_taken_up_again(start: Central, wide: Ranges, tmp_path: Path) -> None:
    keep = tmp_path / "draws.jsonl"
    mark = fingerprint(start.scenario, 5, tuple(own.key for own in start.inputs))
    first = drawn_ranges(start, 4, seed=5, store=Store(keep, mark))
    kept = keep.read_text(encoding="utf-8")
    keep.write_text(kept[:-40], encoding="utf-8")  # as if interrupted within the last line
    store = Store(keep, mark)
    assert sorted(store.kept) == [0, 1, 2]
    again = drawn_ranges(start, 8, seed=5, store=store)
    assert np.array_equal(first.values, wide.values[:4], equal_nan=True)
    assert np.array_equal(again.values, wide.values, equal_nan=True)
    assert sorted(Store(keep, mark).kept) == list(range(8))


def test_a_file_of_another_study_is_refused(tiny_file: Path, tmp_path: Path) -> None:
    keep = tmp_path / "draws.jsonl"
    keep.write_text('{"seed": 1}\n', encoding="utf-8")
    with pytest.raises(FileInputError, match="hold draws of this study"):
        ranges(scenario.load(tiny_file), 2, checks=0, keep=keep)


def test_what_is_held_does_not_move(tiny: dict[str, Any]) -> None:
    asked, found = scenario.from_dict(tiny), Collector()
    outside.demand(found, asked)
    outside.dates(found, asked)
    every = [own.key for own in found.inputs()]
    assert {"demand", "lead servers", "lead halls"} <= set(every)
    found.hold("lead", "--hold 0")
    assert [own.key for own in found.inputs()] == ["demand"]
    assert set(found.effects) == {GROWTH}
    with pytest.raises(InputError, match="must begin the name of an input"):
        found.hold("moon", "--hold 1")


def test_demand_misses_its_forecast_more_the_later_it_is(tiny: dict[str, Any]) -> None:
    tiny["horizon"] = {"years": 3}
    tiny["demands"][0]["growth"] = "50 %"
    asked = scenario.from_dict(tiny)
    grown = asked_of(asked, {GROWTH: 1.1})
    ahead = asked.months_available / 12.0
    for year, (plain, more) in enumerate(zip(years_of(asked), years_of(grown), strict=True)):
        own, other = plain.scenario.demands[0], more.scenario.demands[0]
        assert other.requests == pytest.approx(own.requests * 1.1 ** (ahead + year))


def test_warmth_raises_overhead(start: Central) -> None:
    effect = start.model.effects["hall", "air-chiller-economiser", "overhead weather"]
    assert effect.at({"warmth": 1.0}) > 1.0 > effect.at({"warmth": -1.0})


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("prices", "cost_usd_per_year"),
        ("interest", "cost_usd_per_year"),
        ("grid-price", "cost_usd_per_year"),
        ("time hopper", "facility_power_peak_w"),
        ("power hopper", "energy_wh_per_year"),
        ("overhead air-chiller-economiser", "energy_wh_per_year"),
        ("grid-carbon", "carbon_kg_per_year"),
    ],
)
def test_more_of_what_burdens_is_more(start: Central, key: str, field: str) -> None:
    assert isinstance(start.solved, Solved)
    days = start.solved.days
    frame = Frame(groups(days), None, days.periods)
    assert isinstance(start.model, Draws)
    low, high = (start.model.fast({key: z}, frame) for z in (-1.0, 1.0))
    assert getattr(high["baseline"], field) > getattr(low["baseline"], field) * 1.0001


def test_a_large_scenario_keeps_all_groups_and_few_layouts(
    start: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(start.model, Draws)
    assert isinstance(start.solved, Solved)
    monkeypatch.setattr(pool, "MANY", 0)
    frame = pool.frame(start.model, start.solved, ("prices",), seed=1)
    assert (frame.pool, frame.only, frame.layouts) == (groups(start.solved.days), None, {})
    assert frame.periods.n < start.solved.days.periods.n
    found = start.model.fast({}, replace(frame, periods=start.solved.days.periods))
    for name, own in start.model.fast({}, Frame(0, None, start.solved.days.periods)).items():
        assert found[name].cost_usd_per_year == pytest.approx(own.cost_usd_per_year, rel=1e-6)
    assert frame.layouts
