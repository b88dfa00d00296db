"""A chip, models and an engine in plain numbers, so that the laws are tested and not the data."""

from __future__ import annotations

import pytest

from wattpath import models
from wattpath.hardware.chip import Chip, load_chip
from wattpath.hardware.server import Server, load_server
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving import Engine, Layout, Traffic, load_engine
from wattpath.serving.fleet import Replica


def _shape(name: str) -> Shape:
    return Shape(*(float(value) for value in models.load(name).shape))


@pytest.fixture(scope="session")
def chip() -> Chip:
    return load_chip("nvidia-h100-sxm")


@pytest.fixture(scope="session")
def server() -> Server:
    return load_server("nvidia-dgx-h100")


@pytest.fixture(scope="session")
def dense() -> Shape:
    return _shape("llama-3-1-70b")


@pytest.fixture(scope="session")
def moe() -> Shape:
    return _shape("deepseek-v3")


@pytest.fixture(scope="session")
def engine() -> Engine:
    return load_engine()


@pytest.fixture(scope="session")
def settings() -> ServingSettings:
    return ServingSettings(weight_bits=8.0, act_bits=8.0, kv_bits=8.0)


@pytest.fixture(scope="session")
def traffic() -> Traffic:
    return Traffic(2000.0, 400.0, 0.5, 2.0, 0.05)


@pytest.fixture(scope="session")
def replica(chip: Chip, dense: Shape, settings: ServingSettings, engine: Engine) -> Replica:
    """Eight chips of the dense model, with few places so that tables stay small."""
    return Replica(chip, dense, Layout(8.0), settings, engine._replace(max_sequences=256.0))
