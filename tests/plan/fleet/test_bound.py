"""The least that a fleet costs and draws, against fleets that were simulated."""

from __future__ import annotations

from pathlib import Path

import pytest

from wattpath.plan.fleet.answer import Wishes
from wattpath.plan.fleet.service import demands_of
from wattpath.plan.fleet.sizes import fleets_of
from wattpath.plan.fleet.sizing import Search, name_of
from wattpath.plan.front import load_scenario


@pytest.fixture(scope="module")
def searched(tiny_file: Path):
    scenario = load_scenario(tiny_file, None)
    demand = demands_of(scenario)[0]
    wishes = Wishes(gap=0.0)
    answer = fleets_of(scenario, demand, wishes, lambda stage, share: None)
    return Search(scenario, demand, wishes), answer


def test_no_simulated_fleet_lies_below_its_bound(searched) -> None:
    run, answer = searched
    for one in answer.tried:
        if one.cost is None or one.confirmed is None:
            continue
        bound = run.candidate(one.deployment).bound
        assert bound.least <= one.confirmed.replicas
        least = bound.cost(one.confirmed.replicas)
        assert bound.lowest is not None
        assert least is not None
        assert bound.lowest.total_usd <= least.total_usd <= one.cost.total_usd * (1.0 + 1e-9)
        assert least.facility_peak_w <= one.cost.facility_peak_w * (1.0 + 1e-9)


def test_a_search_without_a_gap_sizes_or_excludes_every_deployment(searched) -> None:
    _, answer = searched
    for aim, proof in answer.proofs.items():
        assert proof.gap == pytest.approx(0.0, abs=1e-9), aim
    names = {name_of(one.deployment) for one in answer.tried}
    assert len(names) == len(answer.tried) <= answer.considered
