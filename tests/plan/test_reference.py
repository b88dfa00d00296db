"""The scenario's manual page, its template and its model agree."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import yaml

from wattpath.plan import scenario
from wattpath.plan.reference import HIDDEN, reference

PAGE = Path(__file__).parents[2] / "docs" / "scenario.md"


def test_page_is_the_one_that_the_model_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference()


def test_every_key_says_what_it_means() -> None:
    for name, model in scenario.MODELS.items():
        for key, field in model.model_fields.items():
            assert key in HIDDEN or field.description, f"{name}.{key}"


def test_template_is_a_scenario() -> None:
    text = (files("wattpath.plan") / "template.yaml").read_text(encoding="utf-8")
    read = scenario.from_dict(yaml.safe_load(text))
    assert read.grid.existing == 500e3
