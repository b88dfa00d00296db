"""A schema table is read whole or refused with the row that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from wattpath.catalog.schema import COLUMNS, Schema
from wattpath.errors import CatalogError

HEAD = ",".join(COLUMNS)


def read(tmp_path: Path, *rows: str) -> Schema:
    file = tmp_path / "thing.csv"
    file.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    return Schema.read("thing", file)


def test_row_is_read(tmp_path: Path) -> None:
    schema = read(tmp_path, "tdp_w,number,kW,1e3,0,50,yes,,power", "chip,key:chip,,,,,no,,part")
    row = schema.attributes["tdp_w"]
    assert (row.si_factor, row.minimum, row.maximum, row.required) == (1e3, 0.0, 50.0, True)
    assert schema.attributes["chip"].refers_to == "chip"
    assert schema.attributes["chip"].choices == ()


def test_choices_are_split(tmp_path: Path) -> None:
    row = read(tmp_path, "form,choice:rack|box,,,,,no,,form").attributes["form"]
    assert row.choices == ("rack", "box")
    assert row.refers_to == ""


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("tdp_w,number,kW,many,0,50,yes,,power", "'tdp_w'"),
        ("tdp_w,figure,kW,1e3,0,50,yes,,power", "type must be one of"),
    ],
)
def test_bad_row_is_refused(tmp_path: Path, row: str, reason: str) -> None:
    with pytest.raises(CatalogError, match=reason):
        read(tmp_path, row)


def test_missing_column_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "thing.csv"
    file.write_text("attribute,type\n", encoding="utf-8")
    with pytest.raises(CatalogError, match="columns must be"):
        Schema.read("thing", file)
