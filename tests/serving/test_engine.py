from __future__ import annotations

import pytest

from wattpath import catalog
from wattpath.errors import UnknownNameError
from wattpath.serving import load_engine


@pytest.mark.parametrize("name", catalog.names("engine"))
def test_every_engine_loads(name: str) -> None:
    engine = load_engine(name)
    assert engine.chunk_tokens >= 128.0
    assert 0.0 <= engine.host_s < 0.1


def test_unknown_engine_names_near_ones() -> None:
    with pytest.raises(UnknownNameError, match="vllm"):
        load_engine("vlm")
