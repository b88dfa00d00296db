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
    return page.save(page.document(_title(projects), body, "projects.css"), file)


def _title(projects: Sequence[Project]) -> str:
    return projects[0].name if len(projects) == 1 else "Announced projects"


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
    yield f"<h1>{_e(_title(projects))}</h1>"
    yield f"<p class='answer' id='answer'>{_answer(rows)}</p>"
    if set_down:
        yield from _maps(set_down)
    rest = [f"<a href='#{row['key']}'>{_e(row['name'])}</a>" for row in rows
            if row["key"] not in on_map]  # fmt: skip
    if rest and len(rows) > 1:
        yield f"<p class='soft'>Without a place: {', '.join(rest)}.</p>"
    if len(rows) > 1:
        yield "<h2>All of them, stated and modelled</h2>"
        yield _all(rows)
    for project in projects:
        yield from _section(project, today)


def _maps(set_down: Sequence[Point]) -> Iterator[str]:
    """The world and the country with most of the projects, or the one that holds a single one."""
    inside = [point for point in set_down if STATES.holds(point)]
    yield "<p class='soft'>The area of a point is computing power, stated or else modelled.</p>"
    yield _key()
    if len(set_down) > 1 or not inside:
        yield draw(set_down, WORLD, STATES if inside else None)
    if inside:
        yield ("<h2>United States</h2>" if len(set_down) > 1 else "") + draw(inside, STATES)


def _answer(rows: Sequence[Row]) -> str:
    """How much computes, and how far the model is from what is stated."""
    if len(rows) == 1:
        return _single(rows[0])
    running = [row for row in rows if row["status"] == "operating" and row["form"] != "programme"]
    power = sum(row["it_power"]["stated"]["value"] for row in running if row["it_power"]["stated"])
    errors = sorted(abs(e) for e in (_error(row["it_power"]) for row in running) if e is not None)
    told = f"{len(rows)} projects; those that compute state {power:,.0f} MW of computing power"
    if errors:
        told += f", and the model is {errors[len(errors) // 2]:.0%} from it in the median"
    return f"{told}."


def _single(row: Row) -> str:
    """What one project states of its computing power, beside the model."""
    if not row["status"]:
        return "No figure of it is public."
    pair, error = row["it_power"], _error(row["it_power"])
    stated, modelled = pair["stated"], pair["modelled"]
    told = f"As of {row['date']} it {STATUSES.get(row['status'], row['status'])}"
    if stated:
        told += f"; {stated['value']:,.0f} MW of computing power are stated"
    if modelled:
        told += f", {modelled['value']:,.0f} MW modelled"
    return f"{told}." if error is None else f"{told} ({error:+.0%})."


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
        heads = ["fact", "stated", "of", "status", "date", "evidence", "note"]
        numbers = _numbered(told["facts"])
        facts = [_fact(fact, told["key"], numbers) for fact in told["facts"]]
        yield "<h3>What is stated</h3>" + table(f"facts-{told['key']}", heads, facts, [1])
        yield _sources(told["facts"], told["key"])
    if told["comparisons"]:
        yield "<h3>Stated against modelled</h3>" + _compared(told)
    for each in audit(project):
        yield from _audit(answers.audit_row(each), told["key"])
    gaps = "".join(f"<p class='soft'>{_e(gap)}</p>" for gap in told["missing"])
    yield gaps + "<p><a href='#answer'>Back to the map</a></p></section>"


def _numbered(facts: Sequence[Row]) -> dict[str, int]:
    """Address of a source -> its number, in order of first use."""
    addresses = dict.fromkeys(fact["source"] for fact in facts)
    return {address: number for number, address in enumerate(addresses, 1)}


def _sources(facts: Sequence[Row], key: str) -> str:
    """The sources of a project's facts as a numbered list."""
    titles = {fact["source"]: _e(fact["source_title"]) for fact in facts}
    items = []
    for number, (source, title) in enumerate(titles.items(), 1):
        if source.startswith("http"):
            title = f"<a href='{_e(source)}' rel='noreferrer'>{title}</a>"
        items.append(f"<li id='source-{key}-{number}'>{title}</li>")
    return f"<ol class='sources'>{''.join(items)}</ol>"


def _fact(fact: Row, key: str, numbers: dict[str, int]) -> list[str]:
    number = numbers[fact["source"]]
    date = _e(fact["date"])
    if fact["stale"]:
        date += " <span class='old'>old</span>"
    link = f"<a class='number' href='#source-{key}-{number}'>[{number}]</a>"
    return [
        spoken(fact["fact"]),
        ranged(fact),
        fact["of"],
        fact["status"],
        Html(date),
        Html(f"{_e(fact['evidence'])} {link}"),
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
