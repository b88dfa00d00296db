"""The scenario file: what must be computed, where, by when, and what may change.

A scenario is YAML (or JSON). It is validated as a whole before anything is computed, and
every quantity is text with a unit. Fields keep SI values after validation.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from wattpath import units
from wattpath.errors import FileInputError, InputError, UnitError

HOURS_PER_DAY = 24
SECONDS_PER_YEAR = 365 * 86400.0


def _quantity(dimension: str) -> BeforeValidator:
    """A validator that reads "100 MW" and leaves the SI float."""

    def read(value: object) -> float:
        if isinstance(value, float) and dimension != "number":
            return value  # a default, already SI
        try:
            return units.parse(value, dimension)
        except UnitError as error:
            raise ValueError(f"{error.constraint}\x1f{error.hint}") from error

    return BeforeValidator(read)


Power = Annotated[float, _quantity("power"), Field(gt=0)]
Time = Annotated[float, _quantity("time"), Field(gt=0)]
Tokens = Annotated[float, _quantity("tokens"), Field(gt=0)]
RequestRate = Annotated[float, _quantity("request rate"), Field(gt=0)]
Price = Annotated[float, _quantity("money per energy"), Field(ge=0)]
CarbonPrice = Annotated[float, _quantity("money per mass"), Field(ge=0)]
Mass = Annotated[float, _quantity("mass"), Field(ge=0)]
Share = Annotated[float, _quantity("number"), Field(ge=0, le=1)]
Count = Annotated[float, Field(gt=0)]


class _Part(BaseModel):
    """Common rules: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Quality(_Part):
    """The floor: how much loss the service may add to the reference model.

    `max_loss_nats` is in nats per token over the demand's own model at BF16.
    """

    max_loss_nats: Annotated[float, Field(ge=0, le=2)] = 0.02


class ServingDemand(_Part):
    """Traffic that a model must answer within a service level."""

    name: str
    kind: Literal["serving"]
    model: str
    requests: RequestRate
    input_tokens: Annotated[float, Field(ge=1, le=10_000_000)]
    output_tokens: Annotated[float, Field(ge=1, le=1_000_000)]
    shared_prefix: Share = 0.0
    rhythm: Literal["flat", "consumer", "office"] = "consumer"
    ttft: Time | None = None
    tpot: Time | None = None
    deadline: Time | None = None
    percentile: Annotated[float, _quantity("number"), Field(ge=0.5, lt=1)] = 0.99
    spare: Share = 0.1
    quality: Quality = Quality()

    @model_validator(mode="after")
    def _service_level(self) -> ServingDemand:
        interactive = self.ttft is not None and self.tpot is not None
        if interactive == (self.deadline is not None):
            raise ValueError(
                "give either both ttft and tpot (interactive) or a deadline (batch)\x1f"
                "For example ttft: 2 s and tpot: 50 ms."
            )
        return self

    @property
    def flexible(self) -> bool:
        """Whether the work may move in time."""
        return self.deadline is not None


class TrainingDemand(_Part):
    """Training runs that follow each other, each within a deadline."""

    name: str
    kind: Literal["training"]
    model: str
    tokens: Tokens
    within: Time
    sequence_tokens: Annotated[float, Field(ge=128, le=10_000_000)] = 4096.0
    batch_tokens: Annotated[float, _quantity("tokens"), Field(gt=0)] = 16e6
    quality: Quality = Quality()

    @property
    def flexible(self) -> bool:
        """Training may pause within the day, if the plan has the lever for it."""
        return True


Demand = Annotated[ServingDemand | TrainingDemand, Field(discriminator="kind")]


class Baseline(_Part):
    """Current good practice, which the baseline plan may only multiply."""

    server: str
    cooling: str
    electrical: str
    supply: list[str] = Field(min_length=1)
    levers: list[str] = []
    standing_hall: Power | None = None


class Options(_Part):
    """What the other plans may choose from, beside the baseline's own."""

    servers: list[str] = []
    cooling: list[str] = []
    electrical: list[str] = []
    supply: list[str] = []
    levers: list[str] = []


class Grid(_Part):
    """The connection: its limit, what stands already, and price or carbon of its own."""

    limit: Power | None = None
    existing: Power | None = None
    price: Price | None = None
    carbon: Annotated[float, _quantity("carbon intensity"), Field(ge=0)] | None = None
    price_file: str | None = None


class Carbon(_Part):
    """A price on every tonne, and a cap on the year's direct emissions."""

    price: CarbonPrice = 0.0
    cap: Mass | None = None


class Finance(_Part):
    """How money now and money each year are made comparable."""

    discount_rate: Annotated[float, _quantity("number"), Field(ge=0, le=0.5)] = 0.08
    fuel_price: Price | None = None


class Scenario(_Part):
    """Everything that a plan needs to know (see docs/scenario.md)."""

    name: str
    description: str = ""
    site: str
    weather: str | None = None
    months_available: Annotated[float, Field(gt=0, le=360)] = 48.0
    demands: list[Demand] = Field(min_length=1)
    baseline: Baseline
    options: Options = Options()
    grid: Grid = Grid()
    carbon: Carbon = Carbon()
    finance: Finance = Finance()
    whole_units: bool = False
    fixed_pue: Annotated[float, Field(ge=1, le=4)] | None = None
    seed: int = 0
    folder: str = "."

    @model_validator(mode="after")
    def _unique_names(self) -> Scenario:
        names = [demand.name for demand in self.demands]
        if len(set(names)) < len(names):
            raise ValueError("give every demand a name of its own\x1f")
        return self


def load(file: str | Path, overrides: list[str] | None = None) -> Scenario:
    """Read and validate a scenario file.

    Parameters
    ----------
    file : str or Path
        YAML or JSON.
    overrides : list of str, optional
        Such as ``grid.limit=200 MW`` or ``demands.0.requests=9M requests/day``; a demand
        may also be named: ``demands.chat.tpot=30 ms``.

    Raises
    ------
    InputError
        One sentence: path, constraint, value, hint.
    """
    path = Path(file)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise FileInputError(
            str(file),
            "be a readable scenario file",
            str(file),
            "`wattpath new NAME.yaml` writes one.",
        ) from error
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        line = str(error).replace("\n", " ")
        raise FileInputError(str(file), "be valid YAML", line[:160]) from error
    if not isinstance(raw, dict):
        raise FileInputError(str(file), "hold a mapping of keys to values", type(raw).__name__)
    for override in overrides or ():
        _override(raw, override)
    raw.setdefault("folder", str(path.parent))
    return from_dict(raw)


def from_dict(raw: dict[str, Any]) -> Scenario:
    """Validate a scenario given as a dictionary (see `load`)."""
    try:
        return Scenario.model_validate(raw)
    except ValidationError as error:
        raise _sentence(error, raw) from error


def _override(raw: dict[str, Any], override: str) -> None:
    """Apply one ``path=value``; the value is read as YAML."""
    path, equals, text = override.partition("=")
    if not equals:
        raise InputError("--set", "have the form path=value", override)
    *parents, last = path.strip().split(".")
    place: Any = raw
    for part in parents:
        place = _step(place, part, path)
    value = yaml.safe_load(text)
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


def _sentence(error: ValidationError, raw: dict[str, Any]) -> InputError:
    """The first problem of a validation as one clear sentence."""
    problem = error.errors()[0]
    parts = [str(part) for part in problem["loc"] if part not in ("serving", "training")]
    path = ".".join(parts) or "scenario"
    value = problem.get("input")
    kind = problem["type"]
    if kind == "extra_forbidden":
        return _unknown_key(path, parts, raw)
    if kind == "missing":
        return InputError(path, "be given", None, "The key is missing.")
    message = problem["msg"].removeprefix("Value error, ")
    constraint, _, hint = message.partition("\x1f")
    if isinstance(value, dict):
        value = value.get("name", "...")
    if kind != "value_error":
        constraint = _worded(constraint)
        value = _given(raw, problem["loc"], value)
    return InputError(path, constraint, value, hint)


def _worded(message: str) -> str:
    """Turn pydantic's 'Input should be ...' into words that follow 'must'."""
    text = message.removeprefix("Input should ").removeprefix("Value should ")
    return text if text.startswith(("be ", "have ")) else f"satisfy: {text}"


def _given(raw: Any, location: tuple[int | str, ...], fallback: Any) -> Any:
    """What the user wrote at this place (the validator may already hold SI)."""
    place = raw
    for part in location:
        if part in ("serving", "training") and isinstance(place, dict) and part not in place:
            continue
        try:
            place = place[part]
        except (KeyError, IndexError, TypeError):
            return fallback
    return place


def _unknown_key(path: str, parts: list[str], raw: dict[str, Any]) -> InputError:
    from difflib import get_close_matches

    owner: dict[str, type[BaseModel]] = {
        "baseline": Baseline,
        "options": Options,
        "grid": Grid,
        "carbon": Carbon,
        "finance": Finance,
        "quality": Quality,
    }
    parent = parts[-2] if len(parts) > 1 else ""
    model: type[BaseModel] = owner.get(parent, Scenario)
    if parts[0] == "demands" and parent != "quality":
        demand = raw["demands"][int(parts[1])]
        model = TrainingDemand if demand.get("kind") == "training" else ServingDemand
    known = list(model.model_fields)
    near = get_close_matches(parts[-1], known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(known)}."
    return InputError(path, "be a known key", parts[-1], hint)
