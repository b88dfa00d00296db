"""The first problem of a scenario's validation as one clear sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from wattpath.errors import InputError
from wattpath.plan.quantities import SEPARATOR

#: Kind of a pydantic problem -> words that follow "must".
_WORDS = {
    "string_type": "be text",
    "string_too_short": "not be empty",
    "list_type": "be a list",
    "bool_type": "be true or false",
    "bool_parsing": "be true or false",
    "int_type": "be a whole number",
    "int_parsing": "be a whole number",
    "int_from_float": "be a whole number",
    "float_type": "be a number",
    "float_parsing": "be a number",
    "finite_number": "be a finite number",
    "too_short": "hold at least 1 item",
    "model_type": "be a mapping of keys to values",
    "model_attributes_type": "be a mapping of keys to values",
    "dict_type": "be a mapping of keys to values",
}

#: Longest text of a value that is repeated to the user.
_LONGEST = 80


def sentence(
    error: ValidationError, raw: Mapping[str, Any], models: Mapping[str, type[BaseModel]]
) -> InputError:
    """Word the first problem.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    raw : mapping
        What the user wrote.
    models : mapping
        Name of a part -> its model, to know which keys it has; the demands by their kind
        and the whole under "".
    """
    problem = error.errors()[0]
    location = [
        part for place, part in enumerate(problem["loc"]) if not _tag(problem["loc"], place)
    ]
    path = ".".join(str(part) for part in location) or "scenario"
    kind, value = problem["type"], problem.get("input")
    if kind == "extra_forbidden":
        return _unknown_key(path, location, raw, models)
    if kind == "missing":
        return InputError(path, "be given", None, "The key is missing.")
    if kind == "union_tag_not_found":
        return InputError(f"{path}.kind", "be 'serving' or 'training'", None, "The key is missing.")
    if kind == "union_tag_invalid":
        given = value.get("kind") if isinstance(value, Mapping) else value
        return InputError(f"{path}.kind", "be 'serving' or 'training'", given, "")
    message = problem["msg"].removeprefix("Value error, ")
    constraint, _, hint = message.partition(SEPARATOR)
    if kind == "value_error" and isinstance(value, Mapping):
        value = value.get("name", "...")
    elif kind == "literal_error":
        hint = _near(value, problem["ctx"]["expected"])
    constraint = _WORDS.get(kind, constraint.removeprefix("Input should "))
    return InputError(path, constraint, _short(value), hint)


def _tag(location: tuple[int | str, ...], place: int) -> bool:
    """Whether this part only names the kind of a demand, which pydantic puts into the path."""
    return place == 2 and location[0] == "demands" and location[2] in ("serving", "training")


def _near(value: object, expected: str) -> str:
    names = [name.strip(" '") for name in expected.replace(" or ", ",").split(",")]
    near = get_close_matches(str(value).lower(), names, n=1)
    return f"Did you mean {near[0]!r}?" if near else ""


def _short(value: object) -> object:
    """The value, or its beginning where it is long."""
    if isinstance(value, (Mapping, list)) and len(repr(value)) > _LONGEST:
        return repr(value)[: _LONGEST - 1] + "…"
    if isinstance(value, str) and len(value) > _LONGEST:
        return value[: _LONGEST - 1] + "…"
    return value


def _unknown_key(
    path: str,
    location: list[int | str],
    raw: Mapping[str, Any],
    models: Mapping[str, type[BaseModel]],
) -> InputError:
    owner = _owner(location, raw)
    known = [name for name in models[owner].model_fields if name not in ("folder", "spans")]
    near = get_close_matches(str(location[-1]).lower(), known, n=1)
    elsewhere = [part for part in _homes(str(location[-1]), models) if part != owner]
    if near:
        hint = f"Did you mean {near[0]!r}?"
    elif elsewhere:
        hint = f"It belongs to {elsewhere[0]}."
    else:
        hint = f"Known keys: {', '.join(known)}."
    return InputError(path, "be a known key", location[-1], hint)


def _owner(location: list[int | str], raw: Mapping[str, Any]) -> str:
    """Name of the part that the last key of a location stands in."""
    parents = [str(part) for part in location[:-1] if not isinstance(part, int)]
    if not parents:
        return ""
    if parents[-1] == "demands":
        return str(raw["demands"][location[1]]["kind"])
    return parents[-1]


def _homes(key: str, models: Mapping[str, type[BaseModel]]) -> Iterator[str]:
    """Parts that do have this key."""
    for name, model in models.items():
        if key in model.model_fields:
            yield f"a {name} demand" if name in ("serving", "training") else name or "the top level"
