"""The same supply in PyPSA, where that is installed: another program, one optimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from wattpath.errors import InputError
from wattpath.supply.dispatch import dispatch
from wattpath.supply.options import SupplyOptions
from wattpath.supply.periods import Periods
from wattpath.supply.pypsa import counterpart
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import technologies

CHOICE = ("grid", "gas-combined-cycle-f", "nuclear-large", "solar", "wind", "battery", "hydro")


def stretch(hours: int = 120) -> Periods:
    """The first hours of the year standing for all of it."""
    weights = np.full(hours, 8760.0 / hours)
    return Periods(np.arange(hours), weights, hours, np.zeros(1, dtype=np.int64))


@pytest.mark.parametrize(
    "options",
    [
        SupplyOptions(),
        SupplyOptions(carbon_cap_kg=1e8, carbon_price_usd_kg=0.02),
        SupplyOptions(months=60.0, existing_w={"solar-single-axis": 60e6}),
        SupplyOptions(limits_w={"gas-combined-cycle-f": 30e6}, carbon_cap_kg=5e7),
    ],
    ids=["free", "cap", "date", "limits"],
)
def test_objective_equals_pypsa(site: SiteHours, load: np.ndarray, options: SupplyOptions) -> None:
    pytest.importorskip("pypsa")
    nuclear = [replace(t, ramp_per_h=0.02) for t in technologies("nuclear-large")]
    choice = [t for t in technologies(*CHOICE) if t.key != "nuclear-large"] + nuclear
    periods = stretch()
    ours = dispatch(load, choice, site, options, periods=periods)
    theirs = counterpart(load, choice, site, options, periods=periods).optimum_usd()
    assert ours.feasible
    assert ours.total_usd == pytest.approx(theirs, rel=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        SupplyOptions(reserve=0.1),
        SupplyOptions(matched_share=0.5),
        SupplyOptions(whole_units=("hydro",)),
        SupplyOptions(carbon_scope="life-cycle"),
    ],
)
def test_what_the_network_cannot_hold_is_refused(site: SiteHours, options: SupplyOptions) -> None:
    with pytest.raises(InputError, match="in a PyPSA network"):
        counterpart(1e6, technologies("grid"), site, options)
