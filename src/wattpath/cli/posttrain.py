"""The command `wattpath posttrain`: one step of reinforcement learning on a policy."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wattpath.cli import train_options as opt

if TYPE_CHECKING:
    from wattpath.training.postanswer import PostTrainingAnswer
    from wattpath.training.posttraining import PostTraining

INFEASIBLE = 1

Prompts = Annotated[int, typer.Option(min=1, help="Prompts of a step.")]
Group = Annotated[int, typer.Option(min=1, help="Responses sampled for each prompt.")]
PromptTokens = Annotated[int, typer.Option(min=1, help="Mean length of a prompt.")]
ResponseTokens = Annotated[int, typer.Option(min=1, help="Mean length of a response.")]
Longest = Annotated[int, typer.Option(min=1, help="Where responses are cut off.")]
Spread = Annotated[
    float | None,
    typer.Option(min=0.0, help="Deviation of the logarithm of lengths.", show_default=False),
]
Epochs = Annotated[float, typer.Option(min=0.1, help="Uses of each sample.")]
Method = Annotated[str, typer.Option(help="grpo, or ppo with a critic as large as the policy.")]
Reference = Annotated[bool, typer.Option(help="Score by a frozen reference model.")]
Reward = Annotated[float, typer.Option(min=0.0, help="Reward model over policy; 0: a rule.")]
Drafts = Annotated[float, typer.Option(min=0.0, help="Tokens drafted per step of the engine.")]
Acceptance = Annotated[float, typer.Option(min=0.0, max=1.0, help="Chance of a draft.")]
DraftCost = Annotated[float, typer.Option(min=0.0, help="Of one draft over a decode step.")]
EngineTp = Annotated[int, typer.Option(min=1, help="Chips of one rollout engine.")]
Staleness = Annotated[
    float, typer.Option(min=0.0, help="0: in step; from 1: rollouts beside updates.")
]
Steps = Annotated[int, typer.Option(min=1, help="Steps of the run.")]
METHODS = {"grpo": 0.0, "ppo": 1.0}


def posttrain(
    model: opt.Model,
    chip: opt.ChipName,
    chips: opt.Chips,
    prompts: Prompts = 128,
    group: Group = 16,
    prompt_tokens: PromptTokens = 512,
    response_tokens: ResponseTokens = 4096,
    longest: Longest = 32768,
    spread: Spread = None,
    epochs: Epochs = 1.0,
    method: Method = "grpo",
    reference: Reference = True,
    reward: Reward = 0.0,
    drafts: Drafts = 0.0,
    acceptance: Acceptance = 0.6,
    draft_cost: DraftCost = 0.05,
    engine_tp: EngineTp = 1,
    staleness: Staleness = 0.0,
    steps: Steps = 1000,
    tp: opt.Degree = None,
    pp: opt.Degree = None,
    zero: opt.Zero = None,
    recompute: opt.Recompute = None,
    trainer: opt.Trainer = "current",
    as_json: opt.AsJson = False,
) -> None:
    """Rollout, scoring and update of a post-training step, and the length of the run."""
    answer = _answer(dict(locals()))
    if as_json:
        from wattpath.cli.app import finite

        typer.echo(json.dumps(finite(asdict(answer)), indent=2))
    else:
        from wattpath.cli.show_posttrain import show_posttraining

        show_posttraining(answer)
    if not answer.feasible:
        typer.echo(f"wattpath: infeasible: {answer.reason}.", err=True)
        raise typer.Exit(INFEASIBLE)


def _answer(options: dict[str, Any]) -> PostTrainingAnswer:
    """Ask for the given layout of the update or the best one, with a progress bar."""
    from wattpath.cli.progress import progress
    from wattpath.training.postanswer import post_train

    task = _task(options)
    silent = dict.fromkeys(
        ("vpp", "cp", "ep", "micro_batch", "shard", "expert_tp", "offload", "schedule", "cp_kind")
    )
    asked = opt.Asked.read({**silent, **options})
    with progress() as report:
        report("Searching layouts", 0.0)
        return post_train(
            options["model"],
            options["chip"],
            float(options["chips"]),
            task,
            layout=asked.layout(options["chips"]) if asked.any else None,
            engine_tp=float(options["engine_tp"]),
            staleness=options["staleness"],
            steps=float(options["steps"]),
            trainer=options["trainer"],
            report=lambda share: report("Searching layouts", share),
        )


def _task(options: dict[str, Any]) -> PostTraining:
    """What a step samples and learns from."""
    from wattpath.errors import UnknownNameError
    from wattpath.training.posttraining import PostTraining, usual_spread

    if options["method"] not in METHODS:
        raise UnknownNameError("--method", "method", options["method"], METHODS)
    spread = options["spread"]
    return PostTraining(
        prompts=float(options["prompts"]),
        group=float(options["group"]),
        prompt_tokens=float(options["prompt_tokens"]),
        response_tokens=float(options["response_tokens"]),
        spread=usual_spread() if spread is None else spread,
        longest=float(options["longest"]),
        epochs=options["epochs"],
        critic=METHODS[options["method"]],
        reference=float(options["reference"]),
        reward=options["reward"],
        draft_tokens=options["drafts"],
        acceptance=options["acceptance"],
        draft_cost=options["draft_cost"],
    )
