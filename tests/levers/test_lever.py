"""Every lever of the catalogue is complete, and refusals say why."""

from __future__ import annotations

import pytest

from wattpath import catalog, levers
from wattpath.errors import UnknownNameError

ALL = levers.all_levers(base=True)
SETTINGS = {
    "serving": levers.ServingSettings,
    "training": levers.TrainingSettings,
    "operation": levers.OperationSettings,
}
FIRST_TWELVE = (
    "fp8-weights",
    "fp4-weights",
    "kv-fp8",
    "kv-fp4",
    "speculative-decoding",
    "prefix-caching",
    "disaggregation",
    "prune-distill",
    "training-layout",
    "training-fp8",
    "power-cap",
    "load-shifting",
)


@pytest.mark.parametrize("key", FIRST_TWELVE)
def test_the_promised_levers_are_there(key: str) -> None:
    assert levers.load(key).key == key


@pytest.mark.parametrize("lever", ALL, ids=lambda lever: lever.key)
def test_lever_is_complete(lever: levers.Lever) -> None:
    fields = SETTINGS[lever.stage]._fields
    assert lever.title.endswith(".")
    assert lever.backfires.endswith(".")
    assert lever.interactions.endswith(".")
    assert not lever.unmodelled or lever.unmodelled.endswith(".")
    assert lever.group
    assert lever.effects or lever.loss_nats.high < 0.0, "a lever without effect"
    assert set(lever.sets) <= set(fields)
    assert set(lever.scales) <= set(fields)
    assert all(word.partition(":")[0] in ("chip", "model") for word in lever.requires)
    assert set(lever.conflicts) <= {other.key for other in ALL} - {lever.key}
    assert lever.evidence in catalog.EVIDENCE


@pytest.mark.parametrize("lever", ALL, ids=lambda lever: lever.key)
def test_an_estimated_effect_has_a_wide_range(lever: levers.Lever) -> None:
    for name, quantity in lever.effects.items():
        if quantity.evidence == "estimate":
            assert quantity.high > quantity.low, name
    if lever.loss_nats.evidence == "estimate":
        assert lever.loss_nats.high > lever.loss_nats.low


@pytest.mark.parametrize("lever", levers.all_levers(), ids=lambda lever: lever.key)
def test_every_effect_differs_from_the_neutral_default(lever: levers.Lever) -> None:
    neutral = SETTINGS[lever.stage]()
    changed = {name for name, q in lever.sets.items() if q.value != getattr(neutral, name)}
    changed |= {name for name, q in lever.scales.items() if q.value != 1.0}
    assert changed or lever.loss_nats.high < 0.0


def test_conflicts_are_mutual() -> None:
    named = {lever.key: set(lever.conflicts) for lever in ALL}
    for key, others in named.items():
        for other in others:
            assert key in named[other]


def test_each_settings_field_has_a_row_to_set_and_one_to_scale_it() -> None:
    rows = set(catalog.schema("lever").attributes)
    for settings in SETTINGS.values():
        for name in settings._fields:
            assert {f"set_{name}", f"scale_{name}"} <= rows
    known = {name for settings in SETTINGS.values() for name in settings._fields}
    for row in rows:
        verb, _, name = row.partition("_")
        if verb in ("set", "scale"):
            assert name in known


def test_at_most_one_base_entry_per_stage() -> None:
    stages = [lever.stage for lever in ALL if lever.base]
    assert len(stages) == len(set(stages))


def test_unknown_lever_gets_a_hint() -> None:
    with pytest.raises(UnknownNameError, match=r"scenario\.levers.*'fp8-weights'"):
        levers.load("fp8-weight", "scenario.levers")


def test_alias_and_case() -> None:
    assert levers.load("Minitron").key == "prune-distill"


def test_two_precisions_exclude_each_other_with_the_field_named() -> None:
    reason = levers.compatible(levers.by_names(("fp8-weights", "fp4-weights")))
    assert reason is not None
    assert "weight_bits" in reason


def test_named_conflict_and_repetition() -> None:
    routes = levers.by_names(("routing", "response-cache"))
    assert "exclude" in str(levers.compatible(routes))
    twice = levers.by_names(("kv-fp8", "kv-fp8"))
    assert "twice" in str(levers.compatible(twice))


def test_same_field_of_another_stage_is_no_conflict() -> None:
    assert levers.compatible(levers.by_names(("power-cap", "power-cap-serving"))) is None


def test_applicable_names_what_is_missing() -> None:
    lever = levers.load("fp4-weights")
    assert levers.applicable(lever, {"fp8", "fp4"}, {"moe"}) is None
    reason = levers.applicable(lever, {"fp8"}, {"moe"})
    assert reason is not None
    assert "chip with fp4" in reason


def test_explain_names_source_range_and_failure() -> None:
    text = levers.load("mtp-decoding").explain()
    assert "0.85 to 0.9" in text
    assert "DeepSeek-V3 Technical Report" in text
    assert "backfires" in text
    assert "not shown by plans" not in text


def test_a_condition_that_plans_do_not_reproduce_is_said_to_be_missing() -> None:
    text = levers.load("fp8-weights").explain()
    assert "not shown by plans: The loss of energy at batches of 16 and below" in text


@pytest.mark.parametrize(
    "pair",
    [
        ("overtrained-small", "train-longer"),
        ("overtrained-small", "train-longer-fourfold"),
        ("early-exit", "prune-distill-depth"),
        ("early-exit", "speculative-decoding"),
        ("routing", "response-cache"),
        ("latent-attention", "sparse-attention"),
    ],
)
def test_what_would_be_counted_twice_is_excluded(pair: tuple[str, str]) -> None:
    assert "exclude each other" in str(levers.compatible(levers.by_names(pair)))


def test_doubling_the_tokens_again_wins_less_than_longer_training_says() -> None:
    # Why half the size trained longer excludes it: its tokens are spent already.
    law, tokens = levers.load_law(), 15e12
    spent = tokens * levers.load("overtrained-small").one_off.token_fraction.value
    again = law.loss_nats(35e9, spent) - law.loss_nats(35e9, spent + tokens)
    assert again < -0.5 * levers.load("train-longer").loss_nats.value
