"""Software changes as transformations of the terms a roofline sees, with evidence."""

from wattpath.levers.apply import (
    apply_operation,
    apply_serving,
    apply_training,
    by_names,
    chip_features,
    good_practice,
    loss_nats,
    model_features,
    plain_serving,
)
from wattpath.levers.lever import (
    STAGES,
    Lever,
    OneOff,
    all_levers,
    applicable,
    compatible,
    computed,
    load,
)
from wattpath.levers.makeup import MakeUp, make_up
from wattpath.levers.mixture import trained_shape
from wattpath.levers.quality import LossLaw, load_law
from wattpath.levers.settings import OperationSettings, ServingSettings, TrainingSettings

__all__ = [
    "STAGES",
    "Lever",
    "LossLaw",
    "MakeUp",
    "OneOff",
    "OperationSettings",
    "ServingSettings",
    "TrainingSettings",
    "all_levers",
    "applicable",
    "apply_operation",
    "apply_serving",
    "apply_training",
    "by_names",
    "chip_features",
    "compatible",
    "computed",
    "good_practice",
    "load",
    "load_law",
    "loss_nats",
    "make_up",
    "model_features",
    "plain_serving",
    "trained_shape",
]
