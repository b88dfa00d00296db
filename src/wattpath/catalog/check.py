"""Checks over the whole catalogue that no single entry can make for itself.

`check` returns every problem instead of stopping at the first; `summary` counts what
the catalogue holds by kind and evidence grade. Physical rules of a kind stand in
`wattpath.catalog.rules`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from wattpath.catalog.entry import EVIDENCE, Entry, Quantity
from wattpath.catalog.rules import RULES
from wattpath.catalog.store import Source, kinds, load, names, schema, sources
from wattpath.errors import CatalogError

_DATE = re.compile(r"^(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")
_DATE_RULE = "the date must be YYYY, YYYY-MM or YYYY-MM-DD."
_SOURCE_FIELDS = ("title", "publisher", "address", "date", "licence")
_KEY = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it stands and why it cannot stay."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class KindSummary:
    """What the catalogue holds of one kind."""

    kind: str
    entries: int
    numbers: int
    evidence: dict[str, int]


def check() -> list[Problem]:
    """Every problem of the catalogue, in the order of its kinds and keys.

    Returns
    -------
    list of Problem
        Empty if every entry keeps its schema, names known sources and entries, gives
        ranges to its estimates, obeys the physical rules of its kind, and every source
        is complete and used.
    """
    try:
        known = sources()
    except CatalogError as error:
        return [Problem("data/sources", str(error))]
    problems: list[Problem] = []
    used = {"schema-default"}
    for kind in kinds():
        found, broken = _read(kind)
        problems += broken + _labels(kind, found)
        for entry in found:
            problems += entry_problems(entry)
            used |= {quantity.source for quantity in entry.numbers()}
    return problems + _sources(known, used)


def summary() -> list[KindSummary]:
    """Counts of entries and of numbers by evidence grade, one row per kind.

    Raises
    ------
    CatalogError
        If an entry breaks its schema.
    """
    rows = []
    for kind in kinds():
        found = [load(kind, key) for key in names(kind)]
        grades = Counter(q.evidence for entry in found for q in entry.numbers())
        evidence = {grade: grades[grade] for grade in EVIDENCE}
        rows.append(KindSummary(kind, len(found), grades.total(), evidence))
    return rows


def _read(kind: str) -> tuple[list[Entry], list[Problem]]:
    found: list[Entry] = []
    problems: list[Problem] = []
    for key in names(kind):
        try:
            found.append(load(kind, key))
        except CatalogError as error:
            problems.append(Problem(f"{kind} {key}", str(error)))
    return found, problems


def _labels(kind: str, found: list[Entry]) -> list[Problem]:
    """Keys, names and aliases must each name one entry only."""
    owner: dict[str, str] = {}
    problems = []
    for entry in found:
        for label in (entry.key, entry.name, *entry.aliases):
            first = owner.setdefault(label.lower(), entry.key)
            if first != entry.key:
                problems.append(
                    Problem(f"{kind} {entry.key}", f"the name {label!r} belongs to {first!r} too.")
                )
    return problems


def entry_problems(entry: Entry) -> list[Problem]:
    """What is wrong with one valid entry beyond its schema: dates, ranges, links, physics.

    An estimate must have a range unless it stands at a limit of its table ("none at all").
    """
    where = f"{entry.kind} {entry.key}"
    reasons = [] if _KEY.match(entry.key) else ["the key must be lower-case words with hyphens."]
    for quantity in entry.numbers():
        name = quantity.attribute
        if not _DATE.match(quantity.date):
            reasons.append(f"{name}: {_DATE_RULE}")
        if quantity.evidence == "estimate" and not _ranged(entry, quantity):
            reasons.append(f"{name}: an estimate must have a range.")
    for attribute in entry.schema.attributes.values():
        target = entry.text(attribute.name) if attribute.refers_to else ""
        if target and target not in names(attribute.refers_to):
            reasons.append(f"{attribute.name}: there is no {attribute.refers_to} {target!r}.")
    if not reasons:
        reasons += RULES[entry.kind](entry) if entry.kind in RULES else []
    return [Problem(where, reason) for reason in reasons]


def _ranged(entry: Entry, quantity: Quantity) -> bool:
    row = entry.schema.attributes[quantity.attribute]
    at_limit = quantity.value / quantity.si_factor in (row.minimum, row.maximum)
    return quantity.low < quantity.high or at_limit


def _sources(known: dict[str, Source], used: set[str]) -> list[Problem]:
    problems = []
    for key, source in known.items():
        if key not in used:
            problems.append(Problem(f"source {key}", "no entry uses it."))
        gaps = [field for field in _SOURCE_FIELDS if not getattr(source, field)]
        if gaps:
            problems.append(Problem(f"source {key}", f"{', '.join(gaps)} missing."))
        if source.date and not _DATE.match(source.date):
            problems.append(Problem(f"source {key}", _DATE_RULE))
    return problems


def schema_gaps() -> list[Problem]:
    """Schema rows that say too little: numbers without unit or limits, or no description."""
    problems = []
    for kind in kinds():
        for row in schema(kind).attributes.values():
            where = f"schema/{kind}.csv {row.name}"
            if not row.description:
                problems.append(Problem(where, "a description is missing."))
            if not row.word and not row.unit:
                problems.append(Problem(where, "a number needs its unit."))
            if not row.word and not row.minimum < row.maximum:
                problems.append(Problem(where, "a number needs physical limits."))
    return problems
