"""Training: step time, memory, layout search, failures, power and energy of a run."""

from wattpath.training.deployment import (
    Refusal,
    TrainingPoint,
    TrainingResult,
    TrainingRun,
    candidates,
)
from wattpath.training.goodput import Goodput, goodput
from wattpath.training.layout import RECOMPUTE, SCHEDULES, Layout
from wattpath.training.search import Search, Space, search
from wattpath.training.steptime import Job, Step, step
from wattpath.training.trainer import Trainer, load_trainer

__all__ = [
    "RECOMPUTE",
    "SCHEDULES",
    "Goodput",
    "Job",
    "Layout",
    "Refusal",
    "Search",
    "Space",
    "Step",
    "Trainer",
    "TrainingPoint",
    "TrainingResult",
    "TrainingRun",
    "candidates",
    "goodput",
    "load_trainer",
    "search",
    "step",
]
