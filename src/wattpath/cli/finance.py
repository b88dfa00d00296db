"""The command of money: `wattpath finance`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wattpath.cli.asked import File, Json, Sets, leave, print_json
from wattpath.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wattpath.plan.finance.statements import Financed
    from wattpath.plan.result import PlanResult

#: Longest life of a write-off that can be asked for [years].
LONGEST = 15


def _term(words: str) -> Any:
    return typer.Option(help=words, show_default=False)


def finance(
    file: File,
    plan: Annotated[
        str, typer.Option("--plan", help="Whose schedule is printed: baseline, blue, red, both.")
    ] = "both",
    price: Annotated[
        float | None,
        typer.Option("--price", help="USD of a million tokens; without it, the levelised one."),
    ] = None,
    years: Annotated[
        int | None, typer.Option(min=1, max=60, help="Span; without it, the life of the servers.")
    ] = None,
    debt_share: Annotated[float | None, _term("Share of purchases that lenders pay.")] = None,
    debt_rate: Annotated[float | None, _term("Nominal interest a year.")] = None,
    debt_tenor: Annotated[float | None, _term("Years of repayment.")] = None,
    equity_rate: Annotated[float | None, _term("Nominal return that owners ask a year.")] = None,
    tax: Annotated[float | None, _term("Tax on profit.")] = None,
    inflation: Annotated[float | None, _term("Growth of all prices a year.")] = None,
    server_write_off: Annotated[
        str, typer.Option(help="Years over which servers are written off, side by side.")
    ] = "3,5,6",
    plant_write_off: Annotated[float | None, _term("Years for halls and plant.")] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Write a spreadsheet with its formulas.")
    ] = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """What lenders and owners see: capital, debt, tax, returns, price of a token."""
    _check(plan, xlsx)
    lives = tuple(_lives(server_write_off))
    terms = {
        "debt_share": debt_share, "debt_rate": debt_rate, "debt_tenor": debt_tenor,
        "equity_rate": equity_rate, "tax": tax, "inflation": inflation,
        "plant_write_off": plant_write_off,
        "server_write_off": float(lives[0]) if len(lives) == 1 else None,
    }  # fmt: skip
    found, result = _found(file, sets, terms, years=years, price_usd=price, lives=lives)
    _tell(found, plan, xlsx, as_json)
    _leave(found, result)


def _leave(found: Financed, result: PlanResult) -> None:
    """End with the exit code of an infeasible answer where a plan is missing."""
    if not found.feasible:
        from wattpath.cli.verdict import verdict

        leave(verdict(result.plans))


def _check(plan: str, xlsx: Path | None) -> None:
    """Refuse what cannot be shown or written before anything is solved."""
    from wattpath.plan.result import PLANS
    from wattpath.report import page

    if plan not in PLANS:
        raise InputError("--plan", f"be one of {', '.join(PLANS)}", plan)
    if xlsx is not None:
        page.check(xlsx, "--xlsx")


def _found(
    file: Any, sets: Any, terms: dict[str, float | None], **asked: Any
) -> tuple[Financed, PlanResult]:
    """The plans of a scenario as projects, and the plans themselves."""
    import wattpath
    from wattpath.cli.progress import progress
    from wattpath.plan.finance.statements import checked_terms, finance_of
    from wattpath.plan.front import load_scenario

    scenario = load_scenario(file, sets)
    given = {name: value for name, value in terms.items() if value is not None}
    checked_terms(given, asked["price_usd"])
    with progress() as report:
        result = wattpath.plan(file, sets, progress=report, attribute=False)
        report("Reckoning the years", 0.9)
        return finance_of(scenario, result, given, **asked), result


def _tell(found: Financed, plan: str, xlsx: Path | None, as_json: bool) -> None:
    """Write and print what was found."""
    if xlsx is not None and found.projects:
        from wattpath.report import finance as sheets

        sheets.write(found, xlsx)
    if as_json:
        print_json(found.to_json())
    else:
        from wattpath.cli import show_finance

        show_finance.finance(found, plan)
        if xlsx is not None and found.projects:
            typer.echo(f"Spreadsheet: {xlsx}")


def _lives(text: str) -> Iterator[int]:
    """Whole years from '3,5,6'."""
    for part in text.split(","):
        if not part.strip().isdigit() or not 1 <= int(part) <= LONGEST:
            constraint = f"be whole years between 1 and {LONGEST}, such as 3,5,6"
            raise InputError("--server-write-off", constraint, text)
        yield int(part)
