"""Power: bounds, published levels, caps, servers."""

from __future__ import annotations

import itertools

import pytest

from wattpath import catalog
from wattpath.hardware import Chip, load_chip, load_server
from wattpath.hardware.power import (
    cap_slowdown,
    chip_idle_w,
    chip_power_w,
    clock_at,
    format_shares,
    server_power_w,
    switching_energy,
    throttle,
)

SHARES = (0.0, 0.05, 0.2, 0.5, 1.0)


@pytest.fixture(scope="module")
def chip() -> Chip:
    return load_chip("nvidia-h100-sxm")


@pytest.mark.parametrize("family", catalog.names("efficiency"))
def test_power_stays_between_idle_and_limit(chip: Chip, family: str) -> None:
    entry = catalog.load("efficiency", family)
    names = [name for name in Chip._fields if name.endswith(("_power", "_clocked"))]
    names += ["idle_share", "active_share", "clock_exponent", "voltage_floor"]
    own = chip._replace(**{name: entry.si(name) for name in names})
    for compute, memory in itertools.product(SHARES, SHARES):
        power = chip_power_w(own, compute, memory)
        assert chip_idle_w(own) <= power <= own.tdp_w
        assert chip_power_w(own, compute, memory, 0.6) <= max(0.6 * own.tdp_w, chip_idle_w(own))


def test_power_rises_with_either_work(chip: Chip) -> None:
    levels = [chip_power_w(chip, 0.02, memory) for memory in SHARES]
    assert levels == sorted(levels)
    levels = [chip_power_w(chip, compute, 0.1) for compute in SHARES]
    assert levels == sorted(levels)


def test_decode_at_full_bandwidth_draws_well_below_the_limit(chip: Chip) -> None:
    """Measured (ml-energy-benchmark): small batches on one H100 at 0.61 to 0.70 of it."""
    assert 0.55 < chip_power_w(chip, 0.02, 0.62) / chip.tdp_w < 0.80


def test_large_products_reach_the_limit(chip: Chip) -> None:
    assert 0.97 * chip.tdp_w < chip_power_w(chip, 0.75, 0.3) <= chip.tdp_w


def test_a_held_chip_idles_at_the_published_power(chip: Chip) -> None:
    """Published: 121.7 W with an open context, 71.8 W without, whose clocks are down."""
    assert chip_idle_w(chip) == pytest.approx(121.7, rel=0.02)
    assert chip_idle_w(chip, 0.0) == pytest.approx(71.8, rel=0.02)


def test_a_locked_clock_saves_what_is_published_of_decode(chip: Chip) -> None:
    """Published: up to 32 % of the energy of decoding that draws 137 to 300 W of 700 W."""
    saved = [
        1.0 - chip_power_w(chip, 0.01, y, 1.0, 0.7) / chip_power_w(chip, 0.01, y) for y in SHARES
    ]
    assert all(0.15 < share < 0.40 for share in saved)
    clocks = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    watts = [chip_power_w(chip, 0.01, 0.2, 1.0, clock) for clock in clocks]
    assert watts == sorted(watts)


def test_voltage_comes_down_to_its_floor(chip: Chip) -> None:
    floor = chip.voltage_floor**2
    energies = [switching_energy(chip, clock) for clock in (0.0, 0.3, 0.6, 0.9, 1.0)]
    assert energies == sorted(energies)
    assert energies[0] == pytest.approx(floor)
    assert energies[-1] == 1.0
    near = 1.0 - (0.999 * switching_energy(chip, 0.999))
    assert near / 0.001 == pytest.approx(chip.clock_exponent, rel=0.01)


@pytest.mark.parametrize("clock", [0.2, 0.5, 0.8, 1.0])
def test_the_clock_at_a_power_undoes_the_power_at_a_clock(chip: Chip, clock: float) -> None:
    assert clock_at(chip, clock * switching_energy(chip, clock)) == pytest.approx(clock, rel=1e-6)


def test_the_own_limit_slows_as_a_cap_would(chip: Chip) -> None:
    assert throttle(chip, 0.2, 0.3) == 1.0
    slow = throttle(chip, 0.8, 0.3)
    assert 1.0 < slow < 2.0
    lean = chip._replace(idle_share=0.5 * chip.idle_share)
    assert throttle(lean, 0.8, 0.3) < slow
    assert cap_slowdown(chip, 1.0, 0.8, 0.3) == 1.0


def test_caps_leave_decoding_alone_that_stays_below_them(chip: Chip) -> None:
    for memory in (0.05, 0.15, 0.25):  # 150 to 300 W
        free = chip_power_w(chip, 0.01, memory)
        assert chip_power_w(chip, 0.01, memory, 0.6) == pytest.approx(free, rel=0.03)
        assert cap_slowdown(chip, 0.6, 0.01, memory) == 1.0


def test_narrow_weights_cost_more_a_byte_and_unpacking_more_an_operation(chip: Chip) -> None:
    assert format_shares(chip, 16.0, 16.0, 0.3, 0.4) == (0.3, 0.4)
    compute, memory = format_shares(chip, 8.0, 8.0, 0.3, 0.4)
    assert compute == pytest.approx(0.3 * (1.0 + chip.narrow_arithmetic))  # sums stay wide
    assert compute < 0.6  # and yet an operation draws less than on 16-bit operands
    assert memory == pytest.approx(0.4 * (1.0 + chip.narrow_power))
    compute, memory = format_shares(chip, 4.0, 16.0, 0.3, 0.4)
    assert compute == pytest.approx(0.3 * (1.0 + chip.unpack_power))
    assert memory == pytest.approx(0.4 * (1.0 + 3.0 * chip.narrow_power))
    without = chip._replace(fp8_flops=0.0)
    assert format_shares(without, 8.0, 8.0, 0.3, 0.4)[0] > 0.3


def test_cap_slows_arithmetic_and_spares_decode(chip: Chip) -> None:
    assert cap_slowdown(chip, 1.0, 0.75, 0.3) == 1.0
    training = cap_slowdown(chip, 0.7, 0.45, 0.3)
    assert 1.05 < training < 1.35
    assert cap_slowdown(chip, 0.8, 0.02, 0.6) == pytest.approx(1.0, abs=0.02)


def test_lower_caps_slow_more_up_to_a_third_of_the_clock(chip: Chip) -> None:
    slow = [cap_slowdown(chip, cap, 0.5, 0.3) for cap in (1.0, 0.9, 0.8, 0.6, 0.4, 0.1)]
    assert slow == sorted(slow)
    assert slow[-1] == pytest.approx(3.0)


def test_server_reaches_its_idle_and_its_peak() -> None:
    server = load_server("nvidia-dgx-h100")
    idle = chip_idle_w(server.chip)
    args = (server.idle_w, server.peak_w, server.chips, server.chip.tdp_w, idle)
    assert server_power_w(*args, idle) == pytest.approx(server.idle_w)
    assert server_power_w(*args, server.chip.tdp_w) == pytest.approx(server.peak_w)


def test_busy_node_draws_what_was_measured_and_less_than_its_rating() -> None:
    """Published: an 8x H100 node peaked at 8.4 kW in training, rated at 10.2 kW."""
    server = load_server("nvidia-dgx-h100")
    idle = chip_idle_w(server.chip)
    args = (server.idle_w, server.full_w, server.chips, server.chip.tdp_w, idle)
    assert server_power_w(*args, server.chip.tdp_w) == pytest.approx(8400.0, rel=0.03)


def test_server_without_host_figures_draws_what_its_chips_draw() -> None:
    assert server_power_w(0.0, 0.0, 8.0, 700.0, 100.0, 400.0) == pytest.approx(3200.0)


def test_functions_equal_plain_python(chip: Chip) -> None:
    assert chip_power_w(chip, 0.1, 0.2, 0.9) == pytest.approx(
        chip_power_w.py_func(chip, 0.1, 0.2, 0.9)
    )
    assert format_shares(chip, 4.0, 16.0, 0.3, 0.4) == pytest.approx(
        format_shares.py_func(chip, 4.0, 16.0, 0.3, 0.4)
    )
    assert cap_slowdown(chip, 0.6, 0.5, 0.2) == pytest.approx(
        cap_slowdown.py_func(chip, 0.6, 0.5, 0.2)
    )
    args = (2000.0, 10200.0, 8.0, 700.0, 90.0, 400.0)
    assert server_power_w(*args) == pytest.approx(server_power_w.py_func(*args))
