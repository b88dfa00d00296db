"""Which replica of a fleet a request is sent to, and what its prefix cache holds."""

from __future__ import annotations

from typing import NamedTuple

from wattpath.serving.batching import Terms, used_bytes
from wattpath.serving.compiled import inner, outer
from wattpath.serving.heap import Integers
from wattpath.serving.prefix import PrefixCaches, cache_of, known_blocks, use_tiers
from wattpath.serving.scheduler import enqueue
from wattpath.serving.state import FOUND, KEPT, ON, PROMPT, READY, SEEN, TIER_FREE, State
from wattpath.serving.turns import notice

#: Routers: in turn, to the fewest open requests, to the longest known prefix, to the fewest
#: open requests among the replicas that are kept for prompts of this length.
ROUND_ROBIN, LEAST_LOADED, PREFIX_AWARE, BY_LENGTH = 0, 1, 2, 3
ROUTERS = {
    "round-robin": ROUND_ROBIN,
    "least-loaded": LEAST_LOADED,
    "prefix-aware": PREFIX_AWARE,
    "by-length": BY_LENGTH,
}
#: A known prefix counts as long as its replica has at most this many more open requests
#: than the least loaded one, and this share more.
SLACK_REQUESTS, SLACK_SHARE = 4.0, 0.25


class Rules(NamedTuple):
    """How a fleet sends requests to its replicas and what it keeps of them.

    Parameters
    ----------
    router
        A value of `ROUTERS`.
    long_tokens, long_rank
        Prompts above this length [token] go to the replicas from this one on (by-length).
    caching
        1: prefixes are kept; 0: not.
    block_tokens, block_bytes
        Of one block [token], [B on a chip].
    host_blocks, drive_blocks
        Blocks that the lower tiers can hold.
    host_block_s, drive_block_s
        Time to bring one block back from them [s].
    resend
        1: requests in a replica that fails are sent anew; 0: they are lost.
    """

    router: int
    long_tokens: float
    long_rank: int
    caching: int
    block_tokens: float
    block_bytes: float
    host_blocks: int
    drive_blocks: int
    host_block_s: float
    drive_block_s: float
    resend: int


@inner
def _next_on(state: State, low: int, high: int, turn: int) -> int:
    """The first replica that is on, from the one whose turn it is; -1 for none."""
    count = high - low
    if count <= 0:
        return -1
    rank = low + turn % count
    for _ in range(count):
        if state.status[rank] == ON:
            return rank
        rank = rank + 1 if rank + 1 < high else low
    return -1


@inner
def _least_loaded(state: State, low: int, high: int, turn: int) -> int:
    """The replica with the fewest open requests; of equals the next in turn; -1 for none."""
    best = _next_on(state, low, high, turn)
    if best < 0:
        return -1
    rank = best
    for _ in range(high - low):
        if state.status[rank] == ON and state.waiting[rank] < state.waiting[best]:
            best = rank
        rank = rank + 1 if rank + 1 < high else low
    return best


@outer
def _best_prefix(
    state: State, caches: PrefixCaches, blocks: Integers, start: int, end: int, least: int
) -> int:
    """The replica that knows most of a prompt and is not much busier than the least loaded."""
    best, longest = least, known_blocks(cache_of(caches, least), blocks, start, end)
    most = state.waiting[least] * (1.0 + SLACK_SHARE) + SLACK_REQUESTS
    for rank in range(len(state.status)):
        if state.status[rank] == ON and state.waiting[rank] <= most:
            known = known_blocks(cache_of(caches, rank), blocks, start, end)
            if known > longest:
                best, longest = rank, known
    return best


@inner
def route(
    state: State,
    rules: Rules,
    caches: PrefixCaches,
    tokens: float,
    blocks: Integers,
    start: int,
    end: int,
) -> int:
    """The replica for a request of so many prompt tokens; -1 where none is on."""
    count, turn = len(state.status), state.total[SEEN]
    state.total[SEEN] += 1
    if rules.router == ROUND_ROBIN:
        return _next_on(state, 0, count, turn)
    low, high = 0, count
    if rules.router == BY_LENGTH:
        low = rules.long_rank if tokens > rules.long_tokens else 0
        high = count if tokens > rules.long_tokens else rules.long_rank
    rank = _least_loaded(state, low, high, turn)
    if rank < 0 and high - low < count:
        rank = _least_loaded(state, 0, count, turn)
    if rules.router == PREFIX_AWARE and rules.caching > 0 and rank >= 0:
        rank = _best_prefix(state, caches, blocks, start, end, rank)
    return rank


@outer
def look_up(
    state: State,
    terms: Terms,
    rules: Rules,
    caches: PrefixCaches,
    rank: int,
    slot: int,
    when: float,
    blocks: Integers,
    start: int,
    end: int,
) -> float:
    """Find and keep a prompt's prefix; returns when its blocks have come from the tiers [s].

    Blocks on the chip fill the KV memory that running sequences leave now. The link to the
    tiers brings one request's blocks after another's.
    """

    free = terms.room - used_bytes(state, terms.kv, rank)
    device = int(max(0.0, free / max(1.0, rules.block_bytes)))
    near, host, drive = use_tiers(
        cache_of(caches, rank), blocks, start, end, device, rules.host_blocks, rules.drive_blocks
    )
    hits = near + host + drive
    state.number[slot, FOUND] = state.number[slot, KEPT] = min(
        hits * rules.block_tokens, state.number[slot, PROMPT] - 1.0
    )
    taken = host * rules.host_block_s + drive * rules.drive_block_s
    if taken <= 0.0:
        return 0.0
    state.level[rank, TIER_FREE] = max(state.level[rank, TIER_FREE], when) + taken
    return float(state.level[rank, TIER_FREE])


@inner
def join(state: State, terms: Terms, rank: int, slot: int, when: float, loaded_s: float) -> None:
    """Queue a request at a replica; its decode steps end in time to admit it."""
    if enqueue(state, terms.request_s, rank, slot, when, loaded_s):
        notice(state, rank, state.number[slot, READY])
