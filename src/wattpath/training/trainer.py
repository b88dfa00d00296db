"""The software that runs a training step, as constants of its generation.

What a chip can do belongs to the chip; which kernels are called, what is fused, what is
hidden behind what, and how long the host needs to issue a layer, belong to the software.
Each entry of the catalogue kind ``trainer`` describes one generation of one stack.
"""

from __future__ import annotations

from typing import NamedTuple

from wattpath import catalog


class Trainer(NamedTuple):
    """Constants of one training stack; every field is a float.

    See ``catalog/schema/trainer.csv`` for what each means and in which unit.
    """

    fused_attention: float
    attention_forward: float
    attention_backward: float
    attention_ceiling: float
    ceiling_backward: float
    causal_skip: float
    batched_products: float
    gemm: float
    sustained: float
    memory_share: float
    elementwise: float
    elementwise_backward: float
    selective_core: float
    selective_products: float
    kept_stream: float
    kept_attention: float
    kept_inner: float
    host_layer_s: float
    host_routed_s: float
    expert_fixed_s: float
    backward_issue: float
    cast_bytes: float
    row_cast_bytes: float
    tensor_copies: float
    tp_overlap: float
    async_overlap: float
    cp_overlap: float
    ep_overlap: float
    pp_overlap: float
    dp_overlap: float
    shard_overlap: float
    contention: float
    gradient_bytes: float
    fused_accumulation: float
    reduce_bytes: float
    state_bytes: float
    optimizer_passes: float
    logits_bytes: float
    logits_kept: float
    reserve_bytes: float
    uneven_stages: float


def load_trainer(name: str, path: str = "trainer") -> Trainer:
    """The training stack with this key, name or alias.

    Raises
    ------
    UnknownNameError
        If the catalogue has no such stack.
    """
    entry = catalog.load("trainer", name, path)
    return Trainer(**{field: entry.si(field) for field in Trainer._fields})


def with_options(trainer: Trainer, words: str) -> Trainer:
    """The stack with options that a source states in words.

    Parameters
    ----------
    trainer : Trainer
    words : str
        Lower case. ``rowwise``: scales for every row of an 8-bit operand, which costs a
        cast along each of its dimensions; ``async tp``: tensor-parallel collectives cut
        into pieces that run beside the products.
    """
    if "rowwise" in words or "row-wise" in words:
        trainer = trainer._replace(cast_bytes=trainer.row_cast_bytes)
    if "async tp" in words or "async-tp" in words:
        trainer = trainer._replace(tp_overlap=max(trainer.tp_overlap, trainer.async_overlap))
    return trainer
