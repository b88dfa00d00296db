"""Training: step time, memory, layout search, failures, power and energy of a run."""

from wattpath.training.answer import TrainingAnswer, train
from wattpath.training.deployment import (
    Refusal,
    TrainingPoint,
    TrainingResult,
    TrainingRun,
)
from wattpath.training.goodput import Goodput, goodput
from wattpath.training.islands import candidates
from wattpath.training.layout import CONTEXT, RECOMPUTE, SCHEDULES, Layout
from wattpath.training.posttraining import PostTraining, PostTrainingStep, post_training_step
from wattpath.training.schedule import Timeline, simulate
from wattpath.training.search import Search, Space, search
from wattpath.training.sites import SitesResult, SiteSync, load_sync, several_sites
from wattpath.training.steptime import Job, Step, step
from wattpath.training.trainer import Trainer, load_trainer

__all__ = [
    "CONTEXT",
    "RECOMPUTE",
    "SCHEDULES",
    "Goodput",
    "Job",
    "Layout",
    "PostTraining",
    "PostTrainingStep",
    "Refusal",
    "Search",
    "SiteSync",
    "SitesResult",
    "Space",
    "Step",
    "Timeline",
    "Trainer",
    "TrainingAnswer",
    "TrainingPoint",
    "TrainingResult",
    "TrainingRun",
    "candidates",
    "goodput",
    "load_sync",
    "load_trainer",
    "post_training_step",
    "search",
    "several_sites",
    "simulate",
    "step",
    "train",
]
