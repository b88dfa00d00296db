"""A publicly announced project: dated facts, read as the stages of its growth.

A *stage* is a date at which the computing power is stated. The servers of a stage are the
newest counts of each kind up to that date, so that later deliveries add to earlier ones.

Where it breaks down: hardware that was taken away again must be stated with a new count; a
source that restates old facts under a new date makes a new stage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wattpath import catalog
from wattpath.catalog import Entry, Fact, Quantity


@dataclass(frozen=True, slots=True)
class Stage:
    """What is known of a project at one date.

    Attributes
    ----------
    date : str
        ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.
    status : str
        ``announced``, ``permitted``, ``building`` or ``operating``.
    chips : mapping
        Key of a server -> sourced number of its accelerators.
    stated : mapping
        Attribute of the project table -> sourced number at this date and status.
    """

    date: str
    status: str
    chips: Mapping[str, Quantity]
    stated: Mapping[str, Quantity]


@dataclass(frozen=True, slots=True)
class Project:
    """One entry of the project table with its stages, oldest first."""

    key: str
    name: str
    entry: Entry
    stages: tuple[Stage, ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All dated facts, oldest first."""
        return self.entry.facts

    @property
    def newest(self) -> Stage | None:
        """The newest stage that computes, else the newest that is announced with power or chips."""
        told = [stage for stage in self.stages if stage.chips or _power(stage) > 0.0]
        working = [stage for stage in told if stage.status == "operating"]
        for found in (working, told, list(self.stages)):
            if found:
                return max(found, key=lambda stage: stage.date)
        return None

    def latest(self, attribute: str, *statuses: str) -> Fact | None:
        """The newest fact about an attribute, of certain statuses if given."""
        facts = [f for f in self.entry.dated(attribute) if not statuses or f.status in statuses]
        return facts[-1] if facts else None


def load(name: str, path: str = "project") -> Project:
    """The project with this key, name or alias.

    Raises
    ------
    UnknownNameError
        If the catalogue has no such project.
    """
    return project_of(catalog.load("project", name, path))


def project_of(entry: Entry) -> Project:
    """An entry of the project table as a project."""
    return Project(entry.key, entry.name, entry, _stages(entry))


def projects() -> tuple[Project, ...]:
    """All projects by key."""
    return tuple(load(key) for key in catalog.names("project"))


#: Parts of an attribute's name that are not plain words.
_SPELT = {"it": "IT", "h100": "H100", "hpl": "HPL", "hpcg": "HPCG"}


def spoken(attribute: str) -> str:
    """An attribute in words, such as ``IT power``."""
    return " ".join(_SPELT.get(word, word) for word in attribute.split("_"))


def _power(stage: Stage) -> float:
    """Largest stated power of a stage [W]."""
    names = ("it_power", "facility_peak", "power")
    return max((stage.stated[name].value for name in names if name in stage.stated), default=0.0)


#: Facts that are about the servers of one kind, which `of` names.
_BY_SERVER = ("chips", "server_power", "chip_order")

#: Facts that make no stage: they say nothing about the whole project at their date.
_ASIDE = ("chip_order", "lease", "build_time", "ready", "rack_power", "server_power")


def of_server(fact: Fact) -> bool:
    """Whether a fact is about the servers of one kind rather than the whole project."""
    return bool(fact.of) and fact.quantity.attribute in _BY_SERVER


def _stages(entry: Entry) -> tuple[Stage, ...]:
    marks = {
        (fact.quantity.date, fact.status)
        for fact in entry.facts
        if fact.quantity.attribute not in _ASIDE
    }
    return tuple(_stage(entry, date, status) for date, status in sorted(marks))


def _stage(entry: Entry, date: str, status: str) -> Stage:
    counted = [fact for fact in entry.dated("chips") if fact.of and fact.quantity.date <= date]
    if status != "operating" and any(
        f.status == status and f.quantity.date == date for f in counted
    ):
        # an announced count is that of the whole project, not an addition to what stands
        counted = [f for f in counted if f.status == status and f.quantity.date == date]
    elif status != "operating":
        counted = []
    else:
        counted = [fact for fact in counted if fact.status == "operating"]
    stated = {
        fact.quantity.attribute: fact.quantity
        for fact in entry.facts
        if fact.status == status and fact.quantity.date == date and not of_server(fact)
    }
    return Stage(date, status, {fact.of: fact.quantity for fact in counted}, stated)
