"""Figures from a press release or a permit, read as a project of their own.

A YAML file of facts, each text with its unit, alone or with a range::

    name: Example campus
    date: 2026-05
    site: us-abilene            # optional, as cooling, electrical, supply and status
    servers: { nvidia-gb300-nvl72: 100000 }
    it_power: 215 MW
    investment: { value: 12 billion USD, low: 10 billion USD, high: 14 billion USD }
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from wattpath import catalog, units
from wattpath.catalog import STATUS, Attribute, Entry
from wattpath.catalog.entry import build
from wattpath.errors import CatalogError, FileInputError, InputError, UnknownNameError
from wattpath.projects.project import Project, project_of

#: Unit of the project table -> dimension in which people write it.
_DIMENSIONS = {
    "MW": "power",
    "kW": "power",
    "GWh": "energy",
    "day": "time",
    "USD bn": "money",
    "USD bn/year": "money rate",
    "Mt/year": "mass rate",
    "m3/day": "volume rate",
    "EFLOP/s": "compute rate",
    "PFLOP/s": "compute rate",
    "GFLOP/s/W": "efficiency",
}

#: Keys that are no figures.
_WORDS = ("site", "cooling", "electrical")
_HEAD = ("name", "date", "status", "owner", "country", "servers", "supply", "precision", *_WORDS)


def read_project(file: Path) -> Project:
    """The project that a file of figures describes.

    Raises
    ------
    FileInputError
        If the file cannot be read, is no YAML mapping or holds no figure.
    InputError
        Naming the key that cannot be used.
    """
    raw = _yaml(file)
    schema = catalog.schema("project")
    known = [row.name for row in schema.attributes.values() if row.dated and row.name != "chips"]
    for key in raw:
        if key not in (*_HEAD, *known, "chips"):
            near = get_close_matches(str(key), [*known, *_HEAD], n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Figures are {', '.join(known)}."
            raise InputError(str(key), "be a known key", raw[key], hint)
    when = _date(raw.get("date"))
    status = str(raw.get("status", "announced"))
    if status not in STATUS:
        raise InputError("status", f"be one of {', '.join(STATUS)}", status)
    mark = {"date": when, "status": status}
    dated = {name: [_cell(schema.attributes[name], raw, mark)] for name in known if name in raw}
    chips = _chips(raw, schema.attributes["chips"], mark)
    if chips:
        dated["chips"] = chips
    if not dated:
        hint = f"Figures are chips, servers, {', '.join(known)}."
        raise FileInputError(str(file), "hold at least one figure", sorted(raw), hint)
    return project_of(_entry(file, raw, dated))


def _yaml(file: Path) -> dict[str, Any]:
    import yaml

    try:
        text = file.read_text(encoding="utf-8")
        raw, node = yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise FileInputError(str(file), "be a readable YAML file", reason) from error
    if not isinstance(raw, dict):
        raise FileInputError(str(file), "be a mapping of keys to figures", type(raw).__name__)
    _given_once(node)
    return raw


def _given_once(node: Any) -> None:
    """Refuse a key that stands twice in one mapping, of which a reader would keep the last."""
    if not isinstance(node.value, list) or not node.value or not isinstance(node.value[0], tuple):
        return
    keys = [key.value for key, _ in node.value]
    for key, value in node.value:
        if keys.count(key.value) > 1:
            hint = "Write both as one { value: ..., low: ..., high: ... }, or two files."
            raise InputError(key.value, "be given once", f"{keys.count(key.value)} times", hint)
        _given_once(value)


def _entry(file: Path, raw: Mapping[str, Any], dated: dict[str, Any]) -> Entry:
    words: dict[str, Any] = {word: str(raw[word]) for word in _WORDS if word in raw}
    for word, key in words.items():
        words[word] = catalog.load(word, key, word).key
    given = raw.get("supply", [])
    supply = given if isinstance(given, list) else [given]
    words["supply"] = [catalog.load("supply", str(key), "supply").key for key in supply]
    head = {
        "name": str(raw.get("name", file.stem)),
        "form": "site",
        "owner": str(raw.get("owner", "not given")),
        "country": str(raw.get("country", "not given")),
    }
    try:
        return build(catalog.schema("project"), "file", {**head, **words, "dated": dated})
    except CatalogError as error:
        reason = str(error).partition(": ")[2]
        raise InputError(str(file), "hold figures that can be", reason) from error


def _date(value: object) -> str:
    if value is None:
        return datetime.date.today().isoformat()
    text = value.isoformat() if isinstance(value, datetime.date) else str(value)
    whole = text + "-01-01"[3 * text.count("-") :]
    try:
        datetime.datetime.strptime(whole, "%Y-%m-%d")
    except ValueError as error:
        raise InputError("date", "be YYYY, YYYY-MM or YYYY-MM-DD", value) from error
    return text


def _chips(raw: Mapping[str, Any], row: Attribute, mark: Mapping[str, str]) -> list[dict[str, Any]]:
    servers = raw.get("servers", {})
    if not isinstance(servers, Mapping):
        hint = "For example servers: { nvidia-gb300-nvl72: 100000 }."
        raise InputError("servers", "be a mapping of servers to numbers of chips", servers, hint)
    found = []
    for name, count in servers.items():
        key = _server(str(name))
        found.append({**_numbers(row, f"servers.{name}", count), **mark, "of": key})
    if "chips" in raw:
        found.append({**_numbers(row, "chips", raw["chips"]), **mark})
    return found


def _server(name: str) -> str:
    """The server of this name, or the first that is sold with the chip of this name."""
    try:
        return catalog.load("server", name, "servers").key
    except UnknownNameError:
        chip = catalog.load("chip", name, "servers").key
    for entry in catalog.entries("server"):
        if entry.text("chip") == chip:
            return entry.key
    raise InputError("servers", "name a chip that some catalogued server holds", name)


def _cell(row: Attribute, raw: Mapping[str, Any], mark: Mapping[str, str]) -> dict[str, Any]:
    of = {"of": str(raw["precision"])} if row.name == "rate" and "precision" in raw else {}
    return {**_numbers(row, row.name, raw[row.name]), **mark, **of}


def _numbers(row: Attribute, path: str, value: object) -> dict[str, Any]:
    """Value and range in the table's unit."""
    parts = value if isinstance(value, Mapping) else {"value": value}
    unknown = set(parts) - {"value", "low", "high"}
    if unknown or "value" not in parts:
        hint = "For example { value: 200 MW, low: 180 MW, high: 220 MW }."
        if "of" in unknown:
            hint = "Which chips they are is told by servers: { nvidia-gb300-nvl72: 100000 }."
        raise InputError(path, "be a figure, or value with low and high", value, hint)
    read = {name: _read(row, f"{path}.{name}", part) for name, part in parts.items()}
    middle = read["value"]
    low, high = read.get("low", middle), read.get("high", middle)
    if not low <= middle <= high:
        raise InputError(path, "lie between its low and its high", value)
    return {
        "value": middle,
        "unit": row.unit,
        "low": low,
        "high": high,
        "source": "given",
        "evidence": "datasheet",
    }


def _read(row: Attribute, path: str, value: object) -> float:
    dimension = _DIMENSIONS.get(row.unit, "number")
    number = units.parse(value, dimension, path.removesuffix(".value")) / row.si_factor
    if not (math.isfinite(number) and row.minimum <= number <= row.maximum):
        limits = f"lie between {row.minimum:g} and {row.maximum:g} {row.unit}"
        raise InputError(path.removesuffix(".value"), limits, value)
    return number
