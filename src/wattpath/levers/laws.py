"""Laws beside the dense one: experts, precision, repetition, sparsity, progress.

Each function reads its constants from the catalogue (kind ``law``) and states where the
law breaks down; what is graded *estimate* there should drive no result on its own.
"""

from __future__ import annotations

import math
from functools import cache

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.levers.quality import LossLaw
from wattpath.units import YEAR_S


@cache
def _constants(key: str) -> dict[str, float]:
    entry = catalog.load("law", key)
    return {name: quantity.value for name, quantity in entry.quantities.items()}


def moe_leverage(active_share: float, granularity: float, compute_flop: float) -> float:
    """How many times less compute a mixture of experts needs for the loss of a dense model.

        EL = (A + A0)^(a + d log10 C + gamma (log2 G)^2 + beta log2 G)

    Parameters
    ----------
    active_share : float
        A, share of the routed experts (with shared ones) that a token visits [-].
    granularity : float
        G, twice the model width over the width of one expert [-].
    compute_flop : float
        C, training compute of the mixture [FLOP].

    Returns
    -------
    float
        [-]; 1 for a dense model.

    Notes
    -----
    Breaks down above 1e22 FLOP, where it grows on by extrapolation, and says nothing of
    memory and network.
    """
    if not 0.0 < active_share <= 1.0 or granularity < 1.0 or compute_flop <= 0.0:
        raise InputError(
            "experts",
            "have an active share in (0, 1], a granularity >= 1 and a positive budget",
            (active_share, granularity, compute_flop),
        )
    if active_share == 1.0:
        return 1.0
    law = _constants("moe-leverage")
    fineness = math.log2(granularity)
    exponent = (
        law["leverage_base"]
        + law["leverage_slope"] * math.log10(compute_flop)
        + law["granularity_square"] * fineness**2
        + law["granularity_linear"] * fineness
    )
    return float((active_share + law["ratio_floor"]) ** exponent)


def moe_loss_nats(
    law: LossLaw, active_share: float, granularity: float, compute_flop: float
) -> float:
    """Loss of the best mixture of a budget: that of the dense budget it stands for [nat]."""
    return law.best_loss_nats(compute_flop * moe_leverage(active_share, granularity, compute_flop))


def effective_tokens(unique_tokens: float, epochs: float) -> float:
    """Tokens of fresh data that repeated data is worth.

        D' = U (1 + R (1 - exp(-(e - 1) / R)))

    Parameters
    ----------
    unique_tokens : float
        U [token].
    epochs : float
        e, passes over them, >= 1.

    Returns
    -------
    float
        [token]; never more than U (1 + R), however long one trains.
    """
    if unique_tokens <= 0.0 or epochs < 1.0:
        raise InputError("repetition", "have tokens > 0 and epochs >= 1", (unique_tokens, epochs))
    decay = _constants("repetition")["data_decay"]
    return unique_tokens * (1.0 + decay * -math.expm1(-(epochs - 1.0) / decay))


def effective_parameters(parameters: float, useful: float) -> float:
    """Parameters that a model too large for its unique data is worth.

        N' = U (1 + R (1 - exp(-(N / U - 1) / R))),  N' = N for N <= U

    Parameters
    ----------
    parameters : float
        N [1].
    useful : float
        U, the best size for the unique tokens [1].
    """
    if parameters <= useful:
        return parameters
    decay = _constants("repetition")["size_decay"]
    return useful * (1.0 + decay * -math.expm1(-(parameters / useful - 1.0) / decay))


def precision_share(weight_bits: float, act_bits: float, kv_bits: float) -> float:
    """Share of parameters that count when a model is trained in low precision.

        N_eff / N = product over (weights, activations, cache) of 1 - exp(-bits / scale)

    Notes
    -----
    Its constants are graded as estimates and drive no plan: today's block formats lose
    far less. Use measured losses of the lever catalogue instead.
    """
    law = _constants("precision")
    pairs = (
        (weight_bits, law["weight_bits_scale"]),
        (act_bits, law["act_bits_scale"]),
        (kv_bits, law["kv_bits_scale"]),
    )
    return math.prod(-math.expm1(-bits / scale) for bits, scale in pairs)


def transferred_ptq_loss(
    loss_nats: float,
    parameters: float,
    tokens: float,
    from_parameters: float,
    from_tokens: float,
) -> float:
    """A measured loss of quantising after training, carried to another model [nat].

        dL = dL0 (D / D0)^gD (N / N0)^-gN

    Parameters
    ----------
    loss_nats : float
        Measured on the reference model [nat].
    parameters, tokens : float
        Of the model in question.
    from_parameters, from_tokens : float
        Of the reference model.

    Notes
    -----
    The exponents are estimates with a wide range; good for the direction (longer trained
    models suffer more, larger ones less) and no more than a factor of two in amount.
    """
    law = _constants("precision")
    data = (tokens / from_tokens) ** law["ptq_data_exponent"]
    size = (parameters / from_parameters) ** law["ptq_size_exponent"]
    return float(loss_nats * data / size)


def sparse_equivalent(sparsity: float) -> float:
    """Dense size per non-zero parameter of a model trained sparse, at equal loss.

        n = [(a + c) / (a (1 - S)^b + c)]^(1 / b_N)

    Parameters
    ----------
    sparsity : float
        S, share of zeros in [0, 1).

    Notes
    -----
    For unstructured zeros, which present matrix units do not skip.
    """
    if not 0.0 <= sparsity < 1.0:
        raise InputError("sparsity", "be a share in [0, 1)", sparsity)
    law = _constants("sparse-pretraining")
    scale, offset = law["sparse_scale"], law["sparse_offset"]
    left = scale * (1.0 - sparsity) ** law["sparse_exponent"] + offset
    return float(((scale + offset) / left) ** (1.0 / law["sparse_size_exponent"]))


def progress_factor(years: float) -> float:
    """Compute to a fixed level after some years of better algorithms, over today's [-]."""
    halving_s = _constants("algorithmic-progress")["halving"]
    return float(0.5 ** (years * YEAR_S / halving_s))
