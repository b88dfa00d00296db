"""The whole answer to "post-train this model on these chips": what the command prints."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wattpath.errors import InputError
from wattpath.training.case import Case, case_for
from wattpath.training.deployment import label
from wattpath.training.layout import Layout
from wattpath.training.posttraining import PostTraining, PostTrainingStep, post_training_step
from wattpath.training.search import Space, search

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class PostTrainingAnswer:
    """How a policy is post-trained on a cluster.

    Attributes
    ----------
    model, chip, trainer : str
        Full names of model and chip; the stack as asked for.
    feasible : bool
        Whether a layout of the update fits and an engine holds the policy.
    reason : str
        Why not, with the margin.
    chips : float
        Chips of the cluster.
    layout : str
        Spread of the update.
    evidence, note : str
        Always ``estimate``: published splits are checked in kind, not row by row; the runs
        that come nearest.
    step : PostTrainingStep or None
        One step: seconds by phase, shares, chips that roll out.
    days : float
        Length of the run [day], failures not counted.
    gain : float
        Steps per second against the same phases one after the other.
    """

    model: str
    chip: str
    trainer: str
    feasible: bool
    reason: str
    chips: float
    layout: str = ""
    evidence: str = "estimate"
    note: str = ""
    step: PostTrainingStep | None = None
    days: float = 0.0
    gain: float = 1.0


def post_train(
    model: str,
    chip: str,
    chips: float,
    task: PostTraining,
    *,
    layout: Layout | None = None,
    engine_tp: float = 1.0,
    staleness: float = 0.0,
    steps: float = 1000.0,
    trainer: str = "current",
    report: Callable[[float], None] | None = None,
) -> PostTrainingAnswer:
    """Answer for a post-training run.

    Parameters
    ----------
    model, chip, trainer : str
        Names of the catalogue; the model may be a ``config.json``.
    chips : float
        Chips of the cluster.
    task : PostTraining
        What one step samples, scores and learns from.
    layout : Layout, optional
        Spread of the update; None searches.
    engine_tp, staleness : float
        Chips of one rollout engine; updates by which a sample may be old (0: in step).
    steps : float
        Steps of the run.
    report : callable, optional
        Called with the share of the search that is done.

    Raises
    ------
    UnknownNameError
        If a name is not in the catalogue.
    """
    case = case_for(
        model, chip, chips, sequence=task.prompt_tokens + task.response_tokens,
        batch=task.samples, bits=16.0, trainer=trainer, power_cap=1.0, fabric="",
        oversubscription=1.0, domain=0.0, sites=1,
    )  # fmt: skip
    answer = PostTrainingAnswer(
        case.model, case.chip_name, trainer, False, "", chips, note=f"Nearest: {case.known.nearest}"
    )
    chosen, reason = _update_layout(case, layout, report)
    if chosen is None:
        return replace(answer, reason=reason)
    try:
        step = _step(case, chosen, task, engine_tp, staleness)
        plain = step if staleness < 1.0 else _step(case, chosen, task, engine_tp, 0.0)
    except InputError:
        weights = "the policy and one response"
        return replace(answer, reason=f"{engine_tp:g} chips of an engine do not hold {weights}")
    return replace(
        answer,
        feasible=True,
        layout=label(chosen),
        step=step,
        days=steps * step.step_s / 86400.0,
        gain=plain.step_s / step.step_s,
    )


def _step(
    case: Case, layout: Layout, task: PostTraining, engine_tp: float, staleness: float
) -> PostTrainingStep:
    return post_training_step(
        case.shape, case.chip, case.trainer, layout, task, engine_tp=engine_tp, staleness=staleness
    )


def _update_layout(
    case: Case, layout: Layout | None, report: Callable[[float], None] | None
) -> tuple[Layout | None, str]:
    """The layout of the update and, where there is none, why."""
    if layout is not None:
        layout = Layout(*(float(x) for x in layout))
        reason = case.why_not(layout)
        return (None, reason) if reason else (layout, "")
    room = Space(cp=(1.0, 2.0, 4.0, 8.0))
    found = search(
        case.shape, case.chip, case.trainer, case.job, case.chips, room, keep=1, report=report
    )
    if found.best:
        return found.best[0].layout, ""
    return None, "no layout of the update is valid and fits: " + "; ".join(found.refused)
