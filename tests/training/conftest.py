"""A small cluster and models for the tests of training."""

from __future__ import annotations

import pytest

from wattpath.hardware import Chip, load_chip
from wattpath.models import Shape
from wattpath.training import Trainer, load_trainer


def dense_shape(layers: float = 32.0, hidden: float = 4096.0, heads: float = 32.0) -> Shape:
    """A plain transformer with a four times wider feed-forward block."""
    head_dim = hidden / heads
    return Shape(
        layers, hidden, heads, heads, head_dim, head_dim, 0.0, 0.0, 0.0, 0.0, 2.0, layers,
        4.0 * hidden, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, layers, 0.0, 0.0, 0.0, 0.0, 0.0, 51200.0,
        1.0, 4096.0,
    )  # fmt: skip


@pytest.fixture
def shape() -> Shape:
    return dense_shape()


@pytest.fixture
def mixture() -> Shape:
    """A mixture of 64 experts, 6 active, one shared."""
    return dense_shape(24.0, 2048.0, 16.0)._replace(
        dense_layers=0.0, moe_layers=24.0, experts=64.0, experts_active=6.0, experts_shared=1.0,
        moe_ffn=1408.0, shared_ffn=1408.0, mlp_matrices=3.0,
    )  # fmt: skip


@pytest.fixture
def chip() -> Chip:
    return load_chip("A100")


@pytest.fixture
def trainer() -> Trainer:
    return load_trainer("current")
