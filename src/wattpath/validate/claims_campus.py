"""Claims on whole sites: where a prompt's energy goes, and more servers under one limit."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from wattpath import catalog, levers, models
from wattpath.economics import load_book
from wattpath.errors import InputError
from wattpath.hardware.power import server_power_w
from wattpath.hardware.server import Server, load_server
from wattpath.serving.candidates import candidates
from wattpath.serving.result import ServingPoint
from wattpath.serving.traffic import Traffic
from wattpath.validate.facility import predict

Answers = dict[str, tuple[float, str]]

#: Stand for what answered prompts in 2025, which is not published: open models of that time
#: with 22 to 123 billion active parameters, answers of these lengths [token], and chips.
STAND_INS = ("qwen3-235b-a22b", "deepseek-v3", "llama-3-1-70b", "mistral-large-2")
ANSWERS, STAND_IN_SERVER = (300.0, 1000.0), "google-tpu-v6e-host"
#: A chat prompt, its answer served within half a second per ten tokens.
CHAT = Traffic(1000.0, 300.0, 0.3, 2.0, 0.05, 0.95)

#: What fills the vendor's campus, its site power [W], and its revenue in billions a year.
RACK, MODEL, SITE_W = "nvidia-vera-rubin-nvl72", "deepseek-v3", 1e9
VENDOR_CHIPS, VENDOR_REVENUE = (274968.0, 399096.0), (201e9, 267e9)


def _best(
    server: Server, model: str, traffic: Traffic, names: tuple[str, ...], cap: float = 1.0
) -> ServingPoint | None:
    """The unit with most requests per chip, or None where none keeps the limits."""
    settings = levers.apply_serving(levers.by_names(names), levers.plain_serving())
    settings = settings._replace(power_cap=cap)
    found = candidates(models.load(model).shape, server, settings, traffic, "vllm-v1-async")
    return max(found.points, key=lambda p: p.requests_per_s / p.chips, default=None)


def _server_w(server: Server, idle_w: float, chip_w: float) -> float:
    """IT power of a server whose chips draw `chip_w` each [W]."""
    tdp_w = server.chip.tdp_w
    return float(server_power_w(server.idle_w, server.full_w, server.chips, tdp_w, idle_w, chip_w))


@lru_cache(maxsize=1)
def _hall_pue() -> float:
    """Mean PUE of the hall and the places that stand for the operator."""
    rule = catalog.load("operator", "google")
    halls = tuple((d, place) for d in rule.texts("designs") for place in rule.texts("places"))
    return predict(halls)[0]


def idle_machines() -> float:
    """Idle machines per busy one where the fleet follows its peak: peak over mean, less one."""
    day = catalog.load("rhythm", "consumer").series("hours")
    return max(day) * len(day) / sum(day) - 1.0


def prompt_energy(model: str, answer: float) -> tuple[float, float, float, float] | None:
    """Energy of one prompt [J]: accelerators, hosts, idle machines, building.

    None where no layout keeps the limits on times.
    """
    server = load_server(STAND_IN_SERVER)
    point = _best(server, model, CHAT._replace(output_tokens=answer), ("prefix-caching",))
    if point is None:
        return None
    per_s = point.requests_per_s * server.chips / point.chips
    busy_w = _server_w(server, point.chip_idle_w, point.chip_full_w)
    chips_w = server.chips * point.chip_full_w
    idle_w = server.idle_w * idle_machines()
    building_w = (busy_w + idle_w) * (_hall_pue() - 1.0)
    return chips_w / per_s, (busy_w - chips_w) / per_s, idle_w / per_s, building_w / per_s


def median_prompt() -> Answers:
    """A prompt's energy, from chip to building, and its shares, over the stand-ins.

    Shares are means and the energy is the geometric mean: no stand-in is held for the one.
    """
    cases = [prompt_energy(model, answer) for model in STAND_INS for answer in ANSWERS]
    found = np.array([case for case in cases if case is not None])
    if not len(found):
        return {}
    total_wh = found.sum(axis=1) / 3600.0
    shares = (found / found.sum(axis=1, keepdims=True)).mean(axis=0)
    basis = f"{len(found)} stand-ins of 22 to 123 billion active parameters with answers of "
    basis += f"{ANSWERS[0]:.0f} and {ANSWERS[1]:.0f} tokens, {CHAT.input_tokens:.0f} tokens in, "
    basis += f"on TPU v6e: {total_wh.min():.2f} to {total_wh.max():.2f} Wh"
    names = ("accelerator", "host", "idle", "overhead")
    answers = {f"prompt-{name}": (float(s), basis) for name, s in zip(names, shares, strict=True)}
    return answers | {"prompt-energy": (float(np.exp(np.log(total_wh).mean())), basis)}


def site_chips(server_w: float, chips: float, overhead: float) -> float:
    """Chips in the site's power with servers of this IT power [W] and this overhead [-]."""
    return SITE_W / (server_w * overhead) * chips


def managed_cap(server: Server, idle_w: float, allowed_w: float) -> float:
    """Cap on chip power, over its rating, at which a server draws `allowed_w` [-]."""
    low, high = idle_w, server.chip.tdp_w
    if not _server_w(server, idle_w, low) < allowed_w:
        raise InputError("allowed_w", "be above the server's idle power", allowed_w)
    for _ in range(60):
        middle = 0.5 * (low + high)
        over = _server_w(server, idle_w, middle) > allowed_w
        low, high = (low, middle) if over else (middle, high)
    return low / server.chip.tdp_w


def revenue_ratio(tpot_s: float) -> tuple[float, float]:
    """Tokens of the larger campus over the smaller at a limit on time per token, and its cap.

    Zero where no layout keeps the limit under the cap.
    """
    server = load_server(RACK)
    traffic = Traffic(2000.0, 500.0, 0.3, 2.0, tpot_s, 0.95)
    names = ("fp8-weights", "kv-fp8", "prefix-caching")
    free = _best(server, MODEL, traffic, names)
    if free is None:
        raise InputError("tpot_s", "be a limit that the rack can keep", tpot_s)
    more = VENDOR_CHIPS[1] / VENDOR_CHIPS[0]
    cap = managed_cap(server, free.chip_idle_w, server.peak_w / more)
    slow = _best(server, MODEL, traffic, names, cap)
    if slow is None:
        return 0.0, cap
    each = slow.requests_per_s / slow.chips * free.chips / free.requests_per_s
    return more * each, cap


def sold_share_needed(price_factor: float, ratio: float) -> float:
    """Share of the larger campus's tokens that must be sold for it to pay [-].

        u = (1 + dC / (f R0)) / m

    Parameters
    ----------
    price_factor : float
        f, price of a token over the vendor's.
    ratio : float
        m, tokens of the larger campus over the smaller.

    Returns
    -------
    float
        Above 1 it never pays. dC is the yearly cost of the added servers, R0 the vendor's
        revenue of the smaller campus, all of whose tokens are taken to be sold.
    """
    server, book = load_server(RACK), load_book()
    assert server.price_usd is not None
    added = (VENDOR_CHIPS[1] - VENDOR_CHIPS[0]) / server.chips
    cost = book.servers_usd_per_year(server.price_usd * added, server.life_s)
    return (1.0 + cost / (price_factor * VENDOR_REVENUE[0])) / ratio


def cost_price_factor() -> float:
    """Price at which the smaller campus just covers its servers' cost, over the vendor's [-]."""
    server, book = load_server(RACK), load_book()
    assert server.price_usd is not None
    racks = VENDOR_CHIPS[0] / server.chips
    cost = book.servers_usd_per_year(server.price_usd * racks, server.life_s)
    return cost / VENDOR_REVENUE[0]


def vendor_campus() -> Answers:
    """Chips of a campus by nameplate and by managed power, and what the larger one earns."""
    server = load_server(RACK)
    overhead = load_book().it_power_factor * _hall_pue()
    traffic = Traffic(2000.0, 500.0, 0.3, 2.0, 0.1, 0.95)
    names = ("fp8-weights", "kv-fp8", "prefix-caching")
    point = _best(server, MODEL, traffic, names)
    if point is None:
        return {}
    drawn_w = _server_w(server, point.chip_idle_w, point.chip_full_w)
    ratio, cap = revenue_ratio(traffic.tpot_s)
    shares = (sold_share_needed(factor, ratio) for factor in (1.0, cost_price_factor()))
    basis = f"{server.name}, chips at {cap:.0%} of their rating, 0.1 s a token; to pay, "
    basis += "{:.0%} must be sold at the vendor's price, {:.0%} at what servers cost".format(
        *shares
    )
    return {
        "campus-nameplate": (site_chips(server.peak_w, server.chips, overhead), server.name),
        "campus-managed": (
            site_chips(drawn_w, server.chips, overhead),
            f"{server.name} at the power that serving draws at 0.1 s a token",
        ),
        "campus-revenue": (ratio, basis),
    }
