"""A server is a box of chips with a host around them."""

from __future__ import annotations

import pytest

from wattpath import catalog
from wattpath.errors import UnknownNameError
from wattpath.hardware import load_chip, load_server


@pytest.mark.parametrize("key", catalog.names("server"))
def test_every_server_loads_and_is_physical(key: str) -> None:
    server = load_server(key)
    assert 0.0 <= server.idle_w < server.full_w <= server.peak_w
    assert 0.0 <= server.liquid_share <= 1.0
    assert server.chips >= 1.0
    assert server.cooling


def test_server_keeps_its_own_scale_up_domain() -> None:
    server = load_server("nvidia-dgx-h100")
    assert server.chip_key == "nvidia-h100-sxm"
    assert server.chip.scaleup_domain == 8.0
    assert load_server("nvidia-gb200-nvl72").chip.scaleup_domain == 72.0


def test_cards_without_links_share_the_bus_of_their_box() -> None:
    assert load_chip("nvidia-l40s").scaleup_domain == 1.0
    assert load_server("supermicro-8x-l40s").chip.scaleup_domain == 8.0


def test_unknown_server_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        load_server("dgx-z9000", "fleet.server")
