"""The scenario file: what must be computed, where, by when, and what may change.

A scenario is YAML (or JSON). It is validated as a whole before anything is computed, and
every quantity is text with a unit. Fields keep SI values after validation.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from wattpath.errors import FileInputError, InputError
from wattpath.plan.problem import sentence
from wattpath.plan.quantities import (
    SEPARATOR,
    CarbonIntensity,
    CarbonPrice,
    EnergyPrice,
    Growth,
    Length,
    Mass,
    Measure,
    Power,
    RequestRate,
    Share,
    Time,
    Tokens,
    Volume,
)

Name = Annotated[str, Field(min_length=1)]


def _listed(value: object) -> object:
    """One value as a list of it."""
    return value if isinstance(value, list) else [value]


#: One rate for every year, or one for each year after the first; the last one goes on.
Rates = Annotated[list[Growth], BeforeValidator(_listed)]


class _Part(BaseModel):
    """Common rules: unknown keys are refused, values are frozen, a string describes each key."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Quality(_Part):
    """The floor: how much worse than the demand's own model at BF16 the answers may be."""

    max_loss_nats: Annotated[float, Measure("number", most=2.0)] = 0.02
    """Loss that all levers together may add [nats per token]."""


class ServingDemand(_Part):
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


class TrainingDemand(_Part):
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


class Baseline(_Part):
    """Current good practice, which the baseline plan may only multiply."""

    server: Name
    """The server that is bought today."""
    cooling: Name
    """The cooling system of its halls."""
    electrical: Name
    """The electrical chain of its halls."""
    supply: list[Name] = Field(min_length=1)
    """Supply technologies in use."""
    levers: list[Name] = []
    """Software that is already on."""
    standing_hall: Power | None = None
    """IT power that a hall of this kind can take today."""


class Options(_Part):
    """What the other plans may choose from, beside the baseline's own."""

    servers: list[Name] = []
    """Further servers: blue and both."""
    cooling: list[Name] = []
    """Further cooling systems: blue and both."""
    electrical: list[Name] = []
    """Further electrical chains: blue and both."""
    supply: list[Name] = []
    """Further supply technologies: blue and both."""
    levers: list[Name] = []
    """Further software: red and both."""


class Grid(_Part):
    """The connection: its limit, what stands already, and price or carbon of its own."""

    limit: Power | None = None
    """Most that the connection may ever carry; without it, the site's own limit."""
    limits: list[Power] = []
    """Instead of `limit`: most that it may carry in each year; the last one goes on."""
    existing: Power | None = None
    """Connection that stands today and needs no lead time."""
    price: EnergyPrice | None = None
    """Mean price; without it, the site's own. The site's hourly shape stays."""
    carbon: CarbonIntensity | None = None
    """Mean emissions; without it, the site's own."""
    price_file: Name | None = None
    """A file beside the scenario with the price of each of the 8,760 hours."""


class Carbon(_Part):
    """A price on every tonne, and a cap on the year's emissions of supply."""

    price: CarbonPrice = 0.0
    """Added to the cost that is minimised."""
    cap: Mass | None = None
    """Most that supply may emit in a year."""


class Limits(_Part):
    """Ceilings on what the site may draw, beside those of grid and carbon."""

    facility_power: Power | None = None
    """Most that the facility may draw in any hour, whatever supplies it."""
    water: Volume | None = None
    """Most water that cooling and generation may consume on the site in a year."""


class Finance(_Part):
    """How money now and money each year are made comparable."""

    discount_rate: Annotated[float, Measure("number", most=0.5, limit="0.5")] = 0.08
    """Real cost of capital a year."""


class Horizon(_Part):
    """The years that are planned together; the first begins after `months_available`."""

    years: Annotated[int, Field(ge=1, le=20)] = 1
    """How many years; with one, a single year stands for all."""
    start: Annotated[int, Field(ge=2020, le=2060)] | None = None
    """Calendar year of the first one: a chip is bought no sooner than it is sold."""
    server_price_change: Annotated[float, Measure("number", least=-0.5, most=0.5)] = 0.0
    """Change of the price of the same server from year to year, beside inflation."""
    modules: list[Name] = []
    """Units that halls are built in, whole and at the pace of their crews; else any size."""
    crews: Annotated[int, Field(ge=1, le=10000)] | None = None
    """Crews that build those units side by side; without it, the catalogue's."""


class Scenario(_Part):
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
    "baseline": Baseline,
    "options": Options,
    "grid": Grid,
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
    for override in overrides:
        _override(raw, override)
    return raw


def from_dict(raw: Mapping[str, Any], overrides: Sequence[str] = ()) -> Scenario:
    """Validate a scenario given as a dictionary (see `load`)."""
    changed = copy.deepcopy(dict(raw))
    for override in overrides:
        _override(changed, override)
    try:
        return Scenario.model_validate(changed)
    except ValidationError as error:
        raise sentence(error, changed, MODELS) from error


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


def _override(raw: dict[str, Any], override: str) -> None:
    """Apply one ``path=value``; the value is read as YAML."""
    path, equals, text = override.partition("=")
    if not equals or not path.strip():
        raise InputError("--set", "have the form path=value", override)
    *parents, last = path.strip().split(".")
    place: Any = raw
    for part in parents:
        place = _step(place, part, path)
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise InputError("--set", "have a value that YAML can read", override) from error
    if isinstance(place, list):
        place[_index(place, last, path)] = value
    elif isinstance(place, dict):
        place[last] = value
    else:
        raise InputError("--set", f"name a path of the scenario; {last!r} has no place", path)


def _step(place: Any, part: str, path: str) -> Any:
    if isinstance(place, list):
        return place[_index(place, part, path)]
    if not isinstance(place, dict):
        raise InputError("--set", f"name a path of the scenario; {part!r} has nothing below", path)
    return place.setdefault(part, {})


def _index(items: list[Any], part: str, path: str) -> int:
    if part.isdigit() and int(part) < len(items):
        return int(part)
    for index, item in enumerate(items):
        if isinstance(item, dict) and item.get("name") == part:
            return index
    raise InputError("--set", f"name an element of the list: {part!r} is none", path)
