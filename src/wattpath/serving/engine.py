"""The serving engine: what the software around the kernels costs, from the catalogue."""

from __future__ import annotations

from typing import NamedTuple

from wattpath import catalog

#: The engine assumed where a scenario names none: current good practice.
DEFAULT_ENGINE = "continuous-batching"


class Engine(NamedTuple):
    """Constants of one engine generation in SI floats.

    Attributes
    ----------
    host_s : float
        Host time per iteration that no device work hides [s].
    host_sequence_s : float
        Further host time per running sequence and iteration [s].
    stream_s : float
        Further host time per running sequence and iteration where a server sends every token
        to its client [s]; work that is all at hand pays none.
    request_s : float
        Front-end time of one request [s] that no other request shares: requests are taken in
        one after another, so that it is both a delay and a gap between those that come at once.
    reply_s : float
        Further time of a request's way in and of its first token's way out [s] that many
        requests spend side by side (connections, processes handing over), no gap between them.
    ahead_steps : float
        Iterations that are prepared before the running one ends: a request that comes while
        others decode joins, and gives its first token, that many steps later.
    eager_s : float
        Host time to launch one kernel outside a captured graph [s], which iterations with
        prompt tokens pay where it exceeds the device's own time.
    small_kernels : float
        Norm, rotary, quantise and activation kernels per layer (each at least one launch).
    latent_kernels, expert_kernels : float
        Operators that a latent attention layer and an expert layer launch one by one where no
        graph is captured (projections, absorption, routing, permutation, conversions).
    vector_eff : float
        Share of the vector units' rate that decode attention reaches where the engine does
        not run it on matrix units; 0 where it does.
    block_scales : float
        1: 8-bit operands of experts carry a scale for each block of numbers, as released
        checkpoints do; 0: one for the whole matrix.
    narrow_experts : float
        Share of the bandwidth that 8-bit experts of the tuned kernels reach which its own reach.
    kernel_factor : float
        Time of its matrix and attention kernels relative to the tuned ones.
    prompt_factor : float
        Further factor on the kernels of iterations that carry prompt tokens.
    convert_share : float
        Share of the conversions of activations to 8 or 4 bit that run as kernels of their own;
        the rest is fused into the kernels before them.
    collective_factor : float
        Time of its collectives relative to the tuned ones.
    sorted_bytes : float
        Memory traffic for each word of the vocabulary and chosen token [B] where the engine
        sorts all words to cut off the unlikely ones; 0 where it does not. Its time is in
        `host_sequence_s`, which was measured with it.
    chunk_tokens : float
        Most tokens of one iteration [token].
    max_sequences : float
        Most sequences running in one attention rank.
    memory_utilisation : float
        Share of device memory that weights, KV cache and workspace may take.
    workspace_bytes, workspace_share : float
        Device memory that is neither weight, KV cache nor activation [B], and the largest
        share of a chip's memory that it takes.
    kv_reserve : float
        Share of the answer's KV that is claimed when a request is admitted; 0.5 is the mean
        need of paged KV, 1 is a guarantee never to evict.
    batch_wait_steps : float
        Decode steps for which prompts are held back so that more of them share a prefill; 0
        starts each at once.
    chunk_prompts : float
        Prompts for whose nominal length a recipe's token budget is made; 0: fixed budget.
    """

    host_s: float
    host_sequence_s: float
    stream_s: float
    request_s: float
    reply_s: float
    ahead_steps: float
    eager_s: float
    small_kernels: float
    latent_kernels: float
    expert_kernels: float
    vector_eff: float
    block_scales: float
    narrow_experts: float
    kernel_factor: float
    prompt_factor: float
    convert_share: float
    collective_factor: float
    sorted_bytes: float
    chunk_tokens: float
    max_sequences: float
    memory_utilisation: float
    workspace_bytes: float
    workspace_share: float
    kv_reserve: float
    batch_wait_steps: float
    chunk_prompts: float


def load_engine(name: str = DEFAULT_ENGINE, path: str = "engine") -> Engine:
    """The engine with this key, name or alias.

    Raises
    ------
    UnknownNameError
        If the catalogue has no such engine.
    """
    entry = catalog.load("engine", name, path)
    return Engine(*(entry.si(field) for field in Engine._fields))
