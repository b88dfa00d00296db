"""One row for each ``model_type`` of a ``config.json``: adding a family is adding a row.

A row lists the steps that read the fields, what the format fixes without saying it, and the
values of keys that the format lets a file leave out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wattpath.models import config_special as special
from wattpath.models import config_steps as s
from wattpath.models.config_steps import Step


@dataclass(frozen=True, slots=True)
class Family:
    """How one ``model_type`` is read.

    Parameters
    ----------
    steps : tuple of Step
        Applied in order.
    fixed : Mapping
        Facts of `Geometry` that hold for every model of the family.
    defaults : Mapping
        Values of keys that a file may leave out.
    note : str
        What the geometry does not cover.
    """

    steps: tuple[Step, ...]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


def _row(
    *steps: Step, note: str = "", defaults: Mapping[str, Any] | None = None, **fixed: Any
) -> Family:
    return Family(steps, fixed, defaults or {}, note)


_GQA = (s.trunk, s.heads)
_DENSE = (*_GQA, s.dense, s.layer_types)
_MOE = (*_GQA, s.moe, s.layer_types)
_MLA = (s.trunk, s.latent, s.moe)
_QKV = s.bias("attention_bias", "qkv")
_ALL = s.bias("attention_bias", "all")
_MLP = s.mlp_bias("mlp_bias")
_PLAIN: dict[str, Any] = {"gated": False, "norm_bias": True}
_BIASED: dict[str, Any] = {"attention_bias": "all", "mlp_bias": True, **_PLAIN}
_TIED = {"tie_word_embeddings": True}
_MTP = "Multi-token prediction modules are left out."
_INDEX = "Indexer keys are counted in the precision of the cache; engines keep them in 8 bit."
_CHUNKS = "Chunked attention is counted as a sliding window of the same size."

FAMILIES: Mapping[str, Family] = {
    # Llama and its kin
    "llama": _row(*_DENSE, _ALL, _MLP),
    "llama4": _row(
        *_MOE,
        note=_CHUNKS,
        defaults={"n_shared_experts": 1.0, "attention_chunk_size": 8192},
    ),
    "mistral": _row(*_GQA, s.dense, s.window_all),
    "ministral": _row(*_GQA, s.dense, s.window_all),
    "mixtral": _row(*_GQA, s.moe, s.window_all),
    "smollm3": _row(*_DENSE, _ALL, defaults=_TIED),
    "internlm2": _row(*_DENSE, s.bias("bias", "all")),
    "internlm3": _row(*_DENSE, s.bias("qkv_bias", "qkv")),
    "exaone": _row(*_DENSE),
    "exaone4": _row(*_GQA, s.dense, s.layer_types, qk_norm="head"),
    "arcee": _row(*_DENSE, _ALL, _MLP, gated=False),
    "apertus": _row(*_DENSE, _ALL, gated=False, qk_norm="head"),
    "seed_oss": _row(*_DENSE, _QKV),
    "stablelm": _row(*_DENSE, s.bias("use_qkv_bias", "qkv"), norm_bias=True),
    "granite": _row(*_DENSE, _ALL, _MLP, defaults=_TIED),
    "granitemoe": _row(*_MOE, _ALL, defaults=_TIED),
    "granitemoeshared": _row(*_MOE, _ALL, defaults=_TIED),
    "granitemoehybrid": _row(*_MOE, s.mamba2, special.granite_hybrid, defaults=_TIED),
    # Qwen
    "qwen2": _row(*_GQA, s.dense, s.window_upper, attention_bias="qkv"),
    "qwen2_moe": _row(*_GQA, s.moe, s.window_upper, attention_bias="qkv", shared_gate=True),
    "qwen3": _row(*_GQA, s.dense, s.window_upper, _ALL, qk_norm="head"),
    "qwen3_moe": _row(*_GQA, s.moe, s.window_upper, _ALL, qk_norm="head"),
    "qwen3_next": _row(
        *_GQA, s.moe, s.delta, qk_norm="head", attention_gate=True, shared_gate=True, note=_MTP
    ),
    "qwen3_5": _row(*_GQA, s.dense, s.delta, qk_norm="head", attention_gate=True, note=_MTP),
    "qwen3_5_moe": _row(
        *_GQA, s.moe, s.delta, qk_norm="head", attention_gate=True, shared_gate=True, note=_MTP
    ),
    # Gemma
    "gemma": _row(*_DENSE, defaults=_TIED),
    "gemma2": _row(
        *_GQA, s.dense, s.window_pattern, norms=4.0, defaults={**_TIED, "sliding_window_pattern": 2}
    ),
    "gemma3": _row(
        *_GQA,
        s.dense,
        s.window_pattern,
        norms=4.0,
        qk_norm="head",
        defaults={
            **_TIED,
            "sliding_window_pattern": 6,
            "vocab_size": 262208,
            "num_attention_heads": 8,
            "num_key_value_heads": 4,
            "head_dim": 256,
            "max_position_embeddings": 131072,
        },
    ),
    # GPT and other early decoders
    "gpt2": _row(*_GQA, s.dense_four, special.positions, defaults=_TIED, **_BIASED),
    "gpt_bigcode": _row(
        *_GQA, s.dense_four, special.positions, special.multi_query, defaults=_TIED, **_BIASED
    ),
    "gptj": _row(*_GQA, s.dense_four, mlp_bias=True, norms=1.0, head_bias=True, **_PLAIN),
    "gpt_neox": _row(*_GQA, s.dense, **_BIASED),
    "phi": _row(*_GQA, s.dense, norms=1.0, head_bias=True, **_BIASED),
    "phi3": _row(*_GQA, s.dense, s.window_all),
    "phimoe": _row(
        *_GQA, s.moe, s.window_all, s.bias("attention_bias", "all"), norm_bias=True, head_bias=True
    ),
    "opt": _row(*_GQA, s.dense, special.opt, defaults=_TIED, **_BIASED),
    "bloom": _row(*_GQA, s.dense_four, defaults=_TIED, **_BIASED),
    "falcon": _row(*_GQA, s.dense_four, special.falcon, **_PLAIN),
    "mpt": _row(*_GQA, special.mpt, gated=False, defaults=_TIED),
    "starcoder2": _row(
        *_GQA,
        s.dense,
        s.window_all,
        s.bias("use_bias", "all", default=True),
        s.mlp_bias("use_bias", default=True),
        defaults=_TIED,
        **_PLAIN,
    ),
    # DeepSeek and kin
    "deepseek": _row(*_MOE),
    "deepseek_v2": _row(*_MLA, _ALL),
    "deepseek_v3": _row(*_MLA, _ALL, note=_MTP),
    "deepseek_v32": _row(*_MLA, s.indexer, note=f"{_MTP} {_INDEX}"),
    "deepseek_v4": _row(
        s.trunk,
        s.heads,
        s.moe,
        special.deepseek_v4,
        kv_tied=True,
        note=f"{_MTP} Compressed attention is averaged over its layer types.",
    ),
    "kimi_k2": _row(*_MLA, _ALL, note=_MTP),
    "kimi_linear": _row(*_MLA, s.kimi_delta),
    "glm_moe_dsa": _row(*_MLA, s.indexer, note=f"{_MTP} {_INDEX}"),
    # GLM
    "glm": _row(*_DENSE, _QKV, defaults={"attention_bias": True}),
    "glm4": _row(*_DENSE, _QKV, norms=4.0, defaults={"attention_bias": True}),
    "glm4_moe": _row(*_MOE, _QKV, s.qk_norm("use_qk_norm", "head"), note=_MTP),
    "chatglm": _row(*_DENSE, s.bias("add_qkv_bias", "qkv")),
    # Others
    "gpt_oss": _row(*_MOE, attention_bias="all", expert_bias=True),
    "dots1": _row(*_MOE, _ALL, qk_norm="head"),
    "bailing_moe": _row(*_MOE, s.bias("use_qkv_bias", "qkv"), s.qk_norm("use_qk_norm", "head")),
    "olmo": _row(*_DENSE, _ALL, norms=0.0),
    "olmo2": _row(*_DENSE, _ALL, qk_norm="full"),
    "olmo3": _row(*_DENSE, _ALL, qk_norm="full"),
    "olmoe": _row(*_MOE, _ALL, qk_norm="full"),
    "cohere": _row(*_DENSE, _ALL, s.qk_norm("use_qk_norm", "full"), norms=1.0, defaults=_TIED),
    "cohere2": _row(
        *_GQA,
        s.dense,
        s.window_pattern,
        _ALL,
        norms=1.0,
        defaults={**_TIED, "sliding_window_pattern": 4},
    ),
    "dbrx": _row(*_GQA, special.dbrx),
    "ernie4_5": _row(*_DENSE, s.bias("use_bias", "all"), s.mlp_bias("use_bias"), defaults=_TIED),
    "ernie4_5_moe": _row(*_MOE, s.bias("use_bias", "all"), defaults=_TIED, note=_MTP),
    "hunyuan_v1_dense": _row(*_DENSE, _ALL, qk_norm="head"),
    "hunyuan_v1_moe": _row(*_MOE, _ALL, qk_norm="head"),
    "minimax": _row(*_GQA, s.moe, s.lightning),
    "minimax_text_01": _row(*_GQA, s.moe, s.lightning),
    "minimax_m2": _row(*_MOE, s.qk_norm("use_qk_norm", "full"), note=_MTP),
    "nemotron": _row(*_DENSE, _ALL, _MLP, **_PLAIN),
    # State-space models and hybrids
    "mamba": _row(s.trunk, s.mamba, s.state_only, defaults={**_TIED, "expand": 2}),
    "mamba2": _row(s.trunk, s.mamba2, s.state_only),
    "jamba": _row(*_GQA, s.moe, special.jamba),
    "nemotron_h": _row(*_GQA, special.nemotron_h, s.mamba2, gated=False, norms=1.0, note=_MTP),
}

#: Other spellings of the same families.
SPELLINGS: Mapping[str, str] = {
    "MiniMaxText01": "minimax_text_01",
    "bailing_moe_v2": "bailing_moe",
    "deepseek_v3_2": "deepseek_v32",
    "hunyuan": "hunyuan_v1_moe",
    "kimi_k25": "kimi_k2",
    "minimax_m1": "minimax_text_01",
    "mistral3": "mistral",
    "phi3small": "phi3",
    "qwen2_5_vl": "qwen2",
    "qwen2_vl": "qwen2",
    "qwen3_vl": "qwen3",
    "qwen3_vl_moe": "qwen3_moe",
    "ministral3": "ministral",
}


def family(model_type: str) -> Family | None:
    """The row of a model type, of another spelling of it, or of its text part; else None."""
    for name in (model_type, model_type.removesuffix("_text")):
        row = FAMILIES.get(SPELLINGS.get(name, name))
        if row is not None:
            return row
    return None
