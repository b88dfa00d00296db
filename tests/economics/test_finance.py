"""Money over time against closed forms."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattpath import economics
from wattpath.errors import InputError
from wattpath.units import YEAR_S

RATES = st.just(0.0) | st.floats(1e-18, 0.4)
YEARS = st.integers(1, 60)


@given(RATES, YEARS)
def test_annuity_repays_the_capital(rate: float, years: int) -> None:
    payment = economics.annuity(rate, float(years))
    assert economics.present_value(rate, [0.0] + [payment] * years) == pytest.approx(1.0, rel=1e-7)


@given(YEARS)
def test_annuity_without_interest_and_with_little(years: int) -> None:
    assert economics.annuity(0.0, float(years)) == pytest.approx(1.0 / years)
    assert economics.annuity(1e-7, float(years)) == pytest.approx(1.0 / years, rel=1e-5)


@given(st.floats(0.001, 0.4), YEARS)
def test_annuity_exceeds_both_interest_and_even_repayment(rate: float, years: int) -> None:
    payment = economics.annuity(rate, float(years))
    assert payment >= max(rate, 1.0 / years)
    assert payment > economics.annuity(rate * 0.5, float(years))


def test_yearly_capital_of_a_server() -> None:
    # 100 at 8 % over five years: 100 * 0.08 / (1 - 1.08^-5)
    assert economics.yearly_capital_usd(100.0, 5 * YEAR_S, 0.08) == pytest.approx(25.0456, abs=1e-4)


@given(RATES, st.integers(1, 30), st.floats(1.0, 1e9), st.floats(1.0, 1e6))
def test_levelised_cost_of_even_output(rate: float, years: int, capital: float, q: float) -> None:
    costs = [capital] + [0.0] * years
    price = economics.levelised_cost(rate, costs, [0.0] + [q] * years)
    assert price == pytest.approx(capital * economics.annuity(rate, float(years)) / q, rel=1e-7)


def test_levelised_cost_needs_output() -> None:
    with pytest.raises(InputError, match="output must be positive"):
        economics.levelised_cost(0.08, [1.0, 1.0], [0.0, 0.0])


@given(st.floats(-0.2, 1.5), st.integers(1, 25))
def test_internal_rate_recovers_the_rate_of_an_annuity(rate: float, years: int) -> None:
    flows = [-math.fsum((1.0 + rate) ** -t for t in range(1, years + 1))] + [1.0] * years
    found = economics.internal_rate(flows)
    assert found == pytest.approx(rate, abs=1e-7)


def test_internal_rate_is_silent_where_there_is_none() -> None:
    assert economics.internal_rate([1.0, 2.0]) is None
    assert economics.internal_rate([-1.0, 3.0, -2.2]) is None


def test_a_loan_received_has_the_same_rate_as_one_given() -> None:
    assert economics.internal_rate([100.0, -110.0]) == pytest.approx(0.10)
    assert economics.internal_rate([-100.0, 110.0]) == pytest.approx(0.10)


def test_present_value_refuses_nonsense_rates() -> None:
    with pytest.raises(InputError, match="above -1"):
        economics.present_value(-1.0, [1.0])


def test_price_level_of_three_years() -> None:
    assert economics.price_level(2022, 2024) == pytest.approx(313.689 / 292.655)
    assert economics.price_level(2022, 2022) == 1.0
    there_and_back = economics.price_level(2019, 2025) * economics.price_level(2025, 2019)
    assert there_and_back == pytest.approx(1.0)
    with pytest.raises(InputError, match="lie between 2018"):
        economics.price_level(1970, 2025)
