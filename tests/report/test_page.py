"""The report page: whole, self-contained, drawn in a real browser, true to the result."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from wattpath.errors import FileInputError
from wattpath.plan.result import PlanResult
from wattpath.report import page
from wattpath.report.words import HEADLINES, amount, amounts, answer

FIGURES = ("money", "waterfall", "sankey", "operation", "pue")


@pytest.fixture(scope="module")
def written(tiny_answer: PlanResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page.write(tiny_answer, tmp_path_factory.mktemp("report") / "tiny.html")


@pytest.fixture(scope="module")
def opened(browser: Any, written: Path) -> Any:
    """The page, drawn, with everything it asked for and complained about."""
    tab = browser.new_page()
    tab.asked, tab.complaints = [], []
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.on(
        "console", lambda line: tab.complaints.append(line.text) if line.type == "error" else None
    )
    tab.goto(written.as_uri())
    tab.wait_for_selector("html[data-ready=yes]", timeout=60_000)
    tab.wait_for_selector("#pue svg.main-svg")
    return tab


def embedded(file: Path) -> Any:
    text = file.read_text(encoding="utf-8")
    found = re.search(r"<script type='application/json' id='data'>(.*?)</script>", text, re.DOTALL)
    assert found is not None
    return json.loads(found.group(1))


def test_page_is_escaped_and_asks_for_nothing(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert "Tiny &lt;service&gt;" in text
    assert "Tiny <service>" not in text
    assert "default-src 'none'" in text
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", text)


def test_sankey_keeps_energy(written: Path, tiny_answer: PlanResult) -> None:
    trace = embedded(written)["figures"]["sankey"]["data"][0]
    link, names = trace["link"], trace["node"]["label"]
    for place, name in enumerate(names):
        into = sum(v for v, t in zip(link["value"], link["target"], strict=True) if t == place)
        out = sum(v for v, s in zip(link["value"], link["source"], strict=True) if s == place)
        if into and out:
            assert into == pytest.approx(out, rel=1e-4), name
    site = names.index("site electricity")
    total = sum(v for v, s in zip(link["value"], link["source"], strict=True) if s == site)
    scale = {" MWh": 1e6, " GWh": 1e9, " kWh": 1e3}[trace["valuesuffix"]]
    best = tiny_answer.plans["both"]
    assert total * scale == pytest.approx(best.energy_wh_per_year, rel=1e-4)
    assert any("20 billion tokens a day" in name for name in names)


def test_operation_holds_every_hour(written: Path, tiny_answer: PlanResult) -> None:
    operation = embedded(written)["operation"]
    assert set(operation["plans"]) == set(tiny_answer.plans)
    year = operation["plans"]["both"]
    hourly = tiny_answer.plans["both"].hourly
    assert hourly is not None
    scale = {"kW": 1e3, "MW": 1e6}[operation["unit"]]
    assert len(year["load"]) == 8760
    assert max(year["load"]) * scale == pytest.approx(hourly.facility_w.max(), rel=1e-3)
    supply = sum(sum(series["values"]) for series in year["supply"])
    assert supply == pytest.approx(sum(year["load"]), rel=1e-3)


@pytest.mark.browser
def test_page_opens_offline_and_draws_every_figure(opened: Any, written: Path) -> None:
    assert opened.asked == [written.as_uri()]
    assert opened.complaints == []
    for name in FIGURES:
        box = opened.locator(f"#{name} svg.main-svg").first.bounding_box()
        assert box["width"] > 500, name
        assert box["height"] > 200, name
        assert opened.locator(f"#{name} svg path").count() > 0, name


@pytest.mark.browser
def test_headline_and_tables_say_what_the_result_says(opened: Any, tiny_answer: PlanResult) -> None:
    assert opened.locator("#answer").inner_text() == answer(tiny_answer)
    rows = opened.locator("#plans tbody tr").all()
    for headline, row in zip(HEADLINES, rows, strict=True):
        cells = row.locator("td").all_inner_texts()
        values = tiny_answer.to_json()["plans"]
        shown = [amount(plan[headline.field], headline.unit) for plan in values.values()]
        assert cells[:5] == [headline.title, *shown]
    peak = opened.locator("#comparison .panel").first
    assert peak.locator("em").all_inner_texts() == [
        amount(outcome.facility_power_peak_w, "W") for outcome in tiny_answer.plans.values()
    ]
    power = f"{tiny_answer.replaceable_share['power']:.0%}"
    assert power in opened.locator("#tile-power").inner_text()
    split = sorted(tiny_answer.attribution, key=lambda row: -row.cost_usd_per_year)
    costs = amounts([row.cost_usd_per_year for row in split], "USD")
    column = opened.locator("#split tbody tr td:nth-child(3)").all_inner_texts()
    assert column == costs


@pytest.mark.browser
def test_week_and_quantity_can_be_chosen(opened: Any) -> None:
    before = opened.locator("#operation-label").inner_text()
    opened.locator("#operation-week").fill("0")
    assert opened.locator("#operation-label").inner_text() == "week from 1 Jan"
    assert before != "week from 1 Jan"
    opened.locator("#operation-plan").select_option("baseline")
    opened.locator("#waterfall .updatemenu-button", has_text="Carbon").click()
    opened.wait_for_function(
        "document.querySelector('#waterfall .ytitle').textContent == 't a year'"
    )
    assert opened.complaints == []


@pytest.mark.browser
def test_page_fits_a_phone(browser: Any, written: Path) -> None:
    tab = browser.new_page()
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.goto(written.as_uri())
    tab.wait_for_selector("html[data-ready=yes]", timeout=60_000)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.browser
def test_infeasible_plans_are_shown_with_reasons(
    browser: Any, hopeless_answer: PlanResult, tmp_path: Path
) -> None:
    file = page.write(hopeless_answer, tmp_path / "hopeless.html")
    tab = browser.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(file.as_uri())
    tab.wait_for_selector("html[data-ready=yes]", timeout=60_000)
    assert complaints == []
    text = tab.locator("body").inner_text()
    assert "both is infeasible" in text
    assert hopeless_answer.plans["both"].reasons[0] in text
    assert tab.locator("#answer").count() == 0


def test_a_page_appears_whole_or_not_at_all(
    tiny_answer: PlanResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "page.html"
    file.write_text("before")
    page.check(file)
    assert file.read_text() == "before"

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(FileInputError, match="No space left"):
        page.write(tiny_answer, file)
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]
