"""Does a set of announced figures agree with itself, and what does it imply?

Figures that are linked by physics or by money are held against each other pair by pair: one is
predicted from the other and the model, and a pair *agrees* where the two ranges meet. What is
not stated is implied from what is.

Where it breaks down: a figure that means something else than its name says (a campus's final
power beside the chips of its first hall) comes out as a contradiction, which is the point; the
servers are assumed where none are named.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from wattpath.catalog import Quantity
from wattpath.economics import load_book
from wattpath.projects.fed import ASSUMED, with_chips
from wattpath.projects.figures import Figure, Modelled, model, peak_ratio, plant
from wattpath.projects.machine import benchmarks
from wattpath.projects.pieces import anachronisms, chip_usd, piece_figures, piece_findings
from wattpath.projects.project import Project, Stage, of_server
from wattpath.projects.running import running
from wattpath.projects.supplies import supply_findings

#: Facts of which the newest counts; the others are events of their own date.
STATUSES = ("operating", "permitted", "building", "announced")


@dataclass(frozen=True, slots=True)
class Finding:
    """Two figures held against each other.

    Attributes
    ----------
    stated_name, from_name : str
        What is checked, and what it is predicted from.
    stated : Quantity
    implied : Figure
        What the other figure makes of it, in SI.
    how : str
        The relation in words.
    sense : str
        Whether the stated figure should be ``equal`` to the implied one, ``at most`` it or
        ``at least`` it.
    """

    stated_name: str
    from_name: str
    stated: Quantity
    implied: Figure
    how: str
    sense: str = "equal"

    @property
    def ratio(self) -> float:
        """Stated over implied."""
        return self.stated.value / self.implied.value

    @property
    def agrees(self) -> bool:
        """Whether the ranges meet, or stand as they should."""
        not_above = self.stated.low <= self.implied.high
        not_below = self.implied.low <= self.stated.high
        return {"at most": not_above, "at least": not_below}.get(
            self.sense, not_above and not_below
        )


@dataclass(frozen=True, slots=True)
class Audit:
    """What a project's figures of one status say about each other.

    `implied` holds figures that nobody stated, `unknown` sentences about what cannot be said.
    """

    project: Project
    claims: Stage
    findings: tuple[Finding, ...]
    implied: Mapping[str, Figure]
    unknown: tuple[str, ...]
    assumed_server: str

    @property
    def contradictions(self) -> tuple[Finding, ...]:
        """Findings that disagree, the farthest first."""
        wrong = [finding for finding in self.findings if not finding.agrees]
        return tuple(sorted(wrong, key=lambda f: -max(f.ratio, 1.0 / f.ratio)))


def audit(project: Project, today: datetime.date | None = None) -> tuple[Audit, ...]:
    """An audit for each status of which the project has facts.

    Parameters
    ----------
    project : Project
    today : date, optional
        Day by which something announced may already have been due.
    """
    return tuple(
        _audit(project, claims, today)
        for claims in (claims_of(project, status) for status in STATUSES)
        if claims.chips or claims.stated
    )


def claims_of(project: Project, status: str) -> Stage:
    """The newest figure of each kind with this status."""
    facts = [fact for fact in project.facts if fact.status == status]
    chips = {f.of: f.quantity for f in facts if f.quantity.attribute == "chips" and f.of}
    stated = {f.quantity.attribute: f.quantity for f in facts if not of_server(f)}
    return Stage(max((f.quantity.date for f in facts), default=""), status, chips, stated)


def _audit(project: Project, claims: Stage, today: datetime.date | None) -> Audit:
    base, assumed = with_chips(project, claims)
    modelled = model(project, base) if base.chips else None
    yearly = running(project, base, modelled) if modelled else None
    found = [*_from_chips(claims, modelled), *_pairs(project, claims)]
    found += _machine(claims)
    found += [Finding(*pair) for pair in supply_findings(project, claims)]
    found += [Finding(*pair) for pair in piece_findings(project, claims, yearly)]
    implied = _implied(claims, modelled) | piece_figures(project, claims, modelled, yearly)
    implied |= _bought(claims, modelled)
    unknown = (
        *_unknown(claims, modelled),
        *anachronisms(claims, assumed),
        *_overdue(claims, today),
    )
    return Audit(project, claims, tuple(found), implied, unknown, assumed)


def _bought(claims: Stage, modelled: Modelled | None) -> dict[str, Figure]:
    """Where the hall is not known: the most chips that money buys, in servers with network."""
    money = claims.stated.get("investment") or claims.stated.get("capital")
    if modelled is not None or money is None or money.value == 0.0:
        return {}
    one = chip_usd(ASSUMED)
    if one is None:
        return {}
    return {"chips_at_most": Figure.of(money).over(_networked(one))}


def _overdue(claims: Stage, today: datetime.date | None) -> Iterator[str]:
    """Whether what is not yet said to run should have run by now."""
    ready = claims.stated.get("ready")
    if ready is None or today is None or claims.status == "operating":
        return
    if ready.high < today.year:
        yield f"It was to run in {ready.value:.0f}: whether it does is not stated."


#: Figures that the number of chips predicts -> the relation in words.
_CHIPS: Mapping[str, str] = {
    "it_power": "chips x rated server power with network and storage",
    "facility_peak": "that, through the hall in the worst hour of the weather year",
    "capital": "chips x server price, and the hall",
    "investment": "chips x server price, and the hall",
    "h100_equivalents": "chips x eight-bit peak over that of an H100",
    "water": "mean computing power x the hall's water",
    "emissions": "energy x the carbon of the announced supplies",
}


def _from_chips(claims: Stage, modelled: Modelled | None) -> Iterator[Finding]:
    if modelled is None or not (claims.chips or "chips" in claims.stated):
        return
    for name, how in _CHIPS.items():
        field = "capital" if name == "investment" else name
        figure = getattr(modelled, field)
        if name in claims.stated and figure is not None and claims.stated[name].value > 0.0:
            yield Finding(name, "chips", claims.stated[name], figure, how)
    power = claims.stated.get("power")
    if power is not None and modelled.it_power is not None:
        reach = modelled.facility_peak or modelled.it_power
        both = Figure(modelled.it_power.value, modelled.it_power.low, reach.high)
        yield Finding("power", "chips", power, both, "computing power up to facility peak")


def _pairs(project: Project, claims: Stage) -> Iterator[Finding]:
    """Relations between stated figures that need no chips."""
    stated = claims.stated
    hours = plant(project, claims.date)
    it, peak = stated.get("it_power"), stated.get("facility_peak")
    if it and peak and it.value and hours is not None:
        design = Figure.of(it).times(peak_ratio(hours))
        yield Finding("facility_peak", "it_power", peak, design, "the hall's worst hour")
    money = stated.get("investment") or stated.get("capital")
    power = it or peak or stated.get("power")
    counted = claims.chips or "chips" in stated
    if money and power and power.value and not counted:
        yield from _money(project, claims, money)
    rate = stated.get("rate")
    racks, rack = stated.get("racks"), stated.get("rack_power")
    if racks and rack and it and it.value:
        figure = Figure.of(racks).times(Figure.of(rack))
        yield Finding("it_power", "racks", it, figure, "racks x power of one rack")
    if rate is not None:
        yield from _rate(project, claims, rate)


def _money(project: Project, claims: Stage, money: Quantity) -> Iterator[Finding]:
    """Money against the chips that the power feeds, with their hall where that is known."""
    base, server = with_chips(project, claims)
    if not base.chips:
        return
    fed = f"chips that the power feeds, taken as {server}"
    whole = model(project, base).capital
    each = chip_usd(server) if server else None
    if whole is not None:
        yield Finding(money.attribute, "power", money, whole, f"{fed}, and their hall")
    elif each is not None:
        bought = Figure.of(base.chips[server]).times(_networked(each))
        yield Finding(money.attribute, "power", money, bought, f"{fed}, without a hall", "at least")


def _networked(each: Figure) -> Figure:
    """A price of servers [USD] with the network and storage that come with them."""
    return each.times(load_book().servers_capital_usd(1.0))


def _rate(project: Project, claims: Stage, rate: Quantity) -> Iterator[Finding]:
    """A stated peak rate against the dense peaks of the chips, at its own precision."""
    named = [f.of for f in project.entry.dated("rate") if f.quantity is rate]
    modelled = model(project, claims)
    for precision in named:
        figure = modelled.flops.get(precision)
        if figure is not None:
            yield Finding("rate", "chips", rate, figure, f"chips x dense {precision} peak")


def _machine(claims: Stage) -> Iterator[Finding]:
    found = benchmarks(claims)
    if found is None:
        return
    relations: dict[str, Callable[[], Figure]] = {
        "hpl_rate": lambda: found.hpl_rate,
        "hpcg_rate": lambda: found.hpcg_rate,
        "hpl_power": lambda: found.hpl_power,
        "hpl_efficiency": lambda: found.hpl_efficiency,
    }
    for name, figure in relations.items():
        if name in claims.stated:
            how = "accelerators, network and the shares of a machine of the same make"
            yield Finding(name, "chips", claims.stated[name], figure(), how)


def _implied(claims: Stage, modelled: Modelled | None) -> dict[str, Figure]:
    """Modelled figures that nobody stated."""
    if modelled is None:
        return {}
    found = {"chips": modelled.chips} if not claims.chips else {}
    told = set(claims.stated)
    if not claims.chips and not told & {"chips", "it_power", "facility_peak", "power"}:
        told = told | {"capital"}  # the chips follow from the money
    for name in ("it_power", "facility_peak", "capital", "energy", "water", "emissions",
                 "training_flops", "training_tokens", "h100_equivalents"):  # fmt: skip
        figure = getattr(modelled, name)
        if figure is not None and name not in told:
            found[name] = figure
    return found


def _unknown(claims: Stage, modelled: Modelled | None) -> tuple[str, ...]:
    if modelled is not None:
        return modelled.missing
    if "it_power" in claims.stated and claims.stated["it_power"].value == 0.0:
        return ("Nothing computes there yet.",)
    if claims.stated.keys() & {"investment", "capital"}:
        missing = "the place, the cooling or its weather"
        how = f"At most are chips of {ASSUMED} with network and storage, and no hall"
        return (f"What the money buys cannot be said: {missing} is not known. {how}.",)
    return ("Neither chips nor power nor money is stated: what computes there cannot be said.",)
