"""Units at the border: what is read, what is refused, what is shown."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattpath import units
from wattpath.errors import UnitError


def test_constants_agree_with_the_definitions_of_the_registry() -> None:
    assert units.parse("1 hour", "time") == units.HOUR_S
    assert units.parse("1 day", "time") == units.DAY_S
    assert units.parse("1 year", "time") == units.YEAR_S
    assert units.YEAR_S / 12.0 == units.MONTH_S
    assert units.HOURS * units.HOUR_S == 365.0 * units.DAY_S


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("100 MW", "power", 1e8),
        ("3.35 TB/s", "data rate", 3.35e12),
        ("15.6T tokens", "tokens", 1.56e13),
        ("8 %", "number", 0.08),
        ("45 USD/MWh", "money per energy", 45.0 / 3.6e9),
        ("400 g/kWh", "carbon intensity", 0.4 / 3.6e6),
        ("27 degC", "temperature", 27.0),
        ("100M requests/day", "request rate", 1e8 / 86_400.0),
        ("1,200 kW", "power", 1.2e6),
        (0.25, "number", 0.25),
    ],
)
def test_text_becomes_si(text: object, dimension: str, value: float) -> None:
    assert units.parse(text, dimension) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "dimension", "hint"),
    [
        ("700 kg", "power", "Did you mean '700 kW'?"),
        ("", "power", "Units that fit are kW, MW, GW"),
        ("many MW", "power", "must be a power such as '100 MW'"),
        ("10M", "tokens", "Did you mean '10M tokens'?"),
        ("1e999 MW", "power", "must be finite"),
        (700, "power", "with its unit"),
        (True, "number", "must be a number"),
        (math.inf, "number", "Got inf"),
    ],
)
def test_what_is_no_quantity_gets_one_sentence_with_its_place(
    text: object, dimension: str, hint: str
) -> None:
    with pytest.raises(UnitError) as error:
        units.parse(text, dimension, "site.grid.limit")
    assert str(error.value).startswith("site.grid.limit must ")
    assert hint in str(error.value)


@given(st.floats(1e-3, 1e25), st.sampled_from(["W", "Wh", "B"]))
def test_what_is_shown_is_near_the_value(value: float, unit: str) -> None:
    number, _, prefixed = units.show(value, unit, digits=4).partition(" ")
    scale = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
    scale |= {"P": 1e15, "E": 1e18, "Z": 1e21, "Y": 1e24}
    shown = float(number.replace(",", "")) * scale[prefixed.removesuffix(unit)]
    assert shown == pytest.approx(value, rel=1e-3)


def test_money_is_shown_in_words() -> None:
    assert units.show_usd(1.2e9) == "$1.20 bn"
    assert units.show_usd(-4500.0) == "-$4.50 k"
    assert units.show_usd(0.0) == "$0"
