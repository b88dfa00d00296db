"""The command of more chips under the same power: `wattpath crowd`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wattpath.cli.asked import Json, print_json

if TYPE_CHECKING:
    from wattpath.validate.crowding import Crowding


def crowd(
    draws: Annotated[
        int, typer.Option(min=1, max=4096, help="Draws over the sourced ranges.")
    ] = 16,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws.")] = 0,
    as_json: Json = False,
) -> None:
    """What a vendor's larger campus under the same power earns, by service level."""
    from wattpath.cli.progress import progress
    from wattpath.validate.crowding import crowding

    with progress() as report:
        found = crowding(draws, seed, report)
    if as_json:
        print_json(found.to_json())
    else:
        _show(found)


def _show(found: Crowding) -> None:
    """The answer, then a row for each level."""
    from wattpath import units
    from wattpath.cli.sheet import console_of_width, table

    console = console_of_width()
    few, many = found.chips
    paying = [level for level in found.levels if level.sold["1"] is not None]
    best = max(found.levels, key=lambda level: level.tokens)
    console.print(
        f"\n{many / few - 1.0:.0%} more chips in {units.show(found.site_w, 'W')} give "
        f"{best.tokens - 1.0:.0%} more tokens at best, and pay at the vendor's price at "
        f"{len(paying)} of {len(found.levels)} service levels.\n",
        markup=False,
    )
    rows = [
        (
            f"{level.tpot_s * 1e3:.0f} ms",
            f"{level.cap:.0%}",
            f"{level.tokens:.2f}",
            *(f"{value:.2f}" for value in level.tokens_span),
            *(_share(value) for value in level.sold.values()),
        )
        for level in found.levels
    ]
    heads = [f"sold at {name} of the price" for name in list(found.levels[0].sold)[:-1]]
    console.print(
        table(rows, "token within", "cap", "tokens", "P10", "P50", "P90", *heads, "at cost")
    )
    console.print(f"\n{found.server}, {found.model}; {found.draws} draws.", markup=False)


def _share(value: float | None) -> str:
    return "never pays" if value is None else f"{value:.0%}"
