"""`wattpath finance` and `wattpath frontier` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook

from wattpath.cli import run


def test_finance_says_the_price_first_and_writes_a_workbook(
    tiny_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "plans.xlsx"
    given = ["--price", "0.2", "--debt-share", "0.5", "--xlsx", str(sheet)]
    assert run(["finance", str(tiny_file), *given]) == 0
    told = capsys.readouterr().out
    assert "both: a million tokens at" in told.split("\n\n")[1]
    assert "Servers written off over so many years" in told
    assert load_workbook(sheet).sheetnames == [
        "Inputs", "baseline", "blue", "red", "both", "Values", "Boundaries",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--plan", "green"], "--plan must be one of baseline, blue, red, both"),
        (["--server-write-off", "3,x"], "--server-write-off must be whole years"),
        (["--xlsx", "nowhere/plans.xlsx"], "--xlsx must be in a writable folder"),
        (["--debt-share", "2"], "--debt-share must lie between 0 and"),
        (["--price", "-1"], "--price must be a price greater than 0"),
    ],
)
def test_finance_refuses(
    given: list[str], sentence: str, tiny_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["finance", str(tiny_file), *given]) == 2
    assert sentence in capsys.readouterr().err


def test_frontier_tells_opens_and_draws(
    tiny_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened, page = tmp_path / "point.yaml", tmp_path / "frontier.html"
    given = ["--against", "power", "--points", "2", "--open", "1", str(opened)]
    given += ["--set", "baseline.standing_hall=1 MW"]
    assert run(["frontier", str(tiny_file), *given, "--html", str(page), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    content = yaml.safe_load(opened.read_text(encoding="utf-8"))
    assert content["baseline"]["standing_hall"] == "1 MW"
    assert content["folder"] == str(tiny_file.parent)
    if len(told["points"]) > 1:
        limit = float(content["limits"]["facility_power"].removesuffix(" W"))
        assert limit == pytest.approx(told["points"][0]["ceiling"])
    assert "id='curve'" in page.read_text(encoding="utf-8")
    assert run(["frontier", str(tiny_file), *given[:4]]) == 0
    shown = capsys.readouterr().out
    assert "beaten by no other: 1" in shown
    assert "chips in nvidia-dgx-h" in shown


def test_frontier_refuses(tiny_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["frontier", str(tiny_file), "--against", "beauty"]) == 2
    assert "--against must be one of carbon, power, water, date" in capsys.readouterr().err
