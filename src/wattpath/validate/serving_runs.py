"""Replays of measured request-by-request runs, compared as distributions.

A table holds one real server's requests: arrival, lengths, first and last token. The same
arrivals and lengths are replayed, and percentiles of the times are compared; single
requests are not, since one scheduler's tie moves them.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wattpath import catalog
from wattpath.errors import FileInputError
from wattpath.hardware.chip import load_chip
from wattpath.serving.engine import Engine, load_engine
from wattpath.serving.layout import Layout, label
from wattpath.serving.simulator import replay
from wattpath.validate.ledger import Ledger, LedgerRow, read_rows
from wattpath.validate.serving_rows import model_shape, read_formats

#: Columns of a table; `chip`, `model`, `engine`, `chunk_tokens`, `max_sequences` and
#: `memory_utilisation` may be given in further ones, the same in every row.
COLUMNS = ("request", "input_tokens", "output_tokens", "arrival_s", "first_token_s", "last_token_s")
PERCENTILES = (50.0, 90.0, 99.0)
#: Runs that were seen when the workspace and the sequence limit were chosen.
SEEN = ("rtx4090-llama-3.1-8b", "rtxpro6000-llama-3.1-8b")
#: What a table is taken to be run with unless it says so.
ENGINE = "vllm-v1-online"
#: How a file's name gives tensor parallelism.
_TENSOR = re.compile(r"-tp(\d+)$")
Floats = NDArray[np.float64]


def serving_runs_ledger(file: str | Path) -> Ledger:
    """Percentiles of TTFT, TPOT and end-to-end time of a run, replayed and as measured.

    Chip and model stand in columns ``chip`` and ``model``, or in the file's name as
    ``<chip>-<model>.csv``.

    Raises
    ------
    FileInputError
        If the table cannot be read, or names no chip and model of the catalogue.
    """
    path = Path(file)
    rows = read_rows(path, COLUMNS)
    table = {name: _numbers(path, rows, name) for name in COLUMNS[1:]}
    order = np.argsort(table["arrival_s"], kind="stable")
    table = {name: values[order] for name, values in table.items()}
    chip, model = _names(path, rows[0])
    shape, part, layout = model_shape(model), load_chip(chip), _layout(path, rows[0])
    part = part._replace(scaleup_domain=max(part.scaleup_domain, layout.tp))
    settings = read_formats(rows[0].get("precision") or "bf16", "")
    engine = _engine(path, rows)
    zeros = np.zeros(len(rows))
    run = replay(
        part, shape, layout, settings, engine,
        table["arrival_s"], table["input_tokens"], table["output_tokens"], zeros, 0.0,
    )  # fmt: skip
    measured = _times(table, table["first_token_s"], table["last_token_s"])
    predicted = _times(table, run.first_s, run.done_s)
    return Ledger(
        "serving-runs",
        tuple(
            _row(path, (chip, model, rows), layout, f"{name}_p{level:.0f}", predicted[name], values)
            for name, values in measured.items()
            for level in PERCENTILES
        ),
    )


def _row(
    path: Path,
    named: tuple[str, str, list[dict[str, str]]],
    layout: Layout,
    quantity: str,
    predicted: Floats,
    measured: Floats,
) -> LedgerRow:
    chip, model, rows = named
    level = float(quantity.rpartition("_p")[2])
    whole = bool(np.all(np.isfinite(predicted)))
    return LedgerRow(
        row_id=path.stem,
        source=path.name,
        n_chips=int(layout.tp),
        quantity=quantity,
        predicted=float(np.percentile(predicted, level)) if whole else None,
        measured=float(np.percentile(measured, level)),
        status="answered" if whole else "refused",
        reason=f"{len(rows)} requests" if whole else "a request does not fit beside the weights",
        chip=chip,
        precision=(rows[0].get("precision") or "bf16").upper(),
        layout=f"{model} {label(layout)}",
        fitted=path.stem in SEEN,
    )


def _times(table: dict[str, Floats], first: Floats, last: Floats) -> dict[str, Floats]:
    further = np.maximum(1.0, table["output_tokens"] - 1.0)
    return {
        "ttft": first - table["arrival_s"],
        "tpot": (last - first) / further,
        "latency": last - table["arrival_s"],
    }


def _numbers(path: Path, rows: list[dict[str, str]], column: str) -> Floats:
    values = []
    for number, row in enumerate(rows):
        try:
            values.append(float(row[column]))
        except ValueError:
            given = f"{row[column]!r} at row {number + 1}"
            raise FileInputError(str(path), f"have a number in every {column}", given) from None
    return np.array(values)


def _layout(path: Path, row: dict[str, str]) -> Layout:
    """Tensor parallelism by its column, else by the end of the file's name."""
    if row.get("tp"):
        return Layout(float(_numbers(path, [row], "tp")[0]))
    named = _TENSOR.search(path.stem)
    return Layout(float(named[1])) if named else Layout()


def _names(path: Path, row: dict[str, str]) -> tuple[str, str]:
    """Chip and model by their columns, else by the parts of the file's name."""
    if row.get("chip") and row.get("model"):
        return row["chip"], row["model"]
    parts = _TENSOR.sub("", path.stem).split("-")
    for cut in range(1, len(parts)):
        chip = _known("chip", " ".join(parts[:cut]))
        model = _known("model", " ".join(parts[cut:]))
        if chip and model:
            return chip, model
    hint = "Name it <chip>-<model>.csv, or add columns chip and model."
    raise FileInputError(str(path), "name a chip and a model", path.name, hint)


def _known(kind: str, words: str) -> str:
    """The key of the entry whose name or key ends with these words, spaces aside."""
    wanted = _squeezed(words)
    for key in catalog.names(kind):
        named = _squeezed(catalog.load(kind, key).name)
        if wanted and any(text.endswith(wanted) for text in (_squeezed(key), named)):
            return key
    return ""


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _most_at_once(path: Path, rows: list[dict[str, str]]) -> float:
    """The engine's limit on running sequences as the run shows it; 0 where it shows none.

    The most requests between scheduling and last token, if that is a power of two, as such
    limits are.
    """
    if not rows[0].get("scheduled_s"):
        return 0.0
    begin, end = (_numbers(path, rows, name) for name in ("scheduled_s", "last_token_s"))
    events = np.concatenate([begin, end])
    change = np.concatenate([np.ones(len(rows)), -np.ones(len(rows))])
    order = np.lexsort((change, events))
    most = int(np.cumsum(change[order]).max())
    return float(most) if most >= 32 and most & (most - 1) == 0 else 0.0


def _engine(path: Path, rows: list[dict[str, str]]) -> Engine:
    """The engine of the run, with the limits that its table states or shows."""
    row = rows[0]
    engine = load_engine(row.get("engine") or ENGINE)
    names = ("chunk_tokens", "max_sequences", "memory_utilisation")
    given = {name: _numbers(path, rows[:1], name)[0] for name in names if row.get(name)}
    if "max_sequences" not in given and (most := _most_at_once(path, rows)):
        given["max_sequences"] = most
    return engine._replace(**{name: float(value) for name, value in given.items()})
