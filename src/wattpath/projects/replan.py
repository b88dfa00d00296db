"""What both pills would have built instead of an announced project.

The service of a project is what its chips can do under today's good practice: the mix of work
of the catalogue's kind `service`, each with its share of the chips. The plan then meets the
same service with the project's servers (baseline), with other hardware (blue), other software
(red) and both, at the same place and date.

A plan of the baseline alone, for one training run and a known traffic, tells how many chips
each demand takes; the traffic is then scaled to the mix's shares beside that one run. A server
that cannot train the model in time serves only, and the answer says so. All parts of a plan
without limits are proportional, so the project's answer is that of this slice times the ratio of
chips.

Where it breaks down: what really runs there is not public, and the answer depends on the mix;
several kinds of servers are counted as the most frequent one by their eight-bit peak.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import wattpath
from wattpath import catalog
from wattpath.catalog import Entry
from wattpath.errors import InputError
from wattpath.plan.front import load_scenario
from wattpath.plan.result import Attributed, Outcome, PlanResult, replaceable
from wattpath.progress import Progress
from wattpath.projects.bank import Bank
from wattpath.projects.fed import with_chips
from wattpath.projects.project import Project, Stage
from wattpath.projects.shared import Shared
from wattpath.units import DAY_S, MONTH_S

#: The baseline's software: current good practice where the chip allows it.
PRACTICE = (
    "prefix-caching",
    "fp8-weights",
    "kv-fp8",
    "expert-balancing",
    "selective-recompute",
    "interleaved-pipeline",
    "training-overlap",
)

#: What the other plans may choose from beside the baseline's own.
SERVERS = ("nvidia-dgx-b200", "nvidia-gb200-nvl72", "nvidia-gb300-nvl72", "amd-mi355x-platform")
COOLING = ("liquid-dry-cooler", "liquid-evaporative-tower", "liquid-air-chiller")
LEVERS = (
    "fp4-weights",
    "kv-fp4",
    "speculative-decoding",
    "disaggregation",
    "prune-distill",
    "training-layout",
    "training-fp8",
    "power-cap",
    "load-shifting",
)
SUPPLY = (
    "grid",
    "gas-combined-cycle-h",
    "gas-simple-cycle",
    "nuclear-smr",
    "solar-single-axis",
    "wind-onshore",
    "battery-lithium",
)

#: Rate of the known demand [request/s], large enough that no unit is a fraction of a server.
KNOWN_RATE = 1e4

#: Least time that a plan is given [months].
LEAST_MONTHS = 24.0


@dataclass(frozen=True, slots=True)
class Brief:
    """Four plans without a search of their own (see `replan`)."""

    plans: dict[str, Outcome]
    replaceable_share: dict[str, float]
    attribution: tuple[Attributed, ...] = ()

    @property
    def feasible(self) -> bool:
        """Whether all four plans have an answer."""
        return all(outcome.feasible for outcome in self.plans.values())


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the service that all projects of one server share.

    Attributes
    ----------
    demands : sequence
        Of a scenario.
    chips : float
        That they take under good practice.
    untrained : str
        What of the mix the server cannot do, and why; empty where it can do all.
    """

    demands: Sequence[Mapping[str, Any]]
    chips: float
    untrained: str = ""


@dataclass(frozen=True, slots=True)
class Replan:
    """A project's four plans.

    `server` is what its chips are counted as, `chips` how many of those, `scenario` the
    question that was asked of the plan for a slice of the service, `factor` how often the
    slice goes into the project.
    """

    project: Project
    stage: Stage
    server: str
    chips: float
    assumed: bool
    scenario: Mapping[str, Any]
    factor: float
    result: PlanResult | Brief
    untrained: str = ""

    def whole(self, plan: str, field: str) -> float:
        """A field of a plan's outcome for the whole project, in the outcome's unit."""
        return self.factor * float(getattr(self.result.plans[plan], field))


def replan(
    project: Project,
    *,
    progress: Progress,
    attribute: bool = True,
    part: Slice | None = None,
    bank: Bank | None = None,
) -> Replan:
    """Four plans for the service of a project's newest stage.

    Parameters
    ----------
    project : Project
    progress : callable
        ``progress(stage, share)``.
    attribute : bool
        Whether the saving is split among the levers.
    part : Slice, optional
        Of the same server, from an earlier project.
    bank : Bank, optional
        Deployments that earlier projects met; the plans are then brief, and nothing is split.

    Raises
    ------
    InputError
        If the project tells neither chips nor power, or no place with weather.
    """
    stage, assumed = _stage(project)
    server, chips = _counted_as_one(stage)
    head = _head(project, stage, server)
    part = part or slice_of(head, progress)
    scenario = {**head, "demands": part.demands, "options": _options(server, project)}
    if bank is None:
        result: PlanResult | Brief = wattpath.plan(scenario, progress=progress, attribute=attribute)
    else:
        result = _brief(scenario, bank)
    factor = chips / part.chips
    return Replan(
        project, stage, server, chips, bool(assumed), scenario, factor, result, part.untrained
    )


def _brief(scenario: Mapping[str, Any], bank: Bank) -> Brief:
    """The four plans over all hours, with deployments from a bank."""
    model = Shared(load_scenario(dict(scenario)), {}, bank)
    plans = model.outcomes(model.solved())
    return Brief(plans, replaceable(plans))


def refusal(project: Project) -> str:
    """Why a project cannot be replanned; empty if it can."""
    newest = project.newest
    if newest is None or not with_chips(project, newest)[0].chips:
        return "It tells neither chips nor power."
    site = catalog.load("site", project.entry.text("site")) if project.entry.text("site") else None
    if site is None or not (site.text("weather") or site.text("climate")):
        return "It has no place with weather in the catalogue."
    return ""


def _stage(project: Project) -> tuple[Stage, str]:
    refused, newest = refusal(project), project.newest
    if refused or newest is None:
        hint = f"{refused} `wattpath projects` shows which projects do."
        raise InputError(project.key, "tell its chips or its power, and its place", None, hint)
    return with_chips(project, newest)


def server_of(project: Project) -> str:
    """What all chips of a project that can be replanned are counted as."""
    return _counted_as_one(_stage(project)[0])[0]


def head_of(project: Project) -> dict[str, Any]:
    """Everything of the scenario of a project that can be replanned but demands and options."""
    stage, _ = _stage(project)
    return _head(project, stage, _counted_as_one(stage)[0])


def counted(project: Project) -> float:
    """All chips of a project that can be replanned, counted as those of `server_of`."""
    return _counted_as_one(_stage(project)[0])[1]


def _counted_as_one(stage: Stage) -> tuple[str, float]:
    """The most frequent server, and all chips counted as its own by their eight-bit peak."""
    main = max(stage.chips, key=lambda key: stage.chips[key].value)
    one = _peak(main)
    return main, sum(count.value * _peak(key) / one for key, count in stage.chips.items())


def _peak(server: str) -> float:
    chip = catalog.load("chip", catalog.load("server", server).text("chip"))
    return chip.get("fp8_flops") or chip.get("int8_ops") or chip.si("bf16_flops")


def _head(project: Project, stage: Stage, server: str) -> dict[str, Any]:
    """Everything of the scenario but demands and options."""
    entry = project.entry
    supply = list(entry.texts("supply")) or ["grid"]
    return {
        "name": f"The service of {project.name}",
        "site": entry.text("site"),
        "months_available": _months(project, stage),
        "baseline": {
            "server": server,
            "cooling": entry.text("cooling") or COOLING[0],
            "electrical": entry.text("electrical") or "modern-double-conversion",
            "levers": list(PRACTICE),
            "supply": supply,
        },
    }


def _months(project: Project, stage: Stage) -> float:
    """From the first fact to the stage, and no less than what anything takes."""
    first = min(fact.quantity.date for fact in project.facts)
    span = (_day(stage.date) - _day(first)).days * DAY_S / MONTH_S
    supply = [catalog.load("supply", key) for key in project.entry.texts("supply")]
    site = catalog.load("site", project.entry.text("site"))
    leads = [
        site.si("grid_lead_time") if technology.key == "grid" else technology.si("lead_time")
        for technology in supply
    ]
    return round(max(span, LEAST_MONTHS, *(lead / MONTH_S for lead in leads)), 1)


def _day(date: str) -> datetime.date:
    year, month, day = (*map(int, date.split("-")), 7, 1)[:3]
    return datetime.date(year, month, min(day, 28))


def slice_of(head: Mapping[str, Any], progress: Progress) -> Slice:
    """The mix of work for one training run, or without one where the server cannot train.

    Parameters
    ----------
    head : mapping
        Everything of a scenario but demands and options.

    Raises
    ------
    InputError
        If the server cannot do the work of the mix that serves.
    """
    mix = catalog.entries("service")
    base, untrained = _known(head, mix, progress), ""
    if not base.feasible:
        serving = tuple(one for one in mix if one.text("demand") != "training")
        untrained, mix = base.reasons[0], serving
        base = _known(head, serving, progress)
    if not base.feasible:
        raise InputError(head["name"], "be possible as announced", base.reasons[0])
    used = dict.fromkeys((service.key for service in mix), 0.0)
    for chosen in base.chosen:
        used[chosen.deployment.demand] += chosen.units * chosen.deployment.chips
    whole = sum(service.si("chip_share") for service in mix)
    shares = {service.key: service.si("chip_share") / whole for service in mix}
    fixed = [service.key for service in mix if service.text("demand") == "training"]
    total = used[fixed[0]] / shares[fixed[0]] if fixed else sum(used.values())
    demands = [_demand(one, KNOWN_RATE * shares[one.key] * total / used[one.key]) for one in mix]
    return Slice(demands, total, untrained)


def _known(head: Mapping[str, Any], mix: Sequence[Entry], progress: Progress) -> Outcome:
    """The baseline for a known traffic."""
    asked = [_demand(service, KNOWN_RATE) for service in mix]
    found = wattpath.plan({**head, "demands": asked}, progress=progress, attribute=False)
    return found.plans["baseline"]


def _demand(service: Entry, rate: float) -> dict[str, Any]:
    """A demand of the scenario; `rate` is that of requests [request/s]."""
    common = {
        "name": service.key,
        "kind": service.text("demand"),
        "model": service.text("model"),
        "quality": {"max_loss_nats": service.si("loss")},
    }
    if service.text("demand") == "training":
        return {
            **common,
            "tokens": f"{service.si('tokens'):.6g} tokens",
            "within": f"{service.si('within'):.6g} s",
            "batch_sequences": service.si("batch_sequences"),
        }
    return {
        **common,
        "requests": f"{rate:.6g} requests/s",
        "input_tokens": service.si("input_tokens"),
        "output_tokens": service.si("output_tokens"),
        "shared_prefix": service.si("shared_prefix"),
        "ttft": f"{service.si('ttft')} s",
        "tpot": f"{service.si('tpot')} s",
    }


def _options(server: str, project: Project) -> dict[str, list[str]]:
    own = set(project.entry.texts("supply"))
    return {
        "servers": [key for key in SERVERS if key != server],
        "cooling": [key for key in COOLING if key != project.entry.text("cooling")],
        "levers": list(LEVERS),
        "supply": [key for key in SUPPLY if key not in own],
    }
