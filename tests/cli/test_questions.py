"""`wattpath fit`, `shock` and `place`: the first line answers, bad input gets one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wattpath.cli import run

Capture = pytest.CaptureFixture[str]


def ask(capsys: Capture, *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    code = run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_fit_answers_first(tiny_file: Path, capsys: Capture) -> None:
    code, out, err = ask(capsys, "fit", tiny_file, "--power", "2 MW")
    assert (code, err) == (0, "")
    first = " ".join(out.strip().split("\n\n")[0].split())
    assert "2.00 MW at us-chicago carry" in first
    assert "Worst hour of both" in out
    assert "held by" in out


def test_shock_answers_first(tiny_file: Path, capsys: Capture) -> None:
    asked = ("shock", tiny_file, "--factor", 3, "--elasticity", 0.5)
    grid = ("--set", "grid.existing=5 MW")
    code, out, err = ask(capsys, *asked, *grid)
    assert (code, err) == (0, "")
    text = " ".join(out.split())
    assert "a 3-fold jump of software in year 2 strands" in text
    assert "full again if demand has an elasticity of" in text
    code, out, err = ask(capsys, *asked, "--set", "grid={existing: 1 W, limit: 1 W}", "--json")
    assert code == 1
    assert json.loads(out)["feasible"] is False
    assert err.startswith("wattpath: in year 1: ")


def test_place_answers_first_and_draws(tiny_file: Path, tmp_path: Path, capsys: Capture) -> None:
    page = tmp_path / "places.html"
    asked = ("place", tiny_file, "--sites", "no-oslo, us-chicago", "--draws", 8)
    code, out, err = ask(capsys, *asked, "--html", page)
    assert (code, err) == (0, "")
    assert "cheapest in" in out.split("\n\n")[0]
    text = page.read_text(encoding="utf-8")
    assert "id='spots'" in text
    assert "Tiny &lt;service&gt;" in text
    told = json.loads(ask(capsys, *asked, "--json")[1])
    assert {row["site"] for row in told["places"]} == {"no-oslo", "us-chicago"}
    assert set(told["best"]) == {"cost", "carbon", "water", "date"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fit", "--power", "20 kg"), "--power must be a power"),
        (("fit", "--power", "0 MW"), "--power must be a power greater than 0"),
        (("fit", "--power", "1 W"), "The smallest that works here is"),
        (("shock",), "either --factor or --chip"),
        (("shock", "--factor", "3", "--chip", "B200"), "either --factor or --chip"),
        (("shock", "--factor", "0.5"), "--factor must be above 1"),
        (("shock", "--factor", "3", "--elasticity", "1e9"), "demand diverges"),
        (("place", "--sites", "atlantis"), "--sites must name a site"),
        (("place", "--within", "soon"), "--within"),
        (("place", "--sites", "no-oslo", "--html", "/nowhere/x.html"), "--html"),
    ],
)
def test_refused(tiny_file: Path, capsys: Capture, arguments: tuple[str, ...], words: str) -> None:
    command, *rest = arguments
    code, out, err = ask(capsys, command, tiny_file, *rest)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert words in err
