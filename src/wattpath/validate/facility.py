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
from wattpath.facility.weather import MONTH_STARTS
from wattpath.validate.facility_places import (
    find_places,
    is_fleet,
    zone_of_place,
    zone_of_words,
)
from wattpath.validate.facility_territories import spoken, territory_of
from wattpath.validate.ledger import Ledger, LedgerRow, compare, read_rows

#: Columns a table must have.
COLUMNS = ("pue", "wue_l_per_kwh", "site", "climate", "cooling_type", "kind", "year", "source")

#: Stage of the rules that know neither operator nor cooling.
UNKNOWN = "unknown"

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
    pue, wue = predict(halls, months_of(row["year"]))
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
    """The calendar year of a cell, the middle one of a range; 2024 where there is none."""
    found = [int(year) for year in re.findall(r"(?:19|20)\d\d", text)]
    return float(sum(found) // len(found)) if found else 2024.0


def months_of(text: str) -> tuple[int, int]:
    """First and last month of a cell such as *2024 Q3* or *H1 2023*; 1 and 12 for a year.

    Quarters of fiscal years begin in different months, so those are taken as whole years.
    """
    found = re.search(r"\b([qh])([1-4])\b", text.lower())
    if not found or "fy" in text.lower():
        return 1, 12
    length = 3 if found.group(1) == "q" else 6
    last = min(length * int(found.group(2)), 12)
    return last - length + 1, last


def rule_of(row: dict[str, str], place: str = "") -> Rule | None:
    """The rule that answers a row; where it tells no zone, that of one place may be given."""
    said = zone_of_words(row["climate"])
    zone = said or (zone_of_place(place) if place else "")
    territory = territory_of(row["site"], said)
    site = f"{row['site']}, {spoken(territory)}" if territory else row["site"]
    return rule_for(site, row["cooling_type"], zone, year_of(row["year"]))


def fitted(row: dict[str, str]) -> bool:
    """Whether the designs of its rule were chosen with published rows in view."""
    rule = rule_of(row)
    return rule is not None and rule.seen


def choose(row: dict[str, str]) -> tuple[tuple[Hall, ...], str]:
    """The halls that answer a row (several are averaged), and what their weather is.

    Without any, the second value is the reason.
    """
    rule = rule_of(row)
    said = f"{row['site']} {row['climate']}"
    own = rule is not None and (rule.stage != UNKNOWN or is_fleet(said))
    places, grade = find_places(row["site"], row["climate"], rule.places if rule and own else ())
    if not places:
        return (), "names neither place nor climate that the rules know"
    if rule is None:
        return (), "names neither operator nor cooling type that the rules know"
    halls = []
    for place in places:
        there = rule_of(row, place) or rule
        halls += [(design, place) for design in there.designs]
    known = "" if rule.stage != UNKNOWN else "operator and cooling unknown: usual halls of its time"
    return tuple(halls), "; ".join(part for part in (known, grade) if part)


@lru_cache(maxsize=512)
def predict(halls: tuple[Hall, ...], months: tuple[int, int] = (1, 12)) -> tuple[float, float]:
    """Mean PUE and WUE [L/kWh] over halls, of a year or of some months of it.

    Parameters
    ----------
    halls : tuple of pairs
        Design and weather of each.
    months : pair of int
        First and last month.
    """
    first, last = months
    hours = slice(MONTH_STARTS[first - 1], MONTH_STARTS[last])
    pue = wue = 0.0
    for design, place in halls:
        run = simulate_design(design, load_weather(place))
        it_w = run.parts["it_w"][hours].sum()
        pue += float(run.facility_w[hours].sum() / it_w) / len(halls)
        wue += float(run.parts["water_kg_s"][hours].sum() / it_w * 3.6e6) / len(halls)
    return pue, wue
