"""A named model: its geometry, what its maker publishes about it, and where that stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from wattpath import catalog
from wattpath.catalog import Entry
from wattpath.errors import InputError
from wattpath.models.geometry import Geometry
from wattpath.models.parameters import ParameterCount, parameter_count
from wattpath.models.shape import Shape

#: Numbers and words of an entry that are fields of `Geometry` under the same name.
_NUMBERS = tuple(name for name, kind in Geometry.__annotations__.items() if kind == "float")
_FLAGS = tuple(name for name, kind in Geometry.__annotations__.items() if kind == "bool")
_WORDS = tuple(name for name, kind in Geometry.__annotations__.items() if kind == "str")


@dataclass(frozen=True, slots=True)
class Architecture:
    """One model.

    Parameters
    ----------
    name : str
        Full name.
    shape : Shape
        Geometry for the kernels.
    source : str
        Catalogue source keys of the geometry, or the file it was read from.
    evidence : str
        Weakest grade among the geometry's numbers.
    key : str
        Catalogue key; empty for a file.
    developer, attention : str
        Maker, and the attention's name in words.
    params_total_published, params_active_published : float or None
        What the maker publishes.
    active_convention : str
        What the published active count includes: ``all`` (both embedding tables),
        ``compute`` (without the input table) or ``body`` (without both).
    weight_bits, expert_bits : float
        Bits of a stored matrix element as released, for all matrices and for routed experts.
    training_tokens : float or None
        Tokens of pre-training [token].
    notes : tuple of str
        What a reader should know, such as modules that the geometry leaves out.
    """

    name: str
    shape: Shape
    source: str
    evidence: str
    key: str = ""
    developer: str = ""
    attention: str = ""
    params_total_published: float | None = None
    params_active_published: float | None = None
    active_convention: str = "all"
    weight_bits: float = 16.0
    expert_bits: float = 16.0
    training_tokens: float | None = None
    notes: tuple[str, ...] = field(default=())

    def parameters(self) -> ParameterCount:
        """Parameters by part, computed from the geometry."""
        return parameter_count(self.shape)

    def active_as_published(self) -> float:
        """The computed active parameters, counted as the maker counts them."""
        count = self.parameters()
        table = self.shape.vocab * self.shape.hidden
        if self.active_convention == "body":
            return count.active - count.embedding
        if self.active_convention == "compute" and self.shape.embeddings > 1.0:
            return count.active - table
        return count.active


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
    if name.endswith(".json") or Path(name).is_file():
        from wattpath.models.config import read_config

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


def _geometry_fields(entry: Entry) -> dict[str, float | bool | str]:
    fields: dict[str, float | bool | str] = {}
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
