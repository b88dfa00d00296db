"""Candidates for the plan: every size answered or refused with a reason."""

from __future__ import annotations

import pytest

from wattpath.hardware import load_server
from wattpath.levers.settings import TrainingSettings
from wattpath.models import Shape
from wattpath.training import TrainingRun, candidates

RUN = TrainingRun(1e12, 4096.0, 4e6)


@pytest.fixture(scope="module")
def server():  # type: ignore[no-untyped-def]
    return load_server("NVIDIA DGX H100")


def test_points_are_consistent(shape: Shape, server) -> None:  # type: ignore[no-untyped-def]
    result = candidates(shape, RUN, server, TrainingSettings(), (64.0, 256.0))
    assert {point.chips for point in result.points} == {64.0, 256.0}
    for point in result.points:
        assert point.chips == point.tp * point.pp * point.cp * point.dp
        assert 0.0 < point.mfu < 1.0
        assert 0.5 < point.goodput < 1.0
        assert point.mem_bytes_per_chip <= server.chip.mem_bytes
        assert point.chip_idle_w < point.chip_mean_w <= point.chip_peak_w <= server.chip.tdp_w
        assert point.days * 86400.0 * point.tokens_per_s == pytest.approx(RUN.tokens)


def test_search_is_never_slower_than_the_rule_of_thumb(shape: Shape, server) -> None:  # type: ignore[no-untyped-def]
    rule = candidates(shape, RUN, server, TrainingSettings(), (64.0,))
    found = candidates(shape, RUN, server, TrainingSettings(search_layout=1.0), (64.0,))
    assert max(p.tokens_per_s for p in found.points) >= max(p.tokens_per_s for p in rule.points)


def test_more_chips_train_faster_and_low_precision_helps(shape: Shape, server) -> None:  # type: ignore[no-untyped-def]
    plain = candidates(shape, RUN, server, TrainingSettings(), (64.0, 128.0)).points
    assert max(p.tokens_per_s for p in plain if p.chips == 128.0) > max(
        p.tokens_per_s for p in plain if p.chips == 64.0
    )
    eight = candidates(shape, RUN, server, TrainingSettings(gemm_bits=8.0), (64.0,)).points
    assert max(p.tokens_per_s for p in eight) > max(
        p.tokens_per_s for p in plain if p.chips == 64.0
    )


def test_a_model_too_large_is_refused_with_its_margin(shape: Shape, server) -> None:  # type: ignore[no-untyped-def]
    large = shape._replace(layers=128.0, dense_layers=128.0, full_layers=128.0, hidden=32768.0,
                           ffn=131072.0, head_dim=1024.0, v_head_dim=1024.0)  # fmt: skip
    result = candidates(large, RUN, server, TrainingSettings(), (8.0,))
    assert result.points == []
    unfit = next(r for r in result.refused if r.reason.startswith("does not fit"))
    assert unfit.count > 0
    assert unfit.margin > 0.0
