"""Long simulations in pieces: bounded memory, and a file from which they go on.

A trace comes in lists of requests, one after another; what has ended goes to the caller, so
that memory follows the longest list and the open requests. After each list the state can be
kept in a file, written beside its place and moved there whole: an interruption leaves the
last checkpoint or none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from wattpath.errors import FileInputError
from wattpath.serving.fleet import FleetRun
from wattpath.serving.heap import Floats
from wattpath.serving.requests import Requests
from wattpath.serving.state import State


def stream(
    run: FleetRun, lists: Iterable[Requests], file: str | Path | None = None
) -> Iterator[Floats]:
    """Drive a fleet with lists of requests that follow each other in time.

    Parameters
    ----------
    run : FleetRun
        Freshly opened.
    lists : iterable of Requests
        Made one at a time; no caller needs to hold them all.
    file : str or Path, optional
        Checkpoint. If it is there, the run goes on after the lists that it has seen, which
        are skipped; it is removed when the simulation is over.

    Yields
    ------
    array of float, shape (n, 5)
        For each list, and at last for those still open, the requests that ended: number,
        first and last token [s], replica, tokens found (columns of `State.log`).

    Raises
    ------
    FileInputError
        If the file is no checkpoint of this fleet.
    """
    path = Path(file) if file is not None else None
    behind = restore(run, path) if path is not None and path.exists() else 0
    seen = 0
    for requests in lists:
        seen += len(requests)
        if seen <= behind:
            continue
        count = len(requests)
        nothing = np.zeros(count)
        log = run.feed(requests, nothing, nothing.astype(np.int64))
        yield log
        if path is not None:
            save(run, path)
    yield run.finish()
    if path is not None:
        path.unlink(missing_ok=True)


def save(run: FleetRun, path: Path) -> None:
    """Keep a run's state in a file, all of it or nothing."""
    arrays = {f"state_{name}": value for name, value in run.state._asdict().items()}
    arrays |= {f"cache_{name}": value for name, value in run.caches._asdict().items()}
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("wb") as target:
            np.savez(target, seen=run.seen, of=_identity(run), **arrays)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def restore(run: FleetRun, path: Path) -> int:
    """Bring a freshly opened run to where a checkpoint left off; requests seen until then.

    Raises
    ------
    FileInputError
        If it is no checkpoint, or one of another fleet.
    """
    try:
        with np.load(path) as file:
            kept = {name: file[name] for name in file.files}
        same = str(kept["of"]) == _identity(run)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise FileInputError(
            str(path), "be a checkpoint of a simulation", "another file"
        ) from error
    if not same:
        hint = "Remove it, or go on with the fleet that wrote it."
        raise FileInputError(str(path), "be a checkpoint of this fleet", "one of another", hint)
    fields = {name: kept[f"state_{name}"] for name in State._fields if name != "places"}
    run.state = State(**fields, places=int(kept["state_places"]))
    run.caches = type(run.caches)(**{n: kept[f"cache_{n}"] for n in run.caches._fields})
    run.seen = int(kept["seen"])
    return run.seen


def _identity(run: FleetRun) -> str:
    """A digest of all that the fleet goes by."""
    unit, terms, rules, scaling, outages = run.fleet
    total = hashlib.sha256()
    for part in (*unit[:5], terms[1:], rules, scaling):
        total.update(repr(tuple(float(value) for value in part)).encode())
    for array in (unit.kv, *outages, np.array(run.state.lines.shape)):
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()
