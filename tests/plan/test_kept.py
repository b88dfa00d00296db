"""What a plan keeps in a folder: found again where it holds, worked out anew where it does not."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TINY
from wattpath import catalog
from wattpath.cli import run
from wattpath.errors import FileInputError
from wattpath.plan import scenario
from wattpath.plan.columns import search
from wattpath.plan.columns.deployment import Columns
from wattpath.plan.columns.tally import Tally
from wattpath.plan.kept import Folder, deployment_of, folder, keeping, row_of
from wattpath.plan.prices import Prices


def _raw(**changes: Any) -> dict[str, Any]:
    """Two demands on one server: two parts."""
    raw = copy.deepcopy(TINY)
    raw["options"] = {"levers": ["kv-fp8"]}
    raw["demands"].append({**raw["demands"][0], "name": "second", "input_tokens": 400})
    raw.update(changes)
    return raw


def _searched(raw: dict[str, Any], place: Path | None, stop_at: float = 2.0) -> Columns:
    def told(stage: str, share: float) -> None:
        if share >= stop_at:
            raise KeyboardInterrupt

    asked = scenario.from_dict(raw)
    with keeping(place):
        return search.search(asked, Prices.of(asked), told)


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the demands whose deployments are worked out, one for each set of levers."""
    names: list[str] = []
    really = search.points_of

    def points_of(context: Any, tally: Tally) -> Any:
        names.append(context.demand.name)
        return really(context, tally)

    monkeypatch.setattr(search, "points_of", points_of)
    return names


def test_an_interrupted_search_goes_on_to_the_same_end(
    tmp_path: Path, evaluated: list[str]
) -> None:
    whole = _searched(_raw(), None)
    assert folder() is None
    place = tmp_path / "kept"
    with pytest.raises(KeyboardInterrupt):
        _searched(_raw(), place, stop_at=0.5)
    evaluated.clear()
    assert _searched(_raw(), place) == whole
    assert set(evaluated) == {"second"}
    evaluated.clear()
    again = _searched(_raw(), place)
    assert again == whole
    assert not evaluated
    figures = [one.figures for one in again.deployments]
    assert figures == [one.figures for one in whole.deployments]


def test_what_a_change_leaves_alone_is_found_and_nothing_else(
    tmp_path: Path, evaluated: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _searched(_raw(), tmp_path)
    changed = _raw()
    changed["demands"][1]["input_tokens"] = 500
    evaluated.clear()
    assert _searched(changed, tmp_path) == _searched(changed, None)
    assert evaluated.count("second") == 2 * evaluated.count("chat")  # chat: without a folder only
    evaluated.clear()
    _searched(_raw(finance={"discount_rate": 0.12}), tmp_path)
    assert set(evaluated) == {"chat", "second"}
    evaluated.clear()
    monkeypatch.setattr(catalog, "digest", lambda: "another catalogue")
    _searched(_raw(), tmp_path)
    assert set(evaluated) == {"chat", "second"}


def test_a_line_that_was_cut_off_is_not_read(tmp_path: Path) -> None:
    Folder(tmp_path).add("parts", [1.5, float("inf")], "a", 1)
    Folder(tmp_path).add("parts", [2.5], "a", 2)
    file = tmp_path / "parts.jsonl"
    file.write_text(file.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    place = Folder(tmp_path)
    assert place.found("parts", "a", 1) == [[1.5, float("inf")]]
    assert place.found("parts", "a", 2) == []
    place.add("parts", [3.5], "a", 2)
    assert Folder(tmp_path).found("parts", "a", 2) == [[3.5]]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(FileInputError, match="--keep must be a folder that can be written"):
        Folder(file / "below")


def test_deployments_and_counts_come_back_as_they_were() -> None:
    found = _searched(_raw(), None).deployments[0]
    back = deployment_of(row_of(found))
    assert back == found
    assert back.figures == found.figures
    tally = Tally()
    tally.refuse("memory", "chat", "memory", 3, "13 layouts do not fit")
    tally.freedom = "levers"
    tally.refuse("limits", "chat", "tpot")
    tally.counts["slower"] += 7
    again = Tally.from_json(tally.to_json())
    assert (again.refusals(), again.total()) == (tally.refusals(), tally.total())
    again.add(tally)
    assert again.considered == 2 * tally.considered == 22


def test_an_interruption_says_how_to_go_on(
    tiny_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import wattpath.plan.study

    def interrupted(*_: object, **__: object) -> None:
        place = folder()
        assert place is not None
        place.add("search", {}, "part")
        raise KeyboardInterrupt

    monkeypatch.setattr(wattpath.plan.study, "run", interrupted)
    kept = tmp_path / "kept"
    assert run(["plan", str(tiny_file), "--keep", str(kept)]) == 130
    said = capsys.readouterr().err
    assert said == f"wattpath: interrupted; the same command goes on from {kept}.\n"
    assert [file.name for file in kept.iterdir()] == ["search.jsonl"]
