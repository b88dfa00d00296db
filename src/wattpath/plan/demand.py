"""What must be computed: services within a service level, and training within a deadline."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from wattpath.plan.operation import Operation
from wattpath.plan.part import Name, Part, Rates
from wattpath.plan.quantities import SEPARATOR, Length, Measure, RequestRate, Share, Time, Tokens


class Quality(Part):
    """The floor: how much worse than the demand's own model at BF16 the answers may be."""

    max_loss_nats: Annotated[float, Measure("number", most=2.0)] = 0.02
    """Loss that all levers together may add [nats per token]."""


class ServingDemand(Part):
    """Traffic that a model must answer within a service level."""

    name: Name
    """What the demand is called in the answer; unique."""
    kind: Literal["serving"]
    """`serving`."""
    model: Name
    """A model of the catalogue, or a Hugging Face `config.json` beside the scenario."""
    requests: RequestRate
    """Mean rate over the year."""
    input_tokens: Length
    """Mean prompt of a request."""
    output_tokens: Length
    """Mean answer of a request, thinking included."""
    shared_prefix: Annotated[float, Measure("number", most=0.99)] = 0.0
    """Share of the input that a perfect prefix cache would find."""
    rhythm: Literal["flat", "consumer", "office"] = "consumer"
    """How the rate moves over day and week."""
    ttft: Time | None = None
    """Limit of the time to first token; with `tpot`, makes the demand interactive."""
    tpot: Time | None = None
    """Limit of the time per output token."""
    deadline: Time | None = None
    """Instead of `ttft` and `tpot`: the work is a batch that may wait so long."""
    percentile: Annotated[float, Measure("number", least=0.5, most=0.9999)] = 0.99
    """Share of requests that must keep the limits."""
    spare: Share = 0.1
    """Capacity installed beyond the highest hour."""
    growth: Rates = []
    """Growth from each year of the horizon to the next: one rate, or one for each step."""
    quality: Quality = Quality()
    """The quality floor."""
    operation: Operation = Operation()
    """How `wattpath simulate` runs the fleet."""

    @model_validator(mode="after")
    def _service_level(self) -> ServingDemand:
        limits = [limit is not None for limit in (self.ttft, self.tpot)]
        if any(limits) != all(limits) or all(limits) == (self.deadline is not None):
            raise ValueError(
                "have either both ttft and tpot (interactive) or a deadline (batch)"
                f"{SEPARATOR}For example ttft: 2 s and tpot: 50 ms."
            )
        return self

    @property
    def flexible(self) -> bool:
        """Whether the work may move in time."""
        return self.deadline is not None


class TrainingDemand(Part):
    """Training runs that follow each other, each within a deadline."""

    name: Name
    """What the demand is called in the answer; unique."""
    kind: Literal["training"]
    """`training`."""
    model: Name
    """A model of the catalogue, or a Hugging Face `config.json` beside the scenario."""
    tokens: Tokens
    """Tokens of one run."""
    within: Time
    """Time that one run may take; the next one follows."""
    sequence_tokens: Annotated[
        float, Measure("tokens", least=128.0, most=1e7, bare=True, limit="10M tokens")
    ] = 4096.0
    """Length of a training sequence."""
    batch_sequences: Annotated[float, Measure("number", least=1.0, most=1e7)] = 4096.0
    """Sequences of one optimiser step over the whole cluster."""
    growth: Rates = []
    """Growth from each year of the horizon to the next: one rate, or one for each step."""
    quality: Quality = Quality()
    """The quality floor."""

    @property
    def flexible(self) -> bool:
        """Training may pause within the day, if the plan has the lever for it."""
        return True


Demand = Annotated[ServingDemand | TrainingDemand, Field(discriminator="kind")]
