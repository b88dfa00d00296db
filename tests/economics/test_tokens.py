"""Prices of tokens add up to the cost."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wattpath.economics import TokenSplit, per_million, token_prices_usd
from wattpath.errors import InputError

COUNTS = st.builds(TokenSplit, *(st.floats(0.0, 1e15) for _ in range(3)))
TIMES = st.builds(TokenSplit, *(st.floats(1e-9, 1.0) for _ in range(3)))


@given(st.floats(0.0, 1e12), COUNTS, TIMES)
def test_prices_times_tokens_are_the_cost(cost: float, n: TokenSplit, w: TokenSplit) -> None:
    assume(sum(a * b for a, b in zip(n, w, strict=True)) > 1e-3)
    prices = token_prices_usd(cost, n, w)
    assert sum(p * k for p, k in zip(prices, n, strict=True)) == pytest.approx(cost, rel=1e-9)


@given(st.floats(1.0, 1e9), TIMES, st.floats(0.1, 10.0))
def test_prices_follow_chip_time_whatever_the_mix(
    cost: float, w: TokenSplit, factor: float
) -> None:
    few = token_prices_usd(cost, TokenSplit(1e6, 1e6, 1e6), w)
    assert few.output / few.fresh == pytest.approx(w.output / w.fresh)
    slow = token_prices_usd(cost, TokenSplit(1e6, 1e6, 1e6), TokenSplit(*(factor * x for x in w)))
    assert slow == pytest.approx(few)


def test_worked_split() -> None:
    # 100 USD for 8 M fresh, 10 M cached, 1 M output tokens at 1, 0.1 and 11 us each:
    # 8 + 1 + 11 = 20 chip-seconds, so 5 USD a second.
    prices = token_prices_usd(100.0, TokenSplit(8e6, 10e6, 1e6), TokenSplit(1e-6, 1e-7, 11e-6))
    assert per_million(prices) == pytest.approx(TokenSplit(5.0, 0.5, 55.0))


def test_no_work_has_no_price() -> None:
    with pytest.raises(InputError, match="use some chip time"):
        token_prices_usd(1.0, TokenSplit(0.0, 0.0, 0.0), TokenSplit(1.0, 1.0, 1.0))
    with pytest.raises(InputError, match="no negative"):
        token_prices_usd(1.0, TokenSplit(-1.0, 0.0, 1.0), TokenSplit(1.0, 1.0, 1.0))
