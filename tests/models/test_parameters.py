"""Parameter counts against every published count of the catalogue."""

from __future__ import annotations

import pytest

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.models import Shape, load, parameter_count
from wattpath.models.parameters import (
    active_elements,
    attention_layer_parameters,
    expert_parameters,
    kv_entry_elements,
    weight_elements,
)

KNOWN = [e.key for e in catalog.entries("model") if not e.text("refused")]
REFUSED = [e.key for e in catalog.entries("model") if e.text("refused")]


def test_catalogue_holds_the_models() -> None:
    assert len(KNOWN) >= 67
    assert len(KNOWN) + len(REFUSED) == 69


def test_totals_and_active_counts_match_what_is_published(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Within 1 %, or inside the rounding of a published figure that is rounded coarser."""
    wrong = []
    with capsys.disabled():
        print()
        for key in KNOWN:
            model, entry = load(key), catalog.load("model", key)
            computed = {
                "params_total": model.parameters().total,
                "params_active": model.active_as_published(),
            }
            cells = []
            for name, value in computed.items():
                if name not in entry.quantities:
                    continue
                published = entry.quantity(name)
                error = value / published.value - 1.0
                cells.append(f"{value / 1e9:10.3f} {published.value / 1e9:10.3f} {error:+8.2%}")
                if abs(error) > 0.01 and not published.low <= value <= published.high:
                    wrong.append((key, name, error))
            print(f"{key:26s}{'  '.join(cells)}")
    assert wrong == []


def test_only_coarsely_rounded_totals_differ_by_more_than_one_percent() -> None:
    """The rounding rule must not hide errors: it may serve one total of two digits."""
    errors = {
        key: abs(load(key).parameters().total / total - 1.0)
        for key in KNOWN
        if (total := load(key).params_total_published)
    }
    assert [key for key, error in errors.items() if error > 0.01] == ["deepseek-v4-pro"]


@pytest.mark.parametrize("key", REFUSED)
def test_a_model_without_geometry_is_refused_with_its_reason(key: str) -> None:
    with pytest.raises(InputError, match=r"geometry is known.*config.json"):
        load(key, "scenario.model")


@pytest.mark.parametrize("key", KNOWN)
def test_parts_add_up_and_active_is_at_most_total(key: str) -> None:
    count = load(key).parameters()
    parts = sum(count[3:])
    assert parts == pytest.approx(count.total)
    assert 0 < count.active_compute <= count.active <= count.total * (1 + 1e-12)


@pytest.mark.parametrize("key", KNOWN)
def test_every_layer_has_its_blocks(key: str) -> None:
    shape = load(key).shape
    mixers = shape.full_layers + shape.window_layers + shape.state_layers
    blocks = shape.dense_layers + shape.moe_layers
    assert shape.layers in (mixers, mixers + blocks)
    assert all(value >= 0 for name, value in shape._asdict().items() if name != "attention_extra")


def test_kernels_equal_plain_python() -> None:
    for key in ("deepseek-v3", "gpt-oss-120b", "deepseek-v4-pro", "jamba-v0-1"):
        shape: Shape = load(key).shape
        for kernel in (
            parameter_count,
            weight_elements,
            active_elements,
            attention_layer_parameters,
            expert_parameters,
            kv_entry_elements,
        ):
            assert kernel(shape) == pytest.approx(kernel.py_func(shape), rel=1e-14)
