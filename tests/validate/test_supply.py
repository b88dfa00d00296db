"""The off-grid study's levelised costs, with its faults on and mended."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wattpath.errors import FileInputError
from wattpath.validate.supply import (
    PLACES,
    cheapest,
    levelised_cost,
    operate_year,
    study_cost,
    supply_ledger,
)

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
    price = levelised_cost(200.0, 50.0, flat, served)
    assert levelised_cost(200.0, 50.0, flat * 1.1, served) > price
    assert levelised_cost(220.0, 50.0, flat, served) > price


def test_the_best_design_beats_the_study_grid() -> None:
    for station, least in (("us-amarillo", 95.1), ("us-abilene", 95.8)):
        solar, storage, cost = cheapest(station, 25.0)
        assert cost.usd_mwh < least
        assert solar > 0.0
        assert storage <= solar


def test_mended_faults_make_more_of_the_sun() -> None:
    faulty, mended = (study_cost("us-amarillo", 350.0, 200.0, mended=m) for m in (False, True))
    assert mended.renewable_share > faulty.renewable_share + 0.03
    assert mended.usd_mwh < faulty.usd_mwh


def test_a_year_balances() -> None:
    rng = np.random.default_rng(3)
    able = rng.uniform(0.0, 300.0, 8760)
    for study in (False, True):
        engine, unserved, level = operate_year(able, 100.0, 50.0, 200.0, 0.0, 80.0, 0.96, study)
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
