"""The scenario file: what must be computed, where, by when, and what may change.

A scenario is YAML (or JSON). It is validated as a whole before anything is computed, and
every quantity is text with a unit. Fields keep SI values after validation.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from wattpath.errors import FileInputError
from wattpath.plan.demand import Demand, Quality, ServingDemand, TrainingDemand
from wattpath.plan.given import (
    Baseline,
    Carbon,
    Finance,
    Grid,
    Horizon,
    Limits,
    Options,
    OtherSite,
)
from wattpath.plan.operation import Autoscale, Cascade, Failures, Operation, Tiers
from wattpath.plan.override import override
from wattpath.plan.part import Name, Part
from wattpath.plan.problem import sentence
from wattpath.plan.quantities import SEPARATOR, Measure
from wattpath.plan.spans import parted, spans_of


class Scenario(Part):
    """Everything that a plan needs to know."""

    name: Name
    """What the answer is headed with."""
    description: str = ""
    """For the reader."""
    site: Name
    """A site of the catalogue: place, prices, carbon, weather."""
    weather: Name | None = None
    """A weather year of the catalogue, or an EPW or TMY3 file beside the scenario."""
    months_available: Annotated[float, Measure("number", most=360.0, above=True)] = 48.0
    """Months until everything must run; what takes longer is left out."""
    demands: list[Demand] = Field(min_length=1)
    """What must be computed."""
    baseline: Baseline
    """Current good practice."""
    options: Options = Options()
    """What may be chosen beside it."""
    grid: Grid = Grid()
    """The grid connection."""
    other_sites: list[OtherSite] = Field(default=[])
    """Further sites for work that may wait; every plan may use them."""
    carbon: Carbon = Carbon()
    """Price and cap of carbon."""
    limits: Limits = Limits()
    """Ceilings on power and water."""
    finance: Finance = Finance()
    """The cost of capital."""
    horizon: Horizon = Horizon()
    """Several years with growth, in place of one."""
    whole_units: bool = False
    """Whether servers are counted in whole units; fractions are quicker and fit large sites."""
    fixed_pue: Annotated[float, Measure("number", least=1.0, most=4.0)] | None = None
    """Facility power over IT power in every hour, instead of weather and physics."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the sampled attribution."""
    folder: str = "."
    """Set on reading: where files beside the scenario are looked for."""
    spans: dict[str, tuple[float, float]] = Field(default={})
    """Set on reading: low and high of each value that is given as a range, by its path."""

    @model_validator(mode="after")
    def _unique_names(self) -> Scenario:
        names = [demand.name for demand in self.demands]
        if len(set(names)) < len(names):
            raise ValueError(f"give every demand a name of its own{SEPARATOR}")
        return self

    @model_validator(mode="after")
    def _needs_years(self) -> Scenario:
        grown = any(demand.growth for demand in self.demands) or self.grid.limits
        if self.horizon.years == 1 and (grown or self.horizon.modules):
            raise ValueError(
                "have horizon.years above 1 for growth, grid.limits or horizon.modules"
                f"{SEPARATOR}For example horizon: {{years: 5}}."
            )
        return self

    @model_validator(mode="after")
    def _refits_stand(self) -> Scenario:
        if self.options.refits and self.baseline.standing_hall is None:
            raise ValueError(
                "have baseline.standing_hall for options.refits"
                f"{SEPARATOR}For example standing_hall: 2 MW."
            )
        return self

    @model_validator(mode="after")
    def _other_sites_alone(self) -> Scenario:
        if self.other_sites and self.horizon.years > 1:
            raise ValueError(
                f"have other_sites for a single year only{SEPARATOR}Plan one year with them."
            )
        if self.other_sites and (self.carbon.carbon_free_share or self.carbon.matched_share):
            raise ValueError(
                "have other_sites without carbon_free_share and matched_share"
                f"{SEPARATOR}Other sites have the grid alone; a carbon price or cap counts it."
            )
        return self

    @model_validator(mode="after")
    def _limits_of_one_year(self) -> Scenario:
        limited = self.limits.facility_power is not None or self.limits.water is not None
        if self.horizon.years > 1 and limited:
            raise ValueError(
                "have limits.facility_power and limits.water for a single year only"
                f"{SEPARATOR}A horizon limits power by grid.limits."
            )
        return self


#: Name of a part in a path -> its model; the whole scenario is "".
MODELS: dict[str, type[BaseModel]] = {
    "": Scenario,
    "serving": ServingDemand,
    "training": TrainingDemand,
    "quality": Quality,
    "operation": Operation,
    "autoscale": Autoscale,
    "failures": Failures,
    "tiers": Tiers,
    "cascade": Cascade,
    "baseline": Baseline,
    "options": Options,
    "grid": Grid,
    "other_sites": OtherSite,
    "carbon": Carbon,
    "limits": Limits,
    "finance": Finance,
    "horizon": Horizon,
}


def load(file: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Read and validate a scenario file.

    Parameters
    ----------
    file : str or Path
        YAML or JSON.
    overrides : sequence of str, optional
        Such as ``grid.limit=200 MW`` or ``demands.0.requests=9M requests/day``; a demand
        may also be named: ``demands.chat.tpot=30 ms``.

    Raises
    ------
    InputError
        One sentence: path, constraint, value, hint.
    """
    return from_dict(content(file, overrides))


def content(file: str | Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """What a scenario file says, changed and with its folder, before it is validated."""
    path = Path(file)
    raw = _read(path)
    raw.setdefault("folder", str(path.parent))
    for change in overrides:
        override(raw, change)
    return raw


def from_dict(raw: Mapping[str, Any], overrides: Sequence[str] = ()) -> Scenario:
    """Validate a scenario given as a dictionary (see `load`)."""
    changed = copy.deepcopy(dict(raw))
    for change in overrides:
        override(changed, change)
    plain, found = parted(changed)
    scenario = _validated(plain)
    if not found:
        return scenario
    return scenario.model_copy(update={"spans": spans_of(plain, found, scenario, _validated)})


def _validated(raw: dict[str, Any]) -> Scenario:
    """The scenario, or its first problem as a sentence."""
    try:
        return Scenario.model_validate(raw)
    except ValidationError as error:
        raise sentence(error, raw, MODELS) from error


def _read(path: Path) -> dict[str, Any]:
    """The mapping that a YAML file holds."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileInputError(
            str(path),
            "be a readable scenario file",
            str(path),
            "`wattpath new NAME.yaml` writes one.",
        ) from error
    try:
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = " ".join(str(error).split())
        raise FileInputError(str(path), "be valid YAML", line[:160]) from error
    if not isinstance(raw, dict) or not all(isinstance(key, str) for key in raw):
        given = type(raw).__name__ if raw is not None else "an empty file"
        raise FileInputError(str(path), "hold a mapping of keys to values", given)
    return raw
