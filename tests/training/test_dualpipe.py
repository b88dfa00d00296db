"""Each step of the schedules adds one to the search and takes none away."""

from __future__ import annotations

import pytest

from wattpath import levers, models
from wattpath.hardware import load_chip
from wattpath.training.deployment import _spaces


@pytest.mark.parametrize(
    ("key", "schedules"),
    [
        ("interleaved-pipeline", (1.0,)),
        ("zero-bubble", (1.0, 3.0)),
        ("dualpipe", (1.0, 3.0, 4.0)),
    ],
)
def test_schedules_of_a_lever(key: str, schedules: tuple[float, ...]) -> None:
    settings = levers.apply_training([levers.load(key)], levers.TrainingSettings())
    spaces = _spaces(
        models.load("DeepSeek-V3").shape, load_chip("nvidia-h800-sxm"), settings, 2048.0
    )
    assert {space.schedule for space in spaces} == {schedules}
