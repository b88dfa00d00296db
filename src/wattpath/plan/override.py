"""One value of a scenario put in place of another: ``grid.limit=200 MW``."""

from __future__ import annotations

from typing import Any

import yaml

from wattpath.errors import InputError


def override(raw: dict[str, Any], override: str) -> None:
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
