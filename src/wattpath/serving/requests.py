"""A list of requests as arrays: when they come, how long they are, what they share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattpath.errors import FileInputError, InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests in the order of their arrival.

    Attributes
    ----------
    arrival_s : ndarray, shape (n,)
        When each comes, from the first one on [s].
    inputs, outputs : ndarray, shape (n,)
        Prompt and answer tokens [token].
    blocks : ndarray
        Identities of the prompts' blocks one request after another; two prompts share a
        prefix as far as their blocks are the same. Empty where nothing is known.
    starts : ndarray, shape (n + 1,)
        Where the blocks of each request begin.
    block_tokens : float
        Tokens of one block [token].
    """

    arrival_s: Floats
    inputs: Floats
    outputs: Floats
    blocks: Integers
    starts: Integers
    block_tokens: float = 512.0

    def __len__(self) -> int:
        return len(self.arrival_s)

    @property
    def span_s(self) -> float:
        """From the first arrival until one mean gap after the last [s]."""
        gaps = max(1, len(self) - 1)
        return float(self.arrival_s[-1] - self.arrival_s[0]) * (1.0 + 1.0 / gaps)

    @property
    def rate(self) -> float:
        """Mean arrivals a second."""
        return len(self) / self.span_s if self.span_s > 0.0 else float("inf")

    def repeated(self, count: int) -> Requests:
        """The first `count` requests of the list played again and again.

        Each copy starts when the last one is over; its prompts share blocks among
        themselves but none with another copy, since nobody asks everything twice.
        """
        own = len(self)
        copies = -(-count // own)
        index = np.arange(count, dtype=np.int64)
        at, copy = index % own, index // own
        span = self.span_s
        widths = np.diff(self.starts)
        starts = np.concatenate([[0], np.cumsum(widths[at])]).astype(np.int64)
        ids = int(self.blocks.max()) + 1 if self.blocks.size else 0
        flat = np.tile(self.blocks, copies) if ids else self.blocks
        blocks = flat + np.repeat(np.arange(copies) * ids, self.blocks.size) if ids else flat
        return Requests(
            self.arrival_s[at] - self.arrival_s[0] + copy * span,
            self.inputs[at],
            self.outputs[at],
            blocks[: starts[-1]].astype(np.int64),
            starts,
            self.block_tokens,
        )

    def at_rate(self, rate: float) -> Requests:
        """The same requests with time stretched to this mean rate [request/s]."""
        if not rate > 0.0:
            raise InputError("rate", "be > 0 requests/s", rate)
        factor = self.rate / rate
        return Requests(
            self.arrival_s * factor,
            self.inputs,
            self.outputs,
            self.blocks,
            self.starts,
            self.block_tokens,
        )

    def part(self, rows: slice) -> Requests:
        """Requests that follow each other, from one place to another."""
        start, stop, _ = rows.indices(len(self))
        edges = self.starts[start : stop + 1]
        arrays = (self.arrival_s[rows], self.inputs[rows], self.outputs[rows])
        blocks = self.blocks[edges[0] : edges[-1]]
        return Requests(*arrays, blocks, edges - edges[0], self.block_tokens)

    def chosen(self, members: NDArray[np.bool_]) -> Requests:
        """Those requests that a mask selects; their blocks are kept."""
        widths = np.diff(self.starts)
        starts = np.concatenate([[0], np.cumsum(widths[members])]).astype(np.int64)
        blocks = self.blocks[np.repeat(members, widths)]
        arrays = (self.arrival_s[members], self.inputs[members], self.outputs[members])
        return Requests(*arrays, blocks, starts, self.block_tokens)


def plain(arrival_s: Floats, inputs: Floats, outputs: Floats) -> Requests:
    """Requests of which no shared prefixes are known."""
    empty = np.zeros(0, dtype=np.int64)
    return Requests(arrival_s, inputs, outputs, empty, np.zeros(len(inputs) + 1, dtype=np.int64))


def check_requests(requests: Requests, path: str) -> None:
    """Refuse a list without requests, with gaps in it, or out of order.

    Raises
    ------
    FileInputError
        Naming the first request that breaks a rule, counted from 1.
    """
    if not len(requests):
        raise FileInputError(path, "hold at least one request", "an empty trace")
    bad = np.flatnonzero(~np.isfinite(requests.arrival_s))
    if bad.size:
        raise FileInputError(path, "give every request an arrival", f"none at request {bad[0] + 1}")
    early = np.flatnonzero(np.diff(requests.arrival_s) < 0.0)
    if early.size:
        back = requests.arrival_s[early[0]] - requests.arrival_s[early[0] + 1]
        given = f"request {early[0] + 2} {back:.6g} s before the one above it"
        raise FileInputError(path, "have its arrivals in order", given, "Sort it by arrival.")
    for name, values in (("prompt", requests.inputs), ("answer", requests.outputs)):
        bad = np.flatnonzero(~(values >= 1.0) | ~np.isfinite(values))
        if bad.size:
            given = f"{values[bad[0]]:g} at request {bad[0] + 1}"
            raise FileInputError(path, f"give every {name} a length >= 1 token", given)
