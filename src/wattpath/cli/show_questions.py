"""What fits, what is stranded and where to build, on the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wattpath import units
from wattpath.cli.sheet import console_of_width, table
from wattpath.facility.weather import stamp
from wattpath.report.words import amount

if TYPE_CHECKING:
    from rich.console import Console

    from wattpath.plan.questions.effect import Effect
    from wattpath.plan.questions.fitted import FitAnswer, Fitted
    from wattpath.plan.questions.held import Held
    from wattpath.plan.questions.place import PlaceAnswer, Ranked
    from wattpath.plan.questions.shock import ShockAnswer

#: Places listed on the terminal.
LISTED = 15


def _count(value: float) -> str:
    """A large count in words."""
    return units.show_usd(value).removeprefix("$") if math.isfinite(value) else "–"


def fit(answer: FitAnswer) -> None:
    """The largest service under a limit, plan by plan."""
    console = console_of_width()
    limit = units.show(answer.power_w, "W")
    fitted = [plan for plan in answer.plans.values() if plan.outcome.feasible]
    if fitted:
        best = max(fitted, key=lambda plan: plan.multiple)
        console.print(f"\n[bold]{_fit_headline(answer, best, limit)}[/bold]\n")
        console.print(table((_fit_row(plan) for plan in fitted), *_FIT_HEADS))
    for name, plan in answer.plans.items():
        for reason in plan.outcome.reasons:
            console.print(f"  {name}: {reason}", markup=False)
    for plan in fitted[-1:]:
        _fit_details(console, plan)
    console.print(f"\nWeather: {answer.weather.source}", markup=False)


_FIT_HEADS = ("plan", "of demand", "tokens a day", "requests/s", "$/M tokens", "peak", "held by")


def _tokens(plan: Fitted) -> float:
    return sum(row["tokens_per_day"] for row in (plan.demands or {}).values())


def _fit_headline(answer: FitAnswer, best: Fitted, limit: str) -> str:
    return (
        f"{answer.scenario.name}: {limit} at {answer.scenario.site} carry "
        f"{_count(_tokens(best))} tokens a day, {best.multiple:.3g} times the demand "
        f"({best.name})."
    )


def _fit_row(plan: Fitted) -> tuple[str, ...]:
    rate = sum(row.get("requests_per_s", 0.0) for row in (plan.demands or {}).values())
    return (
        plan.name,
        f"{plan.multiple:.3g}",
        _count(_tokens(plan)),
        f"{rate:,.3g}" if rate else "–",
        f"{plan.usd_per_million_tokens:.3g}",
        amount(plan.outcome.facility_power_peak_w, "W"),
        plan.stop or "power",
    )


def _fit_details(console: Console, plan: Fitted) -> None:
    """The worst hour, the split per demand, and each hall alone."""
    worst = plan.worst
    if worst is not None:
        console.print(
            f"\nWorst hour of {plan.name}: {stamp(worst.hour)}, {worst.dry_bulb_c:.1f} °C, "
            f"{worst.relative_humidity:.0%} humidity, PUE {worst.pue:.2f}."
        )
    demands = plan.demands or {}
    if len(demands) > 1:
        rows = [(name, _count(row["tokens_per_day"])) for name, row in demands.items()]
        console.print("", table(rows, "demand", "tokens a day"), sep="\n")
    if plan.by_hall and len(plan.by_hall) > 1:
        rows = [
            (name, f"{value:.3g}" if math.isfinite(value) else "–")
            for name, value in plan.by_hall.items()
        ]
        console.print("", table(rows, f"{plan.name} with this hall alone", "of demand"), sep="\n")


def shock(answer: ShockAnswer) -> None:
    """What is stranded, what it costs, and when the site is full again."""
    console = console_of_width()
    same, year = answer.same, answer.jump.year
    if same is None:
        console.print(f"\n[bold]{answer.scenario.name}[/bold]: the years cannot be served.")
        return
    what = (
        f"a {answer.jump.factor:g}-fold jump of software"
        if not answer.jump.servers
        else f"{' or '.join(answer.jump.servers)}"
    )
    console.print(
        f"\n[bold]{answer.scenario.name}: {what} in {answer.labels[year]} strands "
        f"{same.stranded_share:.0%} of what is still to be paid, "
        f"{amount(same.stranded_usd, 'USD')}.[/bold]\n"
    )
    rows = [
        (
            asset.name,
            _amount(asset.stands, asset.unit),
            _amount(asset.unused, asset.unit),
            amount(asset.unamortised_usd, "USD"),
            amount(asset.stranded_usd, "USD"),
        )
        for asset in same.assets
    ]
    console.print(table(rows, "bought before", "stands", "unused", "unpaid", "stranded"))
    before = answer.before_usd
    totals = [
        ("Costs without the jump, present value", amount(before, "USD")),
        ("Change with it", _signed(same.npv_usd - before)),
        ("  had it been foreseen", _signed(answer.foreseen_usd - before)),
        ("Change for an owner who sells at the new market price", _signed(same.owner_usd)),
        ("Cost of a token, all newly bought, over that before", f"{answer.price:.0%}"),
    ]
    console.print("", table(totals, "", ""), "", sep="\n")
    if answer.rebound is not None:
        console.print(_rebound(answer.elasticity or 0.0, answer.rebound), markup=False)
    for sentence in answer.sentences():
        console.print(sentence, markup=False)


def _rebound(elasticity: float, effect: Effect) -> str:
    return (
        f"At an elasticity of {elasticity:g} tokens grow {effect.growth:.3g}-fold: "
        f"{effect.unused_servers:.0%} of the servers stand unused, "
        f"{amount(effect.stranded_usd, 'USD')} is stranded, and the owner's value changes by "
        f"{_signed(effect.owner_usd)}."
    )


def _amount(value: float, unit: str) -> str:
    if unit == "servers":
        return f"{value:,.3g}"
    return amount(value / 3600.0, "Wh") if unit == "J" else amount(value, "W")


def _signed(usd: float) -> str:
    sign = "-" if usd < 0.0 else "+"
    return f"{sign}{amount(abs(usd), 'USD')}"


def place(answer: PlaceAnswer) -> None:
    """Places by cost, and the best by each criterion."""
    console = console_of_width()
    if answer.ranked:
        best = answer.first("cost")
        odds = best.standings["cost"].first
        console.print(
            f"\n[bold]{answer.scenario.name}: cheapest in {best.spot.site} on "
            f"{best.spot.server}, in {odds:.0%} of {answer.draws} draws.[/bold]\n"
        )
        letters = _letters(answer)
        ranked = [_place_row(one, letters) for one in answer.ranked[:LISTED]]
        console.print(table(ranked, *_PLACE_HEADS))
        for server, letter in letters.items():
            console.print(f"  on {letter}: {server}", markup=False)
        more = len(answer.ranked) - LISTED
        if more > 0:
            console.print(f"  and {more} more (--json lists all)")
        best_of = [_best(answer, name) for name in ("cost", "carbon", "water", "date")]
        console.print("", table(best_of, "best by", "site", "server", "in draws"), sep="\n")
        if answer.held:
            rows = [_held_row(one) for one in answer.held]
            console.print("", table(rows, *_HELD_HEADS), sep="\n")
        console.print(f"\nAll hours against representative days: {answer.gap:.2%} at most.")
    for reason, count in _refusals(answer).items():
        console.print(f"  {count} left out: {reason}", markup=False)


_HELD_HEADS = ("what holds", "demand", "layout", "limit", "in use", "a million", "25 % more time")


def _held_row(one: Held) -> tuple[str, ...]:
    timed = one.limit in ("ttft", "tpot")
    return (
        one.server,
        one.demand,
        one.layout,
        one.limit.upper() if timed else one.limit,
        f"{one.used:.1%}" if one.used > 0.0 else "–",
        amount(1e6 * one.usd_per_request, "USD"),
        f"1/{one.looser:.3g} of it" if timed else "–",
    )


_PLACE_HEADS = ("site", "on", "cost a year", "p10", "p90", "holds", "carbon", "water", "months")


def _letters(answer: PlaceAnswer) -> dict[str, str]:
    """A short name for each server."""
    servers = dict.fromkeys(one.spot.server for one in answer.ranked)
    return {server: f"{number}" for number, server in enumerate(servers, start=1)}


def _place_row(one: Ranked, letters: dict[str, str]) -> tuple[str, ...]:
    cost = one.standings["cost"]
    others = (("carbon", "kg"), ("water", "m3"), ("date", "month"))
    return (
        one.spot.site,
        letters[one.spot.server],
        amount(cost.value, "USD"),
        amount(cost.p10, "USD"),
        amount(cost.p90, "USD"),
        f"{cost.holds:.0%}",
        *(amount(one.standings[name].value, unit) for name, unit in others),
    )


def _best(answer: PlaceAnswer, name: str) -> tuple[str, ...]:
    one = answer.first(name)
    return name, one.spot.site, one.spot.server, f"{one.standings[name].first:.0%}"


def _refusals(answer: PlaceAnswer) -> dict[str, int]:
    """Reasons and how many places each leaves out, the commonest first."""
    counts: dict[str, int] = {}
    for reason in answer.refused.values():
        counts[reason] = counts.get(reason, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1])[:5])
