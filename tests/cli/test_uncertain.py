"""`wattpath ranges`: words, files and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from wattpath.cli import run

Capture = pytest.CaptureFixture[str]


def test_words_page_and_draws(tiny_file: Path, tmp_path: Path, capsys: Capture) -> None:
    page, draws = tmp_path / "ranges.html", tmp_path / "draws.csv"
    arguments = ["ranges", str(tiny_file), "--draws", "4", "--checks", "0", "--seed", "3"]
    assert run([*arguments, "--html", str(page), "--csv", str(draws)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Software replaces" in said
    assert "over 4 draws of" in said
    assert "Does it hold?" in said
    assert "not compared with full runs" in said
    assert len(draws.read_text(encoding="utf-8").splitlines()) == 5
    text = page.read_text(encoding="utf-8")
    assert "Tiny &lt;service&gt;: ranges" in text
    assert "Price of grid electricity" in text
    assert sorted(tmp_path.iterdir()) == [draws, page]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--draws", "0"], "--draws"),
        (["--hold", "moon"], "--hold moon must begin the name of an input"),
        (["--hold", "demnad"], "Did you mean 'demand'"),
        (["--keep", "/nowhere/at/all.jsonl", "--html", "/nowhere/page.html"], "--html"),
    ],
)
def test_refusals(tiny_file: Path, capsys: Capture, arguments: list[str], part: str) -> None:
    assert run(["ranges", str(tiny_file), *arguments]) == 2
    assert part in capsys.readouterr().err


@pytest.mark.parametrize(("kept", "said"), [(True, "goes on from"), (False, "nothing was written")])
def test_an_interruption_says_whether_draws_are_kept(
    tiny_file: Path,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    kept: bool,
    said: str,
) -> None:
    keep = tmp_path / "draws.jsonl"

    def interrupted(*given: object, **named: object) -> None:
        if kept:
            keep.touch()
        raise KeyboardInterrupt

    monkeypatch.setattr("wattpath.plan.uncertainty.ranges", interrupted)
    assert run(["ranges", str(tiny_file), "--keep", str(keep)]) == 130
    assert said in capsys.readouterr().err
