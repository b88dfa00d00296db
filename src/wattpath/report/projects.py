"""The page of announced projects: a map, all of them in a table, and each with its facts.

Everything comes from the answers of `wattpath.projects`; the page holds no script, so that it
works by keyboard, on paper and in both colour schemes.
"""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from wattpath import catalog
from wattpath.projects import Project, answers
from wattpath.projects.audit import audit
from wattpath.projects.project import spoken
from wattpath.report import page
from wattpath.report.tables import Html, table
from wattpath.report.words import ranged, short
from wattpath.report.world import STATES, WORLD, Point, draw

Row = dict[str, Any]

#: Status -> what it means on the map.
STATUSES = {
    "operating": "computes",
    "building": "is being built",
    "permitted": "is permitted",
    "announced": "is announced",
    "unknown": "nothing public",
}

#: Figures of the table of all, with their heads.
COLUMNS = (("it_power", "computing MW"), ("facility_peak", "facility MW"), ("capital", "USD bn"))


def write(projects: Sequence[Project], file: str | Path, today: datetime.date) -> Path:
    """Write the page of some projects; the file appears whole or not at all.

    Parameters
    ----------
    projects : sequence of Project
    file : path
        Where to write.
    today : date
        Day that facts are aged from.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    rows = answers.overview(projects, today)
    body = _body(projects, rows, today)
    return page.save(page.document("Announced projects", body, "projects.css"), file)


def points(projects: Sequence[Project], rows: Sequence[Row]) -> list[Point]:
    """Every project that has a place, by its computing power of the newest stage."""
    found = []
    for project, row in zip(projects, rows, strict=True):
        if not project.entry.text("site"):
            continue
        site = catalog.load("site", project.entry.text("site"))
        power = row["it_power"]["stated"] or row["it_power"]["modelled"]
        found.append(
            Point(
                key=row["key"],
                name=row["name"],
                place=re.split(r",| \(| and ", site.name)[0],
                status=row["status"] or "unknown",
                longitude=site.si("longitude"),
                latitude=site.si("latitude"),
                power_w=power["value"] * 1e6 if power else 0.0,
            )
        )
    return found


def _body(projects: Sequence[Project], rows: Sequence[Row], today: datetime.date) -> Iterator[str]:
    set_down = points(projects, rows)
    on_map = {point.key for point in set_down}
    yield "<h1>Announced projects</h1>"
    yield f"<p class='answer' id='answer'>{_answer(rows)}</p>"
    yield "<p class='soft'>The area of a point is computing power, stated or else modelled.</p>"
    yield _key()
    yield draw(set_down, WORLD, STATES)
    yield "<h2>United States</h2>" + draw(set_down, STATES)
    rest = [f"<a href='#{row['key']}'>{_e(row['name'])}</a>" for row in rows
            if row["key"] not in on_map]  # fmt: skip
    if rest:
        yield f"<p class='soft'>Without a place: {', '.join(rest)}.</p>"
    yield "<h2>All of them, stated and modelled</h2>"
    yield _all(rows)
    for project in projects:
        yield from _section(project, today)


def _answer(rows: Sequence[Row]) -> str:
    """How much computes, and how far the model is from what is stated."""
    running = [row for row in rows if row["status"] == "operating" and row["form"] != "programme"]
    power = sum(row["it_power"]["stated"]["value"] for row in running if row["it_power"]["stated"])
    errors = sorted(abs(e) for e in (_error(row["it_power"]) for row in running) if e is not None)
    told = f"{len(rows)} projects; those that compute state {power:,.0f} MW of computing power"
    if errors:
        told += f", and the model is {errors[len(errors) // 2]:.0%} from it in the median"
    return f"{told}."


def _key() -> str:
    each = [
        f"<span><svg viewBox='-6 -6 12 12' aria-hidden='true'><circle class='dot {name}' r='5'/>"
        f"</svg>{meaning}</span>"
        for name, meaning in STATUSES.items()
    ]
    return f"<p class='key'>{''.join(each)}</p>"


def _all(rows: Sequence[Row]) -> str:
    heads = ["project", "status", "as of", "MW of either"]
    for _, title in COLUMNS:
        heads += [title, "model", "error"]
    cells = []
    for row in rows:
        link = Html(f"<a href='#{row['key']}'>{_e(row['name'])}</a>")
        line = [link, row["status"] or "–", row["date"] or "–"]
        unsaid = row["power"]["stated"]
        line.append(short(unsaid["value"] if unsaid else None))
        for name, _ in COLUMNS:
            pair = answers.money(row) if name == "capital" else row[name]
            error = _error(pair)
            line += [*(short(side["value"] if side else None) for side in pair.values()),
                     "" if error is None else f"{error:+.0%}"]  # fmt: skip
        cells.append(line)
    return table("all", heads, cells, range(3, 13))


def _error(pair: Row) -> float | None:
    stated, modelled = pair["stated"], pair["modelled"]
    if not (stated and modelled and stated["value"]):
        return None
    return float(modelled["value"] / stated["value"] - 1.0)


def _section(project: Project, today: datetime.date) -> Iterator[str]:
    told = answers.page(project, today)
    yield f"<section class='project' id='{told['key']}'><h2>{_e(told['name'])}</h2>"
    head = [told["owner"], told["country"], *told.get("users", ())]
    yield f"<p class='soft'>{_e(', '.join(head))}</p>"
    yield "".join(f"<p>{_e(remark)}</p>" for remark in told.get("remarks", ()))
    if told["facts"]:
        heads = ["fact", "stated", "of", "status", "date", "evidence and source", "note"]
        facts = [_fact(fact) for fact in told["facts"]]
        yield "<h3>What is stated</h3>" + table(f"facts-{told['key']}", heads, facts, [1])
    if told["comparisons"]:
        yield "<h3>Stated against modelled</h3>" + _compared(told)
    for each in audit(project):
        yield from _audit(answers.audit_row(each), told["key"])
    gaps = "".join(f"<p class='soft'>{_e(gap)}</p>" for gap in told["missing"])
    yield gaps + "<p><a href='#answer'>Back to the map</a></p></section>"


def _fact(fact: Row) -> list[str]:
    source, title = fact["source"], _e(fact["source_title"])
    if source.startswith("http"):
        title = f"<a href='{_e(source)}' rel='noreferrer'>{title}</a>"
    date = _e(fact["date"])
    if fact["stale"]:
        date += " <span class='old'>old</span>"
    return [
        spoken(fact["fact"]),
        ranged(fact),
        fact["of"],
        fact["status"],
        Html(date),
        Html(f"{_e(fact['evidence'])}: {title}"),
        fact["note"],
    ]


def _compared(told: Row) -> str:
    cells = [
        [
            spoken(row["quantity"]),
            row["date"],
            row["status"],
            ranged(row["stated"]),
            ranged(row["modelled"]),
            f"{row['error']:+.1%}",
            row["why"]
            if row["ranges_meet"]
            else Html(f"<span class='wrong'>ranges do not meet</span> {_e(row['why'])}"),
        ]
        for row in told["comparisons"]
    ]
    heads = ["figure", "of", "status", "stated", "modelled", "error", ""]
    return table(f"compared-{told['key']}", heads, cells, (3, 4, 5))


def _audit(row: Row, key: str) -> Iterator[str]:
    """Contradictions in words, then what agrees and what follows."""
    findings, status = row["findings"], row["status"]
    wrong = [finding for finding in findings if not finding["agrees"]]
    if findings or row["implied"]:
        yield f"<h3>The {status} figures held against each other</h3>"
    for finding in wrong:
        yield f"<p class='bad'>{_e(contradiction(finding))}</p>"
    good = [spoken(finding["figure"]) + " with " + spoken(finding["from"])
            for finding in findings if finding["agrees"]]  # fmt: skip
    if good:
        yield f"<p>Agree: {_e('; '.join(good))}.</p>"
    if row["implied"]:
        assumed = f" (servers taken as {row['assumed_server']})" if row["assumed_server"] else ""
        yield f"<p>What follows{_e(assumed)}:</p>"
        cells = [[spoken(name), ranged(cell)] for name, cell in row["implied"].items()]
        yield table(f"implied-{key}-{status}", ["figure", "implied"], cells, [1])


def contradiction(finding: Row) -> str:
    """One sentence about two figures that do not meet."""
    sense = "" if finding["sense"] == "equal" else f"{finding['sense']} "
    return (
        f"The stated {spoken(finding['figure'])}, {ranged(finding['stated'])}, does not "
        f"meet {sense}{ranged(finding['implied'])}, which follows from "
        f"{spoken(finding['from'])} ({finding['how']})."
    )


def _e(text: str) -> str:
    return html.escape(text, quote=True)
