"""Predicted against published PUE and WUE: any table with the columns of `COLUMNS`.

Operators publish neither design nor load, so a row is answered from stated rules: the
operator's class and the year give the generation and the electrical chain, the words of
`cooling_type` and the market give the cooling, the place gives the weather. The rules are
the tables below; they know classes and places, never single rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from wattpath import catalog
from wattpath.facility import load_electrical, load_weather, simulate
from wattpath.validate.ledger import Ledger, LedgerRow, compare, read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Columns a table must have.
COLUMNS = ("pue", "wue_l_per_kwh", "site", "climate", "cooling_type", "kind", "year", "source")

Operator = Literal[
    "hyperscale", "cloud", "colocation", "survey", "national", "laboratory", "unknown"
]

#: Words of `site` that tell the operator's class; the first that fits counts.
OPERATORS: tuple[tuple[str, Operator], ...] = (
    (r"survey|default", "survey"),
    (r"lbnl|all data cent", "national"),
    (r"google|meta|facebook|hyperscale|newest generation", "hyperscale"),
    (r"aws|amazon|azure|microsoft|oracle|alibaba|tencent|ibm cloud", "cloud"),
    (r"equinix|digital realty|ntt|cyrusone|colocation", "colocation"),
    (r"nrel|ornl|llnl|lrz|hpc|supercomput|el capitan|frontier|lumi|cscs|jsc|csc", "laboratory"),
)

#: Markets where cloud operators mostly lease halls, and how those halls are cooled.
LEASED = {
    "air-colocation": (
        "frankfurt", "germany", "illinois", "cape town", "johannesburg", "south africa", "india",
        "mumbai", "hyderabad", "milan", "italy", "paris", "france", "zurich", "switzerland",
        "tokyo", "osaka", "japan", "seoul", "korea", "tel aviv", "israel", "toronto",
    ),
    "air-colocation-tower": (
        "jakarta", "indonesia", "singapore", "hong kong", "malaysia", "bangkok", "thailand",
    ),
}  # fmt: skip

#: Places that stand for a fleet or a market without one place.
FLEET = ("us-omaha", "us-oregon-columbia", "us-charlotte", "us-dallas", "us-sterling", "ie-dublin")
MARKET = ("de-frankfurt", "gb-london", "us-newark", "us-dallas", "us-chicago", "sg-singapore")


@dataclass(frozen=True, slots=True)
class Design:
    """One facility that a rule chooses: catalogue keys, redundancy, IT load share."""

    cooling: str
    electrical: str
    redundancy: str
    load: float


LIQUID = Design("liquid-hpc-warm-water", "hyperscale-48v", "N", 0.7)
TOWER = Design("air-tower-hyperscale", "hyperscale-48v", "N", 0.6)
OUTSIDE = Design("air-evaporative-hyperscale", "hyperscale-48v", "N", 0.6)
SOURCE = Design("air-source-water", "hyperscale-48v", "N", 0.6)
CLOUD = Design("air-evaporative-modern", "modern-double-conversion", "N+1", 0.6)
CLOUD_HOT = Design("air-tower-economiser", "modern-double-conversion", "2N", 0.5)
LEASE = Design("air-colocation", "modern-double-conversion", "2N", 0.5)
LEGACY = (
    Design("air-crac-chiller-legacy", "legacy-double-conversion", "2N", 0.5),
    Design("air-crac-tower-legacy", "legacy-double-conversion", "2N", 0.5),
)


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
    places, grade = find_places(row["site"], row["climate"])
    designs = choose(row)
    if not places or not designs:
        missing = "place nor climate" if not places else "operator nor cooling type"
        reason = f"names neither {missing} that the rules know"
        return [
            _row(row, name, None, value, reason)
            for name, value in published.items()
            if value is not None
        ]
    pue, wue = predict(tuple(designs), tuple(places))
    note = "; ".join(part for part in (grade, *remarks(row)) if part)
    layout = " / ".join(design.cooling for design in designs)
    return [
        _row(row, name, predicted, published[name], note, layout)
        for name, predicted in (("pue", pue), ("wue", wue))
        if published[name] is not None
    ]


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


def fitted(row: dict[str, str]) -> bool:
    """Whether central values of the designs were chosen with rows of this operator in view."""
    return operator(row["site"]) in ("hyperscale", "cloud") and "simulated" not in row["kind"]


def operator(site: str) -> Operator:
    """The operator's class from the site's name."""
    name = site.lower()
    return next((kind for words, kind in OPERATORS if re.search(words, name)), "unknown")


def choose(row: dict[str, str]) -> Sequence[Design]:
    """The designs that answer a row; several are averaged. Empty where no rule fits."""
    site, words = row["site"].lower(), row["cooling_type"].lower()
    kind = operator(site)
    year = number(row["year"]) or 2024.0
    if kind == "survey":
        return (*LEGACY, LEASE)
    if kind == "national":
        return (*LEGACY, LEASE, TOWER) if year < 2026 else (LEASE, CLOUD, TOWER, LIQUID)
    if re.search(r"liquid|immersion|cold plate|thermosyphon", words) or kind == "laboratory":
        return (LIQUID,)
    if kind == "colocation":
        return (LEASE, LEGACY[1])
    if kind == "cloud" and year >= 2012:
        return (_cloud(site, row["climate"]),)
    if re.search(r"waterside|water-side|tower", words):
        return (TOWER if kind == "hyperscale" and year >= 2012 else CLOUD_HOT,)
    if re.search(r"^sea|river|lake", words):
        return (SOURCE,)
    if re.search(r"evaporative|adiabatic|outside|airside|air-side|free cooling", words):
        return (OUTSIDE if kind == "hyperscale" else CLOUD,)
    if kind == "hyperscale":
        return (TOWER, OUTSIDE)
    return ()


def _cloud(site: str, climate: str) -> Design:
    """Cloud halls: leased in some markets, water-cooled in hot climates, else outside air."""
    for cooling, markets in LEASED.items():
        if any(market in site for market in markets):
            return Design(cooling, LEASE.electrical, LEASE.redundancy, LEASE.load)
    zones = re.findall(r"\b\d[ABC]?\b", climate)
    return CLOUD_HOT if zones and zones[-1] in ("2A", "2B") else CLOUD


def find_places(site: str, climate: str) -> tuple[Sequence[str], str]:
    """Catalogue keys of the weather that answers a site, and what that weather is."""
    key = _named_place(site)
    if key:
        return (key,), _grade(key)
    zones = re.findall(r"\b\d[ABC]?\b", climate)
    for zone in reversed(zones):
        for kind in ("weather", "climate"):
            for entry in catalog.entries(kind):
                if entry.text("climate_zone").startswith(zone):
                    return (entry.key,), f"representative year of zone {zone} ({entry.key})"
    if re.search(r"global|fleet|\bus\b", f"{site} {climate}".lower()):
        fleet = operator(site) in ("hyperscale", "cloud")
        return (FLEET if fleet else MARKET), "mean over representative places"
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
def predict(designs: tuple[Design, ...], places: tuple[str, ...]) -> tuple[float, float]:
    """Mean annual PUE and WUE [L/kWh] over designs and places."""
    runs = [
        simulate(
            design.cooling,
            load_electrical(design.electrical, design.redundancy),
            load_weather(place),
            design.load,
        )
        for design in designs
        for place in places
    ]
    pue = sum(run.pue for run in runs) / len(runs)
    wue = sum(run.wue_l_kwh for run in runs) / len(runs)
    return pue, wue
