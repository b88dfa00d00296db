"""Schema tables: one row per attribute of a kind, read from ``schema/<kind>.csv``.

Columns: ``attribute, type, unit, si_factor, min, max, required, default, description``.
``type`` is ``number``, ``numbers``, ``dated``, ``text``, ``texts``, ``flag``, ``choice:a|b|c``
or ``key:kind`` (the key of an entry of another kind). A ``dated`` attribute takes a list of
numbers that held, or were announced, at different dates.
``min`` and ``max`` are the physical limits in the table's unit; ``si_factor`` turns that
unit into SI. A ``default`` stands for an absent optional number and is graded *estimate*.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wattpath.errors import CatalogError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

COLUMNS = (
    "attribute",
    "type",
    "unit",
    "si_factor",
    "min",
    "max",
    "required",
    "default",
    "description",
)
NUMERIC = ("number", "numbers")
TYPES = (*NUMERIC, "dated", "text", "texts", "flag", "choice", "key")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One row of a schema table; limits and default are in `unit`, not in SI."""

    name: str
    type: str
    unit: str
    si_factor: float
    minimum: float
    maximum: float
    required: bool
    default: float | None
    description: str

    @property
    def numeric(self) -> bool:
        """Whether entries give this attribute with unit, range and source."""
        return self.type in NUMERIC

    @property
    def dated(self) -> bool:
        """Whether entries give this attribute as a list of dated facts."""
        return self.type == "dated"

    @property
    def word(self) -> bool:
        """Whether entries give this attribute as text, list of texts or flag."""
        return not (self.numeric or self.dated)

    @property
    def choices(self) -> tuple[str, ...]:
        """The allowed words of a ``choice`` attribute, else an empty tuple."""
        head, _, words = self.type.partition(":")
        return tuple(words.split("|")) if head == "choice" else ()

    @property
    def refers_to(self) -> str:
        """The kind whose keys a ``key`` attribute takes, else an empty string."""
        head, _, kind = self.type.partition(":")
        return kind if head == "key" else ""


@dataclass(frozen=True, slots=True)
class Schema:
    """The attributes of one kind, in the order of its table."""

    kind: str
    attributes: dict[str, Attribute]

    @classmethod
    def read(cls, kind: str, file: Traversable) -> Schema:
        """Read a schema table.

        Raises
        ------
        CatalogError
            If a column is missing or a cell cannot be read.
        """
        reader = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise CatalogError(f"schema/{kind}.csv: the columns must be {', '.join(COLUMNS)}.")
        rows = [_attribute(kind, row) for row in reader]
        return cls(kind, {row.name: row for row in rows})


def _attribute(kind: str, row: dict[str, str]) -> Attribute:
    if row["type"].partition(":")[0] not in TYPES:
        raise CatalogError(
            f"schema/{kind}.csv: {row['attribute']!r}: the type must be one of {', '.join(TYPES)}. "
            f"Got {row['type']!r}."
        )
    try:
        return Attribute(
            name=row["attribute"],
            type=row["type"],
            unit=row["unit"],
            si_factor=float(row["si_factor"] or 1.0),
            minimum=float(row["min"] or "-inf"),
            maximum=float(row["max"] or "inf"),
            required=row["required"] == "yes",
            default=float(row["default"]) if row["default"] else None,
            description=row["description"],
        )
    except (ValueError, TypeError) as error:
        raise CatalogError(f"schema/{kind}.csv: row {row.get('attribute')!r}: {error}.") from error
