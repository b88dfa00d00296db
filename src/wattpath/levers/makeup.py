"""Meeting a quality floor by training longer: how many tokens, at what computation.

A set of levers that adds more loss than the floor allows can still be used if the model is
first trained on until the excess is won back. With the dense size N that the model stands for
and the tokens D it has seen, the tokens D' solve

    L(N, D') = L(N, D) - excess

so that at most the data term B / D^beta can ever be won. Where fresh text ends, further
tokens are repeated ones, worth less (`wattpath.levers.laws.effective_tokens`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wattpath.errors import InputError
from wattpath.levers.laws import effective_tokens, moe_leverage
from wattpath.levers.quality import TRAINING_FLOP, LossLaw, load_law
from wattpath.models.parameters import parameter_count
from wattpath.models.work import training_flops_per_token

if TYPE_CHECKING:
    from wattpath.models import Shape

#: Length of a training sequence at which the extra work is counted [token].
SEQUENCE_TOKENS = 4096.0

#: Times a model's tokens up to which training half of it longer is taken for a choice.
MOST_TIMES = 4.0


@dataclass(frozen=True, slots=True)
class MakeUp:
    """What winning back an excess of loss takes.

    Attributes
    ----------
    feasible : bool
        Whether any amount of training reaches the floor.
    reason : str
        Why not, with the margin; empty where it does.
    extra_tokens : float
        Tokens beyond those the model has seen [token]; infinite where not feasible.
    extra_flop : float
        Their computation [FLOP].
    token_fraction : float
        Extra tokens over those the model has seen [-].
    most_nats : float
        What training without end wins back [nat].
    """

    feasible: bool
    reason: str
    extra_tokens: float
    extra_flop: float
    token_fraction: float
    most_nats: float


def dense_size(shape: Shape, tokens: float) -> float:
    """Parameters of the dense model that a model stands for at equal tokens [1].

    Its own for a dense model; for a mixture its active parameters times the leverage of its
    experts at its budget.
    """
    count = parameter_count(shape)
    active = float(count.active)
    if shape.moe_layers <= 0.0:
        return active
    wide = shape.moe_hidden if shape.moe_hidden > 0.0 else shape.hidden
    granularity = max(1.0, 2.0 * wide / shape.moe_ffn)
    budget = TRAINING_FLOP * active * tokens
    return active * moe_leverage(active / float(count.total), granularity, budget)


def near_optimal(shape: Shape, tokens: float, law: LossLaw | None = None) -> bool:
    """Whether a model of half the size reaches the same loss with at most `MOST_TIMES` its tokens.

    It holds near the best ratio of tokens to parameters. A model that has been trained far
    beyond it can hardly, and soon not at all, be matched at half its size by any data.

    Parameters
    ----------
    shape : Shape
        The model; a mixture stands for its dense equivalent.
    tokens : float
        Tokens it has been trained on [token].
    law : LossLaw, optional
        The Chinchilla refit if not given.
    """
    law = law or load_law()
    size = dense_size(shape, tokens)
    return law.tokens_for(0.5 * size, law.loss_nats(size, tokens)) <= MOST_TIMES * tokens


def make_up(
    shape: Shape,
    tokens: float,
    loss_nats: float,
    floor_nats: float,
    *,
    law: LossLaw | None = None,
    unique_tokens: float = math.inf,
) -> MakeUp:
    """Longer training that brings a set of levers down to a quality floor.

    Parameters
    ----------
    shape : Shape
        The model that is served, after pruning if any.
    tokens : float
        Tokens it has been trained on [token].
    loss_nats, floor_nats : float
        What the levers add, and what may be added (see `wattpath.levers.loss_nats`) [nat].
    law : LossLaw, optional
        The Chinchilla refit if not given.
    unique_tokens : float, optional
        Distinct text there is [token]; beyond it tokens are repeated.

    Raises
    ------
    InputError
        If the tokens are not positive.

    Notes
    -----
    Breaks down far beyond the ratio of tokens to parameters of the fits; what four-bit
    weights lose grows with training, which would ask for more tokens still.
    """
    if not (tokens > 0.0 and unique_tokens > 0.0):
        raise InputError("tokens", "be > 0", (tokens, unique_tokens))
    excess = loss_nats - floor_nats
    law = law or load_law()
    size = dense_size(shape, tokens)
    most = law.data_coefficient / tokens**law.data_exponent
    if excess <= 0.0:
        return MakeUp(True, "", 0.0, 0.0, 0.0, most)
    fresh = law.compensating_tokens(size, tokens, excess)
    total = _with_repetition(fresh, unique_tokens)
    if math.isinf(total):
        limit = f"{most:.3f} nat at most" if math.isinf(fresh) else "too little text exists"
        reason = f"training longer must win back {excess:.3f} nat, and {limit}"
        return MakeUp(False, reason, math.inf, math.inf, math.inf, most)
    extra = total - tokens
    flop = extra * float(training_flops_per_token(shape, SEQUENCE_TOKENS, 0.0))
    return MakeUp(True, "", extra, flop, extra / tokens, most)


def _with_repetition(fresh: float, unique: float) -> float:
    """Tokens to be read so that they are worth so many fresh ones; infinite if none suffice."""
    if fresh <= unique or math.isinf(fresh):
        return fresh
    low, high = 1.0, 2.0
    while effective_tokens(unique, high) < fresh:
        low, high = high, 2.0 * high
        if high > 1e6:
            return math.inf
    for _ in range(80):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective_tokens(unique, middle) < fresh else (low, middle)
    return high * unique
