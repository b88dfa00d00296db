"""What software sets: the terms on which levers act, as named tuples of floats.

The defaults are neutral: sixteen-bit numbers, no reuse, no speculation, no cap. Current
good practice is a set of levers on top of them, so that it can be seen and questioned.
A lever either sets a field or scales it (`wattpath.levers.lever`); the kernels of
`wattpath.serving` and `wattpath.training` read the fields, and nothing else of a lever.
A field that no kernel reads describes a lever which no plan computes; the catalogue says so
of each (`wattpath.levers.computed`).

Named tuples of floats pass straight into compiled kernels. Fields may be appended,
never removed or reordered.
"""

from __future__ import annotations

from typing import NamedTuple


class ServingSettings(NamedTuple):
    """How a served model runs; every default means "no lever"."""

    #: Stored width of weights [bit]; 8 and 4 include no scales (see `weight_overhead`).
    weight_bits: float = 16.0
    #: Width of activations entering matrix products [bit]; the products run at the wider
    #: of weights and activations, as far as the chip supports it.
    act_bits: float = 16.0
    #: Stored width of keys and values [bit].
    kv_bits: float = 16.0
    #: Tokens drafted per verification step [token]; 0 = no speculation.
    draft_tokens: float = 0.0
    #: Probability that one drafted token is accepted, given the ones before [-].
    acceptance: float = 0.0
    #: Cost of drafting one token as a share of one plain decode step of the target [-].
    draft_cost: float = 0.0
    #: Share of the traffic's shareable prefix tokens really found in cache [-]; 0 = no cache.
    prefix_reuse: float = 0.0
    #: 1 = prefill and decode on separate chips, 0 = together [-].
    disaggregated: float = 0.0
    #: Share of the hideable communication hidden behind computation [-].
    overlap: float = 0.0
    #: Host time per iteration that no device work hides [s]; 0 = the engine's own.
    host_s: float = 0.0
    #: Cached bytes read per decode step relative to full attention [-] (sparse attention).
    kv_read_factor: float = 1.0
    #: Width of a smaller sibling relative to the model [-] (pruning with distillation).
    width_factor: float = 1.0
    #: Depth of a smaller sibling relative to the model [-].
    depth_factor: float = 1.0
    #: Cap on chip power as a fraction of its rated power [-].
    power_cap: float = 1.0
    #: Stored bytes relative to bits / 8, for the scales of block formats [-].
    weight_overhead: float = 1.0
    #: Cached bytes relative to kv_bits / 8, for the scales of block formats [-].
    kv_overhead: float = 1.0
    #: Core clock in decode relative to boost [-]; memory clock unchanged.
    decode_clock: float = 1.0
    #: Requests that reach this model relative to those asked [-] (response cache, routing).
    request_factor: float = 1.0
    #: Output tokens per request relative to the traffic's [-] (reasoning length).
    output_factor: float = 1.0
    #: Mean share of layers a decoded token passes [-] (early exit); caches are kept for all.
    layer_share: float = 1.0
    #: Busiest expert rank's load relative to the mean [-]; 1 = perfectly balanced.
    expert_skew: float = 1.0
    #: Time of compute-bound matrix products relative to the roofline of the formats [-]:
    #: above 1 where weights are unpacked first, below 1 for structured sparsity.
    gemm_factor: float = 1.0
    #: Share of the full attention layers that see a sliding window instead [-].
    window_share: float = 0.0
    #: Window of those layers [token].
    window_tokens: float = 0.0
    #: Share of the full attention layers that become linear ones with a fixed state [-].
    linear_share: float = 0.0
    #: Tokens that sparse attention selects for each query [token]; 0 = the model's own.
    selected_tokens: float = 0.0
    #: Heads of the indexer that selects them.
    index_heads: float = 0.0
    #: Width of one such head [element].
    index_dim: float = 0.0
    #: Rank of the latent that keys and values are kept as [element]; 0 = the model's own.
    latent_rank: float = 0.0
    #: Width of the rotary key kept beside the latent [element].
    latent_rope: float = 0.0


class TrainingSettings(NamedTuple):
    """How a training run is executed; every default means "no lever"."""

    #: Width of matrix products in forward and backward passes [bit]: 16, 8 or 4.
    gemm_bits: float = 16.0
    #: Activation recomputation: 2 = full, 1 = selective (attention only), 0 = none.
    recompute: float = 2.0
    #: Pipeline schedule: 1 = one forward one backward, 2 = interleaved, 3 = zero bubble,
    #: 4 = DualPipe; from 3 on those below take part.
    pipeline: float = 1.0
    #: Share of the hideable communication hidden behind computation [-].
    overlap: float = 0.0
    #: Width of numbers sent in expert dispatch, with scales [bit]; sums keep their own.
    comm_bits: float = 16.0
    #: Training computation to the same loss relative to the plain recipe [-] at equal tokens.
    flop_factor: float = 1.0
    #: Tokens needed to the same loss relative to the plain recipe [-].
    token_factor: float = 1.0
    #: Cap on chip power as a fraction of its rated power [-].
    power_cap: float = 1.0
    #: 1 = the layout is searched, 0 = the scenario's or the rule-of-thumb layout is kept.
    search_layout: float = 0.0
    #: Bytes sent between sites per step relative to synchronous data parallelism [-].
    site_traffic: float = 1.0
    #: Time lost to failures, restarts and checkpoints relative to plain practice [-].
    downtime_factor: float = 1.0
    #: Core clock of stages off the critical path relative to boost [-].
    idle_clock: float = 1.0
    #: Experts that a token visits over all [-]; 0 = the model's own (see `levers.mixture`).
    active_share: float = 0.0
    #: Twice the model's width over that of one expert [-]; 0 = the model's own.
    granularity: float = 0.0


class OperationSettings(NamedTuple):
    """How the site is run through the year; every default means "no lever"."""

    #: Share of training load that may move within the day [-].
    shift_training: float = 0.0
    #: Share of batch inference load that may move within the day [-].
    shift_batch: float = 0.0
    #: Share of IT power that can be shed when the grid asks for it [-].
    demand_response: float = 0.0
    #: Longest time for which that share can be shed in one day [s].
    demand_response_s: float = 0.0
    #: Share of serving capacity idle at night that training and batch work may use [-].
    capacity_sharing: float = 0.0
    #: Servers installed per rated watt of supply relative to nameplate provisioning [-].
    oversubscription: float = 1.0
    #: Share of movable load that may run at another site [-].
    shift_place: float = 0.0
    #: Time that a lent server does nothing each time it changes hands [s].
    swap_s: float = 0.0
    #: Hours a year in which a grid without an agreement asks for less [h].
    response_hours: float = 0.0
    #: What it pays for each watt that may be called [USD/W/year].
    response_usd_w_year: float = 0.0
