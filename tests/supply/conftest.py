"""A made-up site of 8,760 hours that every supply test shares."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath.supply.site import SiteHours, site_hours

HOURS = np.arange(8760)


def sun() -> np.ndarray:
    """Clear and cloudy days with longer days in summer."""
    rng = np.random.default_rng(11)
    season = 1.0 + 0.25 * np.cos((HOURS / 24.0 - 172.0) / 365.0 * 2.0 * np.pi)
    day = np.repeat(rng.uniform(0.3, 1.0, 365), 24)
    return np.clip(np.sin((HOURS % 24 - 6.0) / 12.0 * np.pi), 0.0, 1.0) * day * season / 1.25


def wind() -> np.ndarray:
    """Weather systems of a few days."""
    rng = np.random.default_rng(12)
    noise = np.convolve(rng.normal(size=8760 + 71), np.ones(72) / np.sqrt(72.0), "valid")
    return np.clip(0.4 + 0.3 * noise, 0.0, 1.0)


@pytest.fixture(scope="session")
def site() -> SiteHours:
    return site_hours(
        "us-abilene",
        solar_cf=sun(),
        wind_cf=wind(),
        dry_bulb_c=15.0 + 15.0 * np.sin((HOURS / 24.0 - 110.0) / 365.0 * 2.0 * np.pi),
        grid_limit_w=40e6,
    )


@pytest.fixture(scope="session")
def load() -> np.ndarray:
    return 100e6 * (0.9 + 0.1 * np.sin((HOURS % 24) / 24.0 * 2.0 * np.pi))
