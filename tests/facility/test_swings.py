"""Training swings against the battery of the supply."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattpath import facility
from wattpath.errors import InputError

CHAIN = facility.load_electrical("modern-double-conversion")


@given(st.floats(0.05, 1.0), st.integers(10, 600), st.floats(0.1, 0.9))
def test_energy_is_what_holds_a_square_wave_at_its_mean(
    share: float, period_s: int, duty: float
) -> None:
    steps = 2000
    time = (np.arange(steps) + 0.5) / steps
    power = np.where(time < duty, 1.0, 1.0 - share)
    stored = np.cumsum(power.mean() - power) * period_s / steps
    swings = facility.ride_swings(CHAIN, share, period_s, duty)
    assert stored.max() - stored.min() == pytest.approx(swings.energy_j_per_w, rel=0.01)
    assert np.abs(power - power.mean()).max() == pytest.approx(swings.power_w_per_w, rel=0.01)


def test_a_rack_battery_rides_an_iteration_but_not_an_hour() -> None:
    assert facility.ride_swings(CHAIN, 0.6, 10.0, 0.8).covered
    long = facility.ride_swings(CHAIN, 0.6, 7200.0, 0.5)
    assert not long.covered
    assert 10.0 < long.longest_s < 7200.0


def test_losses_and_wear_follow_the_energy() -> None:
    small, large = (facility.ride_swings(CHAIN, share, 30.0, 0.5) for share in (0.3, 0.6))
    assert large.loss_w_per_w == pytest.approx(2.0 * small.loss_w_per_w)
    assert large.life_s == pytest.approx(0.5 * small.life_s)
    with pytest.raises(InputError, match="share and duty"):
        facility.ride_swings(CHAIN, 1.5)
