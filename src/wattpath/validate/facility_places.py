"""Which weather answers a site's name and the words of its climate.

Asked in this order: a place of the catalogue in the name; the ASHRAE climate zone that the
table gives, or that its words mean; the zone of the country or state that the name means; the
places of an operator's fleet, those of its part of the world where it is said. Of a zone's
places those of the country answer, else the nearest. What is no own weather is graded so.

Where it breaks down: one zone spans coast and plateau, and names of places repeat.
"""

from __future__ import annotations

import re
from functools import lru_cache

from wattpath import catalog
from wattpath.catalog import Entry
from wattpath.facility import load_weather
from wattpath.validate.facility_territories import (
    Territory,
    distance_km,
    plain,
    territory_of,
)

#: What words and Koeppen classes of a climate mean as ASHRAE 169 zones; the first that fits.
WORDS = {
    r"subarctic|arctic|polar|\bdfc\b": "7",
    r"highland|mediterranean|\bcs[ab]\b": "3C",
    r"oceanic|marine|maritime|\bcfb\b": "4C",
    r"subtropic|warm.*humid|humid.*warm|\bcfa\b": "3A",
    r"semi-?arid|cold.*dry|dry.*cold|\bbsk\b": "5B",
    r"tropic|equator|\ba[fmw]\b": "0A",
    r"hot.*humid|humid.*hot": "1A",
    r"desert|\barid|\bbwh\b": "2B",
    r"very cold": "7",
    r"continental|\bcold|\bdfb\b": "6A",
    r"temperate|moderate|mild|cool|\bdfa\b": "5A",
}

#: Part of the world -> its words, and its bounds: longitude and latitude [deg].
REGIONS = {
    "Europe": (r"europe|\beu\b|emea", (-25.0, 40.0, 35.0, 72.0)),
    "Asia and the Pacific": (r"asia|apac|\bap\b|pacific", (60.0, 180.0, -50.0, 55.0)),
    "the USA": (r"\bus\b|\busa\b|united states", (-125.0, -66.0, 24.0, 50.0)),
    "the Americas": (r"americas?\b|\bna\b|\bsa\b", (-170.0, -30.0, -60.0, 75.0)),
    "the Middle East": (r"middle east|\bme\b", (32.0, 60.0, 12.0, 35.0)),
    "Africa": (r"africa|\baf\b", (-20.0, 52.0, -36.0, 35.0)),
}

#: A zone with another letter (moisture) counts as this many zones of temperature.
_LETTER = 1.5

#: How many of a zone's places answer for a territory, and how far they may be [km].
_NEAREST = 3
_FAR_KM = 3000.0


def find_places(
    site: str, climate: str, fleet: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], str]:
    """Catalogue keys of the weather that answers a site, and what that weather is.

    Parameters
    ----------
    site, climate : str
        Name of the site, its climate in words.
    fleet : tuple of str
        Places that stand for an operator without one place.
    """
    key = named_place(site)
    if key:
        return (key,), _grade(key)
    zone = zone_of_words(climate)
    territory = territory_of(site, zone)
    if zone or territory:
        wanted = zone or (territory.zone if territory else "")
        found, nearest = _of_zone(wanted, f"{site} {climate}", territory)
        near = "" if nearest == wanted else f" for {wanted}"
        told = f", told by {territory.name}" if territory and not zone else ""
        return found, f"representative years of zone {nearest}{near}{told} ({_listed(found)})"
    if fleet:
        region = region_of(f"{site} {climate}")
        inside = _within(region, fleet) or _within(region, tuple(_places()))
        if region and inside:
            return inside, f"mean over representative places of {region}"
        return fleet, "mean over representative places"
    return (), ""


def zones_of(climate: str) -> list[str]:
    """ASHRAE climate zones in the words of a climate."""
    return re.findall(r"\b\d[ABC]?\b", climate)


def zone_of_words(climate: str) -> str:
    """The last zone that a climate names, else what its words mean; empty if neither."""
    zones = zones_of(climate)
    if zones:
        return zones[-1]
    words = climate.lower()
    return next((zone for pattern, zone in WORDS.items() if re.search(pattern, words)), "")


def zone_of_place(key: str) -> str:
    """ASHRAE climate zone of a place of the catalogue."""
    return _places()[key].text("climate_zone")


def region_of(words: str) -> str:
    """The part of the world that words name; empty if none."""
    bare = plain(words)
    return next((name for name, (said, _) in REGIONS.items() if re.search(said, bare)), "")


def is_fleet(words: str) -> bool:
    """Whether words tell of many sites."""
    many = re.search(r"global|world|fleet|average|mean\b", words.lower()) is not None
    return many or region_of(words) != ""


@lru_cache(maxsize=1)
def _places() -> dict[str, Entry]:
    """Stations and climates of the catalogue by key; a station before a climate."""
    found: dict[str, Entry] = {}
    for kind in ("weather", "climate"):
        for entry in catalog.entries(kind):
            found.setdefault(entry.key, entry)
    return found


@lru_cache(maxsize=256)
def named_place(site: str) -> str:
    """The station or climate whose longest name stands in the site's name; empty if none.

    Where the site's country is told, places of that country come first (*Dublin, Ohio*).
    """
    words = f" {plain(site)} "
    territory = territory_of(site)
    fits = [
        (territory is not None and entry.text("country") == territory.country, len(name), key)
        for key, entry in _places().items()
        for name in map(plain, (entry.name.split(",")[0], *entry.aliases))
        if f" {name} " in words
    ]
    return max(fits, key=lambda fit: fit[:2])[2] if fits else ""


def _of_zone(zone: str, words: str, territory: Territory | None) -> tuple[tuple[str, ...], str]:
    """Places of a zone, or of the nearest one with any; those near the territory first."""
    zones = {key: entry.text("climate_zone") for key, entry in _places().items()}
    nearest = min({own for own in zones.values() if own}, key=lambda own: (_gap(zone, own), own))
    keys = tuple(key for key, own in zones.items() if own == nearest)
    if territory is not None:
        home = [k for k, entry in _places().items() if entry.text("country") == territory.country]
        inside = tuple(key for key in keys if key in home)
        alike = [key for key in home if _gap(zone, zones[key]) <= 1.0]
        found = _near(inside or keys, territory) or inside
        if found or not alike:
            return found or keys, nearest
        closest = min(alike, key=lambda key: _gap(zone, zones[key]))
        return (closest,), zones[closest]
    return _within(region_of(words), keys) or keys, nearest


def _near(keys: tuple[str, ...], territory: Territory) -> tuple[str, ...]:
    """The nearest few places that are not too far."""
    away = {
        key: distance_km(_places()[key].si("latitude"), _places()[key].si("longitude"), territory)
        for key in keys
    }
    return tuple(sorted((k for k in keys if away[k] < _FAR_KM), key=lambda k: away[k])[:_NEAREST])


def _gap(zone: str, other: str) -> float:
    """How far two zones are apart; one without a letter is near to any letter."""
    moist = len(zone) > 1 and len(other) > 1 and zone[1] != other[1]
    return abs(int(zone[0]) - int(other[0])) + (_LETTER if moist else 0.0)


def _within(region: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some places that lie in a part of the world."""
    if not region:
        return ()
    west, east, south, north = REGIONS[region][1]
    found = []
    for key in keys:
        entry = _places()[key]
        inside = west <= entry.si("longitude") <= east and south <= entry.si("latitude") <= north
        found += [key] if inside else []
    return tuple(found)


def _listed(keys: tuple[str, ...]) -> str:
    """The places by key, the first three of many."""
    more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    return ", ".join(keys[:3]) + more


def _grade(key: str) -> str:
    evidence = load_weather(key).evidence
    return "" if evidence in ("measured", "typical") else f"{evidence} weather year ({key})"
