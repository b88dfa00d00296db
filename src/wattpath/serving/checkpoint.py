"""Long simulations in pieces: bounded memory, and a file from which they go on.

A trace comes in lists of requests, one after another; what has ended goes to the caller, so
that memory follows the longest list and the open requests. After each list the state can be
kept in a file, written beside its place and moved there whole: an interruption leaves the
last checkpoint or none.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from wattpath.errors import FileInputError
from wattpath.serving.fleet import (
    CHUNK,
    FleetReplay,
    FleetRun,
    Replica,
    given,
    open_run,
    result_of,
    simulate_fleet,
)
from wattpath.serving.heap import Floats, Integers
from wattpath.serving.options import Options
from wattpath.serving.requests import Requests
from wattpath.serving.state import State

#: Time of the clock on the wall between two checkpoints of a long simulation [s].
EACH_S = 10.0


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


def simulate_kept(
    replica: Replica,
    requests: Requests,
    replicas: int,
    options: Options,
    cached: Floats,
    priority: Integers,
    file: Path | None,
    each_s: float = EACH_S,
) -> FleetReplay:
    """As `simulate_fleet`, with a file from which an interrupted simulation goes on.

    Parameters
    ----------
    file : Path or None
        Checkpoint; None: nothing is kept. If it is there, the simulation goes on from it;
        it is removed when the simulation is over.
    each_s : float
        Time of the clock on the wall between two checkpoints [s].

    Raises
    ------
    FileInputError
        If the file is no checkpoint of this fleet and these requests.
    """
    if file is None:
        return simulate_fleet(replica, requests, replicas, options, cached, priority)
    cached, priority = given(requests, options, cached, priority)
    run, of = open_run(replica, requests, replicas, options), _digest(requests, cached, priority)
    logs = [_kept_log(run, file, of)] if file.exists() else []
    saved = time.monotonic()
    for start in range(run.seen, len(requests), CHUNK):
        part = slice(start, min(len(requests), start + CHUNK))
        logs.append(run.feed(requests.part(part), cached[part], priority[part]))
        if time.monotonic() - saved >= each_s:
            logs = [np.concatenate(logs)]
            save(run, file, log=logs[0], requests=np.array(of))
            saved = time.monotonic()
    logs.append(run.finish())
    file.unlink(missing_ok=True)
    return result_of(run, len(requests), logs)


def _kept_log(run: FleetRun, file: Path, of: str) -> Floats:
    """Bring a run to where its file left off; the rows of those who had ended."""
    restore(run, file)
    with np.load(file) as kept:
        if "requests" not in kept.files or str(kept["requests"]) != of:
            hint = "Remove it, or go on with the requests that it was written for."
            raise FileInputError(
                str(file), "be a checkpoint of these requests", "one of others", hint
            )
        return np.asarray(kept["log"], dtype=float)


def _digest(requests: Requests, *further: Floats | Integers) -> str:
    total = hashlib.sha256()
    lists = (requests.arrival_s, requests.inputs, requests.outputs)
    for array in (*lists, requests.blocks, requests.starts, *further):
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


def save(run: FleetRun, path: Path, **further: np.ndarray) -> None:
    """Keep a run's state in a file, all of it or nothing, with further arrays beside it."""
    arrays = further | {f"state_{name}": value for name, value in run.state._asdict().items()}
    arrays |= {f"cache_{name}": value for name, value in run.caches._asdict().items()}
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("wb") as target:
            np.savez(target, seen=run.seen, of=_identity(run), **arrays)
        os.replace(beside, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileInputError(str(path), "be a place for a checkpoint", reason) from error
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
    for part in (*unit[:5], terms[2:], rules, scaling):
        total.update(repr(tuple(float(value) for value in part)).encode())
    for array in (unit.kv, terms.ahead, *outages, np.array(run.state.lines.shape)):
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()
