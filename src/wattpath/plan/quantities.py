"""Quantities of a scenario: text with a unit in, SI floats out, within stated limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic_core import core_schema

from wattpath import units
from wattpath.errors import UnitError

#: Between the constraint and the hint of a problem, since pydantic carries one text.
SEPARATOR = "\x1f"

YEAR_S = 365 * 86400.0


@dataclass(frozen=True, slots=True)
class Measure:
    """How a field is read: its dimension and its limits.

    Parameters
    ----------
    dimension : str
        A key of `units.SI_UNITS`.
    least, most : float
        Limits in SI.
    above : bool
        Whether `least` itself is excluded.
    bare : bool
        Whether a number without a unit is taken as SI.
    limit : str
        The upper limit as people write it.
    """

    dimension: str
    least: float = 0.0
    most: float = float("inf")
    above: bool = False
    bare: bool = False
    limit: str = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Read before pydantic checks that the value is a float."""
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def read(self, value: object) -> float:
        """The value in SI.

        Raises
        ------
        ValueError
            With constraint and hint, for pydantic to carry.
        """
        if self.bare and isinstance(value, (int, float)) and not isinstance(value, bool):
            result = float(value)
        else:
            try:
                result = units.parse(value, "number" if self._plain(value) else self.dimension)
            except UnitError as error:
                raise ValueError(f"{error.constraint}{SEPARATOR}{error.hint}") from error
        if not self._within(result):
            raise ValueError(f"be {self.words()}{SEPARATOR}")
        return result

    def _plain(self, value: object) -> bool:
        """Whether text holds a number alone where that is allowed, such as '600'."""
        return self.bare and isinstance(value, str) and value.strip().replace(".", "", 1).isdigit()

    def _within(self, value: float) -> bool:
        low = value > self.least if self.above else value >= self.least
        return low and value <= self.most

    def words(self) -> str:
        """The dimension and its limits in words."""
        low = f"greater than {self.least:g}" if self.above else f"of at least {self.least:g}"
        high = f" and at most {self.limit or f'{self.most:,g}'}" if self.most < float("inf") else ""
        return f"{units.named(self.dimension)} {low}{high}"


def _measure(dimension: str, most: float, limit: str, *, above: bool = True) -> Measure:
    return Measure(dimension, most=most, limit=limit, above=above)


Power = Annotated[float, _measure("power", 1e12, "1 TW")]
Time = Annotated[float, _measure("time", 30 * YEAR_S, "30 years")]
Tokens = Annotated[float, _measure("tokens", 1e18, "1e18 tokens")]
RequestRate = Annotated[float, _measure("request rate", 1e9, "1e9 requests/s")]
EnergyPrice = Annotated[
    float, _measure("money per energy", 1e4 / 3.6e9, "10,000 USD/MWh", above=False)
]
CarbonPrice = Annotated[float, _measure("money per mass", 100.0, "100,000 USD/t", above=False)]
CarbonIntensity = Annotated[
    float, _measure("carbon intensity", 5.0 / 3.6e6, "5 kg/kWh", above=False)
]
Mass = Annotated[float, _measure("mass", 1e13, "10 Gt", above=False)]
Volume = Annotated[float, _measure("volume", 1e12, "1e12 m3")]
Share = Annotated[float, Measure("number", most=1.0)]
Growth = Annotated[float, Measure("number", least=-0.9, most=20.0)]
Length = Annotated[float, Measure("tokens", least=1.0, most=1e7, bare=True, limit="10M tokens")]
