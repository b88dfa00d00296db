"""The command that answers a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wattpath.cli import SAID
from wattpath.cli.asked import File, Json, Sets, leave, print_json

if TYPE_CHECKING:
    from wattpath.plan.result import PlanResult

Html = Annotated[
    Path | None, typer.Option("--html", help="Write a self-contained report to this file.")
]
Keep = Annotated[
    Path | None,
    typer.Option("--keep", help="Keep finished parts in this folder, and go on from them."),
]


def plan(
    file: File,
    as_json: Json = False,
    sets: Sets = None,
    html: Html = None,
    keep: Keep = None,
) -> None:
    """What software replaces, and the best mix."""
    if html is not None:
        from wattpath.report import page

        page.check(html)
    result = _planned(file, sets, keep)
    if html is not None:
        page.write(result, html)
    if as_json:
        print_json(result.to_json())
    else:
        from wattpath.cli import show

        show.plan(result)
        if html is not None:
            typer.echo(f"Report: {html}")
    if not result.feasible:
        from wattpath.cli.verdict import verdict

        leave(verdict(result.plans))


def _planned(file: Path, sets: list[str] | None, keep: Path | None) -> PlanResult:
    """The answer; an interruption says how to go on."""
    import wattpath
    from wattpath.cli.progress import progress

    try:
        with progress() as report:
            return wattpath.plan(file, sets, progress=report, keep=keep)
    except KeyboardInterrupt:
        if keep is None or not any(keep.glob("*.jsonl")):
            raise
        typer.echo(f"wattpath: interrupted; the same command goes on from {keep}.", err=True)
        raise typer.Exit(SAID) from None
