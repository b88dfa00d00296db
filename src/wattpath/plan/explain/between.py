"""Numbers between plans: what software makes unnecessary, the rebound, who saves what.

With the quantity X of a plan, elasticity e and Shapley's share s of a player,

.. math::
    1 - \\frac{X_{both}}{X_{blue}}, \\qquad
    1 - g \\frac{X_{both}}{X_{blue}},\\; g = (cost_{both} / cost_{blue})^{-e}, \\qquad
    \\sum s = X_{baseline} - X_{both}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from wattpath.plan.explain.headline import FIELDS
from wattpath.plan.explain.step import Number, Step, computed, sourced
from wattpath.plan.rebound import elasticity, grown, rebound
from wattpath.plan.result import SHARES, Outcome, PlanResult

#: First words of the numbers of this module.
ROOTS = ("replaceable_share", "saving", "after_rebound", "attribution", "search")

#: Field of a player's part -> place among the quantities of the split.
SPLIT = {
    "power_w": (0, "W"),
    "cost_usd_per_year": (1, "USD/year"),
    "npv_usd": (1, "USD"),
    "carbon_kg_per_year": (2, "kg/year"),
    "carbon_kg": (2, "kg"),
    "energy_wh_per_year": (3, "Wh/year"),
    "energy_wh": (3, "Wh"),
    "water_m3_per_year": (4, "m3/year"),
    "water_m3": (4, "m3"),
}

#: Key of a share -> field of an outcome.
FIELD_OF = {**SHARES, "months_to_power": "months_to_power"}


def between(result: PlanResult) -> Iterator[Number]:
    """Every number between plans, and those of the search."""
    yield from _compared("", result.plans, result.replaceable_share)
    if result.years is not None:
        for year, (label, shares) in enumerate(
            zip(result.years.labels, result.years.by_year(), strict=False)
        ):
            plans = {name: path.years[year].outcome for name, path in result.years.paths.items()}
            yield from _compared(f"{label}.", plans, shares)
        yield from _present_values(result)
    yield from _rebounds(result)
    yield from _attribution(result)
    yield _considered(result)


def _compared(year: str, plans: dict[str, Outcome], shares: dict[str, float]) -> Iterator[Number]:
    """What software makes unnecessary, absolute and as a share."""
    for key, share in shares.items():
        field = FIELD_OF[key]
        blue, both = getattr(plans["blue"], field), getattr(plans["both"], field)

        def pair(field: str = field, blue: float = blue, both: float = both) -> Iterator[Step]:
            for name, value in (("blue", blue), ("both", both)):
                number = f"{name}.{year}{field}"
                yield computed(number, value, FIELDS[field], "its own chain: ask for its name")

        yield Number(f"saving.{year}{key}", blue - both, FIELDS[field], "blue - both", pair)
        yield Number(f"replaceable_share.{year}{key}", share, "-", "1 - both / blue", pair)


def _present_values(result: PlanResult) -> Iterator[Number]:
    """The cost of all years that software makes unnecessary."""
    assert result.years is not None
    blue, both = (result.years.paths[name].npv_usd for name in ("blue", "both"))

    def pair() -> Iterator[Step]:
        for name, value in (("blue", blue), ("both", both)):
            yield computed(f"{name}.npv_usd", value, "USD", "its own chain: ask for its name")

    yield Number("saving.npv_usd", blue - both, "USD", "blue - both", pair)
    share = result.years.replaceable()["cost"]
    yield Number("replaceable_share.npv_usd", share, "-", "1 - both / blue", pair)


def _rebounds(result: PlanResult) -> Iterator[Number]:
    """What is left once cheaper tokens are asked for more."""
    found, given = rebound(result.replaceable_share), elasticity()
    ends = {"": (given.value, ""), "low.": (given.high, ", at the high end of the elasticity"),
            "high.": (given.low, ", at the low end of the elasticity")}  # fmt: skip
    kept = 1.0 - result.replaceable_share.get("cost", float("nan"))

    def growth() -> Iterator[Step]:
        yield sourced("Demand for tokens", given)
        law = "1 - replaceable_share.cost"
        yield computed("cost of both over that of blue", kept, "-", law)

    law = "(cost of both / cost of blue) ^ -elasticity"
    yield Number("after_rebound.growth", found.growth, "-", law, growth)
    yield Number("after_rebound.elasticity", found.elasticity, "-", "the catalogue's", growth)
    for place, shares in (("", found.share), ("low.", found.low), ("high.", found.high)):
        for key, share in shares.items():

            def factors(key: str = key, value: float = ends[place][0]) -> Iterator[Step]:
                yield from growth()
                at = f"{law}, of {value:g}"
                yield computed("growth of demand", grown(kept, value), "-", at)
                rest = 1.0 - result.replaceable_share[key]
                name = f"{key} of both over that of blue"
                yield computed(name, rest, "-", f"1 - replaceable_share.{key}")

            how = f"1 - growth x (both / blue){ends[place][1]}"
            yield Number(f"after_rebound.{place}{key}", share, "-", how, factors)


def _attribution(result: PlanResult) -> Iterator[Number]:
    """Each player's part of the saving of both over baseline."""
    years = () if result.years is None else result.years.attribution
    rows: tuple[Any, ...] = years or result.attribution
    for row in rows:
        for name in (each.name for each in fields(row) if each.name in SPLIT):

            def factors(row: Any = row, name: str = name) -> Iterator[Step]:
                yield from _split(result, rows, row, name, alone=not years)

            law = "Shapley: its mean addition over all orders of joining, made to add up"
            number = f"attribution.{row.lever}.{name}"
            yield Number(number, getattr(row, name), SPLIT[name][1], law, factors)


def _split(
    result: PlanResult, rows: tuple[Any, ...], row: Any, name: str, *, alone: bool
) -> Iterator[Step]:
    """The total, the player alone and as the last one, and all others."""
    place, unit = SPLIT[name]
    total = sum(getattr(one, name) for one in rows)
    yield computed("baseline - both, which all parts add up to", total, unit, "saving of both")
    split = result.split
    if alone and split is not None and row.lever in split.players:
        player = split.players.index(row.lever)
        law = "representative days, nothing else changed"
        yield computed("saving of it alone", split.alone[player, place], unit, law)
        law = "representative days, all others in place"
        yield computed("loss if it alone is left out", split.last[player, place], unit, law)
        law = "representative days, before it is made to add up"
        yield computed("mean over all orders", split.share[player, place], unit, law)
        error = float(split.standard_error[player, place])
        law = "0 where all coalitions were solved"
        yield computed("standard error of that mean", error, unit, law)
    for other in rows:
        if other is not row:
            law = f"attribution.{other.lever}.{name}"
            yield computed(f"part of {other.title}", getattr(other, name), unit, law)


def _considered(result: PlanResult) -> Number:
    """What the search looked at, by what became of it."""

    def factors() -> Iterator[Step]:
        for title, count in result.counts.rows():
            yield computed(title, count, "combinations", "counted by the search, each once")

    total = float(result.counts.considered)
    return Number("search.considered", total, "combinations", "the sum of these", factors)
