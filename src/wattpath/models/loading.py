"""From a name or a file to an `Architecture`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from wattpath import catalog
from wattpath.catalog import Entry
from wattpath.errors import InputError
from wattpath.models.architecture import Architecture
from wattpath.models.config import read_config
from wattpath.models.geometry import Geometry

#: Numbers and words of an entry that are fields of `Geometry` under the same name.
_NUMBERS = tuple(name for name, kind in Geometry.__annotations__.items() if kind == "float")
_FLAGS = tuple(name for name, kind in Geometry.__annotations__.items() if kind == "bool")
_WORDS = tuple(name for name, kind in Geometry.__annotations__.items() if kind == "str")


def load(name: str, path: str = "model") -> Architecture:
    """A model by catalogue name, or by the path of a Hugging Face ``config.json``.

    Parameters
    ----------
    name : str
        Key, name or alias of a catalogued model, or a file ending in ``.json``.
    path : str, optional
        Where the name was given, for the error message.

    Returns
    -------
    Architecture
        The model.

    Raises
    ------
    UnknownNameError
        If the name is neither catalogued nor a file.
    InputError
        If the catalogue does not know the model's geometry.
    """
    file = Path(name)
    if name.endswith(".json") or file.is_file() or (file / "config.json").is_file():
        return read_config(name)
    return _from_entry(catalog.load("model", name, path), path)


@cache
def _from_entry_cached(key: str) -> Architecture:
    entry = catalog.load("model", key)
    geometry = Geometry(**_geometry_fields(entry))
    used = [entry.quantity(name) for name in _NUMBERS if name in entry.quantities]
    bits = entry.si("weight_bits")
    expert_bits = entry.get("expert_bits")
    return Architecture(
        name=entry.name,
        shape=geometry.shape(),
        source=", ".join(sorted({quantity.source for quantity in used})),
        evidence=max((q.evidence for q in used), key=catalog.EVIDENCE.index),
        key=entry.key,
        developer=entry.text("developer"),
        attention=entry.text("attention"),
        params_total_published=entry.get("params_total"),
        params_active_published=entry.get("params_active"),
        active_convention=entry.text("active_convention") or "all",
        weight_bits=bits,
        expert_bits=bits if expert_bits is None else expert_bits,
        training_tokens=entry.get("training_tokens"),
        traits=entry.texts("traits"),
        notes=entry.texts("notes"),
    )


def _from_entry(entry: Entry, path: str) -> Architecture:
    reason = entry.text("refused")
    if reason:
        raise InputError(
            path,
            "name a model whose geometry is known",
            entry.name,
            f"{reason} Give its config.json instead, or another model.",
        )
    return _from_entry_cached(entry.key)


def _geometry_fields(entry: Entry) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in _NUMBERS:
        if name in entry.quantities:
            fields[name] = entry.si(name)
    for name in _FLAGS:
        if name in entry.words:
            fields[name] = entry.flag(name)
    for name in _WORDS:
        if name in entry.words:
            fields[name] = entry.text(name)
    return fields
