"""The commands of announced projects: `wattpath projects`, `audit` and `replan`."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wattpath.cli.asked import Json, print_json
from wattpath.errors import FileInputError, InputError

if TYPE_CHECKING:
    from wattpath.projects import Project


def projects(
    name: Annotated[
        str, typer.Argument(help="A project: facts, comparison, gaps.", show_default=False)
    ] = "",
    as_json: Json = False,
    today: Annotated[
        str, typer.Option("--today", metavar="YYYY-MM-DD", help="Day that facts are aged from.")
    ] = "",
    against: Annotated[
        Path | None,
        typer.Option("--against", help="An earlier --json answer: show what changed since."),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a map and a page of them all."),
    ] = None,
) -> None:
    """Announced projects, stated beside modelled."""
    from wattpath import projects as table
    from wattpath.cli import show_projects
    from wattpath.projects import answers

    day = _day(today)
    if page is not None:
        _write([table.load(name)] if name else table.projects(), page, day)
        return
    if name:
        told = answers.page(table.load(name), day)
        print_json(told) if as_json else show_projects.page(told)
        return
    earlier = None if against is None else _earlier(against)
    rows = answers.overview(table.projects(), day)
    if earlier is not None:
        found = answers.changes(earlier, rows)
        print_json(found) if as_json else show_projects.changes(found)
        return
    print_json(rows) if as_json else show_projects.overview(rows)


def audit(
    asked: Annotated[
        str,
        typer.Argument(
            metavar="FILE|NAME", help="A YAML file of figures, or a project.", show_default=False
        ),
    ],
    as_json: Json = False,
) -> None:
    """Whether announced figures agree with each other."""
    from wattpath.cli import show_projects
    from wattpath.projects import answers
    from wattpath.projects.audit import audit as check

    found = [answers.audit_row(each) for each in check(_project(asked), datetime.date.today())]
    print_json(found) if as_json else show_projects.audits(found)


def replan(
    asked: Annotated[
        str, typer.Argument(metavar="FILE|NAME", help="As for audit.", show_default=False)
    ],
    as_json: Json = False,
    attribute: Annotated[
        bool, typer.Option(help="Split the saving among the levers, which takes longest.")
    ] = True,
    draws: Annotated[
        int, typer.Option(min=0, max=1024, help="Draws over the sourced ranges; 0 for none.")
    ] = 16,
    sites: Annotated[
        str, typer.Option(help="Places to compare with, separated by commas; '' for none.")
    ] = "us-abilene,ca-montreal,se-lulea,fr-paris,cn-ulanqab",
) -> None:
    """What both pills would have built instead."""
    from wattpath import catalog
    from wattpath.cli import show_replan
    from wattpath.cli.progress import progress
    from wattpath.projects import answers
    from wattpath.projects.alternatives import alternatives
    from wattpath.projects.replan import replan as plan_again
    from wattpath.projects.sites import elsewhere
    from wattpath.projects.spread import spread

    keys = [catalog.load("site", name.strip(), "--sites").key for name in sites.split(",") if name]
    with progress() as report:
        found = plan_again(_project(asked), progress=report, attribute=attribute)
        report("Other supplies for the same load", 0.0)
        mixes = alternatives(found)
        whole = found.result.feasible
        drawn = spread(found, report, draws) if draws and whole else None
        places = elsewhere(found, report, keys) if keys and whole else ()
    row = answers.replan_row(found, mixes, drawn, places)
    print_json(row) if as_json else show_replan.replan(row)


def _project(asked: str) -> Project:
    from wattpath import projects as table
    from wattpath.projects.reader import read_project

    path = Path(asked)
    if path.suffix.lower() in (".yaml", ".yml") or path.is_file():
        return read_project(path)
    return table.load(asked)


def _write(projects: Sequence[Project], file: Path, day: datetime.date) -> None:
    from wattpath.report import projects as drawn
    from wattpath.report.page import check

    check(file)
    drawn.write(projects, file, day)
    print(f"{projects[0].name if len(projects) == 1 else f'{len(projects)} projects'} in {file}")


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text) if text else datetime.date.today()
    except ValueError as error:
        raise InputError("--today", "be a day as YYYY-MM-DD", text) from error


def _earlier(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileInputError("--against", "be a readable JSON file", str(file)) from error
