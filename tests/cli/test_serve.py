"""The serve command: fleets confirmed by simulation, in words, JSON and a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wattpath.cli import run


def ask(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    code = run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_fleets_keep_the_level_and_pay_for_themselves(
    tiny_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "fleet.html"
    code, out, err = ask(capsys, "serve", tiny_file, "--json", "--html", page)
    assert (code, err) == (0, "")
    told = json.loads(out)["demands"][0]
    best, lean = told["cheapest"], told["leanest"]
    assert best["confirmed"]
    assert best["margin"] <= 0.0
    assert lean["cost"]["facility_peak_w"] <= best["cost"]["facility_peak_w"]
    assert best["cost"]["total_usd"] <= lean["cost"]["total_usd"]
    assert all(row["margin"] <= 0.0 for row in told["tried"] if row["confirmed"])
    for aim, worth in (("cheapest", "total_usd"), ("leanest", "facility_peak_w")):
        proof = told["proofs"][aim]
        assert proof["gap"] <= 0.02
        assert proof["least"] <= told[aim]["cost"][worth] * (1.0 + 1e-9)
    failure = best["failure"]
    assert failure is None or failure["kept"]
    prices = best["usd_per_million_tokens"]
    requests = 20e6 * 365.25
    income = requests * (800.0 * prices["fresh"] + 200.0 * prices["output"]) / 1e6
    assert income == pytest.approx(best["cost"]["total_usd"], rel=0.05)
    assert prices["output"] > prices["fresh"]
    energy = best["energy"]
    assert energy["chip_j_per_day"] < energy["it_j_per_day"] < energy["facility_j_per_day"]
    assert "frontier-ttft_s0" in page.read_text(encoding="utf-8")


def test_an_impossible_level_says_what_is_possible(
    tiny_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hard = ("--set", "demands.chat.ttft=1 ms")
    code, out, err = ask(capsys, "serve", tiny_file, *hard)
    assert code == 1
    assert "No fleet keeps the service level" in out
    assert "shortest time to first token of all is" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "option",
    [
        ("--demand", "telepathy"),
        ("--server", "abacus"),
        ("--chip", "abacus"),
        ("--plan", "green"),
        ("--traffic", "telepathy"),
        ("--availability", "1.5"),
        ("--gap", "1.5"),
    ],
)
def test_bad_input_is_one_sentence(
    tiny_file: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, str]
) -> None:
    code, out, err = ask(capsys, "serve", tiny_file, *option)
    assert (code, out) == (2, "")
    assert option[0] in err
    assert err.count("\n") == 1
