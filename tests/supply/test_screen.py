"""The rule balances, never beats the optimum, and equals it where no foresight is needed."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath.errors import InputError
from wattpath.supply.dispatch import dispatch
from wattpath.supply.options import SupplyOptions
from wattpath.supply.screen import Store, lattice, operate, screen
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import HOUR_S, load_technology, technologies

PARTS = {
    "grid": load_technology("grid"),
    "firm": load_technology("recip"),
    "solar": load_technology("solar"),
    "wind": load_technology("wind"),
    "storage": load_technology("battery"),
}


def test_energy_balances(load: np.ndarray, site: SiteHours) -> None:
    rng = np.random.default_rng(1)
    series = np.zeros((7, 8760))
    series[0] = series[3] = 1.0
    series[1], series[4] = rng.uniform(0, 1, 8760), 0.5
    series[5], series[6] = site.solar_cf, site.wind_cf
    design = np.array([30e6, 40e6, 90e6, 60e6, 30e6, 120e6 * HOUR_S])
    year = operate(load, series, Store(1.0, 0.0, 1.0), design)
    made = (series[5] * design[2] + series[6] * design[3]).sum() * HOUR_S
    # without losses: what is made, bought and left out covers load, spill and what stays stored
    left = made + year.grid + year.firm + year.unserved - year.spilled - load.sum() * HOUR_S
    assert 0.0 <= left <= design[5] * (1 + 1e-9)
    assert year.unserved >= 0.0


def test_kernel_equals_plain_python(load: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    series = rng.uniform(0.0, 1.0, (7, 300))
    design = np.array([30e6, 40e6, 90e6, 60e6, 30e6, 120e6 * HOUR_S])
    args = (load[:300], series, Store(0.93, 1e-4, 0.97), design)
    assert operate(*args) == pytest.approx(getattr(operate, "py_func", operate)(*args), rel=1e-12)


def test_without_storage_the_rule_is_the_optimum(load: np.ndarray, site: SiteHours) -> None:
    pair = technologies("recip", "solar")
    best = dispatch(load, pair, site, days=365, method="ipx")
    design = lattice(
        firm_w=best.capacity_w["gas-reciprocating-engine"] * (1 + 1e-9),
        solar_w=best.capacity_w["solar-single-axis"],
    )
    found = screen(load, PARTS, site, design)
    assert found.unserved_share[0] == pytest.approx(0.0, abs=1e-9)
    assert found.cost_usd[0] == pytest.approx(best.total_usd, rel=1e-6)
    assert found.carbon_kg[0] == pytest.approx(best.carbon_kg, rel=1e-6)


def test_more_firm_power_serves_more(load: np.ndarray, site: SiteHours) -> None:
    found = screen(load, PARTS, site, lattice(firm_w=np.linspace(0, 120e6, 7), solar_w=50e6))
    assert (np.diff(found.unserved_share) <= 1e-12).all()
    assert found.unserved_share[0] > 0.3
    assert found.unserved_share[-1] == 0.0


def test_the_best_design_serves_all(load: np.ndarray, site: SiteHours) -> None:
    designs = lattice(
        grid_w=[0.0, 40e6], firm_w=[70e6, 90e6, 120e6], solar_w=[0.0, 100e6],
        wind_w=[0.0, 100e6], storage_w=[0.0, 40e6], storage_j=[0.0, 160e6 * HOUR_S],
    )  # fmt: skip
    found = screen(load, PARTS, site, designs)
    row = found.best()
    assert row >= 0
    assert found.unserved_share[row] == 0.0
    assert found.gap(found.cost_usd[row] / 1.1) == pytest.approx(0.1)
    clean = found.best(cap_kg=found.carbon_kg[row] * 0.7)
    assert found.cost_usd[clean] >= found.cost_usd[row]
    assert found.best(cap_kg=0.0) == -1


def test_the_carbon_price_raises_cost(load: np.ndarray, site: SiteHours) -> None:
    design = lattice(grid_w=40e6, firm_w=90e6)
    plain = screen(load, PARTS, site, design)
    priced = screen(load, PARTS, site, design, SupplyOptions(carbon_price_usd_kg=0.01))
    assert priced.cost_usd[0] > plain.cost_usd[0]


@pytest.mark.parametrize(
    ("design", "parts", "words"),
    [
        ([[1.0, 2.0]], PARTS, "finite columns"),
        ([[0, -1.0, 0, 0, 0, 0]], PARTS, "finite columns"),
        ([[1e9, 0, 0, 0, 0, 0]], PARTS, "grid limit"),
        ([[0, 1e6, 0, 0, 0, 0]], {}, "name the firm"),
    ],
)
def test_bad_designs_are_refused(
    design: list[list[float]], parts: dict, words: str, load: np.ndarray, site: SiteHours
) -> None:  # type: ignore[type-arg]
    with pytest.raises(InputError, match=words):
        screen(load, parts, site, design)


def test_late_parts_are_refused(load: np.ndarray, site: SiteHours) -> None:
    with pytest.raises(InputError, match="months"):
        screen(load, PARTS, site, lattice(wind_w=1e6), SupplyOptions(months=12.0))
    with pytest.raises(InputError, match="columns"):
        lattice(sun_w=3.0)
    with pytest.raises(InputError, match="Did you mean 'solar_w'"):
        lattice(solr_w=3.0)
