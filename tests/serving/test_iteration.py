from __future__ import annotations

import pytest

from wattpath.serving import Layout
from wattpath.serving.blocks import Batch, narrow_delay_s
from wattpath.serving.iteration import iteration


def _decode(sequences: float, context: float = 1000.0, queries: float = 1.0) -> Batch:
    return Batch(sequences, context, queries, 0.0, 0.0, 0.0)


def test_more_bandwidth_never_slows_a_step(chip, dense, settings, engine) -> None:
    times = [
        iteration(
            chip._replace(bandwidth_bytes_s=chip.bandwidth_bytes_s * factor),
            dense,
            Layout(4.0),
            settings,
            engine,
            _decode(64.0),
        ).seconds
        for factor in (0.5, 1.0, 2.0, 4.0)
    ]
    assert times == sorted(times, reverse=True)
    assert times[-1] < 0.7 * times[0]


def test_step_time_grows_slower_than_the_batch(chip, dense, settings, engine) -> None:
    times = [
        iteration(chip, dense, Layout(4.0), settings, engine, _decode(b)).seconds
        for b in (1.0, 8.0, 64.0, 512.0)
    ]
    assert times == sorted(times)
    assert times[2] < 64.0 * times[0] / 10.0


def test_weights_bound_a_small_batch_below(chip, dense, settings, engine) -> None:
    step = iteration(chip, dense, Layout(8.0), settings, engine, _decode(1.0))
    assert step.seconds > 70e9 / 8.0 / chip.bandwidth_bytes_s
    assert 0.0 < step.memory_s < step.seconds
    assert 0.0 < step.compute_s < step.seconds


def test_prefill_is_bound_by_arithmetic(chip, dense, settings, engine) -> None:
    batch = Batch(0.0, 0.0, 1.0, 8192.0, 1.0, 0.0)
    step = iteration(chip, dense, Layout(8.0), settings, engine, batch)
    assert step.compute_s / step.seconds > 0.25
    assert step.compute_s > step.memory_s


@pytest.mark.parametrize("ep", [1.0, 8.0])
def test_experts_cost_more_the_more_of_them_a_batch_touches(
    chip, moe, settings, engine, ep
) -> None:
    layout = Layout(8.0, ep=ep)
    one, many = (iteration(chip, moe, layout, settings, engine, _decode(b)) for b in (1.0, 64.0))
    assert many.memory_s > 5.0 * one.memory_s


def test_data_parallel_attention_pays_for_the_exchange(chip, moe, settings, engine) -> None:
    spread = iteration(chip, moe, Layout(1.0, 1.0, 8.0, 8.0), settings, engine, _decode(8.0))
    assert spread.network_s > 0.0
    hidden = settings._replace(overlap=1.0)
    layout = Layout(1.0, 1.0, 8.0, 8.0)
    few = iteration(chip, moe, layout, hidden, engine, _decode(8.0))
    assert few.seconds <= spread.seconds
    many = [iteration(chip, moe, layout, s, engine, _decode(512.0)) for s in (settings, hidden)]
    assert many[1].network_s < 0.2 * many[0].network_s
    assert many[1].seconds <= many[0].seconds


def test_window_layers_forget(chip, dense, settings, engine) -> None:
    window = dense._replace(full_layers=40.0, window_layers=40.0, window=512.0)
    long = [_decode(64.0, c) for c in (1000.0, 50_000.0)]
    full = [iteration(chip, dense, Layout(8.0), settings, engine, b).seconds for b in long]
    less = [iteration(chip, window, Layout(8.0), settings, engine, b).seconds for b in long]
    assert less[1] - less[0] < 0.6 * (full[1] - full[0])


def test_state_layers_do_not_grow_with_context(chip, dense, settings, engine) -> None:
    state = dense._replace(
        full_layers=0.0, state_layers=80.0, state_elements=131072.0, state_params=1.5e8
    )
    near, far = (
        iteration(chip, state, Layout(8.0), settings, engine, _decode(8.0, c)).seconds
        for c in (100.0, 100_000.0)
    )
    assert far == pytest.approx(near, rel=1e-9)


def test_host_time_is_added_as_it_is(chip, dense, settings, engine) -> None:
    slow = settings._replace(host_s=engine.host_s + 0.005)
    base = iteration(chip, dense, Layout(8.0), settings, engine, _decode(8.0))
    late = iteration(chip, dense, Layout(8.0), slow, engine, _decode(8.0))
    assert late.seconds - base.seconds == pytest.approx(0.005)


def test_kernel_equals_plain_python(chip, dense, settings, engine) -> None:
    batch = Batch(32.0, 1500.0, 1.0, 2048.0, 2.0, 100.0)
    case = (chip, dense, Layout(4.0), settings, engine, batch)
    plain = getattr(iteration, "py_func", iteration)(*case)
    assert tuple(plain) == pytest.approx(tuple(iteration(*case)))


def test_vector_units_lose_where_heads_share_a_cached_head(chip, dense, settings, engine) -> None:
    old = engine._replace(vector_eff=0.2)
    grouped = dense._replace(kv_heads=dense.heads / 4.0)
    case = (chip, grouped, Layout(4.0), settings)
    short, long = (
        iteration(*case, old, _decode(64.0, context)).seconds
        / iteration(*case, engine, _decode(64.0, context)).seconds
        for context in (500.0, 8000.0)
    )
    assert long > short > 1.0
    batch = Batch(0.0, 0.0, 1.0, 4096.0, 1.0, 0.0)
    assert iteration(*case, old, batch) == iteration(*case, engine, batch)


def test_streaming_costs_host_time_by_the_sequence(chip, dense, settings, engine) -> None:
    case = (chip, dense, Layout(4.0), settings)
    plain, streamed = (
        iteration(*case, engine._replace(stream_s=each), _decode(100.0)) for each in (0.0, 2e-5)
    )
    assert streamed.seconds - plain.seconds == pytest.approx(100.0 * 2e-5)


def test_kernels_for_all_shapes_read_8_bit_experts_more_slowly(chip, engine) -> None:
    tuned, general = (engine._replace(narrow_experts=share) for share in (1.0, 0.5))
    assert narrow_delay_s(chip, tuned, 1e9, 8.0, 8.0) == 0.0
    assert narrow_delay_s(chip, general, 1e9, 16.0, 16.0) == 0.0
    delay = narrow_delay_s(chip, general, 1e9, 8.0, 8.0)
    assert delay == pytest.approx(1e9 / (chip.bandwidth_bytes_s * chip.memory_eff))


def test_sorting_the_vocabulary_moves_bytes_in_time_that_is_counted_already(
    chip, dense, settings, engine
) -> None:
    case = (chip, dense, Layout(4.0), settings)
    plain, sorting = (
        iteration(*case, engine._replace(sorted_bytes=each), _decode(64.0)) for each in (0.0, 300.0)
    )
    assert sorting.seconds == plain.seconds
    moved = (sorting.memory_s - plain.memory_s) * chip.bandwidth_bytes_s
    assert moved == pytest.approx(64.0 * dense.vocab * 300.0)
