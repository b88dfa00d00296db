"""Headline quantities and amounts in words, the same on the terminal and on the page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wattpath import units

if TYPE_CHECKING:
    from wattpath.plan.result import Outcome, PlanResult

#: An amount below this share of the largest beside it is shown as 0.
NEGLIGIBLE = 1e-4


@dataclass(frozen=True, slots=True)
class Headline:
    """A quantity of an outcome: title, field, unit, and its key among the shares."""

    title: str
    field: str
    unit: str
    share: str = ""

    def of(self, outcome: Outcome) -> float:
        """The quantity of this outcome (NaN where it is infeasible)."""
        return float(getattr(outcome, self.field))


HEADLINES = (
    Headline("Facility peak", "facility_power_peak_w", "W", "power"),
    Headline("IT peak", "it_power_peak_w", "W"),
    Headline("Energy a year", "energy_wh_per_year", "Wh", "energy"),
    Headline("Cost a year", "cost_usd_per_year", "USD", "cost"),
    Headline("Capital", "capital_usd", "USD"),
    Headline("Carbon a year", "carbon_kg_per_year", "kg", "carbon"),
    Headline("Water a year", "water_m3_per_year", "m3", "water"),
    Headline("Months to power", "months_to_power", "month", "months_to_power"),
    Headline("Chips", "chips", ""),
)


def amount(value: float, unit: str) -> str:
    """A quantity with three digits; a dash where there is none.

    Parameters
    ----------
    value : float
        In SI, or USD, months, or a count.
    unit : str
        W, Wh, USD, kg, m3, month, or empty for a count.
    """
    if not math.isfinite(value):
        return "–"
    if unit == "USD":
        return units.show_usd(value)
    if unit == "kg":
        tonnes = abs(value) >= 999.5
        return units.show(value / 1e3, "t") if tonnes else units.show(value, "kg")
    if unit == "month":
        return f"{value:.0f}" if abs(value) >= 0.05 else "0"
    if unit == "m3":
        if abs(value) < 100.0:
            return f"{value:.2g} m³"
        return f"{value:,.0f} m³" if abs(value) < 1e6 else f"{value / 1e6:,.3g} M m³"
    if unit == "":
        return f"{value:,.0f}"
    return units.show(value, unit)


def amounts(values: Sequence[float], unit: str) -> list[str]:
    """Amounts of one column; what is negligible beside the largest is 0."""
    finite = [abs(value) for value in values if math.isfinite(value)]
    least = NEGLIGIBLE * max(finite, default=0.0)
    return [amount(0.0 if abs(value) < least else value, unit) for value in values]


def short(value: float | None) -> str:
    """A number with three digits, or all of those before the point; a dash for none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def ranged(cell: Mapping[str, Any]) -> str:
    """A figure with its ``value``, ``low``, ``high`` and ``unit``; a year is never ranged."""
    value, low, high, unit = (cell[name] for name in ("value", "low", "high", "unit"))
    if unit == "year":
        return f"{value:.0f}"
    if unit.startswith("USD bn") and 0.0 < abs(value) < 0.1:
        value, low, high, unit = 1e3 * value, 1e3 * low, 1e3 * high, unit.replace("bn", "m")
    text = short(value) if low == high else f"{short(value)} ({short(low)} to {short(high)})"
    return f"{text} {unit}"


def answer(result: PlanResult) -> str:
    """The answer in one or two sentences; of several years, the last one's power.

    A software saving that is negative is said as such: the cheapest mix of both may draw
    more power than the best hardware alone.
    """
    blue, both = result.plans["blue"], result.plans["both"]
    power = blue.facility_power_peak_w - both.facility_power_peak_w
    cost = blue.cost_usd_per_year - both.cost_usd_per_year
    share = result.replaceable_share
    money = f"{amount(cost, 'USD')} a year ({share['cost']:.0%})"
    begin = "Beside the best hardware, software makes"
    if result.years is not None:
        over = result.years.replaceable()
        npv = result.years.paths["blue"].npv_usd - result.years.paths["both"].npv_usd
        begin = f"In {result.years.labels[-1]}, beside the best hardware, software makes"
        money = f"over all years {amount(npv, 'USD')} ({over['cost']:.0%} of the present value)"
    if power >= 0.0:
        peak = f"{amount(power, 'W')} ({share['power']:.0%} of the facility's peak)"
        return f"{begin} {peak} and {money} unnecessary."
    return (
        f"{begin} {money} unnecessary; the cheapest mix of both draws "
        f"{amount(-power, 'W')} more at its peak."
    )


def after_rebound(result: PlanResult) -> str:
    """What is left of the power once cheaper tokens are asked for more, with its range."""
    found = result.rebound
    share = found.share["power"]
    ends = f"({found.low['power']:.0%} to {found.high['power']:.0%})"
    left = f"{share:.0%} of the power {ends} stays unnecessary."
    if share < 0.0:
        left = f"nothing of the power stays unnecessary: {share:.0%} {ends}."
    return (
        f"Cheaper tokens are asked for more: at an elasticity of {found.elasticity:.1f} demand "
        f"grows {found.growth:.2f} times, and {left}"
    )
