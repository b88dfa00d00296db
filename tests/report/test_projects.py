"""The page of announced projects: every one of them, drawn without a script or a network."""

from __future__ import annotations

import csv
import datetime
import re
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from wattpath import catalog, projects
from wattpath.cli import run
from wattpath.report import projects as page
from wattpath.report.world import STATES, WORLD, Point, View, draw

KEYS = ("meta-hyperion", "stargate-abilene", "el-capitan", "inspur", "stargate-uae")
DAY = datetime.date(2026, 11, 1)


@pytest.fixture(scope="module")
def some() -> list[projects.Project]:
    return [projects.load(key) for key in KEYS]


@pytest.fixture(scope="module")
def written(some: list[projects.Project], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page.write(some, tmp_path_factory.mktemp("projects") / "page.html", DAY)


def circles(text: str) -> list[tuple[float, float, float]]:
    found = re.findall(r"cx='([^']+)' cy='([^']+)' r='([^']+)'", text)
    return [(float(x), float(y), float(r)) for x, y, r in found]


def point(power_w: float, place: str = "here", longitude: float = 2.0) -> Point:
    return Point("k", "A <b>", place, "operating", longitude, 48.0, power_w)


def test_area_of_a_point_is_its_power() -> None:
    drawn = draw([point(1e9), point(4e9, "there", 60.0)], WORLD)
    (_, _, large), (_, _, small) = circles(drawn)
    assert large == pytest.approx(2.0 * small, rel=0.01)
    assert "A <b>" not in drawn


def test_points_of_one_place_do_not_hide_each_other() -> None:
    (x, y, r), *others = circles(draw([point(1e9), point(1e8), point(2e8)], WORLD))
    assert (x, y) == (2.0, -48.0)
    for u, v, _ in others:
        assert ((u - x) ** 2 + (v - y) ** 2) ** 0.5 == pytest.approx(r, rel=0.02)


def test_names_stay_inside_and_apart() -> None:
    edge = draw([point(1e9, "A long name of a place", WORLD.east - 3.0)], WORLD)
    (x,) = re.findall(r"<text x='([^']+)'", edge)
    assert float(x) < WORLD.east - 20.0
    crowd = draw([point(1e8, f"place {i}", 2.0 + 0.1 * i) for i in range(4)], WORLD)
    rows = sorted(float(y) for y in re.findall(r"<text x='[^']+' y='([^']+)'", crowd))
    assert min(b - a for a, b in pairwise(rows)) > 2.0


def test_a_view_draws_what_it_holds() -> None:
    assert circles(draw([point(1e9)], STATES)) == []
    assert "<text" not in draw([point(1e9)], WORLD, View("all", -180.0, 180.0, -90.0, 90.0))


def test_outlines_are_closed_figures_on_the_globe() -> None:
    text = (files("wattpath.report") / "assets" / "land.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        places = [tuple(map(float, pair.split(","))) for pair in row["points"].split()]
        assert len(places) >= 3, row["name"]
        assert all(-180.0 <= x <= 180.0 and -90.0 <= y <= 90.0 for x, y in places), row["name"]


def test_every_place_lies_on_land() -> None:
    text = (files("wattpath.report") / "assets" / "land.csv").read_text(encoding="utf-8")
    shapes = [
        [tuple(map(float, pair.split(","))) for pair in row["points"].split()]
        for row in csv.DictReader(text.splitlines())
        if row["kind"] == "land"
    ]
    for key in {project.entry.text("site") for project in projects.projects()} - {""}:
        site = catalog.load("site", key)
        x, y = site.si("longitude"), site.si("latitude")
        assert any(inside(x, y, shape) for shape in shapes), key


def inside(x: float, y: float, shape: list[tuple[float, ...]]) -> bool:
    crossed = False
    for (a, b), (c, d) in zip(shape, shape[1:] + shape[:1], strict=True):
        if (b > y) != (d > y) and x < a + (y - b) * (c - a) / (d - b):
            crossed = not crossed
    return crossed


def test_the_page_tells_facts_contradictions_and_age(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    for key in KEYS:
        assert f"id='{key}'" in text
        assert f"href='#{key}'" in text
    assert "The stated IT power, 1,632 (1,166 to 2,285) MW, does not meet" in text
    assert "<span class='old'>old</span>" in text
    assert "What follows" in text
    assert re.search(r"<a href='https://[^']+' rel='noreferrer'>", text)
    assert "default-src 'none'" in text
    assert "<script" not in text
    assert not re.search(r"<(?:link|img|iframe)\b", text)


def test_the_command_writes_one_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "one.html"
    assert run(["projects", "El Capitan", "--html", str(file)]) == 0
    assert "1 projects" not in capsys.readouterr().out
    assert file.read_text(encoding="utf-8").count("<section") == 1
    assert run(["projects", "--html", str(tmp_path / "no" / "one.html")]) == 2


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_works_offline_by_keyboard(browser: Any, written: Path, scheme: str) -> None:
    tab = browser.new_page()
    tab.emulate_media(color_scheme=scheme)
    asked: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(written.as_uri())
    assert (asked, complaints) == ([written.as_uri()], [])
    box = tab.locator("svg.map").first.bounding_box()
    assert box["width"] > 900
    tab.keyboard.press("Tab")
    first = tab.evaluate("document.activeElement.getAttribute('href')")
    assert first.removeprefix("#") in KEYS
    tab.keyboard.press("Enter")
    assert tab.evaluate("location.hash") == first
    ink, paper = tab.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert contrast(ink, paper) > 7.0
    for width in (1100, 390):
        tab.set_viewport_size({"width": width, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.close()


def contrast(one: str, other: str) -> float:
    """Ratio of the luminances of two colours as browsers tell them."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255.0 for part in re.findall(r"\d+", colour)[:3]]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
