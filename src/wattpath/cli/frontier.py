"""The command of cost against something else: `wattpath frontier`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wattpath.cli.asked import File, Json, Sets, print_json

if TYPE_CHECKING:
    from wattpath.plan.frontier import Frontier


def frontier(
    file: File,
    against: Annotated[
        str, typer.Option("--against", help="carbon, power, water or date.")
    ] = "carbon",
    points: Annotated[int, typer.Option(min=2, max=50, help="Ceilings to try.")] = 9,
    opened: Annotated[
        tuple[int, Path] | None,
        typer.Option("--open", help="A point and a file: its scenario, for wattpath plan."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a self-contained page to this file.")
    ] = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """Cost against carbon, power, water or date: a complete plan at each point."""
    from wattpath.cli.progress import progress
    from wattpath.plan import frontier as frontiers
    from wattpath.plan.scenario import content, from_dict
    from wattpath.report import page

    frontiers.axis_of(against)
    if html is not None:
        page.check(html)
    if opened is not None:
        page.check(opened[1], "--open")
    raw = content(file, sets or ())
    with progress() as report:
        found = frontiers.frontier_of(from_dict(raw), against, points, report)
    if opened is not None:
        _open(raw, found, *opened)
    if html is not None:
        from wattpath.report import frontier as drawn

        drawn.write(found, html)
    if as_json:
        print_json(found.to_json())
    else:
        _told(found, opened, html)


def _told(found: Frontier, opened: tuple[int, Path] | None, html: Path | None) -> None:
    """The answer, and the files that were written."""
    _show(found)
    if opened is not None:
        typer.echo(f"Scenario of point {opened[0]}: {opened[1]}. Next: wattpath plan {opened[1]}")
    if html is not None:
        typer.echo(f"Page: {html}")


def _open(raw: dict[str, Any], found: Frontier, number: int, file: Path) -> None:
    """Write the scenario of a point; files beside the old one are still found."""
    import yaml

    from wattpath.plan.frontier import with_ceiling
    from wattpath.report import page

    told = with_ceiling(raw, found, number)
    folder = Path(told["folder"]).resolve()
    if folder == file.resolve().parent:
        del told["folder"]
    else:
        told["folder"] = str(folder)
    text = yaml.safe_dump(told, sort_keys=False, allow_unicode=True)
    page.save(text, file, "--open")


def _show(found: Frontier) -> None:
    from wattpath.cli.sheet import console_of_width, table
    from wattpath.report.frontier import machines, step_price
    from wattpath.report.words import amount

    console, axis = console_of_width(), found.axis
    console.print(f"\n[bold]{found.scenario}[/bold]\n")
    first, last = found.points[0], found.points[-1]
    if len(found.points) == 1:
        console.print(f"The cheapest plan also has the least {axis.title.lower()} of those tried.")
    else:
        least = f"{axis.title} from {amount(last.value, axis.unit)} to "
        least += f"{amount(first.value, axis.unit)}: the cost a year rises from "
        console.print(f"{least}{amount(last.cost_usd, 'USD')} to {amount(first.cost_usd, 'USD')}.")
    rows = [
        (str(number + 1), amount(point.value, axis.unit), amount(point.cost_usd, "USD"),
         step_price(found, number), machines(found, point))
        for number, point in enumerate(found.points)
    ]  # fmt: skip
    console.print()
    heads = ("point", axis.title, "cost a year", "one less costs", "")
    console.print(table(rows, *heads))
    console.print(f"\nPlans tried: {found.tried}; beaten by no other: {len(found.points)}.")
    for ceiling, reason in found.failed.items():
        console.print(f"{amount(ceiling, axis.unit)}: {reason}", markup=False)
