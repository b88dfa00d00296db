"""Predicted against published PUE and WUE: any table with the columns of `COLUMNS`.

Operators publish neither design nor load, so a row is answered from the stated rules of the
catalogue (`facility.operators`): the operator's class and the year give the generation and the
electrical chain, the words of `cooling_type`, the market and the climate zone give the
cooling, the place gives the weather. The rules know classes and places, never single rows.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from wattpath import catalog
from wattpath.facility import load_weather
from wattpath.facility.operators import Rule, rule_for, simulate_design
from wattpath.validate.ledger import Ledger, LedgerRow, compare, read_rows

#: Columns a table must have.
COLUMNS = ("pue", "wue_l_per_kwh", "site", "climate", "cooling_type", "kind", "year", "source")

#: A design at a place: keys of the ``design`` and of the weather.
Hall = tuple[str, str]


def facility_ledger(file: str | Path) -> Ledger:
    """Predict every row of a table and compare.

    Parameters
    ----------
    file : path
        CSV with at least `COLUMNS`. PUE is a ratio, WUE is in litres per kWh of IT energy,
        in the table as in the ledger.

    Raises
    ------
    FileInputError
        If the table cannot be read or lacks a column.
    """
    return compare("facility", read_rows(file, COLUMNS), judge)


def judge(row: dict[str, str]) -> list[LedgerRow]:
    """One ledger row for each of PUE and WUE that the table row publishes."""
    published = {"pue": number(row["pue"]), "wue": number(row["wue_l_per_kwh"])}
    halls, grade = choose(row)
    if not halls:
        return [
            _row(row, name, None, value, grade)
            for name, value in published.items()
            if value is not None
        ]
    pue, wue = predict(halls)
    note = "; ".join(part for part in (grade, *remarks(row)) if part)
    layout = " / ".join(dict.fromkeys(_cooling(design) for design, _ in halls))
    return [
        _row(row, name, predicted, published[name], note, layout)
        for name, predicted in (("pue", pue), ("wue", wue))
        if published[name] is not None
    ]


def _cooling(design: str) -> str:
    return catalog.load("design", design).text("cooling")


def _row(
    row: dict[str, str],
    quantity: str,
    predicted: float | None,
    measured: float | None,
    reason: str,
    layout: str = "",
) -> LedgerRow:
    return LedgerRow(
        row_id=f"{row['site']} {row['year']}".strip(),
        source=row["source"],
        n_chips=0,
        quantity=quantity,
        predicted=predicted,
        measured=measured,
        status="refused" if predicted is None else "answered",
        reason=reason,
        fitted=fitted(row),
        layout=layout,
    )


def number(text: str) -> float | None:
    """The number of a cell; the middle of a range such as 1.15-1.35."""
    found = [float(x) for x in re.findall(r"\d+(?:\.\d+)?", text)]
    return sum(found[:2]) / len(found[:2]) if found else None


def remarks(row: dict[str, str]) -> list[str]:
    """What weakens the published value itself, from its `kind`."""
    kind = row["kind"].lower()
    known = {
        "fill": "published value repeats over regions",
        "simulated": "simulated by another model",
        "model": "output of another model",
        "assumption": "an assumption, not a measurement",
        "memory": "published value not compared with its source",
        "not compared": "published value not compared with its source",
        "survey": "a survey of many halls",
    }
    return [text for word, text in known.items() if word in kind][:1]


def year_of(text: str) -> float:
    """The first calendar year of a cell; 2024 where there is none."""
    found = re.search(r"(?:19|20)\d\d", text)
    return float(found.group()) if found else 2024.0


def rule_of(row: dict[str, str], place: str = "") -> Rule | None:
    """The rule that answers a row, at one place of a fleet if one is given."""
    zone = _zone_of(place) if place else (zones_of(row["climate"]) or [""])[-1]
    return rule_for(row["site"], row["cooling_type"], zone, year_of(row["year"]))


def fitted(row: dict[str, str]) -> bool:
    """Whether the designs of its rule were chosen with published rows in view."""
    rule = rule_of(row)
    return rule is not None and rule.seen


def choose(row: dict[str, str]) -> tuple[tuple[Hall, ...], str]:
    """The halls that answer a row (several are averaged), and what their weather is.

    Without any, the second value is the reason.
    """
    rule = rule_of(row)
    places, grade = find_places(row["site"], row["climate"], rule.places if rule else ())
    if not places:
        return (), "names neither place nor climate that the rules know"
    if rule is None:
        return (), "names neither operator nor cooling type that the rules know"
    halls = []
    for place in places:
        own = (rule_of(row, place) if len(places) > 1 else rule) or rule
        halls += [(design, place) for design in own.designs]
    return tuple(halls), grade


def zones_of(climate: str) -> list[str]:
    """ASHRAE climate zones in the words of a climate."""
    return re.findall(r"\b\d[ABC]?\b", climate)


def _zone_of(place: str) -> str:
    kind = "weather" if place in catalog.names("weather") else "climate"
    return catalog.load(kind, place).text("climate_zone")


def find_places(
    site: str, climate: str, fleet: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], str]:
    """Catalogue keys of the weather that answers a site, and what that weather is.

    `fleet` holds the places that stand for an operator without one place.
    """
    key = _named_place(site)
    if key:
        return (key,), _grade(key)
    for zone in reversed(zones_of(climate)):
        for kind in ("weather", "climate"):
            for entry in catalog.entries(kind):
                if entry.text("climate_zone").startswith(zone):
                    return (entry.key,), f"representative year of zone {zone} ({entry.key})"
    if fleet and re.search(r"global|fleet|\bus\b", f"{site} {climate}".lower()):
        return fleet, "mean over representative places"
    return (), ""


@lru_cache(maxsize=256)
def _named_place(site: str) -> str:
    """The station or climate whose longest name stands in the site's name."""
    words = f" {re.sub(r'[^a-z0-9]+', ' ', site.lower())} "
    best, found = 0, ""
    for kind in ("weather", "climate"):
        for entry in catalog.entries(kind):
            for label in (entry.name.split(",")[0], *entry.aliases):
                plain = re.sub(r"[^a-z0-9]+", " ", label.lower()).strip()
                if f" {plain} " in words and len(plain) > best:
                    best, found = len(plain), entry.key
    return found


def _grade(key: str) -> str:
    evidence = load_weather(key).evidence
    return "" if evidence in ("measured", "typical") else f"{evidence} weather year ({key})"


@lru_cache(maxsize=512)
def predict(halls: tuple[Hall, ...]) -> tuple[float, float]:
    """Mean annual PUE and WUE [L/kWh] over halls."""
    runs = [simulate_design(design, load_weather(place)) for design, place in halls]
    pue = sum(run.pue for run in runs) / len(runs)
    wue = sum(run.wue_l_kwh for run in runs) / len(runs)
    return pue, wue
