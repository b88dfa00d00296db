"""Made-up traffic with stated statistics, the same for the same seed.

Arrivals are a renewal process of gamma gaps (coefficient of variation 1: Poisson), whose
clock runs faster in busy hours; lengths are lognormal. Sessions are people or agents who
come back with their whole conversation as the prompt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wattpath.errors import InputError
from wattpath.serving.requests import Floats, Requests, plain

#: Hours of the year that a rhythm describes, in seconds each.
HOUR_S = 3600.0
#: Most requests before the first one that is kept, for each that is.
MOST_BEFORE = 20.0


@dataclass(frozen=True, slots=True)
class Pattern:
    """Statistics of a stream of requests.

    Attributes
    ----------
    rate : float
        Mean requests (or sessions) a second.
    input_tokens, output_tokens : float
        Mean lengths [token].
    length_cv : float
        Standard deviation of prompt lengths, and of answers unless `output_cv` is given, over
        their mean [-].
    burst_cv : float
        Standard deviation of the gaps between arrivals over their mean [-]: 0 is a steady
        beat, 1 Poisson, above 1 bursts.
    rhythm : ndarray or None
        Rate of successive hours relative to the mean [-], from the first arrival on.
    output_cv : float or None
        Standard deviation of answers over their mean [-].
    hour_s : float
        Time that an hour of the rhythm takes [s]; less than 3,600 shortens a day to a sample
        of each of its hours.
    """

    rate: float
    input_tokens: float
    output_tokens: float
    length_cv: float = 0.5
    burst_cv: float = 1.0
    rhythm: Floats | None = None
    output_cv: float | None = None
    hour_s: float = HOUR_S


@dataclass(frozen=True, slots=True)
class Sessions:
    """Conversations whose prompt grows turn by turn.

    Attributes
    ----------
    turns : float
        Mean requests of a session (geometric).
    pause_s : float
        Mean time from the end of an answer to the session's next request [s]: reading, or a
        tool's run.
    system_tokens : float
        Tokens at the start of every prompt, the same for all sessions [token].
    pause_cv : float
        Standard deviation of pauses over their mean [-]; lognormal, 1 is exponential.
    token_s : float
        Time that a token of an answer takes [s], for where the answer ends is not known
        before it is served.
    context_tokens : float
        Prompt at which a session is summed up and begins anew [token].
    """

    turns: float
    pause_s: float
    system_tokens: float = 0.0
    pause_cv: float = 1.0
    token_s: float = 0.0
    context_tokens: float = float("inf")


def check_pattern(pattern: Pattern) -> None:
    """Refuse statistics that no stream can have.

    Raises
    ------
    InputError
        Naming the first one.
    """
    rules = (
        ("rate", "be > 0 requests/s", pattern.rate > 0.0),
        ("input_tokens", "be >= 1 token", pattern.input_tokens >= 1.0),
        ("output_tokens", "be >= 1 token", pattern.output_tokens >= 1.0),
        ("length_cv", "lie in [0, 5]", 0.0 <= pattern.length_cv <= 5.0),
        ("output_cv", "lie in [0, 5]", 0.0 <= (pattern.output_cv or 0.0) <= 5.0),
        ("burst_cv", "lie in [0, 20]", 0.0 <= pattern.burst_cv <= 20.0),
        ("hour_s", "be a time > 0 s", pattern.hour_s > 0.0),
    )
    for field, constraint, holds in rules:
        if not holds:
            raise InputError(f"pattern.{field}", constraint, getattr(pattern, field))


def generate(count: int, pattern: Pattern, seed: int = 0) -> Requests:
    """Single requests that share nothing.

    Parameters
    ----------
    count : int
        How many.
    pattern : Pattern
        Rate, lengths, bursts and rhythm.
    seed : int
        The same seed gives the same requests.
    """
    check_pattern(pattern)
    random = np.random.default_rng(seed)
    when = _arrivals(random, count, pattern)
    inputs = _lengths(random, count, pattern.input_tokens, pattern.length_cv)
    outputs = _lengths(random, count, pattern.output_tokens, _answer_cv(pattern))
    return plain(when, inputs, outputs)


def _answer_cv(pattern: Pattern) -> float:
    return pattern.length_cv if pattern.output_cv is None else pattern.output_cv


def generate_sessions(
    count: int, pattern: Pattern, sessions: Sessions, seed: int = 0, block_tokens: float = 512.0
) -> Requests:
    """Requests of sessions, each turn with all earlier prompts and answers before it.

    `pattern.rate` counts sessions, `pattern.input_tokens` the new tokens of one turn. Only
    whole blocks are shared. Sessions that began earlier are under way at the first arrival.

    Notes
    -----
    A session's next request comes at its own time, whether or not its last answer is ready.
    """
    check_pattern(pattern)
    random = np.random.default_rng(seed)
    before = _under_way(pattern, sessions, count)
    whole = count + 2 * before  # what the last sessions leave for later is left out as well
    turns = random.geometric(1.0 / max(1.0, sessions.turns), whole)
    turns = turns[: int(np.searchsorted(np.cumsum(turns), whole)) + 1]
    begin = np.repeat(_arrivals(random, len(turns), pattern), turns)
    session = np.repeat(np.arange(len(turns)), turns)
    first = np.repeat(np.cumsum(turns) - turns, turns)
    total = len(session)
    fresh = _lengths(random, total, pattern.input_tokens, pattern.length_cv)
    outputs = _lengths(random, total, pattern.output_tokens, _answer_cv(pattern))
    gaps = _pauses(random, total, sessions) + np.roll(outputs, 1) * sessions.token_s
    gaps[np.arange(total) == first] = 0.0
    when = begin + _since(np.cumsum(gaps), gaps, first)
    most = max(1.0, sessions.context_tokens - sessions.system_tokens)
    grown = _since(np.cumsum(fresh + outputs), fresh + outputs, first)
    part, first = _begun_anew(session, grown, most)
    grown = _since(np.cumsum(fresh + outputs), fresh + outputs, first) - outputs
    inputs = np.round(sessions.system_tokens + grown)
    order = np.argsort(when, kind="stable")[before:][:count]
    shared = int(sessions.system_tokens // block_tokens)
    blocks, starts = _blocks(part[order], inputs[order], shared, block_tokens)
    arrays = (when[order] - when[order][0], inputs[order], outputs[order])
    return Requests(*arrays, blocks, starts, block_tokens)


def _under_way(pattern: Pattern, sessions: Sessions, count: int) -> int:
    """Requests left out so that sessions of all ages are met: those of three mean lives."""
    life = (sessions.pause_s + sessions.token_s * pattern.output_tokens) * (sessions.turns - 1.0)
    return int(min(3.0 * pattern.rate * sessions.turns * life, MOST_BEFORE * count))


def _pauses(random: np.random.Generator, count: int, sessions: Sessions) -> Floats:
    """Pauses before each request [s]: exponential, or lognormal where they vary otherwise."""
    if sessions.pause_s <= 0.0 or sessions.pause_cv == 1.0:
        return np.asarray(random.exponential(max(0.0, sessions.pause_s), count))
    spread = np.log1p(sessions.pause_cv**2)
    centre = np.log(sessions.pause_s) - 0.5 * spread
    return np.asarray(random.lognormal(centre, np.sqrt(spread), count))


def _begun_anew(session: np.ndarray, grown: Floats, most: float) -> tuple[np.ndarray, np.ndarray]:
    """Number of each request's part of a session, and where that part begins."""
    lap = np.floor(grown / most)
    new = np.ones(len(session), dtype=bool)
    new[1:] = (session[1:] != session[:-1]) | (lap[1:] != lap[:-1])
    part = np.cumsum(new) - 1
    return part, np.flatnonzero(new)[part]


def _since(total: Floats, own: Floats, first: np.ndarray) -> Floats:
    """Running sums that begin anew with each session."""
    return np.asarray(total - (total - own)[first])


def _blocks(
    session: np.ndarray, inputs: Floats, shared: int, block_tokens: float
) -> tuple[np.ndarray, np.ndarray]:
    """Block identities: the system prompt's are common, the others the session's own."""
    widths = (inputs // block_tokens).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    most = int(widths.max(initial=0)) + 1
    place = np.arange(starts[-1]) - np.repeat(starts[:-1], widths)
    owner = np.repeat(session.astype(np.int64) + 1, widths)
    return np.where(place < shared, place, owner * most + place).astype(np.int64), starts


def _lengths(random: np.random.Generator, count: int, mean: float, cv: float) -> Floats:
    """Lognormal lengths of at least one token."""
    if cv <= 0.0:
        return np.full(count, float(round(mean)))
    spread = np.log1p(cv * cv)
    drawn = random.lognormal(np.log(mean) - 0.5 * spread, np.sqrt(spread), count)
    return np.asarray(np.maximum(1.0, np.round(drawn)))


def _arrivals(random: np.random.Generator, count: int, pattern: Pattern) -> Floats:
    """Gamma gaps on a clock that the rhythm speeds up and slows down."""
    if pattern.burst_cv <= 0.0:
        gaps = np.ones(count)
    else:
        form = 1.0 / pattern.burst_cv**2
        gaps = random.gamma(form, 1.0 / form, count)
    work = (np.cumsum(gaps) - gaps[0]) / pattern.rate
    if pattern.rhythm is None or not len(pattern.rhythm):
        return np.asarray(work)
    hours = np.asarray(pattern.rhythm, dtype=float) / np.mean(pattern.rhythm)
    done = np.concatenate([[0.0], np.cumsum(hours)]) * pattern.hour_s
    rounds, rest = np.divmod(work, done[-1])
    times = np.arange(len(done)) * pattern.hour_s
    return np.asarray(rounds * done[-1] + np.interp(rest, done, times))
