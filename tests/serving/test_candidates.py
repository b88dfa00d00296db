from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from wattpath import serving
from wattpath.errors import InputError
from wattpath.hardware.server import load_server
from wattpath.serving import DEFAULT_ENGINE, Layout, Traffic
from wattpath.serving.candidates import at_clock, build_case, clocked
from wattpath.serving.scan import scan_decode, scan_prefill


def _best(result: serving.ServingResult) -> float:
    return max((p.requests_per_s / p.chips for p in result.points), default=0.0)


def test_points_keep_the_level_and_fit(dense, server, settings, traffic) -> None:
    result = serving.candidates(dense, server, settings, traffic)
    assert result.feasible
    for point in result.points:
        assert point.ttft_s <= traffic.ttft_s
        assert point.tpot_s <= traffic.tpot_s
        assert point.chips == point.tp * point.pp * point.dp
        assert point.mem_bytes_per_chip < server.chip.mem_bytes
        assert point.chip_idle_w < point.chip_full_w <= server.chip.tdp_w
        assert 0.0 < point.compute_share < 1.0
        assert 0.0 < point.memory_share < 1.0


@pytest.mark.parametrize("split", [0.0, 1.0])
@pytest.mark.parametrize("field", ["ttft_s", "tpot_s"])
def test_looser_limits_never_serve_less(dense, server, settings, traffic, split, field) -> None:
    chosen = settings._replace(disaggregated=split)
    served = [
        _best(serving.candidates(dense, server, chosen, traffic._replace(**{field: limit})))
        for limit in (0.01, 0.02, 0.05, 0.2, 1.0, math.inf)
    ]
    assert all(b >= a * (1.0 - 1e-5) for a, b in pairwise(served))
    assert served[-1] > served[0]


@hypothesis_settings(max_examples=15, deadline=None)
@given(st.floats(0.6, 0.999), st.floats(0.6, 0.999))
def test_a_stricter_percentile_never_serves_more(one: float, other: float) -> None:
    from wattpath import models
    from wattpath.levers.settings import ServingSettings

    shape, server = models.load("llama-3-1-70b").shape, load_server("nvidia-dgx-h100")
    traffic = Traffic(1500.0, 300.0, 0.0, 1.0, 0.03)
    low, high = sorted((one, other))
    eight = ServingSettings(8.0, 8.0, 8.0)
    served = [
        _best(serving.candidates(shape, server, eight, traffic._replace(percentile=p)))
        for p in (low, high)
    ]
    assert served[1] <= served[0] * (1.0 + 1e-5)


def test_what_does_not_fit_is_refused_with_the_bytes_it_lacks(moe, server, settings) -> None:
    wide = settings._replace(weight_bits=16.0)
    small = server.__class__(**{n: getattr(server, n) for n in server.__slots__} | {"chips": 1.0})
    result = serving.candidates(moe, small, wide, Traffic(1000.0, 100.0))
    memory = next(r for r in result.refused if r.reason == "memory")
    assert memory.count >= 1
    assert memory.margin > 0.0
    assert "GB per chip" in memory.text


def test_an_impossible_level_names_the_best_that_is_possible(
    dense, server, settings, traffic
) -> None:
    result = serving.candidates(dense, server, settings, traffic._replace(tpot_s=0.0005))
    assert not result.feasible
    late = next(r for r in result.refused if r.reason == "tpot")
    best = serving.best_reachable(dense, server, settings, traffic)
    assert late.best == pytest.approx(best.tpot_s)
    assert late.margin == pytest.approx(best.tpot_s / 0.0005 - 1.0)
    reached = serving.candidates(
        dense, server, settings, traffic._replace(tpot_s=best.tpot_s * 1.01)
    )
    assert reached.feasible


def test_disaggregated_units_count_all_their_chips(dense, server, settings, traffic) -> None:
    split = settings._replace(disaggregated=1.0)
    for point in serving.candidates(dense, server, split, traffic).points:
        assert point.chips == point.prefill_chips + point.decode_chips
        assert point.prefill_chips > 0.0


def test_a_power_cap_saves_power_and_costs_capacity(dense, server, settings, traffic) -> None:
    batch = traffic._replace(ttft_s=math.inf, tpot_s=math.inf, input_tokens=8000.0)
    free = serving.candidates(dense, server, settings, batch).points[0]
    capped = serving.candidates(dense, server, settings._replace(power_cap=0.45), batch).points[0]
    assert capped.chip_full_w <= 0.45 * server.chip.tdp_w * 1.001
    assert capped.chip_full_w < free.chip_full_w
    assert capped.requests_per_s < free.requests_per_s


def test_a_cap_slows_prefill_workers_and_leaves_decode_alone(
    dense, server, settings, traffic
) -> None:
    batch = traffic._replace(ttft_s=math.inf, tpot_s=math.inf, input_tokens=8000.0)
    case = build_case(dense, server, settings._replace(power_cap=0.5), batch, DEFAULT_ENGINE)
    first, slow = at_clock(case, scan_prefill, Layout(1.0), 1.0)
    free, _ = at_clock(replace(case, settings=settings), scan_prefill, Layout(1.0), 1.0)
    assert slow < 1.0
    assert first.state.requests_per_s < free.state.requests_per_s
    chat = replace(case, traffic=traffic._replace(tpot_s=0.02))
    assert at_clock(chat, scan_decode, Layout(1.0), 1.0)[1] == 1.0
    assert at_clock(chat, scan_decode, Layout(1.0), 0.7)[1] == 0.7


def test_a_clock_takes_from_vector_work_as_from_matrices(server) -> None:
    slow = clocked(server.chip, 0.7)
    for rate in ("bf16_flops", "fp8_flops", "vector_flops"):
        assert getattr(slow, rate) == pytest.approx(0.7 * getattr(server.chip, rate))
    assert slow.bandwidth_bytes_s == server.chip.bandwidth_bytes_s


def test_same_question_same_answer(dense, server, settings, traffic) -> None:
    ask = (dense, server, settings, traffic)
    assert serving.candidates(*ask) == serving.candidates(*ask)


@pytest.mark.parametrize(
    "change", [{"input_tokens": 0.0}, {"percentile": 1.0}, {"tpot_s": float("nan")}]
)
def test_traffic_that_cannot_be(dense, server, settings, traffic, change) -> None:
    with pytest.raises(InputError, match=next(iter(change))):
        serving.candidates(dense, server, settings, traffic._replace(**change))


def test_requests_kept_away_add_capacity(dense, server, settings, traffic) -> None:
    base = serving.candidates(dense, server, settings, traffic)
    fewer = serving.candidates(dense, server, settings._replace(request_factor=0.8), traffic)
    assert _best(fewer) == pytest.approx(_best(base) / 0.8)


def test_hardly_any_load_still_reads_one_token_s_experts(moe, server, settings) -> None:
    from wattpath.serving import Layout, load_engine
    from wattpath.serving.steady import steady

    case = (server.chip, moe, Layout(8.0, ep=8.0), settings, load_engine())
    few, one = (steady(*case, Traffic(500.0, 500.0), b) for b in (0.01, 1.0))
    assert few.tpot_s == pytest.approx(one.tpot_s, rel=0.3)
    assert few.memory_share < 0.05 * one.memory_share
