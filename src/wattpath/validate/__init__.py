"""The error ledger: predictions against published measurements, signed, row by row."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from wattpath.errors import FileInputError, InputError
from wattpath.validate.ledger import Choice, Group, Ledger, LedgerRow, Ranking, read_rows

__all__ = [
    "KINDS", "Choice", "Group", "Ledger", "LedgerRow", "Ranking", "read_rows", "run", "shipped",
]  # fmt: skip

#: Kind -> module and function that turns a table of its measurements into a ledger.
KINDS = {
    "training": ("wattpath.validate.training", "training_ledger"),
    "inference": ("wattpath.validate.inference", "inference_ledger"),
    "energy": ("wattpath.validate.energy", "energy_ledger"),
    "serving-runs": ("wattpath.validate.serving_runs", "serving_runs_ledger"),
    "facility": ("wattpath.validate.facility", "facility_ledger"),
    "supply": ("wattpath.validate.supply", "supply_ledger"),
    "projects": ("wattpath.validate.projects", "projects_ledger"),
    "claims": ("wattpath.validate.claims", "claims_ledger"),
}

#: Kinds whose measurements are entries of the catalogue.
CATALOGUED = ("projects",)

#: Where the measurements of a checkout are.
FOLDER = Path(__file__).parents[3] / "validation"


def shipped() -> dict[str, Path]:
    """Kind -> the table of measurements that comes with the project."""
    tables = {kind: FOLDER / f"{kind}.csv" for kind in KINDS}
    return {kind: table for kind, table in tables.items() if table.is_file()}


def run(kind: str = "", data: str | Path | None = None) -> dict[str, Ledger]:
    """Predict every row of the tables and compare.

    Parameters
    ----------
    kind : str
        One of `KINDS`; empty for all that have a shipped table.
    data : path, optional
        A table of that kind, instead of the shipped one.

    Raises
    ------
    InputError
        If the kind is unknown, or the table is missing or lacks a column.
    """
    if kind and kind not in KINDS:
        raise InputError("--kind", "name a kind of ledger", kind, f"Kinds are {', '.join(KINDS)}.")
    if data is not None:
        if not kind:
            hint = f"Kinds are {', '.join(KINDS)}."
            raise InputError("--kind", "be given with --data", None, hint)
        if not Path(data).is_file():
            raise FileInputError("--data", "be a file that exists", str(data))
        return {kind: _ledger(kind, Path(data))}
    tables = shipped()
    wanted = [kind] if kind else [*tables, *CATALOGUED]
    if any(name not in (*tables, *CATALOGUED) for name in wanted):
        hint = "No measurements come with this installation."
        raise InputError("--data", "be a table of measurements", None, hint)
    return {name: _ledger(name, tables.get(name)) for name in wanted}


def _ledger(kind: str, table: Path | None) -> Ledger:
    module, function = KINDS[kind]
    read: Callable[[Path | None], Ledger] = getattr(import_module(module), function)
    return read(table)
