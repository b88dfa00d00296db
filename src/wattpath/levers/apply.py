"""Applying levers to settings, and what a set of levers costs in quality.

For a field x with the given value x0, the values s that levers set and the factors f by
which they scale it, x = (s or x0) * product(f). Since no two compatible levers set the same
field, the result does not depend on their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from wattpath.errors import InputError
from wattpath.levers.lever import Lever, Stage, all_levers, applicable, compatible, load
from wattpath.levers.makeup import near_optimal
from wattpath.levers.settings import OperationSettings, ServingSettings, TrainingSettings

if TYPE_CHECKING:
    from wattpath.hardware.chip import Chip
    from wattpath.models.shape import Shape

#: Values that replace the catalogue's: ``"fp8-weights.loss_nats"`` -> number, for
#: uncertainty draws and for measured figures.
Overrides = Mapping[str, float]

Settings = TypeVar("Settings", ServingSettings, TrainingSettings, OperationSettings)
Bound = Literal["value", "low", "high"]


def apply_serving(
    levers: Sequence[Lever], settings: ServingSettings, overrides: Overrides | None = None
) -> ServingSettings:
    """Settings with the serving levers among `levers` in force.

    Parameters
    ----------
    levers : sequence of Lever
        Levers of other stages are left aside.
    settings : ServingSettings
        What holds without them, such as `plain_serving`.
    overrides : mapping of str to float, optional
        ``"lever.set_field"`` -> a value instead of the catalogue's.

    Raises
    ------
    InputError
        If the levers exclude each other.
    """
    return _apply("serving", levers, settings, overrides)


def apply_training(
    levers: Sequence[Lever], settings: TrainingSettings, overrides: Overrides | None = None
) -> TrainingSettings:
    """Settings with the training levers among `levers` in force (see `apply_serving`)."""
    return _apply("training", levers, settings, overrides)


def apply_operation(
    levers: Sequence[Lever], settings: OperationSettings, overrides: Overrides | None = None
) -> OperationSettings:
    """Settings with the operation levers among `levers` in force (see `apply_serving`)."""
    return _apply("operation", levers, settings, overrides)


def _apply(
    stage: Stage, levers: Sequence[Lever], settings: Settings, overrides: Overrides | None
) -> Settings:
    chosen = [lever for lever in levers if lever.stage == stage]
    clash = compatible(chosen)
    if clash is not None:
        names = [lever.key for lever in chosen]
        raise InputError("levers", "be able to stand together", names, clash)
    given = overrides or {}
    values: dict[str, Any] = {}
    for lever in sorted(chosen, key=lambda lever: (not lever.base, lever.key)):
        for name, quantity in lever.sets.items():
            values[name] = given.get(f"{lever.key}.set_{name}", quantity.value)
    for lever in sorted(chosen, key=lambda lever: lever.key):
        for name, quantity in lever.scales.items():
            factor = given.get(f"{lever.key}.scale_{name}", quantity.value)
            values[name] = values.get(name, getattr(settings, name)) * factor
    return settings._replace(**values)


def plain_serving() -> ServingSettings:
    """Serving without levers: ``ServingSettings()`` with the catalogue's base entry.

    The engine's own constants (host time, chunk size, small kernels) are no lever; they
    stand in the catalogue kind ``engine``.
    """
    base = [lever for lever in all_levers("serving", base=True) if lever.base]
    return apply_serving(base, ServingSettings())


def good_practice(
    stage: Stage, chip_features: frozenset[str], model_features: frozenset[str]
) -> tuple[Lever, ...]:
    """The levers of a stage that a careful operator already uses, where they apply."""
    return tuple(
        lever
        for lever in all_levers(stage)
        if lever.good_practice and applicable(lever, chip_features, model_features) is None
    )


def loss_nats(
    levers: Sequence[Lever], bound: Bound = "value", overrides: Overrides | None = None
) -> float:
    """Rise of the loss of a set of levers [nat per token].

    Parameters
    ----------
    levers : sequence of Lever
        Of any stages.
    bound : {"value", "low", "high"}
        Central value or an end of the range.
    overrides : mapping of str to float, optional
        ``"lever.loss_nats"`` -> a value instead of the catalogue's.

    Notes
    -----
    The parts add. That holds to first order for independent small perturbations of the
    weights and activations; it breaks down where one lever changes what another perturbs
    (four-bit weights of a model that was pruned to its limit lose more than the sum).
    """
    given = overrides or {}
    return float(
        sum(
            given.get(f"{lever.key}.loss_nats", getattr(lever.loss_nats, bound)) for lever in levers
        )
    )


def chip_features(chip: Chip) -> frozenset[str]:
    """What a chip offers to levers: the low-precision formats that it multiplies in."""
    rates = {"fp8": chip.fp8_flops, "fp4": chip.fp4_flops, "int8": chip.int8_flops}
    return frozenset(name for name, rate in rates.items() if rate > 0.0)


def model_features(
    shape: Shape, extra: Sequence[str] = (), tokens: float | None = None
) -> frozenset[str]:
    """What an architecture offers to levers.

    Parameters
    ----------
    shape : Shape
        Geometry of the model.
    extra : sequence of str, optional
        What the geometry does not show (`wattpath.models.Architecture.traits`): ``mtp``
        (a trained multi-token head) and ``reasoning`` (answers after written thought).
    tokens : float, optional
        Tokens it has been trained on [token]; where they are not known, no feature that
        depends on them is there.
    """
    facts = {
        "moe": shape.moe_layers > 0.0,
        "dense": shape.moe_layers <= 0.0,
        "mla": shape.kv_rank > 0.0,
        "gqa": shape.kv_rank <= 0.0 < shape.full_layers,
        "full-attention": shape.full_layers > 0.0 and shape.sparse_tokens <= 0.0,
        "state": shape.state_layers > 0.0,
        "near-optimal": tokens is not None and near_optimal(shape, tokens),
    }
    return frozenset(name for name, holds in facts.items() if holds) | frozenset(extra)


def by_names(names: Sequence[str], path: str = "levers") -> tuple[Lever, ...]:
    """Levers by key, name or alias; the position is named if one is unknown."""
    return tuple(load(name, f"{path}[{index}]") for index, name in enumerate(names))
