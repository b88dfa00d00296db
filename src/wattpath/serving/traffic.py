"""What a service is asked: lengths of requests, their shared part, and the service level."""

from __future__ import annotations

import math
from typing import NamedTuple

from wattpath.errors import InputError


class Traffic(NamedTuple):
    """Mean lengths of the requests of one service and the latency it must keep.

    Parameters
    ----------
    input_tokens, output_tokens
        Mean tokens of a request's prompt and of its answer [token].
    shared_prefix
        Fraction of the input tokens that a perfect prefix cache would find [-].
    ttft_s, tpot_s
        Limits on time to first token and on time per output token [s].
    percentile
        Fraction of requests that must keep both limits, such as 0.99 [-].
    length_cv
        Standard deviation of prompt and answer lengths over their means [-]; 0 = all equal.
    """

    input_tokens: float
    output_tokens: float
    shared_prefix: float = 0.0
    ttft_s: float = math.inf
    tpot_s: float = math.inf
    percentile: float = 0.99
    length_cv: float = 0.5


def check_traffic(traffic: Traffic, path: str = "traffic") -> None:
    """Refuse lengths, shares and limits that no service can have.

    Raises
    ------
    InputError
        Naming the first field that breaks its constraint.
    """
    rules = (
        ("input_tokens", "be >= 1 token", traffic.input_tokens >= 1.0),
        ("output_tokens", "be >= 1 token", traffic.output_tokens >= 1.0),
        ("shared_prefix", "lie in [0, 1)", 0.0 <= traffic.shared_prefix < 1.0),
        ("ttft_s", "be a time > 0 s", traffic.ttft_s > 0.0),
        ("tpot_s", "be a time > 0 s", traffic.tpot_s > 0.0),
        ("percentile", "lie in [0.5, 1)", 0.5 <= traffic.percentile < 1.0),
        ("length_cv", "lie in [0, 5]", 0.0 <= traffic.length_cv <= 5.0),
    )
    for field, constraint, holds in rules:
        if not holds:  # a NaN breaks every rule
            raise InputError(f"{path}.{field}", constraint, getattr(traffic, field))
