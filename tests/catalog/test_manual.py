"""The manual page says what the schema tables say."""

from __future__ import annotations

from pathlib import Path

import pytest

from wattpath import catalog
from wattpath.catalog.manual import manual, schema_section

PAGE = Path(__file__).parents[2] / "docs" / "catalog.md"


@pytest.mark.parametrize("kind", catalog.kinds())
def test_page_on_disk_holds_the_current_table(kind: str) -> None:
    """If this fails: python -m wattpath.catalog.manual > docs/catalog.md."""
    assert schema_section(kind) in PAGE.read_text(encoding="utf-8")


def test_page_names_every_entry_and_source() -> None:
    page = manual()
    for kind in catalog.kinds():
        assert all(f"| `{key}` |" in page for key in catalog.names(kind))
    assert all(f"| `{key}` |" in page for key in catalog.sources())


def test_tables_have_no_stray_bars() -> None:
    """Every table row has as many cells as its header."""
    width = 0
    for line in manual().splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        bars = line.replace("\\|", "").count("|")
        width = width or bars
        assert bars == width, line
