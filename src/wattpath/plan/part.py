"""What every part of a scenario is: frozen, described key by key, closed to unknown keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from wattpath.plan.quantities import Growth

Name = Annotated[str, Field(min_length=1)]


def _listed(value: object) -> object:
    """One value as a list of it."""
    return value if isinstance(value, list) else [value]


#: One rate for every year, or one for each year after the first; the last one goes on.
Rates = Annotated[list[Growth], BeforeValidator(_listed)]


class Part(BaseModel):
    """Common rules: unknown keys are refused, values are frozen, a string describes each key."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
