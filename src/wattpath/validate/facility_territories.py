"""Which country or state a site's name means, with its climate zone and where it lies.

A territory tells the zone of a site that has neither a place of the catalogue nor a climate,
and which of a zone's places lie nearest. Names are asked before codes of two letters, and a
code counts only as the last word: *Lisbon PT*, *Boise, ID*, *il-central-1*.

Where it breaks down: codes that are both a state and a country (*CO*, *DE*, *IN*), which the
comma, *US* or the climate decide; large countries, of which one row is the usual part.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from wattpath import catalog

#: Radius of the Earth [km].
_EARTH_KM = 6371.0

#: Country codes in the codes of cloud regions, where they are no ISO codes.
_SPOKEN = {"UK": "GB"}

#: Codes of two letters that are more often plain words, unless a comma stands before.
_WORDS = frozenset({"AI", "DC", "IT", "HP", "ME", "OR", "OK", "IN", "HI", "LA", "PA", "AM", "NO"})


class Territory(NamedTuple):
    """A country, or a state of one: ISO codes, name, zone, latitude and longitude [deg]."""

    country: str
    code: str
    name: str
    zone: str
    latitude: float
    longitude: float


def plain(text: str) -> str:
    """Lower case without accents, anything but letters and digits a blank."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", bare.lower()).strip()


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[Territory, tuple[str, ...]], ...]:
    """All territories with their names in plain letters."""
    found = []
    for entry in catalog.entries("territory"):
        columns = (
            entry.texts("codes"),
            entry.texts("names"),
            entry.texts("zones"),
            entry.series("latitudes"),
            entry.series("longitudes"),
        )
        for code, names, zone, latitude, longitude in zip(*columns, strict=True):
            spelt = names.split("|")
            country = entry.text("country") or code
            found.append(
                (
                    Territory(country, code, spelt[0], zone, latitude, longitude),
                    tuple(plain(name) for name in spelt),
                )
            )
    return tuple(found)


@lru_cache(maxsize=512)
def territory_of(site: str, zone: str = "") -> Territory | None:
    """The territory that a site's name means; none if it tells none.

    Parameters
    ----------
    site : str
        Name of the site.
    zone : str, optional
        ASHRAE zone, which decides between a state and a country of the same code.
    """
    return _by_name(site) or _by_code(site, zone)


def spoken(territory: Territory) -> str:
    """The territory's name and, where another, that of its country, as rules name markets."""
    whole = (row.name for row, _ in _rows() if row.code == row.country == territory.country)
    return ", ".join(dict.fromkeys((territory.name, next(whole, territory.name))))


def _by_name(site: str) -> Territory | None:
    """The one whose longest name stands in the site's name."""
    words = f" {_parted(site)} "
    fits = [
        (len(name), territory)
        for territory, names in _rows()
        for name in names
        if f" {name} " in words
    ]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


def _parted(site: str) -> str:
    """Plain words; compass points are cut off codes such as *uksouth* and *koreacentral*."""
    return re.sub(r"\b([a-z]{2,}?)(?:north|south|east|west|central)+\d*\b", r"\1", plain(site))


def _by_code(site: str, zone: str) -> Territory | None:
    """The one whose code ends the name, or begins the code of a cloud region."""
    region = re.search(r"\b(ca|cn|il|mx|uk)-[a-z]+-?\d", site.lower())
    if region:
        said = region.group(1).upper()
        wanted = _SPOKEN.get(said, said)
        return next((row for row, _ in _rows() if row.country == row.code == wanted), None)
    american = re.search(r"\bUSA?\b|\bus-[a-z]+", site) is not None
    ends = re.search(r"(,?)\s*\b([A-Z]{2})\W*$", re.sub(r"\W+\bUSA?\W*$", "", site))
    if not ends:
        return None
    comma, code = ends.groups()
    if code in _WORDS and not (comma or american or zone):
        return None
    found = [row for row, _ in _rows() if row.code == code]
    states = [row for row in found if row.country == "US"]
    if states and (american or (comma and not zone)):
        return states[0]
    found = [row for row in found if not (american and row.country != "US")]
    return min(found, key=lambda row: _apart(zone, row.zone)) if found else None


def _apart(zone: str, other: str) -> int:
    """Zones of temperature between two; 0 where one is not known."""
    return abs(int(zone[0]) - int(other[0])) if zone else 0


def distance_km(latitude: float, longitude: float, territory: Territory) -> float:
    """Great-circle distance from a point [deg] to a territory [km]."""
    a, b = math.radians(latitude), math.radians(territory.latitude)
    turn = math.radians(longitude - territory.longitude)
    half = math.sin((a - b) / 2.0) ** 2 + math.cos(a) * math.cos(b) * math.sin(turn / 2.0) ** 2
    return 2.0 * _EARTH_KM * math.asin(math.sqrt(min(half, 1.0)))
