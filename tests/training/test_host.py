"""Links between chips and hosts."""

from __future__ import annotations

import pytest

from wattpath.training.host import host_link


@pytest.mark.parametrize(
    ("older", "newer"), [("V100", "A100"), ("A100", "H100"), ("H100", "GB200")]
)
def test_each_generation_is_faster(older: str, newer: str) -> None:
    assert host_link(newer).bytes_s > host_link(older).bytes_s > 0.0


def test_a_coherent_host_is_nearer_but_issues_no_faster() -> None:
    near, far = host_link("GB200"), host_link("NVIDIA B200 SXM (HGX)")
    assert near.bytes_s > 2.0 * far.bytes_s
    assert near.issue_factor == far.issue_factor == 1.0


def test_unknown_chips_keep_nothing_on_the_host() -> None:
    assert host_link("no such chip") == (0.0, 1.0)
