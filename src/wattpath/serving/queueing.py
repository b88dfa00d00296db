"""Waiting before service: mean and percentile of a single server with Poisson arrivals."""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True)
def mean_wait_s(load: float, service_s: float, service_cv: float) -> float:
    """Mean wait in queue of an M/G/1 server [s] (Pollaczek and Khinchine).

    ``W = rho / (1 - rho) * S * (1 + cv^2) / 2``; infinite from a load of 1 on.

    Parameters
    ----------
    load : float
        Utilisation rho of the server [-].
    service_s, service_cv : float
        Mean service time [s] and its coefficient of variation [-].
    """
    if load <= 0.0:
        return 0.0
    if load >= 1.0:
        return math.inf
    return load / (1.0 - load) * service_s * 0.5 * (1.0 + service_cv * service_cv)


@njit(cache=True)
def wait_quantile_s(load: float, mean_s: float, quantile: float) -> float:
    """Wait that a fraction `quantile` of arrivals does not exceed [s].

    A share 1 - rho does not wait; the wait of the others is taken as exponential with mean
    ``W / rho``. Exact for M/M/1, and for M/G/1 in heavy traffic (Kingman).
    """
    if load <= 0.0:
        return 0.0
    if load >= 1.0:
        return math.inf
    late = 1.0 - quantile
    if late >= load:
        return 0.0
    return mean_s / load * math.log(load / late)


@njit(cache=True)
def normal_quantile(probability: float) -> float:
    """Standard normal quantile (rational approximation, absolute error below 4.5e-4).

    References
    ----------
    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23.
    """
    tail = min(probability, 1.0 - probability)
    if tail <= 0.0:
        return math.copysign(math.inf, probability - 0.5)
    t = math.sqrt(-2.0 * math.log(tail))
    top = 2.515517 + t * (0.802853 + t * 0.010328)
    bottom = 1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308))
    return math.copysign(t - top / bottom, probability - 0.5)


@njit(cache=True)
def lognormal_quantile(mean: float, cv: float, probability: float) -> float:
    """Quantile of a lognormal variable of this mean and coefficient of variation."""
    if cv <= 0.0:
        return mean
    variance = math.log(1.0 + cv * cv)
    z = normal_quantile(probability)
    return mean * math.exp(z * math.sqrt(variance) - 0.5 * variance)
