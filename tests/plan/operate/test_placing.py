"""Other sites: what stands there, a run over them, and work that moves by the hour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.plan.columns.test_deployment import column
from tests.plan.operate.test_response import WEEK
from tests.plan.test_compute import HOURS, hall
from wattpath.errors import InputError
from wattpath.plan.compute import Need, slots
from wattpath.plan.operate.adoption import PLACE, SHIFTING
from wattpath.plan.operate.elsewhere import APART, SPLIT, Elsewhere, in_time_of
from wattpath.plan.optimise import Optimiser, Parts
from wattpath.plan.outcome import _elsewhere
from wattpath.plan.scenario import load
from wattpath.plan.start import players_of
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.site import site_hours
from wattpath.supply.technology import load_technology

#: Cheap on even days here, on odd days there [USD/J].
EVEN = (np.arange(HOURS) // 24 % 2 == 0) * 1.0
HERE, THERE = (50.0 + 400.0 * (1.0 - EVEN)) / 3.6e9, (50.0 + 400.0 * EVEN) / 3.6e9
XSHARE = 0.2


def days(
    *,
    limit_w: float = np.inf,
    place: float = XSHARE,
    movable: float = 0.0,
    usd: float = 0.0,
    elsewhere: str = APART,
    power_w: float = 100e6,
    kg_j: float = 0.0,
) -> Optimiser:
    once = {PLACE: usd, SHIFTING: 0.0}
    need = Need("batch", 10.0, np.ones(HOURS), True, movable, place=place, once=once)
    site = site_hours("us-chicago", grid_price_usd_j=HERE, grid_limit_w=limit_w)
    far = Elsewhere("far", "Far", power_w, THERE, np.full(HOURS, kg_j), 0.01, 0.0)
    halls = (hall(), replace(hall("air there"), site=1, accepts=("air",)))
    parts = Parts(
        needs=(need,),
        halls=halls,
        technologies=(load_technology("grid"),),
        base_supply=frozenset({"grid"}),
        site=site,
        options=SupplyOptions(months=120.0),
        scale=Scale(),
        whole=False,
        others=(far,),
    )
    plain = column(10.0, idle=0.2e6, full=1e6, demand="batch")
    both = [replace(plain, elsewhere=elsewhere)]
    both += [] if elsewhere == APART else [plain]
    return Optimiser(parts, slots(both, halls), WEEK)


def test_what_may_not_stand_elsewhere_does_not() -> None:
    own = days(elsewhere=SPLIT)
    where = [(slot.hall, slot.deployment.elsewhere) for slot in own.compute.slots]
    assert where == [(0, SPLIT), (1, SPLIT), (0, "")]


def test_moved_work_follows_the_cheap_site_and_leaves_the_sum_as_it_is() -> None:
    block = days()
    still, moved = block.solve(frozenset()), block.solve(frozenset({PLACE}))
    assert moved.objective < still.objective
    shift = np.array([moved.x[block.compute.shift["batch", hall]] for hall in (0, 1)])
    assert np.abs(shift).max() > 0.1
    assert shift.sum(axis=0) == pytest.approx(np.zeros(168), abs=1e-7)
    cheap_here = WEEK.take(EVEN) > 0.5
    assert shift[0][cheap_here].mean() > 0.0 > shift[0][~cheap_here].mean()
    means = np.array([moved.x[block.compute.mean["batch", hall]] for hall in (0, 1)])
    assert (-shift <= XSHARE * means[:, None] + 1e-7).all()
    assert block.used_players(moved) == {PLACE}


def test_time_and_place_move_together_within_their_shares() -> None:
    block = days(movable=0.3)
    alone = {player: block.solve(frozenset({player})).objective for player in (PLACE, SHIFTING)}
    together = block.solve(frozenset({PLACE, SHIFTING}))
    assert together.objective <= min(alone.values()) + 1e-9
    total = sum(together.x[block.compute.shift["batch", hall]] for hall in (0, 1))
    assert total.reshape(-1, 24).sum(axis=1) == pytest.approx(np.zeros(7), abs=1e-6)


def test_a_lever_dearer_than_its_gain_moves_nothing() -> None:
    block = days(usd=1e12)
    moved = block.solve(frozenset({PLACE}))
    assert moved.objective == pytest.approx(block.solve(frozenset()).objective)
    assert block.used_players(moved) == frozenset()


def test_another_site_carries_what_its_connection_can_and_its_carbon_counts() -> None:
    block = days(limit_w=3e6, power_w=4e6, kg_j=1e-7)
    found = block.solve(frozenset())
    assert found.optimal
    there = found.x[block.imports[0].power]
    assert there.max() <= 4.0 + 1e-9
    power = block.facility_w(found.x) / 1e6
    assert power == pytest.approx(there + found.x[block.supply.output["grid"]], abs=1e-6)
    clean = days(limit_w=3e6, power_w=4e6)
    wh = block.imports[0].energy_wh(found.x)
    more = block.carbon_kg(found.x) - clean.carbon_kg(clean.solve(frozenset()).x)
    assert more == pytest.approx(1e-7 * 3600.0 * wh, rel=1e-6)
    assert not days(limit_w=3e6, power_w=1e6).solve(frozenset()).optimal


def test_a_run_stands_elsewhere_only_as_far_as_here() -> None:
    block = days(limit_w=3e6, elsewhere=SPLIT)
    found = block.solve(frozenset())
    work = dict(zip(block.compute.slots, found.x[block.compute.work["batch"]], strict=True))
    here, there = (
        sum(w for s, w in work.items() if s.hall == hall and s.deployment.elsewhere == SPLIT)
        for hall in (0, 1)
    )
    assert 0.0 < there <= here + 1e-9
    (built,) = _elsewhere(block, found.x)
    assert (built.key, built.name) == ("grid", "Grid connection, Far")
    assert built.energy_wh == pytest.approx(block.imports[0].energy_wh(found.x))


def test_hours_of_a_site_to_the_east_come_first() -> None:
    noon = np.zeros(HOURS)
    noon[12] = 1.0
    assert np.flatnonzero(in_time_of(noon, 2.0)).tolist() == [10]


def test_what_other_sites_ask_of_a_scenario() -> None:
    with pytest.raises(InputError, match="other_sites must be given for place-shifting"):
        players_of(load("examples/enterprise.yaml", ["options.levers=[place-shifting]"]))
    raw = load("examples/enterprise.yaml")
    other = [{"site": "us-dallas", "power": "1 MW", "network": "10 Gbit/s"}]
    scenario = load("examples/enterprise.yaml", [f"other_sites={other}"])
    assert scenario.other_sites[0].network == pytest.approx(1.25e9)
    assert players_of(scenario)["red"] == players_of(raw)["red"]
    with pytest.raises(InputError, match="other_sites for a single year only"):
        load("examples/enterprise.yaml", [f"other_sites={other}", "horizon.years=3"])
    with pytest.raises(InputError, match=r"other_sites\.0\.power"):
        load("examples/enterprise.yaml", [f"other_sites={[{**other[0], 'power': '1 kg'}]}"])
