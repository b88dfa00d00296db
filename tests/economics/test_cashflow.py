"""Every dollar is accounted for, and the levelised price gives the owners what they ask."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath.economics.cashflow import Asset, Terms, load_terms, statement, with_lives
from wattpath.economics.finance import annuity
from wattpath.errors import InputError

PLAIN = Terms(
    inflation=0.0, debt_share=0.0, debt_rate=0.0, debt_tenor=5, equity_rate=0.08, tax=0.0,
    server_write_off=5, plant_write_off=15, server_residual=0.0, plant_residual=0.0,
)  # fmt: skip


def test_without_debt_tax_and_inflation_it_is_the_annuity() -> None:
    asset = Asset("servers", (1000.0,), life=5, write_off=5)
    found = statement([asset], [100.0] * 5, [10.0] * 5, PLAIN)
    assert found.price_usd == pytest.approx((1000.0 * annuity(0.08, 5.0) + 100.0) / 10.0)
    assert found.irr == pytest.approx(0.08, abs=1e-9)


def test_renewal_is_bought_again() -> None:
    asset = Asset("servers", (1000.0,), life=5, write_off=5)
    once = statement([asset], [0.0] * 5, [1.0] * 5, PLAIN)
    twice = statement([asset], [0.0] * 10, [1.0] * 10, PLAIN)
    assert np.flatnonzero(twice.purchase).tolist() == [0, 5]
    assert twice.price_usd == pytest.approx(once.price_usd)


def test_inflation_alone_changes_no_real_price_at_the_same_real_return() -> None:
    asset = Asset("servers", (1000.0,), life=5, write_off=5)
    real = statement([asset], [100.0] * 5, [1.0] * 5, PLAIN)
    nominal = replace(PLAIN, inflation=0.03, equity_rate=1.08 * 1.03 - 1.0)
    assert statement([asset], [100.0] * 5, [1.0] * 5, nominal).price_usd == pytest.approx(
        real.price_usd
    )


@settings(max_examples=40, deadline=None)
@given(
    price=st.floats(10.0, 1e6),
    life=st.integers(2, 12),
    write_off=st.integers(1, 15),
    residual=st.floats(0.0, 0.5),
    years=st.integers(3, 20),
    share=st.floats(0.0, 0.9),
    later=st.floats(0.0, 1e5),
)
def test_sources_are_uses(
    price: float, life: int, write_off: int, residual: float, years: int, share: float, later: float
) -> None:
    terms = replace(load_terms(), debt_share=share)
    assets = [
        Asset("servers", (price, later), life, write_off, residual),
        Asset("hall", (price / 3.0,), 15, 15),
    ]
    found = statement(assets, [price / 20.0] * years, [1.0] * years, terms)
    sources = found.revenue + found.drawn + found.residual
    uses = (
        found.operation + found.purchase + found.interest + found.repaid + found.tax + found.owners
    )
    scale = max(found.purchase.max(), found.revenue.max())
    assert np.abs(sources - uses).max() <= 1e-9 * scale
    assert found.write_off.sum() == pytest.approx(found.purchase.sum(), rel=1e-9)
    assert found.debt[-1] == pytest.approx(0.0, abs=1e-9 * scale)
    assert found.repaid.sum() == pytest.approx(found.drawn.sum(), rel=1e-9)
    assert abs(found.npv_usd) <= 1e-6 * scale


def test_quicker_write_off_saves_tax_sooner() -> None:
    assets = [Asset("servers", (1000.0,), life=6, write_off=6)]
    slow = statement(assets, [50.0] * 6, [1.0] * 6, load_terms())
    quick = statement(with_lives(assets, 3), [50.0] * 6, [1.0] * 6, load_terms())
    assert quick.price_usd < slow.price_usd


def test_debt_below_the_owners_return_lowers_the_price() -> None:
    assets = [Asset("servers", (1000.0,), life=5, write_off=5)]
    terms = load_terms()
    assert terms.debt_rate < terms.equity_rate
    none = statement(assets, [50.0] * 5, [1.0] * 5, replace(terms, debt_share=0.0))
    much = statement(assets, [50.0] * 5, [1.0] * 5, replace(terms, debt_share=0.7))
    assert much.price_usd < none.price_usd
    assert much.cover > 1.0
    assert none.cover == float("inf")


def test_cover_counts_what_is_sold_to_repay_the_last_loans() -> None:
    late = Asset("hall", (0.0, 0.0, 1000.0), life=30, write_off=15, renewed=False)
    found = statement([late], [50.0] * 3, [1.0] * 3, load_terms())
    service = found.interest[3] + found.repaid[3]
    cash = found.revenue[3] - found.operation[3] - found.tax[3]
    assert found.residual[3] > 900.0
    assert cash < service < cash + found.residual[3]
    assert found.cover == pytest.approx((cash + found.residual[3]) / service)


def test_bad_terms_and_no_output() -> None:
    with pytest.raises(InputError, match="be a term of finance"):
        load_terms(dept_share=0.3)
    with pytest.raises(InputError, match="output must be positive"):
        statement([], [1.0], [0.0], PLAIN)
