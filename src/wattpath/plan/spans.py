"""Ranges of a scenario's own values: ``input_tokens: {value: 1500, low: 1000, high: 2500}``.

Any number may be given so. Every command but `wattpath ranges` computes with its value; that
one draws it, with low and high as 5 % and 95 %. Both ends are read and checked as the value is:
in the same units and within the same limits.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel

from wattpath.errors import InputError
from wattpath.plan.quantities import Measure

#: What a range holds.
KEYS = frozenset({"value", "low", "high"})

#: Parts within parts beyond which something holds itself.
DEEPEST = 32

#: Keys and places of a value, from the whole down.
Steps = tuple[str | int, ...]

Whole = TypeVar("Whole", bound=BaseModel)


def parted(raw: Any, at: Steps = ()) -> tuple[Any, dict[Steps, Mapping[str, Any]]]:
    """What was written with the value in place of each range, and the ranges by their path.

    Raises
    ------
    InputError
        If a range lacks one of its three, or a part holds itself.
    """
    if len(at) > DEEPEST:
        raise InputError(str(at[0]), "hold values, and not itself", _dotted(at[:3]))
    found: dict[Steps, Mapping[str, Any]] = {}
    if isinstance(raw, Mapping):
        if raw and raw.keys() <= KEYS:
            return _range(raw, at), {at: raw}
        plain: Any = {}
        for key, value in raw.items():
            plain[key], more = parted(value, (*at, key))
            found |= more
        return plain, found
    if isinstance(raw, list):
        plain = []
        for place, value in enumerate(raw):
            one, more = parted(value, (*at, place))
            plain.append(one)
            found |= more
        return plain, found
    return raw, found


def _range(raw: Mapping[str, Any], at: Steps) -> Any:
    lacking = sorted(KEYS - raw.keys())
    if lacking:
        hint = "For example {value: 1500, low: 1000, high: 2500}."
        raise InputError(_dotted(at), f"have {' and '.join(lacking)} too", dict(raw), hint)
    return raw["value"]


def spans_of(
    plain: Mapping[str, Any],
    found: Mapping[Steps, Mapping[str, Any]],
    built: Whole,
    build: Callable[[dict[str, Any]], Whole],
) -> dict[str, tuple[float, float]]:
    """Low and high of each range in SI, by the path of its value.

    Parameters
    ----------
    plain, found
        See `parted`.
    built : BaseModel
        What `plain` makes.
    build : callable
        Makes the same of other values, and raises InputError where they are no good.
    """
    spans: dict[str, tuple[float, float]] = {}
    for at, raw in found.items():
        value = taken(built, at)
        if isinstance(value, list) and len(value) == 1:
            at, value = (*at, 0), value[0]
        if isinstance(value, bool) or not isinstance(value, float):
            raise InputError(_dotted(at), "have no range, for it is no quantity", raw["value"])
        low, high = (taken(build(_with(plain, at, raw[end])), at) for end in ("low", "high"))
        if not low <= value <= high:
            given = [raw["low"], raw["value"], raw["high"]]
            raise InputError(_dotted(at), "have low, value and high in this order", given)
        spans[_dotted(at)] = low, high
    return spans


def taken(whole: Any, at: Steps) -> Any:
    """The value at a path of a part."""
    for step in at:
        whole = whole[int(step)] if isinstance(whole, list) else getattr(whole, str(step))
    return whole


def placed(whole: Whole, at: Steps, value: float) -> Whole:
    """The part with another value at a path."""
    made: Whole = _placed(whole, at, value)
    return made


def _placed(whole: Any, at: Steps, value: float) -> Any:
    if not at:
        return value
    step, *rest = at
    if isinstance(whole, list):
        changed = list(whole)
        changed[int(step)] = _placed(whole[int(step)], tuple(rest), value)
        return changed
    below = _placed(getattr(whole, str(step)), tuple(rest), value)
    return whole.model_copy(update={str(step): below})


def limits_of(whole: BaseModel, at: Steps) -> tuple[float, float]:
    """Least and most that the value at a path may be [SI]; for a rate in a list, those of all."""
    names = [step for step in at if not str(step).isdigit()]
    owner = taken(whole, at[: max(i for i, step in enumerate(at) if step == names[-1])])
    field = type(owner).model_fields[str(names[-1])]
    measures = [own for own in _within(field) if isinstance(own, Measure)]
    return (measures[0].least, measures[0].most) if measures else (0.0, float("inf"))


def _within(field: Any) -> Iterator[Any]:
    """Everything that a field's type is annotated with, at any depth."""
    yield from getattr(field, "metadata", ())
    yield from getattr(field, "__metadata__", ())
    for part in get_args(getattr(field, "annotation", field)):
        yield from _within(part)


def steps(path: str) -> Steps:
    """The keys of a dotted path."""
    return tuple(path.split("."))


def _with(plain: Mapping[str, Any], at: Steps, value: Any) -> dict[str, Any]:
    """What was written with another value at a path."""
    changed = copy.deepcopy(dict(plain))
    *parents, last = at
    place: Any = changed
    for step in parents:
        if not isinstance(place[step], (dict, list)):  # one rate that stands for a list of it
            place[step] = value
            return changed
        place = place[step]
    place[last] = value
    return changed


def _dotted(at: Steps) -> str:
    return ".".join(str(step) for step in at)
