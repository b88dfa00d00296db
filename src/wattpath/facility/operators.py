"""Which hall stands behind a site's name: rules of the catalogue, asked in stages.

Operators publish neither design nor load. The ``operator`` entries hold the rules (patterns
of name and cooling words, markets, climate zones, years) and name the ``design`` entries that
answer: cooling system, electrical chain, redundancy and IT load. A rule knows classes, places
and years, never a single row.

Where it breaks down: an operator that runs several kinds of hall in one region, halls that
stand half empty in their first years, and sites whose published value is a design value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from wattpath import catalog
from wattpath.facility.cooling import Cooling, load_cooling
from wattpath.facility.electrical import Electrical, load_electrical
from wattpath.facility.hourly import simulate

if TYPE_CHECKING:
    from wattpath.facility.hourly import FacilityRun
    from wattpath.facility.weather import Weather

#: Set points that a design may take from its operator instead of the cooling system.
_SET_POINTS = ("dew_point_min_c",)


@dataclass(frozen=True, slots=True)
class Rule:
    """One ``operator`` entry.

    Attributes
    ----------
    key, stage : str
    names, words : tuple of str
        Patterns; one of each must fit where there are any.
    unless : tuple of str
        Patterns of a site's name of which none may fit.
    markets, zones : tuple of str
        Places in the name, and climate zones; one of each must fit where there are any.
    since, until : float
        Years.
    designs, places : tuple of str
        Keys of ``design`` entries, and of weather for a fleet without one place.
    seen : bool
        Whether published values of these sites were in view when the designs were chosen.
    """

    key: str
    stage: str
    names: tuple[str, ...]
    unless: tuple[str, ...]
    words: tuple[str, ...]
    markets: tuple[str, ...]
    zones: tuple[str, ...]
    since: float
    until: float
    designs: tuple[str, ...]
    places: tuple[str, ...]
    seen: bool

    @property
    def conditions(self) -> int:
        """How many of names, words, markets and zones it asks for."""
        return sum(bool(asked) for asked in (self.names, self.words, self.markets, self.zones))

    def fits(self, site: str, words: str, zone: str, year: float) -> bool:
        """Whether all that the rule asks for holds.

        Parameters
        ----------
        site, words, zone : str
            Name of the site, its cooling in words, its ASHRAE climate zone.
        year : float
        """
        return (
            _one(self.names, site.lower())
            and not (self.unless and _one(self.unless, site.lower()))
            and _one(self.words, words.lower())
            and (not self.markets or any(place in site.lower() for place in self.markets))
            and (not self.zones or zone in self.zones)
            and self.since <= year <= self.until
        )


def _one(patterns: tuple[str, ...], text: str) -> bool:
    return not patterns or any(re.search(pattern, text) for pattern in patterns)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """All rules in the order in which they are asked: stage, most conditions first, key."""
    found = []
    stages = catalog.schema("operator").attributes["stage"].choices
    for entry in catalog.entries("operator"):
        since, until = entry.get("since"), entry.get("until")
        lists = (entry.texts(name) for name in ("names", "unless", "words", "markets", "zones"))
        names, unless, words, markets, zones = lists
        found.append(
            Rule(
                key=entry.key,
                stage=entry.text("stage"),
                names=names,
                unless=unless,
                words=words,
                markets=markets,
                zones=zones,
                since=0.0 if since is None else since,
                until=9999.0 if until is None else until,
                designs=entry.texts("designs"),
                places=entry.texts("places"),
                seen=entry.flag("seen"),
            )
        )
    return tuple(
        sorted(found, key=lambda rule: (stages.index(rule.stage), -rule.conditions, rule.key))
    )


def rule_for(site: str, words: str = "", zone: str = "", year: float = 2024.0) -> Rule | None:
    """The first rule that fits, or none.

    Parameters
    ----------
    site, words, zone : str
        Name of the site, its cooling in words, its ASHRAE climate zone.
    year : float
        Of the published value.
    """
    return next((rule for rule in rules() if rule.fits(site, words, zone, year)), None)


@lru_cache(maxsize=64)
def load_design(key: str) -> tuple[Cooling, Electrical, float]:
    """Cooling system, electrical chain and IT load share of a ``design`` entry.

    Parameters
    ----------
    key : str
    """
    entry = catalog.load("design", key)
    given = {name: entry.get(name) for name in _SET_POINTS}
    changes = {name: value for name, value in given.items() if value is not None}
    return (
        load_cooling(entry.text("cooling"), changes),
        load_electrical(entry.text("electrical"), entry.text("redundancy")),
        entry.si("load"),
    )


def simulate_design(key: str, weather: Weather) -> FacilityRun:
    """A year of the hall of a ``design`` entry (see `hourly.simulate`).

    Parameters
    ----------
    key : str
    weather : Weather
    """
    cooling, electrical, load = load_design(key)
    return simulate(cooling, electrical, weather, load)
