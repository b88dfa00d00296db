"""The facts of a configuration, and how they become a `Shape`.

Both the catalogue and a ``config.json`` fill the same `Geometry`; what is derived from it
(biases, norms, mixers of state layers) is derived here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from wattpath.models.mixers import MIXERS, MixerGeometry
from wattpath.models.shape import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """Geometry of a network as its maker's configuration states it.

    Widths and counts as in `Shape`. In addition:

    Parameters
    ----------
    gated : bool
        Whether feed-forward blocks have a gate (3 matrices) or not (2).
    tied : bool
        Whether input embedding and vocabulary projection are one table.
    positions : float
        Rows of a table of learned positions; 0 without one.
    attention_bias : str
        ``none``, ``qkv`` or ``all`` (the output projection too).
    attention_gate : bool
        Whether the attention output is gated by a projection as wide as itself.
    o_rank, o_groups : float
        Inner width and groups of a factored output projection; 0 without one.
    kv_tied : bool
        Whether one vector serves as key and as value.
    attention_other : float
        Parameters of one softmax attention layer that no other field describes.
    qk_norm : str
        ``none``, ``head`` (one weight a head channel) or ``full`` (over all heads).
    mlp_bias, expert_bias, head_bias : bool
        Biases of dense feed-forward blocks, of routed experts with their router, and of the
        vocabulary projection.
    norms, norm_bias : float, bool
        Norms of `hidden` width in a layer, beside the final one (0: norms have no weights),
        and whether they carry a bias (layer norm).
    shared_gate : bool
        Whether shared experts are weighted by a learned scalar gate.
    state_kind : str
        A key of `MIXERS`, or an empty string.
    state_heads, state_value_dim, state_groups, state_key_dim, conv_width, dt_rank : float
        See `MixerGeometry`.
    """

    layers: float
    hidden: float
    vocab: float
    heads: float = 0.0
    kv_heads: float = 0.0
    head_dim: float = 0.0
    v_head_dim: float = 0.0
    q_rank: float = 0.0
    kv_rank: float = 0.0
    nope_dim: float = 0.0
    rope_dim: float = 0.0
    gated: bool = True
    dense_layers: float = 0.0
    ffn: float = 0.0
    moe_layers: float = 0.0
    experts: float = 0.0
    experts_active: float = 0.0
    experts_shared: float = 0.0
    moe_ffn: float = 0.0
    shared_ffn: float = 0.0
    moe_hidden: float = 0.0
    full_layers: float = 0.0
    window_layers: float = 0.0
    window: float = 0.0
    sparse_tokens: float = 0.0
    index_heads: float = 0.0
    index_dim: float = 0.0
    kv_stride: float = 1.0
    state_kind: str = ""
    state_layers: float = 0.0
    state_heads: float = 0.0
    state_value_dim: float = 0.0
    state_groups: float = 0.0
    state_key_dim: float = 0.0
    conv_width: float = 0.0
    dt_rank: float = 0.0
    state_bits: float = 32.0
    tied: bool = False
    positions: float = 0.0
    max_context: float = 0.0
    attention_bias: str = "none"
    attention_gate: bool = False
    o_rank: float = 0.0
    o_groups: float = 0.0
    kv_tied: bool = False
    attention_other: float = 0.0
    qk_norm: str = "none"
    mlp_bias: bool = False
    expert_bias: bool = False
    head_bias: bool = False
    norms: float = 2.0
    norm_bias: bool = False
    shared_gate: bool = False

    def shape(self) -> Shape:
        """The geometry as the tuple that the kernels read."""
        state_params, state_elements = self._mixer()
        derived: dict[str, float] = {
            "v_head_dim": self.v_head_dim or self.head_dim,
            "rope_dim": self.rope_dim if self.kv_rank else 0.0,
            "mlp_matrices": 3.0 if self.gated else 2.0,
            "state_elements": state_elements,
            "state_params": state_params,
            "embeddings": 1.0 if self.tied else 2.0,
            "attention_extra": self._attention_extra(),
            "other_params": self._other(),
            "kv_tied": self.kv_tied,
            "expert_extra": self._expert_extra(),
        }
        stated = {name: getattr(self, name) for name in Shape._fields if name not in derived}
        # One type for all fields, so that the kernels are compiled once.
        return Shape(**{name: float(value) for name, value in {**stated, **derived}.items()})

    def _mixer(self) -> tuple[float, float]:
        """Parameters and state elements of one state layer."""
        if not self.state_layers:
            return 0.0, 0.0
        mixer = MixerGeometry(
            hidden=self.hidden,
            heads=self.state_heads,
            value_dim=self.state_value_dim,
            groups=self.state_groups,
            key_dim=self.state_key_dim,
            conv_width=self.conv_width,
            dt_rank=self.dt_rank,
        )
        return MIXERS[self.state_kind](mixer)

    def _attention_extra(self) -> float:
        """Biases, gate, norms and sparse indexer of one softmax attention layer."""
        queries = self.heads * self.head_dim
        keys = self.kv_heads * self.head_dim
        v_head_dim = self.v_head_dim or self.head_dim
        values = 0.0 if self.kv_tied else self.kv_heads * v_head_dim
        output = self.heads * v_head_dim
        extra = self.attention_other
        if self.attention_bias in ("qkv", "all"):
            extra += queries + keys + values
        if self.attention_bias == "all":
            extra += self.hidden
        if self.attention_gate:
            extra += self.hidden * output
        if self.o_rank:
            extra += self.o_rank * output + self.o_groups * self.o_rank * self.hidden
            extra -= output * self.hidden
        if self.kv_rank:
            extra += self.q_rank + self.kv_rank
        extra += {"none": 0.0, "head": 2.0 * self.head_dim, "full": queries + keys}[self.qk_norm]
        if self.index_heads:
            source = self.q_rank or self.hidden
            extra += source * self.index_heads * self.index_dim
            extra += self.hidden * (self.index_dim + self.index_heads) + 2.0 * self.index_dim
        return extra

    def _expert_extra(self) -> float:
        """Biases of one routed expert, with its entry of the router's."""
        if not self.expert_bias:
            return 0.0
        return self.moe_ffn * (2.0 if self.gated else 1.0) + self.hidden + 1.0

    def _other(self) -> float:
        """Norms, feed-forward biases and learned positions of the whole network."""
        norm = self.hidden * (2.0 if self.norm_bias else 1.0)
        norms = self.norms * self.layers + 1.0 if self.norms else 0.0
        total = norm * norms + self.positions * self.hidden
        inner = self.ffn * (2.0 if self.gated else 1.0)
        if self.mlp_bias:
            total += self.dense_layers * (inner + self.hidden)
        if self.shared_gate:
            total += self.moe_layers * self.hidden
        if self.head_bias:
            total += self.vocab
        return total
