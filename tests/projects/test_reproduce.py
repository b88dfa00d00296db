"""Chips up, the model meets what is published about sites, without a number of their own."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath import projects
from wattpath.projects.figures import Figure, model
from wattpath.projects.machine import benchmarks
from wattpath.projects.reproduce import Comparison, compare


@pytest.fixture(scope="module")
def found() -> list[Comparison]:
    return [each for project in projects.projects() for each in compare(project)]


def errors(found: list[Comparison], quantity: str) -> np.ndarray:
    return np.abs([each.error for each in found if each.quantity == quantity])


@pytest.mark.parametrize(
    ("quantity", "median", "least"),
    [("it_power", 0.10, 10), ("facility_peak", 0.12, 10), ("capital", 0.20, 5)],
)
def test_sites_are_met_in_the_median(
    found: list[Comparison], quantity: str, median: float, least: int
) -> None:
    each = errors(found, quantity)
    assert each.size >= least
    assert np.median(each) <= median


def test_no_computing_power_lies_outside_its_stated_range(found: list[Comparison]) -> None:
    operating = [e for e in found if e.quantity == "it_power" and e.status == "operating"]
    assert [e.project for e in operating if not e.within] == []


def test_whatever_lies_outside_is_explained(found: list[Comparison]) -> None:
    assert [(e.project, e.quantity) for e in found if not e.within and not e.stated.note] == []


def test_power_of_servers_in_a_filing_is_met(found: list[Comparison]) -> None:
    assert errors(found, "server_power").max() <= 0.05


def test_el_capitan_in_hpl(found: list[Comparison]) -> None:
    mine = {e.quantity: e for e in found if e.project == "el-capitan"}
    assert abs(mine["hpl_power"].error) <= 0.05
    assert abs(mine["hpl_efficiency"].error) <= 0.05
    assert mine["hpcg_rate"].overlap


def test_efficiency_is_rate_over_power() -> None:
    stage = projects.load("el-capitan").newest
    assert stage is not None
    rates = benchmarks(stage)
    assert rates is not None
    assert rates.hpl_efficiency.value == pytest.approx(rates.hpl_rate.value / rates.hpl_power.value)


def test_other_machines_have_no_lists() -> None:
    stage = projects.load("huawei-cloudmatrix").newest
    assert stage is not None
    assert benchmarks(stage) is None


def test_figures_scale_with_chips() -> None:
    abilene = projects.load("stargate-abilene")
    stages = [s for s in abilene.stages if s.status == "operating" and s.chips]
    one, two = model(abilene, stages[0]), model(abilene, stages[-1])
    assert one.it_power is not None
    assert two.it_power is not None
    assert two.chips.value == 2 * one.chips.value
    assert 1.9 < two.it_power.value / one.it_power.value < 2.2
    assert one.facility_peak is not None
    assert 1.0 < one.facility_peak.value / one.it_power.value < 1.6


def test_ranges_multiply_as_squares() -> None:
    ten, two = Figure(10.0, 9.0, 13.0), Figure(2.0, 1.6, 2.8)
    product = ten.times(two)
    assert product.value == 20.0
    assert product.low == pytest.approx(20.0 * (1.0 - (0.01 + 0.04) ** 0.5))
    assert product.high == pytest.approx(20.0 * (1.0 + (0.09 + 0.16) ** 0.5))
    assert ten.times(3.0) == Figure(30.0, 27.0, 39.0)


def test_cooling_may_change_with_time() -> None:
    colossus = projects.load("xai-colossus-1")
    first = next(s for s in colossus.stages if s.chips)
    last = colossus.newest
    assert last is not None
    before, after = model(colossus, first), model(colossus, last)
    assert before.water is not None
    assert after.water is not None
    assert before.it_power is not None
    assert after.it_power is not None
    assert (
        after.water.value / after.it_power.value > 10 * before.water.value / before.it_power.value
    )
