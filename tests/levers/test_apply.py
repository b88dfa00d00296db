"""Applying levers: identity, composition, independence of order, additive loss."""

from __future__ import annotations

from itertools import combinations, pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath import levers
from wattpath.errors import InputError

SERVING = levers.all_levers("serving")
TRAINING = levers.all_levers("training")
OPERATION = levers.all_levers("operation")


def subsets(pool: tuple[levers.Lever, ...]) -> st.SearchStrategy[list[levers.Lever]]:
    """Compatible subsets in any order."""

    def prune(chosen: list[levers.Lever]) -> list[levers.Lever]:
        kept: list[levers.Lever] = []
        for lever in chosen:
            if levers.compatible([*kept, lever]) is None:
                kept.append(lever)
        return kept

    return st.lists(st.sampled_from(pool), unique_by=lambda x: x.key, max_size=8).map(prune)


def test_no_lever_is_the_identity() -> None:
    assert levers.apply_serving((), levers.ServingSettings()) == levers.ServingSettings()
    assert levers.apply_training((), levers.TrainingSettings()) == levers.TrainingSettings()
    assert levers.apply_operation((), levers.OperationSettings()) == levers.OperationSettings()
    assert levers.loss_nats(()) == 0.0


@given(subsets(SERVING), st.randoms())
@settings(max_examples=60, deadline=None)
def test_serving_levers_commute(chosen: list[levers.Lever], random: object) -> None:
    start = levers.plain_serving()
    shuffled = chosen[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert levers.apply_serving(chosen, start) == levers.apply_serving(shuffled, start)


@given(subsets(TRAINING), subsets(OPERATION))
@settings(max_examples=40, deadline=None)
def test_stages_do_not_disturb_each_other(
    training: list[levers.Lever], operation: list[levers.Lever]
) -> None:
    both = [*training, *operation]
    neutral = levers.TrainingSettings()
    assert levers.apply_training(both, neutral) == levers.apply_training(training, neutral)
    resting = levers.OperationSettings()
    assert levers.apply_operation(both, resting) == levers.apply_operation(operation, resting)


@given(subsets(SERVING))
@settings(max_examples=40, deadline=None)
def test_one_by_one_equals_all_at_once(chosen: list[levers.Lever]) -> None:
    step = start = levers.plain_serving()
    ordered = sorted(chosen, key=lambda lever: bool(lever.scales))
    for lever in ordered:
        step = levers.apply_serving([lever], step)
    assert step == pytest.approx(levers.apply_serving(chosen, start))


@given(subsets(SERVING))
@settings(max_examples=40, deadline=None)
def test_loss_adds_within_its_range(chosen: list[levers.Lever]) -> None:
    total = levers.loss_nats(chosen)
    assert total == pytest.approx(sum(lever.loss_nats.value for lever in chosen))
    assert levers.loss_nats(chosen, "low") <= total <= levers.loss_nats(chosen, "high")


def test_sets_and_scales_compose() -> None:
    chosen = levers.by_names(("int4-weights", "kv-fp8", "prune-one-shot", "prefix-caching"))
    start = levers.plain_serving()
    result = levers.apply_serving(chosen, start)
    assert (result.weight_bits, result.act_bits, result.kv_bits) == (4.0, 16.0, 8.0)
    unpacking = levers.load("int4-weights").sets["gemm_factor"].value
    sparse = levers.load("prune-one-shot").scales["gemm_factor"].value
    assert result.gemm_factor == pytest.approx(unpacking * sparse)
    assert result.expert_skew == start.expert_skew > 1.0


def test_one_shot_pruning_scales_the_bytes_of_any_precision() -> None:
    pair = levers.by_names(("int4-weights", "prune-one-shot"))
    plain = levers.apply_serving(pair[:1], levers.ServingSettings())
    pruned = levers.apply_serving(pair, levers.ServingSettings())
    assert pruned.weight_overhead == pytest.approx(plain.weight_overhead * 0.5625)


def test_incompatible_levers_are_refused_with_the_reason() -> None:
    pair = levers.by_names(("kv-fp8", "kv-fp4"))
    with pytest.raises(InputError, match=r"levers must be able to stand together.*kv_bits"):
        levers.apply_serving(pair, levers.ServingSettings())


def test_overrides_replace_catalogue_values() -> None:
    chosen = levers.by_names(("mtp-decoding", "prune-one-shot"))
    values = {"mtp-decoding.set_acceptance": 0.5, "prune-one-shot.scale_gemm_factor": 1.0}
    result = levers.apply_serving(chosen, levers.plain_serving(), values)
    assert (result.acceptance, result.gemm_factor) == (0.5, 1.0)
    assert (
        levers.loss_nats(levers.by_names(("kv-fp4",)), overrides={"kv-fp4.loss_nats": 0.2}) == 0.2
    )


def test_losses_of_low_precision_add_with_their_ranges() -> None:
    eight = levers.by_names(("fp8-weights", "kv-fp8"))
    four = levers.by_names(("fp4-weights", "kv-fp8"))
    least = levers.by_names(("fp4-weights", "kv-fp4"))
    sums = [
        [levers.loss_nats(chosen, b) for b in ("low", "value", "high")]
        for chosen in (eight, four, least)
    ]
    for fewer, more in pairwise(sums):
        assert all(a < b for a, b in zip(fewer, more, strict=True))
    assert sums[1] == pytest.approx([0.008, 0.021, 0.045])


def test_what_is_only_called_lossless_is_zero_with_a_range() -> None:
    for lever in levers.all_levers():
        loss = lever.loss_nats
        if loss.evidence == "estimate" and loss.value == 0.0:
            assert loss.low <= 0.0 < loss.high, lever.key
        if loss.source == "lever-definition":
            assert (loss.low, loss.value, loss.high) == (0.0, 0.0, 0.0), lever.key


def test_one_shot_pruning_breaks_a_sane_quality_floor() -> None:
    assert levers.loss_nats(levers.by_names(("prune-one-shot",)), "low") > 0.3
    heavy = levers.by_names(("fp4-weights", "kv-fp4", "prune-distill"))
    assert levers.loss_nats(heavy) < 0.1


def test_every_pair_is_judged_alike_in_both_orders() -> None:
    for first, second in combinations(levers.all_levers(), 2):
        forth, back = levers.compatible((first, second)), levers.compatible((second, first))
        assert (forth is None) == (back is None)


def test_good_practice_stands_together_and_applies() -> None:
    chip, model = frozenset({"fp8"}), frozenset({"moe", "mtp", "full-attention"})
    for stage in levers.STAGES:
        chosen = levers.good_practice(stage, chip, model)
        assert levers.compatible(chosen) is None
        assert all(levers.applicable(lever, chip, model) is None for lever in chosen)
    assert "fp8-weights" in {x.key for x in levers.good_practice("serving", chip, model)}
    assert "fp8-weights" not in {x.key for x in levers.good_practice("serving", frozenset(), model)}


def test_features_follow_from_chip_and_shape() -> None:
    chip = SimpleNamespace(fp8_flops=2e15, fp4_flops=0.0, int8_flops=2e15)
    assert levers.chip_features(chip) == {"fp8", "int8"}  # type: ignore[arg-type]
    shape = SimpleNamespace(
        moe_layers=58.0, kv_rank=512.0, full_layers=61.0, state_layers=0.0, sparse_tokens=0.0
    )
    found = levers.model_features(shape, ("mtp",))  # type: ignore[arg-type]
    assert found == {"moe", "mla", "full-attention", "mtp"}
    shape.sparse_tokens = 2048.0
    assert "full-attention" not in levers.model_features(shape)  # type: ignore[arg-type]
