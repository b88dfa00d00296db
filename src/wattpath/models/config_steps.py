"""Steps that turn the fields of a configuration into facts of a `Geometry`.

A family of architectures is a short list of these steps (see `config_families`). Each takes
the fields and the facts gathered so far, and adds to the facts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wattpath.models.config_fields import MOST_LAYERS, Fields

Facts = dict[str, Any]
Step = Callable[[Fields, Facts], None]

LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
HIDDEN = ("hidden_size", "n_embd", "d_model")
HEADS = ("num_attention_heads", "n_head", "n_heads")
KV_HEADS = ("num_key_value_heads", "num_kv_heads", "multi_query_group_num")
FFN = ("intermediate_size", "ffn_dim", "n_inner", "ffn_hidden_size")
VOCAB = ("vocab_size", "padded_vocab_size")
CONTEXT = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "seq_length",
    "model_max_length",
    "max_sequence_length",
)
EXPERTS = ("n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts")
ACTIVE = (
    "num_experts_per_tok",
    "num_experts_per_token",
    "num_selected_experts",
    "moe_topk",
    "moe_top_k",
    "moe_k",
)
SHARED = ("n_shared_experts", "num_shared_experts", "num_shared_expert", "moe_num_shared_experts")
SHARED_FFN = (
    "moe_shared_expert_intermediate_size",
    "shared_expert_intermediate_size",
    "shared_intermediate_size",
)

#: Word in ``layer_types`` -> the fact that counts such layers.
LAYER_KINDS = {
    "full_attention": "full_layers",
    "attention": "full_layers",
    "sliding_attention": "window_layers",
    "chunked_attention": "window_layers",
    "linear_attention": "state_layers",
    "mamba": "state_layers",
}


def trunk(f: Fields, g: Facts) -> None:
    """Depth, width, vocabulary and context."""
    g["layers"] = f.number(*LAYERS, most=MOST_LAYERS)
    g["hidden"] = f.number(*HIDDEN)
    g["vocab"] = f.number(*VOCAB)
    g["max_context"] = f.number(*CONTEXT, default=0.0)


def heads(f: Fields, g: Facts) -> None:
    """Softmax attention with grouped heads in every layer."""
    g["heads"] = f.number(*HEADS)
    g["kv_heads"] = f.number(*KV_HEADS, default=g["heads"])
    if f.has("head_dim", "kv_channels", "attention_head_dim"):
        g["head_dim"] = f.number("head_dim", "kv_channels", "attention_head_dim")
    elif g["hidden"] % g["heads"]:
        raise f.refuse(HEADS[0], f"divide the width {g['hidden']:g}", "Give head_dim instead.")
    else:
        g["head_dim"] = g["hidden"] / g["heads"]
    if g["kv_heads"] > g["heads"]:
        raise f.refuse(KV_HEADS[0], f"be at most the {g['heads']:g} query heads")
    g["full_layers"] = g["layers"]


def latent(f: Fields, g: Facts) -> None:
    """Multi-head latent attention in every layer."""
    g["heads"] = f.number(*HEADS)
    g["kv_heads"] = g["heads"]
    g["q_rank"] = f.number("q_lora_rank", default=0.0)
    g["kv_rank"] = f.number("kv_lora_rank")
    g["nope_dim"] = f.number("qk_nope_head_dim")
    g["rope_dim"] = f.number("qk_rope_head_dim", least=0.0)
    g["head_dim"] = g["nope_dim"] + g["rope_dim"]
    g["v_head_dim"] = f.number("v_head_dim")
    g["full_layers"] = g["layers"]


def indexer(f: Fields, g: Facts) -> None:
    """Sparse attention: an indexer selects the tokens that a query sees."""
    g["sparse_tokens"] = f.number("index_topk")
    g["index_heads"] = f.number("index_n_heads")
    g["index_dim"] = f.number("index_head_dim")


def dense(f: Fields, g: Facts) -> None:
    """A dense feed-forward block in every layer."""
    g["dense_layers"] = g["layers"]
    g["ffn"] = f.number(*FFN)


def dense_four(f: Fields, g: Facts) -> None:
    """A dense feed-forward block, four times as wide as the layer unless the file says."""
    g["dense_layers"] = g["layers"]
    g["ffn"] = f.number(*FFN, "ffn_hidden_size", default=4.0 * g["hidden"])


def moe(f: Fields, g: Facts) -> None:
    """A mixture of experts, in all layers but those that the file keeps dense."""
    experts = f.number(*EXPERTS, default=0.0, least=0.0)
    if experts <= 1.0:
        dense(f, g)
        return
    g["experts"] = experts
    g["experts_active"] = f.number(*ACTIVE)
    if g["experts_active"] > experts:
        raise f.refuse(ACTIVE[0], f"be at most the {experts:g} experts of a layer")
    g["moe_ffn"] = f.number("moe_intermediate_size", *FFN)
    _shared(f, g)
    sparse = sum(_sparse(f, int(g["layers"])))
    g["moe_layers"] = float(sparse)
    g["dense_layers"] = g["layers"] - sparse
    if g["dense_layers"]:
        g["ffn"] = f.number("intermediate_size_mlp", *FFN)


def _shared(f: Fields, g: Facts) -> None:
    """Shared experts: a stated width is that of all of them together."""
    stated = f.number(*SHARED_FFN, default=0.0, least=0.0)
    absent = f.has(*SHARED_FFN) and not stated
    count = f.number(*SHARED, default=1.0 if stated else 0.0, least=0.0)
    if count and not absent:
        g["experts_shared"] = count
        g["shared_ffn"] = stated / count if stated else g["moe_ffn"]


def _sparse(f: Fields, layers: int) -> list[bool]:
    """Which layers have a mixture of experts, by whichever key the family uses."""
    listed = f.words("mlp_layer_types")
    if listed:
        return [word != "dense" for word in listed]
    chosen = {int(i) for i in f.numbers("moe_layers")}
    if chosen:
        return [i in chosen for i in range(layers)]
    if f.has("moe_layer_freq") and isinstance(f.get("moe_layer_freq"), list):
        return [bool(flag) for flag in f.numbers("moe_layer_freq")]
    first = int(f.number("first_k_dense_replace", "moe_layer_start_index", default=0, least=0))
    last = int(f.number("moe_layer_end_index", default=layers - 1, least=-1))
    last = layers - 1 if last < 0 else last
    kept = {int(i) for i in f.numbers("mlp_only_layers")}
    step = int(f.number("decoder_sparse_step", "interleave_moe_layer_step", default=1.0))
    period = int(f.number("expert_layer_period", "moe_layer_interval", default=1.0))
    period = int(f.number("moe_layer_freq", default=period))
    offset = int(f.number("expert_layer_offset", default=0.0, least=0.0))
    return [
        first <= i <= last and i not in kept and (i + 1) % step == 0 and i % period == offset
        for i in range(layers)
    ]


def layer_types(f: Fields, g: Facts) -> None:
    """Counts of full, windowed and state layers from an explicit list, where there is one."""
    words = f.words("layer_types")
    if not words:
        return
    if len(words) != int(g["layers"]):
        raise f.refuse("layer_types", f"have one word for each of the {g['layers']:g} layers")
    unknown = sorted(set(words) - set(LAYER_KINDS))
    if unknown:
        raise f.refuse("layer_types", f"hold only the words {', '.join(LAYER_KINDS)}")
    for fact in ("full_layers", "window_layers", "state_layers"):
        g[fact] = float(sum(LAYER_KINDS[word] == fact for word in words))
    if g["window_layers"]:
        g["window"] = f.number("sliding_window", "attention_chunk_size")


def window_all(f: Fields, g: Facts) -> None:
    """A sliding window in every layer, if the file gives one."""
    if f.words("layer_types"):
        layer_types(f, g)
    elif f.has("sliding_window"):
        g["window"] = f.number("sliding_window")
        g["window_layers"], g["full_layers"] = g["layers"], 0.0


def window_upper(f: Fields, g: Facts) -> None:
    """A sliding window in the layers from ``max_window_layers`` on, if it is switched on."""
    if f.flag("use_sliding_window") and f.has("sliding_window"):
        below = min(f.number("max_window_layers", default=0.0, least=0.0), g["layers"])
        g["window"] = f.number("sliding_window")
        g["full_layers"], g["window_layers"] = below, g["layers"] - below


def window_pattern(f: Fields, g: Facts) -> None:
    """A sliding window in all layers but every n-th."""
    if f.words("layer_types"):
        layer_types(f, g)
        return
    pattern = f.number("sliding_window_pattern", "_sliding_window_pattern")
    g["window"] = f.number("sliding_window")
    g["full_layers"] = float(g["layers"] // pattern)
    g["window_layers"] = g["layers"] - g["full_layers"]


def delta(f: Fields, g: Facts) -> None:
    """Gated DeltaNet layers between softmax attention layers."""
    if f.words("layer_types"):
        layer_types(f, g)
    else:
        g["full_layers"] = float(g["layers"] // f.number("full_attention_interval", default=4.0))
        g["state_layers"] = g["layers"] - g["full_layers"]
    g["state_kind"] = "gated-delta"
    g["state_heads"] = f.number("linear_num_value_heads")
    g["state_value_dim"] = f.number("linear_value_head_dim")
    g["state_groups"] = f.number("linear_num_key_heads")
    g["state_key_dim"] = f.number("linear_key_head_dim")
    g["conv_width"] = f.number("linear_conv_kernel_dim")


def kimi_delta(f: Fields, g: Facts) -> None:
    """Kimi delta attention in listed layers, latent attention in the others."""
    part = f.part("linear_attn_config")
    g["state_layers"] = float(len(part.numbers("kda_layers")))
    g["full_layers"] = float(len(part.numbers("full_attn_layers")))
    g["state_kind"] = "kimi-delta-wide" if part.flag("use_full_rank_gate") else "kimi-delta"
    g["state_heads"] = g["state_groups"] = part.number("num_heads")
    g["state_value_dim"] = g["state_key_dim"] = g["dt_rank"] = part.number("head_dim")
    g["conv_width"] = part.number("short_conv_kernel_size")
    g["attention_gate"] = f.flag("mla_use_output_gate")
    g["moe_hidden"] = f.number("routed_expert_hidden_size", default=0.0)


def lightning(f: Fields, g: Facts) -> None:
    """Lightning attention layers between softmax attention layers."""
    kinds = f.numbers("attn_type_list")
    if kinds:
        g["full_layers"] = float(sum(kinds))
        g["state_layers"] = float(len(kinds)) - g["full_layers"]
    else:
        layer_types(f, g)
    g["state_kind"] = "lightning"
    g["state_heads"] = g["state_groups"] = g["heads"]
    g["state_value_dim"] = g["state_key_dim"] = g["head_dim"]


def mamba2(f: Fields, g: Facts) -> None:
    """Mamba-2 mixers; which layers have one is for other steps to say."""
    g["state_kind"] = "mamba2"
    g["state_heads"] = f.number("mamba_num_heads", "mamba_n_heads", "num_heads")
    g["state_value_dim"] = f.number("mamba_head_dim", "mamba_d_head", "head_dim")
    g["state_groups"] = f.number("mamba_n_groups", "n_groups")
    g["state_key_dim"] = f.number("ssm_state_size", "mamba_d_state", "state_size")
    g["conv_width"] = f.number("mamba_d_conv", "conv_kernel")
    if f.get("mamba_ssm_cache_dtype") in ("bfloat16", "float16"):
        g["state_bits"] = 16.0


def mamba(f: Fields, g: Facts) -> None:
    """Mamba mixers; which layers have one is for other steps to say."""
    g["state_kind"] = "mamba"
    inner = f.number("mamba_expand", "expand") * g["hidden"]
    g["state_heads"], g["state_value_dim"] = 1.0, inner
    g["state_groups"], g["state_key_dim"] = 1.0, f.number("mamba_d_state", "state_size")
    g["conv_width"] = f.number("mamba_d_conv", "conv_kernel")
    rank = -(-g["hidden"] // 16)
    g["dt_rank"] = f.number("mamba_dt_rank", "time_step_rank", default=rank)


def state_only(f: Fields, g: Facts) -> None:
    """A state mixer is the whole of every layer."""
    g["state_layers"] = g["layers"]
    g["norms"] = 1.0


def bias(key: str, style: str, *, default: bool = False) -> Step:
    """A step: attention has biases of this style where the key says so."""

    def step(f: Fields, g: Facts) -> None:
        g["attention_bias"] = style if f.flag(key, default=default) else "none"

    return step


def mlp_bias(key: str, *, default: bool = False) -> Step:
    """A step: feed-forward blocks have biases where the key says so."""

    def step(f: Fields, g: Facts) -> None:
        g["mlp_bias"] = f.flag(key, default=default)

    return step


def qk_norm(key: str, style: str) -> Step:
    """A step: queries and keys are normalised in this style where the key says so."""

    def step(f: Fields, g: Facts) -> None:
        g["qk_norm"] = style if f.flag(key) else "none"

    return step
