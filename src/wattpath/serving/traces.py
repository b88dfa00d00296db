"""Readers of request traces: Azure LLM CSV, Mooncake JSONL, and tables of one's own.

A trace is CSV, JSONL (both also as .gz) or Parquet with one request a row. Columns are
known by the names that public traces use, so no option is needed:

========  ====================================================================
arrival   ``arrival_s``, ``arrival``, ``arrived_at`` [s]; ``Timestamp`` as a date
          with time, in ms where the table has block hashes, else in s;
          ``arrival_ms``, ``timestamp_ms`` [ms]
prompt    ``input_tokens``, ``ContextTokens``, ``input_length``, ``prompt_tokens``,
          ``Request tokens``
answer    ``output_tokens``, ``GeneratedTokens``, ``output_length``,
          ``completion_tokens``, ``Response tokens``
blocks    ``hash_ids``: a list of block identities, 512 tokens each
========  ====================================================================
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wattpath.errors import FileInputError
from wattpath.serving.requests import Floats, Requests, check_requests, plain

if TYPE_CHECKING:
    import pandas as pd

ARRIVALS = ("arrival_s", "arrival", "arrived_at", "arrival_ms", "timestamp_ms", "timestamp")
PROMPTS = (
    "input_tokens",
    "contexttokens",
    "input_length",
    "prompt_tokens",
    "num_prefill_tokens",
    "request_tokens",
)
ANSWERS = (
    "output_tokens", "generatedtokens", "output_length", "completion_tokens", "num_decode_tokens",
    "response_tokens",
)  # fmt: skip
#: Tokens of one hashed block of Mooncake traces.
BLOCK_TOKENS = 512.0


def read_trace(file: str | Path) -> Requests:
    """The requests of a trace, its format known by its name and columns.

    Parameters
    ----------
    file : str or Path
        ``.csv``, ``.csv.gz``, ``.jsonl``, ``.jsonl.gz`` or ``.parquet``.

    Returns
    -------
    Requests
        Arrivals count from the first; an answer of 0 tokens counts as 1.

    Raises
    ------
    FileInputError
        If it cannot be read, lacks a column, or has missing or unordered arrivals.
    """
    path = Path(file)
    table = _table(path)
    if table.empty and len(table.columns):
        raise FileInputError(str(path), "hold at least one request", "an empty trace")
    names = {str(name).lower().replace(" ", "_"): str(name) for name in table.columns}
    arrival = _column(path, names, ARRIVALS, "arrivals")
    inputs = _numbers(table, _column(path, names, PROMPTS, "prompt lengths"))
    outputs = _numbers(table, _column(path, names, ANSWERS, "answer lengths"))
    hashed = names.get("hash_ids")
    when = _seconds(path, table, arrival, hashed is not None)
    requests = plain(when, inputs, np.where(outputs == 0.0, 1.0, outputs))
    if hashed is not None:
        requests = _with_blocks(path, requests, list(table[hashed]))
    check_requests(requests, str(path))
    requests.arrival_s[:] -= requests.arrival_s[0]
    return requests


def _table(path: Path) -> pd.DataFrame:
    import pandas as pd

    name = path.name.lower().removesuffix(".gz")
    try:
        if name.endswith((".jsonl", ".json")):
            return pd.read_json(path, lines=True, dtype=False)
        if name.endswith(".parquet"):
            return pd.read_parquet(path)
        if name.endswith(".csv"):
            return pd.read_csv(path)
    except (OSError, ValueError, ImportError, EOFError) as error:
        reason = " ".join(str(error).split())[:160]
        raise FileInputError(str(path), "be a readable trace", reason) from error
    hint = "Traces are .csv, .jsonl (both also .gz) or .parquet."
    raise FileInputError(str(path), "be a trace of a known format", path.suffix, hint)


def _column(path: Path, names: dict[str, str], known: tuple[str, ...], what: str) -> str:
    for name in known:
        if name in names:
            return names[name]
    hint = f"Names for {what} are {', '.join(known)}."
    raise FileInputError(str(path), f"have a column of {what}", sorted(names.values()), hint)


def _numbers(table: pd.DataFrame, column: str) -> Floats:
    import pandas as pd

    return np.array(pd.to_numeric(table[column], errors="coerce"), dtype=float)


def _seconds(path: Path, table: pd.DataFrame, column: str, hashed: bool) -> Floats:
    """Arrivals in seconds; text is read as a date with time."""
    import pandas as pd

    values = table[column]
    if pd.api.types.is_numeric_dtype(values):
        milli = column.lower().endswith("_ms") or (hashed and column.lower() == "timestamp")
        return np.array(values, dtype=float) * (1e-3 if milli else 1.0)
    if not pd.api.types.is_datetime64_any_dtype(values):
        values = pd.to_datetime(values, errors="coerce", format="ISO8601", utc=True)
    missing = np.asarray(values.isna())
    if missing.any():
        given = f"{table[column][int(missing.argmax())]!r} at request {int(missing.argmax()) + 1}"
        raise FileInputError(str(path), "give every request an arrival", given)
    return np.array((values - values.iloc[0]) / pd.Timedelta(seconds=1), dtype=float)


def _with_blocks(path: Path, requests: Requests, lists: list[object]) -> Requests:
    """Attach block identities, renumbered from 0."""
    rows = [json.loads(row) if isinstance(row, str) else row for row in lists]
    if not all(isinstance(row, (list, np.ndarray)) for row in rows):
        raise FileInputError(str(path), "give every request a list of hash_ids", "something else")
    widths = [len(row) for row in rows]  # type: ignore[arg-type]
    flat = np.concatenate([np.asarray(row, dtype=np.int64) for row in rows if len(row)])  # type: ignore[arg-type]
    _, dense = np.unique(flat, return_inverse=True)
    starts = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    arrays = (requests.arrival_s, requests.inputs, requests.outputs)
    return Requests(*arrays, dense.astype(np.int64), starts, BLOCK_TOKENS)
