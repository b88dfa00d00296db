"""Speculative decoding: tokens gained per verification, and what the drafts cost."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def tokens_per_step(draft_tokens: float, acceptance: float) -> float:
    """Mean tokens that one verification step yields.

    ``(1 - a^(k + 1)) / (1 - a)``: the accepted run of drafts and one token of the target.

    Parameters
    ----------
    draft_tokens : float
        Drafted tokens k per step [token].
    acceptance : float
        Probability a that a draft is accepted given the ones before it [-].

    Returns
    -------
    float
        Between 1 and k + 1 [token].

    Notes
    -----
    Acceptance is taken as equal at every place and independent between sequences; real
    drafts are accepted less often the deeper they stand.

    References
    ----------
    Leviathan, Kalman, Matias: Fast inference from transformers via speculative decoding,
    arXiv:2211.17192, equation 1.
    """
    if draft_tokens <= 0.0 or acceptance <= 0.0:
        return 1.0
    if acceptance >= 1.0:
        return 1.0 + draft_tokens
    return float((1.0 - acceptance ** (draft_tokens + 1.0)) / (1.0 - acceptance))
