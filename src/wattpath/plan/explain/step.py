"""One factor of a chain, and a number that has one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from wattpath import catalog
from wattpath.catalog import Entry, Quantity

#: Grade of what a scenario states.
GIVEN = "the user's"


@dataclass(frozen=True, slots=True)
class Step:
    """One factor: what, how much, where it comes from and how good it is.

    `source` is the title of a source, "the scenario", or the law by which the plan computes it.
    """

    factor: str
    value: float
    unit: str
    low: float | None
    high: float | None
    source: str
    evidence: str

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Number:
    """A number on the screen: its name, its value, and the factors that come before it.

    `law` says how the value follows from the last of them.
    """

    name: str
    value: float
    unit: str
    law: str
    factors: Callable[[], Iterator[Step]]

    def steps(self) -> list[Step]:
        """The chain, each factor once, the number last."""
        unique = {(step.factor, step.value): step for step in self.factors()}
        return [*unique.values(), computed(self.name, self.value, self.unit, self.law)]


def computed(factor: str, value: float, unit: str, law: str) -> Step:
    """What this plan computes, and how."""
    return Step(factor, float(value), unit, None, None, f"computed: {law}", "derived")


def given(factor: str, value: float, unit: str) -> Step:
    """What the scenario states."""
    return Step(factor, float(value), unit, None, None, "the scenario", GIVEN)


def sourced(name: str, quantity: Quantity) -> Step:
    """A number of the catalogue in the unit of its schema."""
    factor = quantity.si_factor
    return Step(
        f"{name}: {quantity.attribute}",
        _as_written(quantity.value / factor),
        quantity.unit,
        _as_written(quantity.low / factor),
        _as_written(quantity.high / factor),
        catalog.sources()[quantity.source].title,
        quantity.evidence,
    )


def of_entry(entry: Entry, attributes: Iterable[str]) -> Iterator[Step]:
    """Some attributes of an entry; where it is silent the schema's default, if there is one."""
    for attribute in attributes:
        if entry.get(attribute) is not None:
            yield sourced(entry.name, entry.quantity(attribute))


def _as_written(value: float) -> float:
    """Without the noise that a change of unit leaves in the last digits."""
    return float(f"{value:.12g}")
