"""Operating points: clocks and caps that the levers of operation may be set to.

A lever of operation names a setting with the range within which it may be chosen. Each
deployment that uses it is worked out at several points of that range, and the plan takes the
best: what the full clock gives is the deployment without the lever.

Where it breaks down: a point holds for all hours, whatever the load; between two points lies
nothing. One lever is set to `ALONE` points; where several are in force, each is set to `TOGETHER`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from wattpath.levers import Lever

#: Settings that operators choose, and the word for each in a label.
WORDS = {"decode_clock": "clock", "power_cap": "cap"}

#: Points of a range where one lever is set, and where several are.
ALONE, TOGETHER = 5, 3

_POINT = re.compile(rf", ({'|'.join(WORDS.values())}) ([0-9.]+)")


@dataclass(frozen=True, slots=True)
class Operating:
    """One point: what `levers.apply_serving` takes as overrides, and how a label names it."""

    overrides: dict[str, float]
    label: str


def operating_points(chosen: Sequence[Lever], alone: int = ALONE) -> list[Operating]:
    """Every point at which a set of levers may run, the catalogue's own values first.

    Parameters
    ----------
    chosen : sequence of Lever
        In force together; each setting is that of one lever at most.
    alone : int
        Points of a lever that is the only one.
    """
    own = [(lever, field) for lever in chosen for field in WORDS if field in lever.sets]
    count = alone if len(own) == 1 else TOGETHER
    ranges = [_values(lever, field, count) for lever, field in own]
    found = []
    for values in product(*ranges):
        pairs = list(zip(own, values, strict=True))
        overrides = {f"{lever.key}.set_{field}": value for (lever, field), value in pairs}
        label = "".join(f", {WORDS[field]} {value:g}" for (_, field), value in pairs)
        found.append(Operating(overrides, label))
    return found


def read_label(label: str) -> tuple[str, dict[str, float]]:
    """The layout of a deployment's label, and the settings of its operating point."""
    fields = {word: field for field, word in WORDS.items()}
    point = {fields[word]: float(value) for word, value in _POINT.findall(label)}
    return _POINT.sub("", label), point


def _values(lever: Lever, field: str, count: int) -> list[float]:
    """The lever's own value, then others evenly over the range that it may be chosen from."""
    given = lever.sets[field]
    spread = {round(float(one), 4) for one in np.linspace(given.low, given.high, count)}
    return [given.value, *sorted(spread - {round(given.value, 4)})]
