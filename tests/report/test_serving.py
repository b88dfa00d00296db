"""Pages of sized fleets, drawn in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wattpath.cli import run

FIGURES = ("frontier-tpot_s0", "frontier-ttft_s0", "latency0", "queue0", "power0")


@pytest.fixture(scope="module")
def written(tiny_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("fleets") / "fleets.html"
    assert run(["serve", str(tiny_file), "--html", str(file)]) == 0
    return file


def test_every_figure_is_drawn_and_nothing_is_asked_for(browser: Any, written: Path) -> None:
    tab = browser.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(written.as_uri())
    tab.wait_for_selector("html[data-ready=yes]", timeout=60_000)
    for name in FIGURES:
        tab.locator(f"#{name}").scroll_into_view_if_needed()
        tab.wait_for_selector(f"#{name} svg.main-svg", timeout=20_000)
        assert tab.locator(f"#{name} .trace, #{name} .scatter").count() > 0
    assert complaints == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
