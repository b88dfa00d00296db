"""Hours in which the grid gives nothing: as many as asked, and the right ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from wattpath.supply.dispatch import choose_days
from wattpath.supply.gridshare import grid_hours, grid_share
from wattpath.supply.site import SiteHours, site_hours

HOUR = np.arange(8760)


@pytest.fixture(scope="module")
def site() -> SiteHours:
    sun = np.maximum(np.sin((HOUR % 24 - 6) / 12 * np.pi), 0.0)
    return site_hours("us-abilene", solar_cf=sun)


def test_a_connection_is_whole_without_an_agreement(site: SiteHours) -> None:
    assert grid_hours(site).min() == 1.0


@pytest.mark.parametrize("hours", [1.0, 50.0, 200.0])
def test_the_dearest_hours_are_called_off(site: SiteHours, hours: float) -> None:
    off = grid_hours(replace(site, curtailed_h=hours)) == 0.0
    assert off.sum() == hours
    assert site.grid_price_usd_j[off].min() >= site.grid_price_usd_j[~off].max() - 1e-15


def test_failures_come_in_the_dark_and_beside_what_is_called_off(site: SiteHours) -> None:
    both = grid_hours(replace(site, curtailed_h=60.0, outage_h=40.0)) == 0.0
    failed = grid_hours(replace(site, outage_h=40.0)) == 0.0
    assert both.sum() == 100
    assert site.solar_cf is not None
    assert site.solar_cf[failed].max() == 0.0


def test_days_call_off_whole_steps_of_at_least_the_hours_asked(site: SiteHours) -> None:
    days = choose_days(1e8, site, 6)
    off = grid_share(replace(site, curtailed_h=100.0), days) == 0.0
    hours = float(days.weights[off].sum())
    assert 100.0 <= hours < 100.0 + float(days.weights.max())
