"""How a service is run: router, scaling, failures, KV tiers, priorities, a small model first.

Read by `wattpath simulate`, which drives the fleet of a plan with it, and by `wattpath serve`,
whose fleets always are all on and answer without a small model; a plan is sized without.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from wattpath.plan.part import Name, Part
from wattpath.plan.quantities import SEPARATOR, Length, Measure, Share, Time

Bytes = Annotated[float, Measure("data", most=1e15, limit="1 PB")]
Rate = Annotated[float, Measure("data rate", most=1e14, above=True, limit="100 TB/s")]
Some = Annotated[float, Measure("number", most=1.0, above=True)]
Shares = list[Some]


class Autoscale(Part):
    """Replicas follow the load; one that starts answers only after a time."""

    least: Some = 0.25
    """Share of the plan's replicas that is always on."""
    open_requests: Annotated[float, Measure("number", most=1e6, above=True)] = 16.0
    """Requests in an attention rank, waiting or running, that are aimed at."""
    busy: Some | None = None
    """Instead of `open_requests`: share of time that a rank is to be at work."""
    check: Time = 15.0
    """Time between two looks at the load."""
    start: Time = 180.0
    """Time until a new replica answers: the weights must be read first."""
    hold: Time = 300.0
    """Time after any change before one is switched off."""


class Failures(Part):
    """Servers fail, are mended, and what they held is sent anew."""

    between: Time | None = None
    """Mean time from a repair to the next failure of a server; without it, the catalogue's."""
    repair: Time | None = None
    """Mean time of a repair; without it, the catalogue's."""
    resend: bool = True
    """Whether requests in a server that fails are sent anew; else they are lost."""


class Tiers(Part):
    """Memory below the chip's own that keeps KV: prefixes, and preempted sequences."""

    host: Bytes = 0.0
    """For prefixes in the host's memory, for each chip."""
    host_rate: Rate | None = None
    """At which one chip reads the host's memory."""
    drive: Bytes = 0.0
    """For prefixes on the host's drives, for each chip."""
    drive_rate: Rate | None = None
    """At which one chip reads the drives."""
    swap: Bytes = 0.0
    """For preempted sequences in the host's memory, for each chip; 0: computed anew."""

    @model_validator(mode="after")
    def _rated(self) -> Tiers:
        if (self.host or self.swap) and self.host_rate is None:
            raise ValueError(f"have host_rate beside host or swap{SEPARATOR}Such as 25 GB/s.")
        if self.drive and self.drive_rate is None:
            raise ValueError(f"have drive_rate beside drive{SEPARATOR}Such as 3 GB/s.")
        return self


class Cascade(Part):
    """A small model answers first; some of its answers are not good enough."""

    model: Name
    """The small model, as `model` of a demand."""
    passed_on: Share = 0.3
    """Share of the small model's answers that the demand's own model must give anew."""
    at_once: Share = 0.0
    """Share of all requests that a router sends to the demand's own model at once."""
    by: Literal["chance", "prompt", "answer"] = "chance"
    """Who they are: drawn at random, or those with the longest prompts or answers."""
    server: Name | None = None
    """On which the small model runs; without it, the plan's first."""
    replicas: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Of the small model; without it, what the steady state needs in the busiest hour."""
    kept: Some = 1.0
    """Share of the plan's replicas that stay for the demand's own model."""


class Operation(Part):
    """How the fleet of a demand is run when it is driven request by request."""

    router: Literal["round-robin", "least-loaded", "prefix-aware", "by-length"] = "least-loaded"
    """Which replica gets a request."""
    long_prompt: Length = 8000.0
    """Prompts above go to replicas of their own (router `by-length`)."""
    long_share: Some = 0.25
    """Share of the replicas that is kept for them."""
    priorities: Shares = Field(default=[])
    """Shares of requests in each class, the most important first; together 1."""
    acceptance: Share | None = None
    """Probability that a drafted token is accepted; without it, the lever's."""
    autoscale: Autoscale | None = None
    """Replicas follow the load; without it, all are always on."""
    failures: Failures | None = None
    """Servers fail; without it, none does."""
    tiers: Tiers = Tiers()
    """KV below the chip."""
    cascade: Cascade | None = None
    """A small model before the demand's own."""

    @model_validator(mode="after")
    def _whole(self) -> Operation:
        if self.priorities and abs(sum(self.priorities) - 1.0) > 1e-6:
            raise ValueError(
                f"have priorities that add up to 1{SEPARATOR}For example [20 %, 80 %]."
            )
        return self
