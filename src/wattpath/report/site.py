"""The page of a facility: the year in a sentence, its figures, the systems, further duties."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wattpath.report import page
from wattpath.report import site_words as words
from wattpath.report.site_figures import figures
from wattpath.report.tables import table

if TYPE_CHECKING:
    from wattpath.plan.place.duties import Duties
    from wattpath.plan.place.hall import FacilityAnswer

#: Id of a figure -> its heading.
HEADINGS = {
    "parts_of_months": "Where the energy goes",
    "pue": "PUE by month and hour of the day",
    "year": "PUE of every hour",
    "days": "Days of the year",
    "week": "The week of the worst hour",
    "load": "At part load",
}


def write(answer: FacilityAnswer, other: Duties, file: str | Path) -> Path:
    """Write the page; the file appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    drawn: dict[str, Any] = {"figures": figures(answer)}
    return page.save(page.assemble(answer.scenario.name, _body(answer, other), drawn), file)


def _body(answer: FacilityAnswer, other: Duties) -> Iterator[str]:
    told = answer.to_json()
    yield f"<h1>{html.escape(answer.scenario.name)}: facility</h1>"
    if answer.refusal:
        yield f"<p><strong>{html.escape(answer.refusal)}</strong></p>"
    yield f"<p>{html.escape(words.answer_of(told))}</p>"
    yield table("facility", ["", "of the year"], words.headlines(told), [1])
    for name, heading in HEADINGS.items():
        yield f"<h2>{heading}</h2><div class='figure' id='{name}'></div>"
        if name == "parts_of_months":
            yield _parts(told)
    yield "<h2>Cooling systems at this site</h2>"
    yield "<div class='figure' id='spread'></div>"
    yield (
        "<p>Cost a year: capital over life, upkeep, electricity beside that of IT at the "
        "site's grid price, and water.</p>"
    )
    yield _systems(answer)
    yield "".join(f"<p>{html.escape(need)}</p>" for need in words.needs_of(answer))
    yield from _duties(other)
    source = html.escape(f"{answer.weather.source} ({answer.weather.evidence})")
    yield f"<p>Weather: {source}.</p>"


def _parts(told: dict[str, Any]) -> str:
    shares = [(words.PARTS[name], v) for name, v in told["breakdown"].items() if name != "it"]
    lines = [[name, f"{share:.4f}"] for name, share in shares]
    return table("parts", ["part of the year", "energy over IT energy"], lines, [1])


def _systems(answer: FacilityAnswer) -> str:
    rows = zip(answer.systems, words.systems(answer.systems), strict=True)
    lines = [[one.name, *row, words.misfit(one)] for one, row in rows]
    return table("systems", ["system", *words.SYSTEM_HEADS, "why not"], lines, range(1, 6))


def _duties(other: Duties) -> Iterator[str]:
    """Redundancy, swings, whole units, refits and heat reuse."""
    told = other.to_json()
    yield "<h2>Redundancy of the electrical chain</h2>"
    lines = words.redundancies(other, told)
    yield table("redundancy", words.REDUNDANCY_HEADS, lines, range(1, 4))
    yield f"<p>{html.escape(words.swing_words(told['swings']))}</p>"
    yield "<h2>Built in whole units</h2>"
    yield table("modules", words.UNIT_HEADS, words.units(told), range(1, 6))
    if told["retrofits"]:
        yield "<h2>The same hall refitted behind the same grid connection</h2>"
        yield table("refits", words.REFIT_HEADS, words.refits(told), range(1, 6))
    if told["heat_reuse"]:
        yield "<h2>Heat reuse</h2>"
        yield f"<p>{html.escape(words.heat_words(told['heat_reuse']))}</p>"
