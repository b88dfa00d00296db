"""Fleets behind each other: prefill before decode, a small model before a large one.

What a later fleet does sends nothing back, so the stages are simulated one after another
and agree with a simulation of both at once. That breaks down where a full decode pool stops
the prefill pool, or where a large model's load changes who is sent to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wattpath.errors import InputError
from wattpath.serving.checkpoint import simulate_kept
from wattpath.serving.disaggregation import transfer_s
from wattpath.serving.fleet import FleetReplay, Replica
from wattpath.serving.heap import Floats, Integers
from wattpath.serving.options import Options
from wattpath.serving.requests import Requests, plain

#: Prompt lengths at which a transfer is computed; it is linear in between.
LENGTHS = 64


@dataclass(frozen=True, slots=True)
class Pool:
    """A fleet that is one stage: its replica, how many, and how it is run.

    `file`, where given, keeps a long simulation (see `wattpath.serving.checkpoint`).
    """

    replica: Replica
    replicas: int
    options: Options
    file: Path | None = None

    def serve(
        self, requests: Requests, cached: Floats | None = None, priority: Integers | None = None
    ) -> FleetReplay:
        """Simulate it alone (see `wattpath.serving.fleet.simulate_fleet`)."""
        cached = np.zeros(len(requests)) if cached is None else cached
        priority = np.zeros(len(requests), dtype=np.int64) if priority is None else priority
        lists = (self.options, cached, priority)
        return simulate_kept(self.replica, requests, self.replicas, *lists, self.file)


@dataclass(frozen=True, slots=True)
class Staged:
    """What requests went through.

    Attributes
    ----------
    first_s, done_s : ndarray
        First and last token that the user sees [s]; NaN where it was not served.
    began, ended : FleetReplay
        Of the first stage and of the second; `second` says which requests the rows of
        `ended` belong to.
    """

    first_s: Floats
    done_s: Floats
    began: FleetReplay
    ended: FleetReplay | None
    second: NDArray[np.int64]


def serve_disaggregated(
    prefill: Pool,
    decode: Pool,
    requests: Requests,
    cached: Floats | None = None,
    priority: Integers | None = None,
) -> Staged:
    """Prefill on one pool, send the KV cache, decode on another.

    Each prefill replica sends one prompt's cache after another over the scale-out network;
    the first token is seen when the cache has arrived. A decode replica takes a sequence in
    when it has room for its cache; one that it preempts, or that a failure sends anew,
    computes its prompt there. `cached` and `priority` as in `simulate_fleet`.
    """
    priority = np.zeros(len(requests), dtype=np.int64) if priority is None else priority
    alone = replace(requests, outputs=np.ones(len(requests)))
    began = prefill.serve(alone, cached, priority)
    first = began.done_s + _sending_s(prefill, requests.inputs, began)
    done = first.copy()
    going = np.flatnonzero(np.isfinite(first) & (requests.outputs > 1.0))
    going = going[np.argsort(first[going], kind="stable")]
    if not len(going):
        return Staged(first, done, began, None, going)
    contexts, rest = requests.inputs[going] + 1.0, requests.outputs[going] - 1.0
    engine = decode.replica.engine._replace(request_s=0.0)
    settings = decode.replica.settings._replace(prefix_reuse=0.0)
    behind = replace(
        decode,
        replica=decode.replica._replace(engine=engine, settings=settings),
        options=replace(decode.options, brings_cache=True),
    )
    ended = behind.serve(plain(first[going], contexts, rest), contexts, priority[going])
    done[going] = ended.done_s
    return Staged(first, done, began, ended, going)


def _sending_s(pool: Pool, inputs: Floats, began: FleetReplay) -> Floats:
    """From the end of each prefill until its cache has been sent [s]."""
    chip, shape, layout, settings, _ = pool.replica
    grid = np.unique(np.quantile(inputs, np.linspace(0.0, 1.0, LENGTHS)))
    times = [transfer_s(chip, shape, layout, settings, float(length)) for length in grid]
    each = np.interp(inputs, grid, times)
    waits = np.full(len(inputs), np.nan)
    for rank in range(pool.replicas):
        mine = np.flatnonzero((began.replica == rank) & np.isfinite(began.done_s))
        mine = mine[np.argsort(began.done_s[mine], kind="stable")]
        ready, sent = began.done_s[mine], np.cumsum(each[mine])
        waits[mine] = sent + np.maximum.accumulate(ready - (sent - each[mine])) - ready
    return waits


def serve_cascade(
    small: Pool,
    large: Pool,
    requests: Requests,
    escalated: NDArray[np.bool_],
    routed: NDArray[np.bool_] | None = None,
) -> Staged:
    """A small model answers first, or a router sends at once to the large one.

    Parameters
    ----------
    small, large : Pool
        The fleets of both models.
    requests : Requests
        In order of arrival.
    escalated : array of bool, shape (n,)
        Whose answer by the small model is not good enough: the large one answers them from
        the beginning, after the small one's work is done, and that work is paid too.
    routed : array of bool, shape (n,), optional
        Who is sent to the large model at once.
    """
    count = len(requests)
    routed = np.zeros(count, dtype=bool) if routed is None else routed
    if escalated.shape != (count,) or routed.shape != (count,):
        raise InputError("escalated", "say yes or no to each request", escalated.shape)
    tried = np.flatnonzero(~routed)
    began = small.serve(requests.chosen(~routed))
    first, done = np.full(count, np.nan), np.full(count, np.nan)
    first[tried], done[tried] = began.first_s, began.done_s
    second, when = sent_on(requests.arrival_s, done, escalated, routed)
    first[escalated] = done[escalated] = np.nan
    if not len(second):
        return Staged(first, done, began, None, second)
    ended = large.serve(plain(when, requests.inputs[second], requests.outputs[second]))
    first[second], done[second] = ended.first_s, ended.done_s
    return Staged(first, done, began, ended, second)


def sent_on(
    arrival_s: Floats, done_s: Floats, escalated: NDArray[np.bool_], routed: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], Floats]:
    """Who comes to the large model, in order, and when [s].

    `done_s` is when the small model's answers ended; those that it never gave are not sent.
    """
    when = np.where(routed, arrival_s, np.where(escalated, done_s, np.nan))
    second = np.flatnonzero(np.isfinite(when))
    second = second[np.argsort(when[second], kind="stable")]
    return second, when[second]


def hardest(score: Floats, share: float) -> NDArray[np.bool_]:
    """The share of requests with the highest score, such as length or difficulty."""
    if not 0.0 <= share <= 1.0:
        raise InputError("share", "be between 0 and 1", share)
    chosen = np.zeros(len(score), dtype=bool)
    chosen[np.argsort(-score, kind="stable")[: round(share * len(score))]] = True
    return chosen
