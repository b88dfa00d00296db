"""Work that moves in every hour of a year: within its bounds, back within its day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plan.columns.test_deployment import column
from tests.plan.test_compute import DAY, HOURS, hall
from wattpath.plan.compute import Need, Slot, slots
from wattpath.plan.operate.response import RESPONSE, Calls
from wattpath.plan.operate.sharing import lent_needs
from wattpath.plan.optimise import SHIFTING, Optimiser, Parts
from wattpath.plan.years.moves import nearest, place_moves
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import Periods, full_year
from wattpath.supply.site import site_hours
from wattpath.supply.technology import load_technology

SHARE, LONGEST_H = 0.25, 3.0


@given(st.integers(0, 2**32 - 1))
def test_days_move_within_their_bounds_and_sum_to_zero(seed: int) -> None:
    draw = np.random.default_rng(seed)
    lower, upper = -draw.random((3, 24)), draw.random((3, 24))
    shift = draw.normal(size=(3, 24))
    moved = nearest(shift, lower, upper)
    assert np.abs(moved.sum(axis=1)).max() < 1e-9
    assert (moved >= lower).all()
    assert (moved <= upper).all()
    np.testing.assert_allclose(nearest(moved, lower, upper), moved, atol=1e-9)


def programme(needs: list[Need], found: tuple[Slot, ...], periods: Periods) -> Optimiser:
    price = np.full(HOURS, 50.0)
    price[18:22] = 900.0  # the first evening is the grid's worst
    parts = Parts(
        needs=tuple(needs),
        halls=(hall(),),
        technologies=(load_technology("grid"),),
        base_supply=frozenset({"grid"}),
        site=site_hours("us-chicago", grid_price_usd_j=price / 3.6e9),
        options=SupplyOptions(months=120.0),
        scale=Scale(),
        whole=False,
        calls=Calls(hours=4.0, usd_per_w_year=0.05),
    )
    return Optimiser(parts, found, periods)


def answered(players: set[str], movable: float = 0.0) -> tuple[Optimiser, np.ndarray]:
    """A year of 4 MW of batch work at mean, on units that could do 5."""
    need = Need("batch", 10.0, np.ones(HOURS), True, movable, shed=SHARE, shed_s=LONGEST_H * 3600)
    one = column(10.0, idle=0.2e6, full=1e6, demand="batch")
    year = programme([need], slots([one], [hall()]), full_year())
    full, block = np.zeros(year.program.shape[1]), year.compute
    full[block.mean["batch", 0]], full[block.dynamic["batch", 0]] = 4.0, 5.0
    full[block.idle["batch", 0]], full[block.capacity[0]] = 1.0, 6.0
    place_moves(year, full, frozenset(players))
    return year, full


def test_called_hours_give_up_their_share_and_the_day_catches_up() -> None:
    year, full = answered({RESPONSE})
    shift = full[year.compute.shift["batch", 0]]
    assert np.flatnonzero(year.called).tolist() == [18, 19, 20, 21]
    np.testing.assert_allclose(-shift[18:22], SHARE * 4.0 * LONGEST_H / 4.0)
    assert shift[:24].sum() == pytest.approx(0.0, abs=1e-9)
    assert (shift[:18] > 0.0).all()
    assert not shift[24:].any()
    at_meter = SHARE * 4.0 * LONGEST_H / 4.0 * float(hall().variable[18])
    assert full[year.promised[0]] == pytest.approx(at_meter)


def test_nobody_answers_without_the_lever() -> None:
    year, full = answered({SHIFTING}, movable=0.3)
    assert not full[year.compute.shift["batch", 0]].any()
    assert full[year.promised[0]] == 0.0


def test_a_full_hall_leaves_no_room_to_catch_up() -> None:
    year, full = answered({RESPONSE})
    full[year.compute.capacity[0]] = 5.0
    full[year.compute.shift["batch", 0]] = 0.0
    place_moves(year, full, frozenset({RESPONSE}))
    np.testing.assert_allclose(full[year.compute.shift["batch", 0]], 0.0, atol=1e-9)


def test_lent_work_keeps_to_what_its_lenders_leave() -> None:
    chat = Need("chat", 10.0, DAY, flexible=False)
    batch = Need("batch", 4.0, np.ones(HOURS), flexible=True)
    (lent,) = lent_needs([chat, batch], 0.6, 600.0)
    own = [column(1e6, idle=0.4e6, full=1e6), column(1e6, idle=0.4e6, full=1e6, demand="batch")]
    borrowed = Slot(
        replace(own[1], need_name=lent.name, idle_w=0.0, full_w=6e5), 0, frozenset({"x"})
    )
    year = programme([chat, batch, lent], (*slots(own, [hall()]), borrowed), full_year())
    full, key = np.zeros(year.program.shape[1]), (lent.name, 0)
    block = year.compute
    full[block.dynamic[key]], full[block.capacity[0]] = 1.0, 9.0
    full[block.mean[key]] = lent.duty * lent.effort
    full[block.shift[key]] = np.tile(np.r_[np.full(12, 0.9), np.full(12, -0.9)], 365)
    place_moves(year, full, frozenset())
    used = full[block.mean[key]] + full[block.shift[key]]
    assert (used >= -1e-9).all()
    assert (used <= lent.load + 1e-9).all()
    np.testing.assert_allclose(used.reshape(-1, 24).sum(axis=1), 24 * full[block.mean[key]])
