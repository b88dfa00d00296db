"""Bad input gets one sentence, exit code 2, no traceback and no file."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.facility.test_readers import epw_rows, header

from wattpath.cli import run

Capture = pytest.CaptureFixture[str]


def refused(capsys: Capture, folder: Path, *arguments: object) -> str:
    """The one line that a refused command prints; nothing else may come of it."""
    before = sorted(folder.iterdir())
    assert run([str(argument) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("wattpath: ")
    assert captured.err.count("\n") == 1, captured.err
    assert "Traceback" not in captured.err
    assert sorted(folder.iterdir()) == before
    return captured.err


def scenario_file(folder: Path, content: object) -> Path:
    file = folder / "scenario.yaml"
    text = content if isinstance(content, str) else yaml.safe_dump(content)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ("grid.limit=700 kg", ("grid.limit", "a power", "'700 kg'", "Did you mean '700 kW'?")),
        ("grid.limit=700", ("grid.limit", "with its unit", "700")),
        ("grid.limit=100.5", ("grid.limit", "with its unit", "100.5")),
        ("grid.limit=-5 MW", ("grid.limit", "greater than 0", "'-5 MW'")),
        ("grid.limit=5000 TW", ("grid.limit", "at most 1 TW", "'5000 TW'")),
        ("grid.limit=.nan", ("grid.limit", "a power", "nan")),
        ("grid.lmit=5 MW", ("grid.lmit", "known key", "Did you mean 'limit'?")),
        ("discount_rate=0.1", ("discount_rate", "known key", "It belongs to finance")),
        ("training=1", ("training", "known key", "Known keys")),
        ("demands.chat.requsts=1", ("demands.0.requsts", "Did you mean 'requests'?")),
        ("demands.chat.requests=-3 requests/s", ("demands.0.requests", "greater than 0")),
        ("demands.chat.requests=1e30 requests/s", ("demands.0.requests", "at most")),
        ("demands.chat.requests=20 MW", ("demands.0.requests", "a request rate", "'20 MW'")),
        ("demands.chat.input_tokens=0", ("demands.0.input_tokens", "at least 1")),
        ("demands.chat.input_tokens=many", ("demands.0.input_tokens", "'many'")),
        ("demands.chat.ttft=null", ("demands.0", "both ttft and tpot", "deadline")),
        ("demands.chat.rhythm=ofice", ("demands.0.rhythm", "Did you mean 'office'?")),
        ("demands.chat.kind=serve", ("demands.0.kind", "'serving' or 'training'", "'serve'")),
        ("demands.chat.model=Llama 3.1 9B", ("demands.chat.model", "Did you mean", "Llama 3.1 8B")),
        ("demands.chat.model=mine.json", ("mine.json", "Got")),
        ("demands.chat.quality.max_loss_nats=-1", ("demands.0.quality.max_loss_nats", "-1")),
        ("demands=[]", ("demands", "at least 1", "[]")),
        ("demands=5", ("demands", "a list", "5")),
        ("demands.0=5", ("demands.0", "5")),
        ("demands.talk.tpot=1 s", ("--set", "'talk'")),
        ("site=us-chicagoo", ("site", "Did you mean", "us-chicago")),
        ("site=null", ("site", "text", "None")),
        ("weather=nowhere.epw", ("nowhere.epw",)),
        ("weather=nowhere", ("weather", "nowhere")),
        ("baseline.server=nvidia-dgx-h10", ("baseline.server", "Did you mean", "nvidia-dgx-h100")),
        ("baseline.levers=[prefix-cachin]", ("baseline.levers[0]", "prefix-caching")),
        ("baseline.cooling=ice", ("cooling", "'ice'")),
        ("baseline.supply=[coal-dream]", ("supply", "coal-dream")),
        ("options.levers=[magic]", ("options.levers[0]", "'magic'")),
        ("months_available=0", ("months_available", "greater than 0")),
        ("months_available=soon", ("months_available", "a number", "'soon'")),
        ("fixed_pue=0.8", ("fixed_pue", "0.8")),
        ("whole_units=perhaps", ("whole_units", "true or false")),
        ("seed=1.5", ("seed", "whole number")),
        ("grid.price_file=none.csv", ("none.csv",)),
        ("carbon.price=-1 USD/t", ("carbon.price", "at least 0")),
        ("grid", ("--set", "path=value")),
        ("grid.limit=[1", ("--set", "YAML")),
    ],
)
def test_scenario_values(
    tiny: dict[str, Any], tmp_path: Path, capsys: Capture, change: str, parts: tuple[str, ...]
) -> None:
    file = scenario_file(tmp_path, tiny)
    page = tmp_path / "page.html"
    sentence = refused(capsys, tmp_path, "plan", file, "--html", page, "--set", change)
    assert all(part in sentence for part in parts), sentence


@pytest.mark.parametrize(
    "text",
    ["", "[1, 2]", "a: [1", "just words", "1: 2\n", "a: &x [*x]\n", "name: \x07\n", "name: Only\n"],
)
def test_files_that_are_no_scenario(tmp_path: Path, capsys: Capture, text: str) -> None:
    refused(capsys, tmp_path, "plan", scenario_file(tmp_path, text))


def test_missing_and_binary_files(tmp_path: Path, capsys: Capture) -> None:
    sentence = refused(capsys, tmp_path, "plan", tmp_path / "none.yaml")
    assert "readable scenario file" in sentence
    assert "wattpath new" in sentence
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(bytes(range(256)))
    refused(capsys, tmp_path, "plan", binary)
    refused(capsys, tmp_path, "plan", tmp_path)


def test_weather_with_missing_hours(tiny: dict[str, Any], tmp_path: Path, capsys: Capture) -> None:
    weather = tmp_path / "holes.epw"
    rows = epw_rows()
    weather.write_text("\n".join(header() + rows[:4000] + rows[4100:]) + "\n")
    file = scenario_file(tmp_path, {**tiny, "weather": "holes.epw"})
    sentence = refused(capsys, tmp_path, "plan", file)
    assert "holes.epw" in sentence
    assert "8760 hours" in sentence or "8,760 hours" in sentence


def test_config_of_an_unknown_architecture(
    tiny: dict[str, Any], tmp_path: Path, capsys: Capture
) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"architectures": ["DreamForCausalLM"], "model_type": "dreamer"}))
    assert "dreamer" in refused(capsys, tmp_path, "model", config)
    tiny["demands"][0]["model"] = "config.json"
    assert "dreamer" in refused(capsys, tmp_path, "plan", scenario_file(tmp_path, tiny))
    config.write_text("{not json")
    refused(capsys, tmp_path, "model", config)
    refused(capsys, tmp_path, "model", tmp_path / "none.json")
    assert "Did you mean" in refused(capsys, tmp_path, "model", "Llama 3.1 71B")


def test_report_path_is_refused_before_the_work(
    tiny_file: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import wattpath.plan.study

    monkeypatch.setattr(wattpath.plan.study, "run", None)
    sentence = refused(capsys, tmp_path, "plan", tiny_file, "--html", tmp_path / "no" / "page.html")
    assert "--html must be in a writable folder" in sentence
    refused(capsys, tmp_path, "plan", tiny_file, "--html", tmp_path)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("plan",), "Missing argument"),
        (("plnn",), "plnn"),
        (("plan", "a.yaml", "--fast"), "--fast"),
        (("explain", "a.yaml", "both.beauty"), "both.beauty"),
        (("explain", "a.yaml", "purple.chips"), "purple.chips"),
        (("catalog", "chipp"), "Did you mean 'chip'?"),
        (("catalog", "chip", "H1000"), "Did you mean"),
        (("validate", "--kind", "dreams"), "dreams"),
        (("validate", "--kind", "energy", "--data", "none.csv"), "none.csv"),
        (("new", "no/folder/x.yaml"), "writable folder"),
    ],
)
def test_commands(tmp_path: Path, capsys: Capture, arguments: tuple[str, ...], part: str) -> None:
    assert part in refused(capsys, tmp_path, *arguments)


def test_table_without_its_columns(tmp_path: Path, capsys: Capture) -> None:
    table = tmp_path / "table.csv"
    table.write_text("a,b\n1,2\n")
    sentence = refused(capsys, tmp_path, "validate", "--kind", "training", "--data", table)
    assert "missing" in sentence


def test_a_fault_of_wattpath_is_named_as_one(
    tiny_file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import wattpath.plan.study

    monkeypatch.delenv("WATTPATH_TRACEBACK", raising=False)
    monkeypatch.setattr(wattpath.plan.study, "run", None)
    assert run(["plan", str(tiny_file)]) == 3
    captured = capsys.readouterr()
    assert "fault of Wattpath" in captured.err
    assert captured.err.count("\n") == 1


def test_interrupt_is_clean(
    tiny_file: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import wattpath.plan.study

    def interrupted(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(10.0)

    monkeypatch.setattr(wattpath.plan.study, "run", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert run(["plan", str(tiny_file), "--html", str(tmp_path / "page.html")]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "wattpath: interrupted; nothing was written.\n"
    assert list(tmp_path.iterdir()) == []
