"""Representative days: weights, means, stress days, determinism."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath.errors import InputError
from wattpath.supply.periods import full_year, representative


@pytest.fixture(scope="module")
def features() -> np.ndarray:
    rng = np.random.default_rng(0)
    hour = np.arange(8760)
    day = np.repeat(rng.uniform(0.2, 1.0, 365), 24)
    solar = np.maximum(np.sin((hour % 24 - 6) / 12 * np.pi), 0.0) * day
    wind = np.clip(np.repeat(rng.weibull(2.0, 365), 24) * 0.4, 0.0, 1.0)
    load = 1.0 + 0.1 * np.sin((hour % 24) / 24 * 2 * np.pi) + 0.05 * np.sin(hour / 8760 * 2 * np.pi)
    return np.column_stack([load, solar, wind])


@pytest.mark.parametrize("days", [4, 8, 10, 30])
def test_weights_sum_to_a_year_and_keep_the_means(features: np.ndarray, days: int) -> None:
    periods = representative(features, days)
    assert periods.n_days == days
    assert periods.weights.sum() == pytest.approx(8760.0)
    assert periods.weights.min() > 0.0
    for column in features.T:
        mean = periods.total(periods.take(column)) / 8760.0
        assert mean == pytest.approx(column.mean(), rel=0.002)


def test_the_stress_days_are_kept(features: np.ndarray) -> None:
    stress = features[:, 0] - features[:, 1] - features[:, 2]
    periods = representative(features, 8, stress=stress)
    days = set(periods.hours // 24)
    assert int(np.argmax(stress)) // 24 in days
    assert int(np.argmax(stress.reshape(365, 24).mean(axis=1))) in days
    assert periods.take(stress).max() == stress.max()


def test_the_same_input_gives_the_same_days(features: np.ndarray) -> None:
    first, second = representative(features, 8), representative(features.copy(), 8)
    assert (first.hours == second.hours).all()
    assert (first.weights == second.weights).all()


def test_a_day_expands_to_itself(features: np.ndarray) -> None:
    periods = representative(features, 9)
    year = periods.expand(periods.take(features[:, 0]))
    assert year.shape == (8760,)
    assert (year[periods.hours] == features[periods.hours, 0]).all()


def test_previous_stays_within_the_day(features: np.ndarray) -> None:
    periods = representative(features, 5)
    assert (periods.previous // 24 == np.arange(periods.n) // 24).all()
    assert periods.previous[0] == 23
    assert full_year().previous[0] == 8759


def test_all_days_reproduce_the_year(features: np.ndarray) -> None:
    periods = representative(features, 365)
    assert (periods.hours == np.arange(8760)).all()
    assert periods.weights == pytest.approx(np.ones(8760), abs=1e-6)


def test_constant_features_are_no_trouble() -> None:
    periods = representative(np.ones(8760), 3)
    assert periods.weights.sum() == pytest.approx(8760.0)


@pytest.mark.parametrize(
    ("features", "days", "words"),
    [
        (np.ones(8784), 5, "8,760 hours"),
        (np.ones(8760), 1, "lie between"),
        (np.ones(8760), 400, "lie between"),
        (np.r_[np.nan, np.ones(8759)], 5, "finite"),
    ],
)
def test_bad_input_is_refused(features: np.ndarray, days: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        representative(features, days)
