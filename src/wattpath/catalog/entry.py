"""One catalogue entry and its quantities.

An entry file::

    name = "NVIDIA H100 SXM5 80GB"
    aliases = ["H100"]
    vendor = "NVIDIA"

    [values]
    tdp_w = { value = 700, unit = "W", low = 700, high = 700, source = "epoch-ml-hardware", ... }

The dots stand for ``date = "2026-04", evidence = "datasheet"``; a ``note`` may follow. A
``dated`` attribute stands under ``[dated]`` as a list of such cells, each with the ``status``
of the fact at its date and, where things are counted, what they are (``of``)::

    [dated]
    chips = [
      { value = 25000, unit = "chip", ..., status = "operating", of = "dgx-h100" },
    ]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wattpath.catalog.schema import Attribute, Schema
from wattpath.errors import CatalogError

#: Evidence grades, strongest first.
EVIDENCE = ("measured", "datasheet", "derived", "estimate")

#: What a dated fact is about, from words to deeds.
STATUS = ("announced", "permitted", "building", "operating")

_QUANTITY_KEYS = {"value", "unit", "low", "high", "source", "date", "evidence", "note"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A sourced number. `value`, `low` and `high` are SI; `unit` is the schema's unit.

    A ``numbers`` attribute keeps its list in `series` (SI) and its mean in `value`.
    """

    attribute: str
    value: float
    low: float
    high: float
    unit: str
    si_factor: float
    source: str
    date: str
    evidence: str
    note: str = ""
    series: tuple[float, ...] = ()

    def __str__(self) -> str:
        factor = self.si_factor
        text = f"{self.value / factor:g} {self.unit}"
        if self.low != self.high:
            text += f" ({self.low / factor:g} to {self.high / factor:g})"
        return text


@dataclass(frozen=True, slots=True)
class Fact:
    """A number that held, or was announced, at its date.

    `status` is one of `STATUS`; `of` names what is counted, such as the key of a server.
    """

    quantity: Quantity
    status: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One chip, server, model or other thing, validated against its schema."""

    kind: str
    key: str
    name: str
    aliases: tuple[str, ...]
    words: dict[str, Any]
    quantities: dict[str, Quantity]
    schema: Schema
    facts: tuple[Fact, ...] = ()

    def quantity(self, attribute: str) -> Quantity:
        """The sourced number, or the schema's default graded as an estimate.

        Raises
        ------
        CatalogError
            If the attribute is unknown, or absent without a default.
        """
        if attribute in self.quantities:
            return self.quantities[attribute]
        row = self._row(attribute)
        if row.default is None:
            raise CatalogError(f"{self.kind} {self.key!r} gives no {attribute}.")
        si = row.default * row.si_factor
        return Quantity(
            attribute, si, si, si, row.unit, row.si_factor, "schema-default", "", "estimate"
        )

    def numbers(self) -> list[Quantity]:
        """All sourced numbers, dated or not."""
        return [*self.quantities.values(), *(fact.quantity for fact in self.facts)]

    def si(self, attribute: str) -> float:
        """The value in SI (see `quantity`)."""
        return self.quantity(attribute).value

    def get(self, attribute: str) -> float | None:
        """The value in SI, or None where the entry and the schema are silent."""
        if attribute not in self.quantities and self._row(attribute).default is None:
            return None
        return self.si(attribute)

    def series(self, attribute: str) -> tuple[float, ...]:
        """The SI values of a ``numbers`` attribute."""
        return self.quantity(attribute).series

    def dated(self, attribute: str) -> tuple[Fact, ...]:
        """The facts of a ``dated`` attribute, oldest first."""
        self._row(attribute)
        return tuple(fact for fact in self.facts if fact.quantity.attribute == attribute)

    def text(self, attribute: str) -> str:
        """A word of the entry, or an empty string."""
        self._row(attribute)
        return str(self.words.get(attribute, ""))

    def texts(self, attribute: str) -> tuple[str, ...]:
        """A list of words of the entry."""
        self._row(attribute)
        return tuple(self.words.get(attribute, ()))

    def flag(self, attribute: str) -> bool:
        """A yes or no of the entry; absent means no."""
        self._row(attribute)
        return bool(self.words.get(attribute, False))

    def _row(self, attribute: str) -> Attribute:
        if attribute not in self.schema.attributes:
            raise CatalogError(f"The schema of {self.kind} has no attribute {attribute!r}.")
        return self.schema.attributes[attribute]


def build(schema: Schema, key: str, raw: dict[str, Any]) -> Entry:
    """Validate the content of one entry file.

    Parameters
    ----------
    schema : Schema
        The table of the entry's kind.
    key : str
        The file's stem.
    raw : dict
        The parsed TOML.

    Raises
    ------
    CatalogError
        Naming file, attribute and reason.
    """
    where = f"data/{schema.kind}/{key}.toml"
    raw = dict(raw)
    name = raw.pop("name", "")
    if not name:
        raise CatalogError(f"{where}: 'name' is missing.")
    aliases = tuple(raw.pop("aliases", ()))
    values = raw.pop("values", {})
    dated = raw.pop("dated", {})
    words = {word: _word(where, schema, word, value) for word, value in raw.items()}
    quantities = {
        attribute: _quantity(where, schema, attribute, cell) for attribute, cell in values.items()
    }
    facts = [
        _fact(where, schema, attribute, cell)
        for attribute, cells in dated.items()
        for cell in cells
    ]
    for row in schema.attributes.values():
        given = row.name in {**quantities, **words, **dated}
        if row.required and not given:
            raise CatalogError(f"{where}: the required attribute {row.name!r} is missing.")
    facts.sort(key=lambda fact: fact.quantity.date)
    return Entry(schema.kind, key, name, aliases, words, quantities, schema, tuple(facts))


def _word(where: str, schema: Schema, attribute: str, value: Any) -> Any:
    row = schema.attributes.get(attribute)
    if row is None or not row.word:
        raise CatalogError(f"{where}: {attribute!r} is not a word of the schema.")
    expected: type = {"texts": list, "flag": bool}.get(row.type, str)
    if not isinstance(value, expected):
        raise CatalogError(f"{where}: {attribute!r} must be a {row.type}. Got {value!r}.")
    if row.choices and value not in row.choices:
        raise CatalogError(f"{where}: {attribute!r} must be one of {row.choices}. Got {value!r}.")
    return value


def _fact(where: str, schema: Schema, attribute: str, cell: dict[str, Any]) -> Fact:
    row = schema.attributes.get(attribute)
    if row is None or not row.dated:
        raise CatalogError(f"{where}: {attribute!r} is not a dated number of the schema.")
    number = dict(cell)
    status, of = number.pop("status", ""), number.pop("of", "")
    if status not in STATUS:
        raise CatalogError(f"{where}: {attribute}: status must be one of {STATUS}.")
    return Fact(_cell(where, row, number), status, of)


def _quantity(where: str, schema: Schema, attribute: str, cell: Any) -> Quantity:
    row = schema.attributes.get(attribute)
    if row is None or not row.numeric:
        raise CatalogError(f"{where}: {attribute!r} is not a number of the schema.")
    return _cell(where, row, cell)


def _cell(where: str, row: Attribute, cell: Any) -> Quantity:
    attribute = row.name
    missing = _QUANTITY_KEYS - {"note"} - set(cell)
    unknown = set(cell) - _QUANTITY_KEYS
    if missing or unknown:
        raise CatalogError(
            f"{where}: {attribute}: missing {sorted(missing)}, unknown {sorted(unknown)}."
        )
    if cell["unit"] != row.unit:
        raise CatalogError(
            f"{where}: {attribute}: the unit must be {row.unit!r}. Got {cell['unit']!r}."
        )
    if cell["evidence"] not in EVIDENCE:
        raise CatalogError(f"{where}: {attribute}: evidence must be one of {EVIDENCE}.")
    return _checked(where, row, cell)


def _checked(where: str, row: Attribute, cell: dict[str, Any]) -> Quantity:
    series = tuple(float(x) for x in cell["value"]) if row.type == "numbers" else ()
    value = sum(series) / len(series) if series else float(cell["value"])
    low, high = float(cell["low"]), float(cell["high"])
    if not low <= value <= high:
        raise CatalogError(f"{where}: {row.name}: value {value} is outside {low} to {high}.")
    for number in (low, high, *series):
        if not row.minimum <= number <= row.maximum:
            raise CatalogError(
                f"{where}: {row.name}: {number} is outside the physical limits "
                f"{row.minimum} to {row.maximum} {row.unit}."
            )
    factor = row.si_factor
    return Quantity(
        attribute=row.name,
        value=value * factor,
        low=low * factor,
        high=high * factor,
        unit=row.unit,
        si_factor=factor,
        source=cell["source"],
        date=str(cell["date"]),
        evidence=cell["evidence"],
        note=cell.get("note", ""),
        series=tuple(x * factor for x in series),
    )
