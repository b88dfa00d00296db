"""Announced against modelled: every figure of every stage that the model can answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wattpath.catalog import Quantity
from wattpath.projects.figures import Figure, Modelled, model, servers_w
from wattpath.projects.machine import benchmarks
from wattpath.projects.project import Project, Stage


@dataclass(frozen=True, slots=True)
class Comparison:
    """One stated figure of a stage and the modelled one, both in SI.

    `within` says whether the modelled value lies inside the stated range, `overlap` whether
    the two ranges have anything in common.
    """

    project: str
    date: str
    status: str
    quantity: str
    stated: Quantity
    modelled: Figure

    @property
    def error(self) -> float:
        """Modelled over stated, less one."""
        return self.modelled.value / self.stated.value - 1.0

    @property
    def within(self) -> bool:
        """Whether the modelled value lies in the stated range."""
        return self.stated.low <= self.modelled.value <= self.stated.high

    @property
    def overlap(self) -> bool:
        """Whether the two ranges meet."""
        return self.modelled.low <= self.stated.high and self.stated.low <= self.modelled.high


def compare(project: Project) -> tuple[Comparison, ...]:
    """Every stated figure of a project that its servers, cooling and place predict."""
    found: list[Comparison] = []
    for stage in project.stages:
        if stage.chips:
            found += _stage(project, stage)
    return (*found, *_server_power(project))


def _stage(project: Project, stage: Stage) -> Iterator[Comparison]:
    modelled = model(project, stage)
    for name, figure in _figures(stage, modelled).items():
        stated = stage.stated.get(name)
        if stated is not None and stated.value > 0.0 and figure is not None:
            yield Comparison(project.key, stage.date, stage.status, name, stated, figure)


def _server_power(project: Project) -> Iterator[Comparison]:
    """Stated power of the servers of one kind against their newest count at that date."""
    for fact in project.entry.dated("server_power"):
        stated = fact.quantity
        counts = [
            other.quantity
            for other in project.entry.dated("chips")
            if other.of == fact.of and other.quantity.date <= stated.date
        ]
        if counts:
            power = servers_w({fact.of: counts[-1]})
            if power is not None:
                yield Comparison(
                    project.key, stated.date, fact.status, "server_power", stated, power
                )


def _figures(stage: Stage, modelled: Modelled) -> dict[str, Figure | None]:
    """Attribute of the project table -> modelled figure."""
    machine = benchmarks(stage)
    found: dict[str, Figure | None] = {
        "it_power": modelled.it_power,
        "facility_peak": modelled.facility_peak,
        "capital": modelled.capital,
        "h100_equivalents": modelled.h100_equivalents,
        "water": modelled.water,
        "emissions": modelled.emissions,
    }
    if machine is not None:
        found |= {
            "rate": machine.rate,
            "hpl_rate": machine.hpl_rate,
            "hpcg_rate": machine.hpcg_rate,
            "hpl_power": machine.hpl_power,
            "hpl_efficiency": machine.hpl_efficiency,
        }
    return found
