"""The page of a facility: every figure has its place and its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wattpath import load_scenario
from wattpath.plan.place.hall import FacilityAnswer, facility_of, it_load
from wattpath.report import site_words as words
from wattpath.report.site import HEADINGS
from wattpath.report.site_figures import figures


@pytest.fixture
def answer(tiny: dict[str, Any]) -> FacilityAnswer:
    scenario = load_scenario(tiny)
    return facility_of(scenario, it_load(scenario, 10e6, 0.8, lambda stage, share: None))


def test_figures_say_what_the_answer_says(answer: FacilityAnswer) -> None:
    drawn = figures(answer)
    assert set(drawn) == {*HEADINGS, "spread"}
    hours = np.diff(24 * np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]))
    over = sum(np.array(trace["y"]) for trace in drawn["parts_of_months"]["data"])
    assert 1.0 + np.average(over, weights=hours) == pytest.approx(answer.run.pue, abs=1e-3)
    assert len(drawn["week"]["data"][0]["x"]) == 168
    worst = str(drawn["week"]["data"][0]["x"][0])[5:10] <= answer.worst_hour()["when"][:5]
    assert worst, "the week begins before its worst hour"
    assert np.shape(drawn["year"]["data"][0]["z"]) == (24, 365)
    shown = sum(len(trace["x"]) for trace in drawn["spread"]["data"][:-1])
    assert shown == len(answer.systems)


def test_the_chain_loses_more_of_a_small_load(answer: FacilityAnswer) -> None:
    rows = answer.part_load()
    assert [row["it_share"] for row in rows] == [0.1, 0.25, 0.5, 0.75, 1.0]
    let_through = [row["chain_efficiency"] for row in rows]
    assert let_through[0] < let_through[1] < let_through[2] < let_through[3]
    assert rows[0]["pue"] > rows[-1]["pue"]
    told = answer.to_json()
    assert words.part_loads(told)[0][0] == "10%"
    assert words.answer_of(told).startswith(f"PUE {told['pue']:.3f}")
