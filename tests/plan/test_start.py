"""What every plan starts from: the size of its load."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from wattpath.errors import InputError
from wattpath.plan.start import expected_w


def columns(need: float) -> Any:
    column = SimpleNamespace(demand="chat", capacity=10.0, full_w=8e3, figures={"need": need})
    return SimpleNamespace(deployments=(column,))


def test_the_load_is_that_of_the_units_that_are_needed() -> None:
    assert expected_w(columns(100.0)) == pytest.approx(8e4)


def test_a_demand_too_small_to_be_told_from_none_is_refused() -> None:
    with pytest.raises(InputError, match=r"demands\.chat must be work for at least"):
        expected_w(columns(1e-7))
