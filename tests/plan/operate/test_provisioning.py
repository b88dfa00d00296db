"""Halls built for a rating: the lever takes away what nobody draws, and never more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.plan.columns.test_deployment import column
from tests.plan.test_compute import DAY, hall
from wattpath import hardware
from wattpath.errors import InputError
from wattpath.plan.compute import Need, add_compute, slots
from wattpath.plan.operate.provisioning import OVERSUBSCRIPTION, add_provision, rated
from wattpath.plan.scenario import load
from wattpath.plan.start import players_of
from wattpath.supply.options import Scale
from wattpath.supply.periods import full_year
from wattpath.supply.program import Program


def hall_w(rating: float, factor: float, *, allowed: bool = True) -> float:
    """IT capacity that ten requests/s take [MW]; each of five units draws up to 1 MW."""
    one = replace(column(1e6, idle=0.4e6, full=1e6), rated_w=rating)
    need = Need("chat", 10.0, DAY, flexible=False)
    program, periods = Program(), full_year()
    block = add_compute(program, [need], [hall()], slots([one], [hall()]), periods, Scale())
    relief = add_provision(program, block, factor)
    program.set_bounds(relief, 0.0, np.inf if allowed else 0.0)
    return block.hall_w(program.solve().x, 0) / 1e6


def test_a_hall_carries_the_rating_and_less_of_it_with_the_lever() -> None:
    assert hall_w(0.0, 1.25) == pytest.approx(5.0)  # no rating: what is drawn
    assert hall_w(1.4e6, 1.25, allowed=False) == pytest.approx(7.0)
    assert hall_w(1.4e6, 1.25) == pytest.approx(5.6)
    assert hall_w(1.4e6, 1.0) == pytest.approx(7.0)


def test_what_is_really_drawn_stays_a_bound() -> None:
    assert hall_w(1.1e6, 1.25) == pytest.approx(5.0)
    assert hall_w(0.8e6, 1.25, allowed=False) == pytest.approx(5.0)


def test_the_rating_is_that_of_whole_servers() -> None:
    server = hardware.load_server("nvidia-dgx-h100")
    (one,) = rated([replace(column(1.0), servers=2.0)], server, 0.85, 1.1)
    assert one.rated_w == pytest.approx(2.0 * 0.85 * 1.1 * server.peak_w)
    assert rated([one], server, None, 1.1)[0].rated_w == 0.0


def test_without_a_share_there_is_nothing_to_win() -> None:
    given = ["options.levers=[oversubscription]"]
    with pytest.raises(InputError, match=r"baseline.provisioning must be given"):
        players_of(load("examples/enterprise.yaml", given))
    scenario = load("examples/enterprise.yaml", [*given, "baseline.provisioning=0.85"])
    assert OVERSUBSCRIPTION in players_of(scenario)["red"]


def test_a_lever_of_operation_is_no_baseline() -> None:
    scenario = load("examples/enterprise.yaml", ["baseline.levers=[load-shifting]"])
    with pytest.raises(InputError, match=r"not be a lever of operation"):
        players_of(scenario)
