"""Facts become stages: later deliveries add, announcements stand for the whole."""

from __future__ import annotations

import pytest

from wattpath import catalog, projects
from wattpath.errors import UnknownNameError


def test_every_named_project_of_the_article_is_there() -> None:
    keys = set(catalog.names("project"))
    assert {
        "xai-colossus-1", "xai-colossus-2", "stargate-abilene", "meta-hyperion",
        "meta-prometheus", "microsoft-capex", "microsoft-fairwater-wisconsin",
        "microsoft-fairwater-atlanta", "el-capitan", "mistral-bruyeres", "campus-fouju",
        "inspur", "huawei-cloudmatrix", "investai-gigafactories", "korea-solaseado",
        "korea-national-ai-center", "sk-aws-ulsan",
    } <= keys  # fmt: skip


def test_later_deliveries_add_to_earlier_ones() -> None:
    abilene = projects.load("Abilene")
    by_date = {stage.date: stage for stage in abilene.stages if stage.status == "operating"}
    first, second = by_date["2025-12-24"], by_date["2026-05-23"]
    assert set(first.chips) == {"nvidia-gb200-nvl72"}
    assert sum(count.value for count in second.chips.values()) == 201_600
    announced = [stage for stage in abilene.stages if stage.status == "announced" and stage.chips]
    assert sum(count.value for count in announced[-1].chips.values()) == 403_200


def test_a_site_that_does_not_compute_yet_is_told_by_its_plan() -> None:
    stage = projects.load("meta-hyperion").newest
    assert stage is not None
    assert stage.status == "announced"


def test_unknown_project_hints() -> None:
    with pytest.raises(UnknownNameError, match=r"(?i)el.capitan"):
        projects.load("el capitain")


def test_servers_of_chips_exist() -> None:
    for project in projects.projects():
        for fact in project.entry.dated("chips"):
            assert not fact.of or fact.of in catalog.names("server"), (project.key, fact.of)
        for key in project.entry.texts("supply"):
            assert key in catalog.names("supply")
