"""The off-grid study's levelised costs, with its faults on and mended."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wattpath.errors import FileInputError
from wattpath.validate.offgrid import levelised_cost, operate_year, study_cost
from wattpath.validate.offgrid_best import best_design
from wattpath.validate.supply import PLACES, supply_ledger

TABLE = Path(__file__).parents[2] / "validation" / "supply.csv"


@pytest.fixture(scope="module")
def ledger():  # type: ignore[no-untyped-def]
    return supply_ledger(TABLE)


def test_all_sixteen_costs_are_within_three_percent(ledger) -> None:  # type: ignore[no-untyped-def]
    costs = [row for row in ledger.rows if row.quantity == "lcoe"]
    assert len(costs) == 16
    assert max(abs(row.error) for row in costs) < 0.015


def test_renewable_shares_are_near(ledger) -> None:  # type: ignore[no-untyped-def]
    rows = [r for r in ledger.rows if r.quantity == "renewable_share" and r.measured > 0]
    assert max(abs(r.predicted - r.measured) for r in rows) < 0.02


def test_designs_are_ranked_as_in_the_study(ledger) -> None:  # type: ignore[no-untyped-def]
    for ranking in ledger.rankings():
        assert ranking.rank_correlation > 0.95
        assert ranking.regret == pytest.approx(0.0, abs=1e-9)


def test_engines_alone_equal_the_arithmetic_by_hand() -> None:
    """Without sun nothing depends on weather, so the money must agree to rounding."""
    assert study_cost("us-amarillo", 0.0, 0.0).usd_mwh == pytest.approx(111.1, abs=0.05)


def test_the_price_pays_equity_exactly() -> None:
    flat, served = np.full(20, 400_000.0), np.full(20, 876_000.0)
    price = levelised_cost(200.0, 50.0, flat, served, 125.0)
    assert levelised_cost(200.0, 50.0, flat * 1.1, served, 125.0) > price
    assert levelised_cost(220.0, 50.0, flat, served, 125.0) > price


def test_the_optimum_is_below_the_study_at_every_gas_share(ledger) -> None:  # type: ignore[no-untyped-def]
    best = [row for row in ledger.rows if row.quantity == "lcoe_best"]
    assert len(best) == 16
    assert all(row.predicted < row.measured for row in best)


def test_no_sizes_near_the_optimum_cost_less() -> None:
    best = best_design("us-amarillo", 0.6)
    assert best.cost.renewable_share == pytest.approx(0.6, abs=2e-3)
    for solar, storage in ((5.0, 0.0), (0.0, 10.0), (15.0, -8.0), (-8.0, 15.0), (10.0, 10.0)):
        other = study_cost("us-amarillo", best.solar_mw + solar, best.storage_mw + storage)
        assert other.renewable_share < 0.6 or other.usd_mwh > best.cost.usd_mwh - 1e-3


def test_engines_of_the_highest_shortage_serve_all_and_cost_less() -> None:
    as_in_study = best_design("us-abilene", 0.6)
    sized = best_design("us-abilene", 0.6, sized=True)
    assert sized.engine_mw <= 100.0
    assert sized.cost.unserved_share == 0.0
    assert sized.cost.usd_mwh < as_in_study.cost.usd_mwh - 3.0


def test_mended_faults_make_more_of_the_sun() -> None:
    faulty, mended = (study_cost("us-amarillo", 350.0, 200.0, mended=m) for m in (False, True))
    assert mended.renewable_share > faulty.renewable_share + 0.03
    assert mended.usd_mwh < faulty.usd_mwh


def test_a_year_balances() -> None:
    rng = np.random.default_rng(3)
    able = rng.uniform(0.0, 300.0, 8760)
    for study in (False, True):
        engine, unserved, level, _ = operate_year(able, 100.0, 50.0, 200.0, 0.0, 80.0, 0.96, study)
        used = 8760 * 100.0 - engine - unserved
        assert 0.0 <= level <= 200.0 + 1e-9
        assert used <= able.sum()
        assert getattr(operate_year, "py_func", operate_year)(
            able[:200], 100.0, 50.0, 200.0, 0.0, 80.0, 0.96, study
        ) == pytest.approx(operate_year(able[:200], 100.0, 50.0, 200.0, 0.0, 80.0, 0.96, study))


def test_unknown_designs_are_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("solar_mw_dc,battery_mw_4h,amarillo_2012_lcoe_usd_per_mwh\nmany,0,100\n")
    rows = supply_ledger(bad).rows
    assert len(rows) == len(PLACES)
    assert all(row.status == "refused" for row in rows)
    bad.write_text("solar\n1\n")
    with pytest.raises(FileInputError, match="battery_mw_4h"):
        supply_ledger(bad)
