"""Units at the border: text with a unit in, SI floats inside, text with a prefix out.

This is the only file that knows Pint; the registry is built on first use. Inside
Wattpath every number is a float in SI (s, B, FLOP, W, J, kg, m3, token, USD), and
temperatures are degrees Celsius where the name says so.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wattpath.errors import UnitError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Exact definitions [s]. A year of money and of lives has 365.25 days, a month is its twelfth.
HOUR_S = 3600.0
DAY_S = 86_400.0
YEAR_S = 31_557_600.0
MONTH_S = 2_629_800.0

#: Hours of a year of weather, load and dispatch, which has 365 days.
HOURS = 8760

#: Dimension -> the SI unit in which its values are kept.
SI_UNITS: Mapping[str, str] = {
    "number": "dimensionless",
    "time": "second",
    "power": "watt",
    "energy": "joule",
    "mass": "kilogram",
    "volume": "meter**3",
    "length": "meter",
    "temperature": "degC",
    "data": "byte",
    "data rate": "byte/second",
    "compute": "flop",
    "compute rate": "flop/second",
    "tokens": "token",
    "token rate": "token/second",
    "requests": "request",
    "request rate": "request/second",
    "money": "USD",
    "money rate": "USD/second",
    "mass rate": "kilogram/second",
    "volume rate": "meter**3/second",
    "efficiency": "flop/joule",
    "money per power": "USD/watt",
    "money per energy": "USD/joule",
    "money per mass": "USD/kilogram",
    "money per volume": "USD/meter**3",
    "carbon intensity": "kilogram/joule",
    "water intensity": "meter**3/joule",
}

_DEFINITIONS = (
    "USD = [currency] = dollar",
    "flop = [compute] = FLOP",
    "token = [token] = tok = tokens",
    "request = [request] = req = requests",
    "percent = 0.01 = %",
    "kilotoken = 1e3 token",
    "month_of_year = 30.4375 day",
)

#: Suffixes that people write after a bare count: 15.6T tokens, 70B.
_COUNT_SUFFIXES = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "bn": 1e9, "T": 1e12}

_WORDS = {"million": 1e6, "billion": 1e9, "trillion": 1e12, "thousand": 1e3}


@lru_cache(maxsize=1)
def _registry() -> Any:
    """The Pint registry with Wattpath's own units (built once, on first use)."""
    import pint

    registry: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=False)
    for definition in _DEFINITIONS:
        registry.define(definition)
    registry.define("MMBtu = 1e6 * Btu")
    registry.define("m3 = meter ** 3")
    return registry


def _split(text: str) -> tuple[str, str]:
    """Split '15.6T tokens' into the number '15.6' and the rest 'T tokens'."""
    end = 0
    stripped = text.strip().replace(",", "").replace("$", "USD")
    while end < len(stripped) and (
        stripped[end] in "+-.0123456789"
        or (stripped[end] in "eE" and end > 0 and _exponent(stripped, end))
    ):
        end += 1
    return stripped[:end], stripped[end:].strip()


def _exponent(text: str, at: int) -> bool:
    """Whether the 'e' at this place begins an exponent such as e9 or e-3."""
    following = text[at + 1 : at + 3]
    return bool(following) and (
        following[0].isdigit() or (following[0] in "+-" and following[1:].isdigit())
    )


def _scaled(rest: str) -> tuple[float, str]:
    """Take a count suffix or word ('T', 'million') off the front of a unit."""
    head, _, tail = rest.partition(" ")
    if head in _WORDS:
        return _WORDS[head], tail.strip()
    if head in _COUNT_SUFFIXES and (tail.strip() or len(rest) == len(head)):
        names = ("token", "tokens", "tok", "request", "requests", "req", "USD", "parameters", "")
        base = tail.strip().split("/")[0].split(" ")[0]
        if base in names:
            return _COUNT_SUFFIXES[head], tail.strip()
    return 1.0, rest


def parse(value: object, dimension: str, path: str = "value") -> float:
    """Read a quantity and return it as a float in the SI unit of its dimension.

    Parameters
    ----------
    value : str or number
        Text with a unit ("100 MW", "3.35 TB/s", "15.6T tokens", "8 %"). A bare number is
        taken only where the dimension is "number".
    dimension : str
        A key of `SI_UNITS`.
    path : str
        Where the value stands, for the error message.

    Returns
    -------
    float
        The value in the SI unit of the dimension.

    Raises
    ------
    UnitError
        If the text is no quantity, is not finite, or has another dimension.
    """
    unit = SI_UNITS[dimension]
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise UnitError(path, f"be {named(dimension)} such as {_example(dimension)}", value)
    if isinstance(value, (int, float)):
        if dimension != "number" or not math.isfinite(value):
            raise UnitError(
                path, f"be {named(dimension)} with its unit, such as {_example(dimension)}", value
            )
        return float(value)
    return _parse_text(value, dimension, unit, path)


def _parse_text(text: str, dimension: str, unit: str, path: str) -> float:
    number, rest = _split(text)
    scale, rest = _scaled(rest)
    registry = _registry()
    constraint = f"be {named(dimension)} such as {_example(dimension)}"
    try:
        magnitude = float(number) * scale
        given = registry.Quantity(magnitude, registry.parse_units(rest.replace("%", "percent")))
        result = float(given.to(unit).magnitude)
    except Exception as error:
        missing = unit == "token" and number and not rest
        hint = f"Did you mean '{text.strip()} tokens'?" if missing else _hint(number, rest, unit)
        raise UnitError(path, constraint, text, hint) from error
    if not math.isfinite(result):
        raise UnitError(path, constraint, text, "The value must be finite.")
    return result


#: SI unit -> units that people give, for the hint after a wrong one.
_USUAL = {
    "watt": ("kW", "MW", "GW"),
    "joule": ("kWh", "MWh", "GWh"),
    "kilogram": ("kg", "t", "Mt"),
    "second": ("ms", "s", "h", "day", "month"),
    "byte": ("GB", "TB"),
    "byte/second": ("GB/s", "TB/s"),
    "token": ("tokens", "B tokens", "T tokens"),
    "request/second": ("requests/s", "requests/day"),
    "USD/joule": ("USD/MWh", "USD/kWh"),
    "USD/kilogram": ("USD/t", "USD/kg"),
    "kilogram/joule": ("g/kWh", "kg/MWh"),
}


def _hint(number: str, rest: str, unit: str) -> str:
    """A near miss worth naming: '700 kW' where '700 kg' was given."""
    usual = _USUAL.get(unit, ())
    for candidate in usual:
        if rest[:1].lower() == candidate[:1].lower() and rest != candidate:
            return f"Did you mean '{number or 1} {candidate}'?"
    return f"Units that fit are {', '.join(usual)}." if usual else ""


def named(dimension: str) -> str:
    """A dimension with its article: 'a number of tokens', 'an energy'."""
    name = {"tokens": "number of tokens", "data": "amount of data"}.get(dimension, dimension)
    name = name.replace("money per", "price per")
    return f"{'an' if name[0] in 'ae' else 'a'} {name}"


def _example(dimension: str) -> str:
    return {
        "number": "'0.5'",
        "time": "'30 ms' or '90 days'",
        "power": "'100 MW'",
        "energy": "'20 MWh'",
        "mass": "'12 t'",
        "temperature": "'27 degC'",
        "data": "'80 GB'",
        "data rate": "'3.35 TB/s'",
        "tokens": "'15.6T tokens'",
        "token rate": "'2M tokens/s'",
        "requests": "'100M requests'",
        "request rate": "'100M requests/day'",
        "money": "'12 USD'",
        "money per energy": "'45 USD/MWh'",
        "money per mass": "'50 USD/t'",
        "carbon intensity": "'400 g/kWh'",
    }.get(dimension, f"'1 {SI_UNITS[dimension]}'")


#: SI unit -> (scales from large to small, each with its label).
_PREFIXES = (
    (1e24, "Y"),
    (1e21, "Z"),
    (1e18, "E"),
    (1e15, "P"),
    (1e12, "T"),
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
)


def show(value: float, unit: str, digits: int = 3) -> str:
    """Write an SI value with a decimal prefix and a stated number of digits.

    >>> show(1.234e8, "W")
    '123 MW'
    >>> show(5e13, "Wh")
    '50.0 TWh'
    """
    if not math.isfinite(value):
        return f"{value} {unit}"
    magnitude = abs(value)
    for scale, prefix in _PREFIXES:
        if magnitude >= scale * 0.9995:
            return f"{_digits(value / scale, digits)} {prefix}{unit}"
    return f"{_digits(value, digits)} {unit}"


def show_usd(value: float, digits: int = 3) -> str:
    """Write an amount of money: 1.2e9 becomes '$1.20 bn'."""
    sign = "-" if value < 0 else ""
    magnitude = abs(value)
    for scale, word in ((1e12, " tn"), (1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if magnitude >= scale * 0.9995:
            return f"{sign}${_digits(magnitude / scale, digits)}{word}"
    return f"{sign}${_digits(magnitude, digits)}"


def _digits(value: float, digits: int) -> str:
    """Fixed notation with the given significant digits, without exponent."""
    if value == 0.0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, places):,.{max(places, 0)}f}"
