"""The manual page of the scenario file, written from the model that validates it.

Run ``python -m wattpath.plan.reference > docs/scenario.md`` after a change of
`wattpath.plan.scenario`.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from importlib.resources import files
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from wattpath import units
from wattpath.plan.quantities import Measure
from wattpath.plan.scenario import MODELS

#: Fields that the program sets itself.
HIDDEN = ("folder", "spans")

#: Part of `MODELS` -> its heading.
TITLES = {
    "": "The whole scenario",
    "serving": "demands: kind serving",
    "training": "demands: kind training",
    "operation": "demands: operation",
    "autoscale": "operation: autoscale",
    "failures": "operation: failures",
    "tiers": "operation: tiers",
    "cascade": "operation: cascade",
}

_HEAD = """# The scenario file

A scenario is one YAML (or JSON) file: what must be computed, where, by when, and what may
change. It is validated as a whole before anything is computed; what cannot be used gets one
sentence with the path, what must hold, what was given and a hint. This page is written by
`python -m wattpath.plan.reference`; do not edit it by hand.

## How values are written

- A **quantity** is text with a unit: `100 MW`, `30 ms`, `15.6T tokens`, `600k requests/day`,
  `45 USD/MWh`, `60 days`. Decimal prefixes; `k`, `M`, `B`, `T` before tokens, requests and USD
  are thousands to trillions. A bare number is refused where a unit is needed.
- A **share** is a number from 0 to 1 or a percentage: `0.5`, `50 %`.
- A **range** may stand for any quantity or share: `{value: 1500, low: 1000, high: 2500}`. Commands
  compute with the value; `wattpath ranges` draws it, with low and high as 5 % and 95 %.
- A **name** is a key, name or alias of the [catalogue](catalog.md); case does not matter.
  `wattpath catalog KIND` lists them.
- A **file** stands beside the scenario.

One value can be changed without editing the file: `wattpath plan FILE --set grid.limit='200 MW'`
or `--set demands.chat.tpot='30 ms'` (a demand by name or by number). In Python,
`wattpath.plan(FILE, {"grid.limit": "200 MW"})`.

## A scenario to begin with

`wattpath new FILE` writes this one; it plans in seconds.
"""


def reference() -> str:
    """The whole page as Markdown: how to write values, the template, one table per part."""
    template = (files("wattpath.plan") / "template.yaml").read_text(encoding="utf-8")
    parts = [_HEAD, f"```yaml\n{template}```\n"]
    parts += [section(name) for name in MODELS]
    return "\n".join(parts)


def section(name: str) -> str:
    """The keys of one part as a Markdown table.

    Parameters
    ----------
    name : str
        A key of `scenario.MODELS`, such as ``grid``.
    """
    model = MODELS[name]
    lines = [
        f"## {TITLES.get(name, name)}",
        "",
        (model.__doc__ or "").strip().splitlines()[0],
        "",
        "| key | value | default | meaning |",
        "| --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *_rows(model), ""])


def _rows(model: type[BaseModel]) -> Iterator[str]:
    hints = get_type_hints(model, include_extras=True)
    for key, field in model.model_fields.items():
        if key in HIDDEN:
            continue
        cells = (
            f"`{key}`",
            _kind(hints[key]),
            _default(field, hints[key]),
            field.description or "",
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _kind(hint: Any) -> str:
    """A type with its limits in words."""
    origin = get_origin(hint)
    if origin is Annotated:
        base, *notes = get_args(hint)
        measure = next((note for note in notes if isinstance(note, Measure)), None)
        if measure is not None:
            return measure.words()
        return _limited(_kind(base), notes)
    if origin in (Union, types.UnionType):
        parts = [part for part in get_args(hint) if part is not type(None)]
        if all(isinstance(part, type) and issubclass(part, BaseModel) for part in parts):
            return "mapping of keys, see below"
        return " or ".join(_kind(part) for part in parts)
    if origin is list:
        return _list(_kind(get_args(hint)[0]))
    if origin is Literal:
        return " or ".join(f"`{word}`" for word in get_args(hint))
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "mapping of keys, see below"
    return {str: "text", bool: "`true` or `false`", int: "whole number", float: "number"}[hint]


def _list(word: str) -> str:
    """A list of such items in words."""
    if word.startswith("a "):
        return f"list, each {word}"
    return f"list of {'names' if word == 'text' else word.replace('mapping', 'mappings')}"


def _limited(base: str, notes: list[Any]) -> str:
    """The limits of a pydantic field beside its type."""
    limits = []
    for note in (one for field in notes for one in getattr(field, "metadata", [])):
        for word, label in (("gt", "greater than"), ("ge", "of at least"), ("le", "at most")):
            if hasattr(note, word):
                limits.append(f"{label} {_plain(getattr(note, word))}")
    return " and ".join([f"{base} {limits[0]}", *limits[1:]]) if limits else base


def _plain(limit: float) -> str:
    """A limit with its thousands parted, calendar years as they are."""
    return f"{limit:.12g}" if limit < 1e4 else f"{limit:,.12g}"


def _default(field: FieldInfo, hint: Any) -> str:
    """The default as one would write it."""
    if field.is_required():
        return "required"
    value = field.default
    if value is None or value is PydanticUndefined:
        return ""
    if isinstance(value, BaseModel):
        return "each key's own"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float):
        return f"`{_written(value, hint)}`"
    return f"`{value}`" if value not in ("", []) else "empty"


def _written(value: float, hint: Any) -> str:
    """An SI default with its unit."""
    measure = next((note for note in get_args(hint)[1:] if isinstance(note, Measure)), None)
    if measure is None or measure.dimension == "number" or measure.bare:
        return f"{value:g}"
    if measure.dimension == "tokens":
        return f"{value / 1e6:g}M tokens"
    return f"{value:g} {units.SI_UNITS[measure.dimension]}"


if __name__ == "__main__":
    print(reference(), end="")
