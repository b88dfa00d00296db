"""What is asked of a fleet, and what the sizing answers: each fleet with its trial and cost."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from wattpath.economics import TokenSplit
from wattpath.plan.columns.deployment import Deployment
from wattpath.plan.demand import ServingDemand
from wattpath.plan.fleet.cost import FleetCost
from wattpath.plan.fleet.day import Day
from wattpath.plan.fleet.replicas import Replica
from wattpath.plan.fleet.trial import Trial
from wattpath.units import DAY_S

#: Deployments that are sized for each of the two aims at most, and how much cheaper than the
#: best one an unsized one may turn out to be [-].
TRIES, GAP = 12, 0.05


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user fixes beside the scenario.

    Attributes
    ----------
    plan : str
        Whose choices are open: baseline, blue, red or both.
    servers : tuple of str
        Only these; empty for all of the scenario.
    kind : str
        Class of traffic for bursts and spread of lengths; empty for Poisson.
    burst_cv : float or None
        In place of the class's own.
    available : float
        Share of time that enough units shall be up [-].
    tries : int
        Deployments that are sized for each aim at most.
    gap : float
        The search ends when no other deployment can be better by more than this share [-].
    """

    plan: str = "both"
    servers: tuple[str, ...] = ()
    kind: str = ""
    burst_cv: float | None = None
    available: float = 0.999
    tries: int = TRIES
    gap: float = GAP

    def allows(self, column: Deployment) -> bool:
        """Whether a column may be chosen."""
        chips = "chips" in column.players
        software = bool(column.players - {"chips"})
        new = self.plan in ("blue", "both")
        changed = self.plan in ("red", "both")
        if self.servers:
            return column.server in self.servers and (changed or not software)
        return (new or not chips) and (changed or not software)


@dataclass(frozen=True, slots=True)
class Sized:
    """A deployment with as many replicas as it needs, or the proof that it fails.

    Attributes
    ----------
    trials : tuple of Trial
        In the order they were made, the first with what the steady state asks for.
    confirmed : Trial or None
        The fewest replicas that kept the level with the spare traffic of the demand.
    usual : Trial or None
        The day without that spare.
    spares : int
        Units beyond, for failures.
    servers : float
        Installed, spares included.
    prices : TokenSplit or None
        Of a million fresh, cached and output tokens [USD].
    refusal : str
        Why it is no answer although the level is kept.
    failed : Trial or None
        The day on which all spares fail in the busiest hour; None without spares.
    """

    deployment: Deployment
    replica: Replica
    trials: tuple[Trial, ...]
    confirmed: Trial | None = None
    usual: Trial | None = None
    spares: int = 0
    servers: float = 0.0
    cost: FleetCost | None = None
    prices: TokenSplit | None = None
    refusal: str = ""
    failed: Trial | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        near = self.nearest
        plain: dict[str, Any] = {
            "server": self.deployment.server,
            "levers": list(self.replica.levers),
            "layout": self.replica.label,
            "chips_per_replica": self.replica.chips,
            "confirmed": self.feasible,
            "refusal": self.refusal,
            "replicas": near.replicas,
            "ttft_s": near.ttft_s,
            "tpot_s": near.tpot_s,
            "margin": near.margin,
            "within_service_level": near.within,
            "trials": [trial.to_json() for trial in self.trials],
        }
        if self.cost is None or self.usual is None or self.prices is None:
            return plain
        used = self.usual.replicas * self.replica.chips
        return plain | {
            "spare_units": self.spares,
            "servers": self.servers,
            "chips": self.servers * self.replica.server.chips,
            "cost": self.cost.to_json(),
            "utilisation": {
                "busy_mean": float(self.usual.run.busy.mean()),
                "busy_peak": float(self.usual.run.busy.max()),
                "chips_in_use": used / (self.servers * self.replica.server.chips),
            },
            "usd_per_million_tokens": self.prices._asdict(),
            "prefix_found_share": self.usual.run.found,
            "failure": self._failure(),
        }

    def _failure(self) -> dict[str, float | int | bool] | None:
        """What the users see on the day on which all spares fail."""
        if self.failed is None:
            return None
        resent = self.failed.run.resent / self.failed.share
        return self.failed.to_json() | {"units": self.spares, "resent": resent}

    @property
    def feasible(self) -> bool:
        """Whether it keeps the level and has a hall."""
        return self.cost is not None

    @property
    def nearest(self) -> Trial:
        """The confirmed trial, or the one that came nearest."""
        return self.confirmed or min(self.trials, key=lambda one: one.margin)


@dataclass(frozen=True, slots=True)
class YearFleet:
    """The cheapest fleet in a year of the horizon."""

    index: int
    multiple: float
    replicas: int
    servers: float
    total_usd: float
    facility_peak_w: float


@dataclass(frozen=True, slots=True)
class Proof:
    """Why no other deployment is better.

    Attributes
    ----------
    bounded, short : int
        Deployments that their bound excludes, and that a trial of the most replicas with
        which they could win does.
    least : float
        Below which no deployment can come: USD a year, or W.
    gap : float
        How far the best one lies above that [-].
    """

    bounded: int
    short: int
    least: float
    gap: float


@dataclass(frozen=True, slots=True)
class FleetAnswer:
    """The fleets of one demand.

    Attributes
    ----------
    tried : tuple of Sized
        All that were simulated, the cheapest first and those that failed last.
    considered : int
        Deployments that the steady state offered.
    proofs : dict of str to Proof
        Why none of those that were not sized is the `cheapest`, or the `leanest`.
    reasons : tuple of str
        Why there is no fleet; empty where there is one.
    """

    scenario: str
    demand: ServingDemand
    day: Day
    wishes: Wishes
    tried: tuple[Sized, ...]
    considered: int
    proofs: dict[str, Proof] = field(default_factory=dict)
    years: tuple[YearFleet, ...] = ()
    reasons: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        plain = {
            name: None if one is None else one.to_json() | {"energy": self.energy(one)}
            for name, one in (("cheapest", self.cheapest), ("leanest", self.leanest))
        }
        return {
            "demand": self.demand.name,
            "feasible": self.feasible,
            "reasons": list(self.reasons),
            "service_level": {
                "ttft_s": self.demand.ttft,
                "tpot_s": self.demand.tpot,
                "deadline_s": self.demand.deadline,
                "percentile": self.demand.percentile,
            },
            "day": {
                "requests": self.day.rate * DAY_S,
                "peak_requests_per_s": self.day.peak,
                "burst_cv": self.day.burst_cv,
                "input_cv": self.day.input_cv,
                "output_cv": self.day.output_cv,
            },
            **plain,
            "tried": [one.to_json() for one in self.tried],
            "considered": self.considered,
            "untried": self.untried,
            "proofs": {aim: asdict(proof) for aim, proof in self.proofs.items()},
            "years": [asdict(year) for year in self.years],
            "not_considered": list(self.not_considered),
        }

    @property
    def not_considered(self) -> tuple[str, ...]:
        """Keys of the demand's `operation` that sizing leaves aside."""
        how = self.demand.operation
        given = {"autoscale": how.autoscale, "cascade": how.cascade}
        return tuple(f"operation.{key}" for key, value in given.items() if value is not None)

    def energy(self, one: Sized) -> dict[str, float]:
        """Energy of the day [J] and per output token [J/token]."""
        cost, run = one.cost, one.usual
        if cost is None or run is None:
            return {}
        tokens = float(run.run.outputs.mean()) * self.day.rate * DAY_S
        joules = {
            "chip": cost.chip_energy_j,
            "it": cost.it_energy_j,
            "facility": cost.facility_energy_j,
        }
        return {f"{name}_j_per_day": value for name, value in joules.items()} | {
            f"{name}_j_per_output_token": value / tokens for name, value in joules.items()
        }

    @property
    def untried(self) -> int:
        """Deployments that were not sized, since they cannot win (see `proofs`)."""
        return self.considered - len(self.tried)

    @property
    def feasible(self) -> bool:
        """Whether a fleet keeps the level."""
        return any(one.feasible for one in self.tried)

    @property
    def cheapest(self) -> Sized | None:
        """The least cost a year."""
        found = [one for one in self.tried if one.cost is not None]
        return min(found, key=cost_usd, default=None)

    @property
    def leanest(self) -> Sized | None:
        """The least facility power at its highest."""
        found = [one for one in self.tried if one.cost is not None]
        return min(found, key=peak_w, default=None)


def cost_usd(one: Sized) -> float:
    """Yearly cost; infinite for a fleet that fails [USD/year]."""
    return one.cost.total_usd if one.cost is not None else math.inf


def peak_w(one: Sized) -> float:
    """Facility peak; infinite for a fleet that fails [W]."""
    return one.cost.facility_peak_w if one.cost is not None else math.inf
