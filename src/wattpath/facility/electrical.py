"""Electrical chains of the catalogue, sized for a redundancy: `Chain` from an entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.facility.chain import Chain, Stage

if TYPE_CHECKING:
    from wattpath.catalog import Entry

#: Redundancy -> ratings installed over the load (N+1 takes the entry's spare share).
REDUNDANCIES = ("N", "N+1", "2N")


@dataclass(frozen=True, slots=True)
class Electrical:
    """An electrical chain: entry, redundancy, losses and capital per W of IT capacity."""

    key: str
    name: str
    entry: Entry
    redundancy: str
    chain: Chain
    capital_usd_per_it_w: float


def load_electrical(name: str, redundancy: str = "", path: str = "electrical") -> Electrical:
    """An electrical chain of the catalogue.

    Parameters
    ----------
    name : str
        Key, name or alias of an ``electrical`` entry.
    redundancy : str, optional
        ``N``, ``N+1`` or ``2N``; the entry's own if left out. Part of the
        capital follows the installed rating.
    path : str, optional
        Where the name was given, for the error message.

    Raises
    ------
    UnknownNameError, InputError
        For an unknown chain or redundancy.
    """
    entry = catalog.load("electrical", name, path)
    wanted = redundancy or entry.text("redundancy")
    if wanted not in REDUNDANCIES:
        raise InputError(f"{path}.redundancy", f"be one of {', '.join(REDUNDANCIES)}", wanted)
    installed = _installed(entry, wanted)
    default = _installed(entry, entry.text("redundancy"))
    chain = Chain(
        hall=_stage(entry, "hall", 2.0 if wanted == "2N" else 1.0),
        ups=_stage(entry, "ups", installed * 1.03),
        grid=_stage(entry, "grid", max(installed, 1.2) * 1.3),
    )
    grows = entry.si("redundant_share")
    capital = entry.si("capital_usd_per_it_w") * (1.0 - grows + grows * installed / default)
    return Electrical(entry.key, entry.name, entry, wanted, chain, capital)


def _installed(entry: Entry, redundancy: str) -> float:
    spare = {"N": 0.0, "N+1": entry.si("spare_share"), "2N": 1.0}
    return 1.0 + spare[redundancy]


def _stage(entry: Entry, stage: str, rating: float) -> Stage:
    return Stage(
        rating,
        entry.si(f"{stage}_no_load"),
        entry.si(f"{stage}_linear"),
        entry.si(f"{stage}_quadratic"),
    )
