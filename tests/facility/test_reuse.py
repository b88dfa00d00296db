"""Heat reuse: balances, direct use of warm water, and bad input."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath import facility
from wattpath.errors import InputError

CLOCK = np.arange(8760) / 24.0
DEMAND = 40e6 * (1.0 + 0.5 * np.cos(2.0 * np.pi * CLOCK / 365.0))


def test_delivered_heat_is_taken_heat_and_electricity() -> None:
    reuse = facility.reuse_heat(
        50e6, DEMAND, source_c=40.0, demand_c=75.0, carnot_share=0.5, approach_k=3.0
    )
    np.testing.assert_allclose(reuse.delivered_w, reuse.taken_w + reuse.pump_w, rtol=1e-12)
    assert np.all(reuse.taken_w <= 50e6 + 1e-3)
    assert np.all(reuse.delivered_w <= DEMAND + 1e-3)
    assert 3.0 < reuse.cop < 5.5
    assert 0.0 < reuse.reuse_factor(60e6) < 1.0


def test_warmer_water_needs_less_electricity() -> None:
    pumps = [
        facility.reuse_heat(
            50e6, DEMAND, source_c=source, demand_c=60.0, carnot_share=0.5, approach_k=3.0
        ).pump_w.sum()
        for source in (25.0, 45.0, 64.0)
    ]
    assert pumps[0] > pumps[1] > pumps[2] == 0.0


def test_negative_demand_is_refused() -> None:
    with pytest.raises(InputError, match="heat and demand >= 0 W"):
        facility.reuse_heat(
            1.0, -1.0, source_c=30.0, demand_c=60.0, carnot_share=0.5, approach_k=3.0
        )
