"""The price of a million tokens, split by what each kind of token uses.

A fleet's cost K over some time is shared among fresh input tokens, cached input tokens
and output tokens in proportion to the chip time that one of each takes:

    p_j = K w_j / sum over k of (w_k n_k),      sum over j of (p_j n_j) = K

with w the chip-seconds per token and n the number of tokens. Chip time is the marginal
resource of a fleet that is sized by it: one more second of work needs one more second of
chip. Idle capacity, buildings, people and power are shared in the same proportion.

Where it breaks down: a fleet sized by KV memory rather than time prices long contexts too
low; a price list may charge what the market bears.
"""

from __future__ import annotations

from typing import NamedTuple

from wattpath.errors import InputError

MILLION = 1e6


class TokenSplit(NamedTuple):
    """One number for each kind of token.

    Parameters
    ----------
    fresh
        Input tokens that must be computed.
    cached
        Input tokens whose keys and values are found in cache.
    output
        Tokens written.
    """

    fresh: float
    cached: float
    output: float


def token_prices_usd(cost_usd: float, tokens: TokenSplit, chip_s: TokenSplit) -> TokenSplit:
    """Price of one token of each kind.

    Parameters
    ----------
    cost_usd : float
        Cost of the fleet over the time in which the tokens are served [USD].
    tokens : TokenSplit
        Tokens served in that time [token].
    chip_s : TokenSplit
        Chip time that one token of each kind takes [s/token].

    Returns
    -------
    TokenSplit
        [USD/token]; the prices times the tokens add up to the cost.

    Raises
    ------
    InputError
        If no chip time is used at all, or a number is negative.
    """
    if min(*tokens, *chip_s, cost_usd) < 0.0:
        raise InputError("tokens", "have no negative numbers", (cost_usd, tokens, chip_s))
    used_s = sum(n * w for n, w in zip(tokens, chip_s, strict=True))
    if used_s <= 0.0:
        raise InputError("tokens", "use some chip time", (tokens, chip_s))
    rate = cost_usd / used_s
    return TokenSplit(*(rate * w for w in chip_s))


def per_million(prices_usd: TokenSplit) -> TokenSplit:
    """Prices per million tokens [USD]."""
    return TokenSplit(*(price * MILLION for price in prices_usd))
