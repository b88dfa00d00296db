"""The commands. Each imports what it needs when it runs, so that help stays quick."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.exceptions import TyperException as UsageProblem

from wattpath.cli.asked import Json
from wattpath.cli.crowd import crowd
from wattpath.cli.date import date
from wattpath.cli.explain import explain
from wattpath.cli.finance import finance
from wattpath.cli.fit import fit
from wattpath.cli.frontier import frontier
from wattpath.cli.place import place
from wattpath.cli.plan import plan
from wattpath.cli.posttrain import posttrain
from wattpath.cli.power import power
from wattpath.cli.projects import audit, projects, replan
from wattpath.cli.rent import rent
from wattpath.cli.serve import serve
from wattpath.cli.shock import shock
from wattpath.cli.simulate import simulate
from wattpath.cli.site import facility
from wattpath.cli.train import train
from wattpath.cli.uncertain import ranges

if TYPE_CHECKING:
    from wattpath.validate.ledger import Ledger

__all__ = ["UsageProblem", "app"]

app = typer.Typer(
    name="wattpath",
    help="Plan AI compute from token to grid.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

#: Endings of what serving engines write about a benchmark.
BENCHMARKS = (".json", ".jsonl")


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(finite(value), indent=2, ensure_ascii=False, allow_nan=False))


def finite(value: Any) -> Any:
    """The value with null where a float is not finite, since JSON has no such numbers."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


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
    file: Annotated[
        Path, typer.Argument(help="The scenario file to write.", show_default=False)
    ] = Path("scenario.yaml"),
) -> None:
    """Write a commented scenario."""
    from importlib.resources import files

    from wattpath.errors import FileInputError

    text = (files("wattpath.plan") / "template.yaml").read_text(encoding="utf-8")
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        hint = "Choose another name."
        raise FileInputError(str(file), "not exist yet", str(file), hint) from error
    except OSError as error:
        hint = f"{error.strerror}."
        raise FileInputError(str(file), "be in a writable folder", str(file), hint) from error
    typer.echo(f"Wrote {file}. Next: wattpath plan {file}")


app.command()(plan)
app.command()(explain)


@app.command()
def model(
    name: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A Hugging Face config.json, or a name.", show_default=False
        ),
    ],
    as_json: Json = False,
) -> None:
    """Parameters, work and memory of a model."""
    import wattpath

    card = wattpath.model(name)
    if as_json:
        _print_json(card.to_dict())
    else:
        typer.echo(card.explain())


@app.command()
def catalog(
    kind: Annotated[str, typer.Argument(help="A kind such as chip; without it, all kinds.")] = "",
    name: Annotated[str, typer.Argument(help="An entry: every value with its source.")] = "",
    as_json: Json = False,
) -> None:
    """Every sourced number that plans use."""
    from wattpath.cli import listing

    found = listing.entry(kind, name) if name else None
    table = listing.kind(kind) if kind else listing.kinds()
    if as_json:
        _print_json(table if found is None else found)
        return
    from wattpath.cli import show

    if found is None:
        show.rows(table)
    else:
        show.entry(found)


app.command()(serve)
app.command()(simulate)


def _ledgers(
    kind: str, data: Path | None, chip: str, rest: tuple[str, float, str]
) -> dict[str, Ledger]:
    """The ledgers of tables, or of a benchmark that an engine has written."""
    from wattpath import validate as ledgers
    from wattpath.errors import InputError

    if data is None or data.suffix.lower() not in BENCHMARKS:
        if chip:
            hint = "Files of vLLM and SGLang end in .json or .jsonl."
            raise InputError("--chip", "stand beside --data with a benchmark's JSON", chip, hint)
        return ledgers.run(kind, data)
    if kind not in ("", "inference"):
        raise InputError("--kind", "be inference for a benchmark's JSON", kind)
    if not chip:
        raise InputError("--chip", "name the chip on which the benchmark ran", None)
    from wattpath.validate.engine_import import Machine, engine_ledger

    return {"inference": engine_ledger(data, Machine(chip, *rest))}


@app.command()
def validate(
    kind: Annotated[
        str, typer.Option("--kind", help="A kind of ledger; without it, all.", show_default=False)
    ] = "",
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", help="A CSV with the columns of that kind, or an engine's benchmark JSON."
        ),
    ] = None,
    chip: Annotated[str, typer.Option("--chip", help="Of the benchmark: its chip.")] = "",
    model: Annotated[str, typer.Option("--model", help="Of the benchmark, if none known.")] = "",
    tp: Annotated[int, typer.Option("--tp", min=1, help="Of the benchmark: its chips.")] = 1,
    precision: Annotated[
        str, typer.Option("--precision", help="Of the benchmark: bf16, fp8, int4 ...")
    ] = "bf16",
    page: Annotated[
        Path | None,
        typer.Option("--html", help="Write a page that draws predicted against measured."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Predictions against measurements."""
    if page is not None:
        from wattpath.report.page import check

        check(page)
    found = _ledgers(kind, data, chip, (model, float(tp), precision))
    if page is not None:
        from wattpath.report.ledger import write

        write([ledger.to_json() for ledger in found.values()], page)
    if as_json:
        plain = {name: ledger.to_json() for name, ledger in found.items()}
        _print_json(plain[kind] if kind else plain)
    else:
        from wattpath.cli.show_ledger import ledger as show

        for name, ledger in found.items():
            show(name, ledger)


app.command()(train)
app.command()(posttrain)
for _command in (
    facility,
    power,
    date,
    finance,
    frontier,
    rent,
    fit,
    shock,
    place,
    ranges,
    crowd,
    projects,
    audit,
    replan,
):
    app.command()(_command)
