"""Finding and loading catalogue entries; nothing is read before it is asked for."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from wattpath.catalog.drawn import in_force
from wattpath.catalog.entry import Entry, build
from wattpath.catalog.schema import Schema
from wattpath.errors import CatalogError, UnknownNameError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number was read: title, publisher, address, date of the copy, licence."""

    key: str
    title: str
    publisher: str
    address: str
    date: str
    licence: str


def _root() -> Traversable:
    return files("wattpath.catalog")


@cache
def kinds() -> tuple[str, ...]:
    """The kinds of entry, one for each schema table."""
    tables = (file.name for file in (_root() / "schema").iterdir())
    return tuple(sorted(name.removesuffix(".csv") for name in tables if name.endswith(".csv")))


@cache
def schema(kind: str) -> Schema:
    """The schema table of a kind.

    Raises
    ------
    UnknownNameError
        If there is no such kind.
    """
    if kind not in kinds():
        raise UnknownNameError("kind", "kind", kind, kinds())
    return Schema.read(kind, _root() / "schema" / f"{kind}.csv")


@cache
def _files(kind: str) -> dict[str, Traversable]:
    schema(kind)
    folder = _root() / "data" / kind
    if not folder.is_dir():
        return {}
    found = sorted(folder.iterdir(), key=lambda file: file.name)
    return {f.name.removesuffix(".toml"): f for f in found if f.name.endswith(".toml")}


def names(kind: str) -> tuple[str, ...]:
    """The keys of all entries of a kind, sorted."""
    return tuple(_files(kind))


@cache
def _by_key(kind: str, key: str) -> Entry:
    try:
        raw = tomllib.loads(_files(kind)[key].read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"data/{kind}/{key}.toml: {error}.") from error
    entry = build(schema(kind), key, raw)
    unknown = {q.source for q in entry.numbers()} - set(sources())
    if unknown:
        raise CatalogError(f"data/{kind}/{key}.toml: unknown source keys {sorted(unknown)}.")
    return entry


@cache
def _labels(kind: str) -> dict[str, str]:
    """Lower-case key, name and alias -> key; only the head of each file is read."""
    table: dict[str, str] = {}
    for key, file in _files(kind).items():
        head = tomllib.loads(file.read_text(encoding="utf-8").partition("\n[")[0])
        for label in (key, head.get("name", key), *head.get("aliases", ())):
            other = table.setdefault(label.lower(), key)
            if other != key:
                raise CatalogError(f"{kind}: {label!r} names both {other!r} and {key!r}.")
    return table


def entries(kind: str) -> tuple[Entry, ...]:
    """All entries of a kind, validated."""
    return tuple(in_force(_by_key(kind, key)) for key in _files(kind))


def load(kind: str, name: str, path: str = "") -> Entry:
    """The entry with this key, name or alias (case does not matter).

    Parameters
    ----------
    kind : str
        Such as ``chip`` or ``server``.
    name : str
        Key, full name or alias.
    path : str, optional
        Where the name was given, for the error message.

    Raises
    ------
    UnknownNameError
        With the nearest names as the hint.
    """
    if name in _files(kind):
        return in_force(_by_key(kind, name))
    label = str(name).lower()
    if label in _labels(kind):
        return in_force(_by_key(kind, _labels(kind)[label]))
    known = [spelt for entry in entries(kind) for spelt in (entry.name, *entry.aliases)]
    raise UnknownNameError(path or kind, kind, str(name), [*known, *names(kind)])


@cache
def sources() -> dict[str, Source]:
    """Every source by its key.

    Raises
    ------
    CatalogError
        If two files give the same key.
    """
    table: dict[str, Source] = {}
    for file in sorted((_root() / "data" / "sources").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".csv"):
            continue
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
            if row["key"] in table:
                raise CatalogError(f"data/sources/{file.name}: {row['key']!r} is there twice.")
            table[row["key"]] = Source(**row)
    return table


@cache
def digest() -> str:
    """SHA-256 (first 16 hex digits) over all schema, source and entry files."""
    total = hashlib.sha256()
    for folder in ("schema", "data"):
        for file in _walk(_root() / folder):
            total.update(file.name.encode())
            total.update(file.read_bytes())
    return total.hexdigest()[:16]


def _walk(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for item in sorted(folder.iterdir(), key=lambda f: f.name):
        if item.is_dir():
            found += _walk(item)
        elif item.name.endswith((".toml", ".csv", ".parquet")):
            found.append(item)
    return found
