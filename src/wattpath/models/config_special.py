"""Steps for single architectures that no general step describes."""

from __future__ import annotations

from wattpath.models.config_fields import Fields
from wattpath.models.config_steps import Facts, mamba

#: Letters of a Nemotron-H pattern and words of its list -> the fact that counts such layers.
NEMOTRON_KINDS = {
    "M": "state_layers",
    "mamba": "state_layers",
    "linear_attention": "state_layers",
    "*": "full_layers",
    "attention": "full_layers",
    "full_attention": "full_layers",
    "E": "moe_layers",
    "moe": "moe_layers",
    "-": "dense_layers",
    "mlp": "dense_layers",
}


def falcon(f: Fields, g: Facts) -> None:
    """Falcon: one, some or all heads keep keys; blocks may run in parallel."""
    grouped = f.flag("new_decoder_architecture")
    if not grouped:
        g["kv_heads"] = 1.0 if f.flag("multi_query", default=True) else g["heads"]
        g["norms"] = 1.0 if f.flag("parallel_attn", default=True) else 2.0
    biased = f.flag("bias")
    g["attention_bias"] = "all" if biased else "none"
    g["mlp_bias"] = biased


def mpt(f: Fields, g: Facts) -> None:
    """MPT: widths as a ratio, key/value heads in a nested object."""
    g["ffn"] = f.number("expansion_ratio", default=4.0) * g["hidden"]
    g["dense_layers"] = g["layers"]
    g["kv_heads"] = f.part("attn_config").number("kv_n_heads", default=g["heads"])
    biased = not f.flag("no_bias", default=True)
    g["attention_bias"] = "all" if biased else "none"
    g["mlp_bias"] = g["norm_bias"] = biased


def dbrx(f: Fields, g: Facts) -> None:
    """DBRX: attention and experts in nested objects."""
    ffn = f.part("ffn_config")
    g["kv_heads"] = f.part("attn_config").number("kv_n_heads", default=g["heads"])
    g["moe_layers"] = g["layers"]
    g["experts"] = ffn.number("moe_num_experts")
    g["experts_active"] = ffn.number("moe_top_k")
    g["moe_ffn"] = ffn.number("ffn_hidden_size")


def positions(f: Fields, g: Facts) -> None:
    """A table of learned positions."""
    g["positions"] = g["max_context"]


def opt(f: Fields, g: Facts) -> None:
    """OPT: two more rows of positions than the context."""
    g["positions"] = g["max_context"] + 2.0


def multi_query(f: Fields, g: Facts) -> None:
    """StarCoder: one key/value head where the file says so."""
    g["kv_heads"] = 1.0 if f.flag("multi_query", default=True) else g["heads"]


def jamba(f: Fields, g: Facts) -> None:
    """Jamba: attention in every n-th layer, Mamba in the others."""
    period = f.number("attn_layer_period")
    offset = f.number("attn_layer_offset", least=0.0)
    attention = sum(i % period == offset for i in range(int(g["layers"])))
    g["full_layers"] = float(attention)
    g["state_layers"] = g["layers"] - attention
    mamba(f, g)


def nemotron_h(f: Fields, g: Facts) -> None:
    """Nemotron-H: each layer is one of Mamba-2, attention, dense block or experts."""
    pattern = f.get("hybrid_override_pattern")
    kinds = list(pattern) if isinstance(pattern, str) else f.words("layers_block_type")
    key = "hybrid_override_pattern" if pattern else "layers_block_type"
    if not kinds or set(kinds) - set(NEMOTRON_KINDS):
        raise f.refuse(key, f"be a pattern of {', '.join(NEMOTRON_KINDS)}")
    g["layers"] = float(len(kinds))
    for fact in set(NEMOTRON_KINDS.values()):
        g[fact] = float(sum(NEMOTRON_KINDS[kind] == fact for kind in kinds))
    if g["dense_layers"]:
        g["ffn"] = f.number("intermediate_size")
    if g["moe_layers"]:
        g["experts"] = f.number("n_routed_experts")
        g["experts_active"] = f.number("num_experts_per_tok")
        g["moe_ffn"] = f.number("moe_intermediate_size")
        g["moe_hidden"] = f.number("moe_latent_size", default=0.0)
        g["experts_shared"] = f.number("n_shared_experts", default=0.0, least=0.0)
        g["shared_ffn"] = f.number("moe_shared_expert_intermediate_size", default=g["moe_ffn"])


def granite_hybrid(f: Fields, g: Facts) -> None:
    """Granite 4: a shared block in every layer, alone or beside routed experts."""
    shared = f.number("shared_intermediate_size")
    if g.get("experts"):
        g["experts_shared"], g["shared_ffn"] = 1.0, shared
    else:
        g["dense_layers"], g["ffn"] = g["layers"], shared


def deepseek_v4(f: Fields, g: Facts) -> None:
    """DeepSeek-V4: layers that compress the cache 4-fold or 128-fold, averaged into one kind.

    The sparse indexer exists in the 4-fold layers only; its width and the compressors'
    parameters are spread over all layers. The short window beside the compressed entries is
    left out.
    """
    ratios = _v4_ratios(f, int(g["layers"]))
    compressed = [ratio for ratio in ratios if ratio > 0]
    if not compressed or len(ratios) != int(g["layers"]):
        raise f.refuse(
            "compress_ratios", f"have a ratio for each of the {g['layers']:g} layers, some above 0"
        )
    sparse = float(sum(ratio == min(compressed) for ratio in compressed))
    stored = sum(1.0 / ratio for ratio in compressed)
    g["full_layers"] = float(len(compressed))
    g["window_layers"] = g["layers"] - g["full_layers"]
    g["window"] = f.number("sliding_window") if g["window_layers"] else 0.0
    g["kv_stride"] = len(compressed) / stored
    index_dim, index_heads = f.number("index_head_dim"), f.number("index_n_heads")
    g["sparse_tokens"] = f.number("index_topk")
    g["index_heads"] = index_heads
    g["index_dim"] = index_dim * sparse / min(compressed) / stored
    g["q_rank"] = f.number("q_lora_rank")
    g["o_rank"], g["o_groups"] = f.number("o_lora_rank"), f.number("o_groups")
    # The 4-fold compressor overlaps its blocks and so is twice as wide.
    twice = 2.0 * g["hidden"] * g["head_dim"]
    compressors = twice * (g["full_layers"] + sparse)
    indexers = sparse * (
        g["q_rank"] * index_heads * index_dim + g["hidden"] * (index_heads + 4.0 * index_dim)
    )
    counted = g["q_rank"] * index_heads * g["index_dim"]
    counted += g["hidden"] * (g["index_dim"] + index_heads) + 2.0 * g["index_dim"]
    g["attention_other"] = (compressors + indexers) / g["layers"] - counted


def _v4_ratios(f: Fields, layers: int) -> list[float]:
    """Compression of each layer; 0 for one that only has a window."""
    ratios = f.numbers("compress_ratios")[:layers]
    if ratios:
        return ratios
    rates = f.part("compress_rates")
    sparse = rates.number("compressed_sparse_attention", default=4.0)
    heavy = rates.number("heavily_compressed_attention", default=128.0)
    table = {
        "sliding_attention": 0.0,
        "compressed_sparse_attention": sparse,
        "heavily_compressed_attention": heavy,
    }
    words = f.words("layer_types")
    if not words or set(words) - set(table):
        raise f.refuse("layer_types", f"hold only the words {', '.join(table)}")
    return [table[word] for word in words]
