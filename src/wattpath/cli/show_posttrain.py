"""A post-training answer on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wattpath import units
from wattpath.cli.sheet import Page
from wattpath.cli.show_train import pairs

if TYPE_CHECKING:
    from wattpath.training.postanswer import PostTrainingAnswer


def show_posttraining(answer: PostTrainingAnswer) -> None:
    """Print the answer, its phases and what stands behind it."""
    console = Page(highlight=False, emoji=False)
    if answer.step is None:
        console.print(f"\n[bold]Infeasible: {answer.reason}.[/bold]")
        console.print(f"{answer.model} on {answer.chip}, stack {answer.trainer}")
        return
    step = answer.step
    console.print(f"\n[bold]{step.step_s:.3g} s a step, {answer.days:.3g} days[/bold]")
    console.print(f"{answer.model} on {answer.chip}, stack {answer.trainer}\n")
    apart = step.staleness >= 1.0
    rows = [
        ("update", answer.layout),
        ("tokens a second", units.show(step.tokens_per_s, "")),
        ("chips that roll out", f"{step.rollout_chips:.0f} of {answer.chips:.0f}"),
    ]
    if apart:
        rows.append(("against phases in turn", f"{answer.gain:.2f} times faster"))
    console.print(pairs(rows))
    title = "Phases, side by side" if apart else "Phases, in turn"
    console.print(f"\n[bold]{title}[/bold]")
    console.print(
        pairs(
            (name, f"{seconds:.3g} s {step.shares[name]:5.0%}")
            for name, seconds in step.phases.items()
        )
    )
    console.print(f"\nEvidence: {answer.evidence}. {answer.note}.")
