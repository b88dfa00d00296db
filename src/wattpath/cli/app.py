"""The commands. Each imports what it needs when it runs, so that help stays quick."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="wattpath",
    help="Plan AI compute from token to grid.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change one value: --set grid.limit='200 MW'. Repeatable."),
]
INFEASIBLE = 1


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _version(asked: bool) -> None:
    if asked:
        from wattpath import __version__

        typer.echo(f"wattpath {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Plan AI compute from token to grid."""


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="The scenario file to write.")],
) -> None:
    """Write a commented scenario to begin with."""
    from importlib.resources import files

    from wattpath.errors import FileInputError

    if file.exists():
        raise FileInputError(str(file), "not exist yet", str(file), "Choose another name.")
    text = (files("wattpath.plan") / "template.yaml").read_text(encoding="utf-8")
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileInputError(str(file), "be in a folder that exists", str(file)) from error
    typer.echo(f"Wrote {file}. Next: wattpath plan {file}")


@app.command()
def plan(
    file: Annotated[Path, typer.Argument(help="A scenario file.")],
    as_json: Json = False,
    sets: Sets = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a self-contained report to this file.")
    ] = None,
) -> None:
    """Baseline, blue, red and both: what software makes unnecessary, and the best mix."""
    from wattpath.cli.progress import progress
    from wattpath.plan import scenario, study

    asked = scenario.load(file, sets)
    with progress(quiet=as_json) as report:
        result = study.run(asked, progress=report)
    if html is not None:
        from wattpath.report import page

        page.write(result, html)
    if as_json:
        _print_json(result.to_json())
    else:
        from wattpath.cli import show

        show.plan(result)
        if html is not None:
            typer.echo(f"Report: {html}")
    if not result.feasible:
        raise typer.Exit(INFEASIBLE)


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(help="A scenario file.")],
    number: Annotated[
        str, typer.Argument(help="Such as both.facility_power_peak_w.")
    ] = "both.facility_power_peak_w",
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """Show the chain of factors behind a number, with units, sources and grades."""
    from wattpath.cli import show
    from wattpath.cli.progress import progress
    from wattpath.plan import explain as explanation
    from wattpath.plan import scenario, study

    asked = scenario.load(file, sets)
    explanation.check(number)
    with progress(quiet=as_json) as report:
        result = study.run(asked, progress=report, attribute=False)
    steps = explanation.chain(asked, result, number)
    if as_json:
        _print_json([step.to_json() for step in steps])
    else:
        show.chain(number, steps)
    if not result.feasible:
        raise typer.Exit(INFEASIBLE)


@app.command()
def model(
    file: Annotated[str, typer.Argument(help="A Hugging Face config.json, or a catalogue name.")],
    as_json: Json = False,
) -> None:
    """Parameters, FLOPs, bytes and KV bytes per token of an architecture."""
    from wattpath import models

    architecture = models.read_config(file) if Path(file).suffix else models.load(file)
    card = models.describe(architecture)
    if as_json:
        _print_json(card.to_json())
    else:
        from wattpath.cli import show

        show.model(card)


@app.command()
def catalog(
    kind: Annotated[str, typer.Argument(help="A kind such as chip; without it, all kinds.")] = "",
    name: Annotated[str, typer.Argument(help="An entry: every value with its source.")] = "",
    as_json: Json = False,
) -> None:
    """What the catalogue holds, with ranges, sources and evidence grades."""
    from wattpath.cli import listing

    table = listing.entry(kind, name) if name else listing.kind(kind) if kind else listing.kinds()
    if as_json:
        _print_json(table)
    else:
        from wattpath.cli import show

        show.rows(table)


@app.command()
def validate(
    kind: Annotated[str, typer.Option("--kind", help="A kind of ledger; without it, all.")] = "",
    data: Annotated[
        Path | None, typer.Option("--data", help="A CSV with the columns of that kind.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The signed error ledger: predicted against measured."""
    from wattpath.cli import show
    from wattpath.validate import run

    ledgers = run(kind, data)
    if as_json:
        _print_json({name: ledger.to_json() for name, ledger in ledgers.items()})
    else:
        for name, ledger in ledgers.items():
            show.ledger(name, ledger)
