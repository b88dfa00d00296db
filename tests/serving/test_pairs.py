"""Units of prefill and decode workers: the compiled front is that of all units one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from wattpath.hardware.power import chip_idle_w
from wattpath.serving.pairs import all_units, front_units, packed_chips, pooled_shares, pooled_w

PREFILL = np.array(
    [[4.0, 1.0, 0.6, 0.2, 1.0], [8.0, 2.3, 0.5, 0.2, 1.0], [2.0, 0.4, 0.7, 0.3, 0.9]]
)
DECODE = np.array(
    [[8.0, 3.0, 0.1, 0.6, 0.7], [16.0, 7.1, 0.2, 0.5, 1.0], [1.0, 0.2, 0.1, 0.7, 1.0]]
)


def _by_hand(chip, settings, unit) -> tuple[float, float]:
    """Chips of whole servers of eight per request/s, and energy above idle per request."""
    before, after, many, few = (int(value) for value in unit[:4])
    first, then = PREFILL[before], DECODE[after]
    rate = min(many * first[1], few * then[1])
    watts = many * first[0] * pooled_w(
        chip, settings, pooled_shares(first, rate / (many * first[1])), first[4]
    ) + few * then[0] * pooled_w(
        chip, settings, pooled_shares(then, rate / (few * then[1])), then[4]
    )
    chips = many * first[0] + few * then[0]
    return packed_chips(chips, 8.0) / rate, (watts - chips * chip_idle_w(chip)) / rate


def test_the_front_loses_no_unit_that_nothing_beats(chip, settings) -> None:
    units = np.empty((9 * 16, 8))
    count = all_units(chip, settings, PREFILL, DECODE, 8.0, 4, 64.0, units)
    every = [_by_hand(chip, settings, unit) for unit in units[:count]]
    kept, rated = front_units(chip, settings, PREFILL, DECODE, 8.0, 4, 64.0, True)
    assert rated == count < len(units)  # some need more than 64 chips
    front = {_by_hand(chip, settings, unit) for unit in kept}
    for size, energy in every:
        assert any(s <= size * (1 + 1e-9) and e <= energy * (1 + 1e-8) for s, e in front)
    for own in front:
        assert not any(s < own[0] * (1 - 1e-9) and e < own[1] * (1 - 1e-9) for s, e in every)


def test_units_of_as_many_chips_are_compared_without_servers(chip, settings) -> None:
    kept, _ = front_units(chip, settings, PREFILL, DECODE, 8.0, 4, 64.0, False)
    assert len(set(kept[:, 4])) > 1
    assert kept[:, 4].max() <= 64.0


@pytest.mark.parametrize(("chips", "packed"), [(1, 8), (3, 8), (4, 8), (12, 16), (24, 24)])
def test_units_take_whole_servers(chips: float, packed: float) -> None:
    each = 8 // chips if chips <= 8 else 1
    assert math.isclose(packed_chips(float(chips), 8.0) * each, packed)
