"""The command of uncertainty: `wattpath ranges`."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wattpath.cli import SAID
from wattpath.cli.asked import File, Json, Sets, leave, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wattpath.plan.uncertainty import Ranges


Count = Annotated[int, typer.Option(min=1, max=65536, help="Draws; powers of two spread best.")]
Seed = Annotated[
    int | None,
    typer.Option(min=0, help="Of the draws; without it, the scenario's.", show_default=False),
]
Checks = Annotated[int, typer.Option(min=0, max=64, help="Draws that are also run in full.")]
Keep = Annotated[
    Path | None,
    typer.Option(help="Keep draws in this file as they are solved, and take them up again."),
]
Table = Annotated[Path | None, typer.Option("--csv", help="Write every draw to this file.")]
Html = Annotated[
    Path | None, typer.Option("--html", help="Write a self-contained page to this file.")
]
Hold = Annotated[
    list[str] | None,
    typer.Option(help="First word of inputs that stay at their value, such as lead (repeatable)."),
]


@contextmanager
def _kept(keep: Path | None) -> Iterator[None]:
    """An interruption says how to go on from the draws that are kept."""
    try:
        yield
    except KeyboardInterrupt:
        if keep is None or not keep.exists():
            raise
        typer.echo(f"wattpath: interrupted; the same command goes on from {keep}.", err=True)
        raise typer.Exit(SAID) from None


def ranges(
    file: File,
    draws: Count = 256,
    seed: Seed = None,
    checks: Checks = 2,
    keep: Keep = None,
    table: Table = None,
    html: Html = None,
    hold: Hold = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """P10, P50 and P90 of every headline, and which inputs move them."""
    from wattpath.cli.progress import progress
    from wattpath.plan import uncertainty
    from wattpath.plan.front import load_scenario
    from wattpath.report import page

    for given, option in ((table, "--csv"), (html, "--html")):
        if given is not None:
            page.check(given, option)
    scenario = load_scenario(file, sets)
    with _kept(keep), progress() as report:
        found = uncertainty.ranges(
            scenario, draws, seed, report,
            checks=min(checks, draws), keep=keep, hold=tuple(hold or ()),
        )  # fmt: skip
    _write(found, table, html)
    if as_json:
        print_json(found.to_json())
    else:
        from wattpath.cli import show_ranges

        show_ranges.ranges(found)
        for given, word in ((table, "Draws"), (html, "Page")):
            if given is not None:
                typer.echo(f"{word}: {given}")
    if not found.feasible:
        said = [f"{name}: {' '.join(texts)}" for name, texts in found.reasons.items()]
        leave("; ".join(said))


def _write(found: Ranges, table: Path | None, html: Path | None) -> None:
    """The files that are asked for."""
    from wattpath.report import page
    from wattpath.report import ranges as drawn

    if table is not None:
        page.save(found.to_frame().to_csv(index=False), table, "--csv")
    if html is not None:
        drawn.write(found, html)
