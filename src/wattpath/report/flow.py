"""The year's energy from the grid to the tokens, as a Sankey diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wattpath.report.figures import COLOURS, PLAN_COLOURS, Figure, digits, layout, scale_of

if TYPE_CHECKING:
    from wattpath.plan.result import Outcome, PlanResult

#: Parts of the overhead that belong to cooling.
COOLING = ("hall fans", "pumps", "chillers", "heat rejection", "other plant")
COOLING_COLOUR, LOSS_COLOUR = "#3d9bb8", "#d8a24a"


def sankey(result: PlanResult, outcome: Outcome) -> Figure:
    """A year's energy from its sources through the facility to the demands."""
    flow = _Flow()
    hourly = outcome.hourly
    assert hourly is not None
    site = flow.node("site electricity", "#5b626c")
    stored = 0.0
    for number, (name, power) in enumerate(hourly.supply_w.items()):
        energy = float(power.sum())
        if power.min() < 0.0:
            stored -= energy
        else:
            flow.link(flow.node(name, COLOURS[number % len(COLOURS)]), site, energy)
    it_wh = float(hourly.it_w.sum())
    flow.link(site, flow.node("servers", PLAN_COLOURS["both"]), it_wh)
    _link_overhead(flow, site, _overhead(result, outcome))
    flow.link(site, flow.node("storage losses", "#bab0ac"), stored)
    servers = flow.node("servers", "")
    for demand, energy in _demand_energy(outcome, it_wh).items():
        flow.link(servers, flow.node(_with_tokens(result, demand), "#3f9b4f"), energy)
    return flow.figure()


def _link_overhead(flow: _Flow, site: int, parts: dict[str, float]) -> None:
    """Electrical losses leave at once; the parts of cooling leave through it."""
    cooling = {part: energy for part, energy in parts.items() if part in COOLING}
    if cooling:
        node = flow.node("cooling", COOLING_COLOUR)
        flow.link(site, node, sum(cooling.values()))
        for part, energy in cooling.items():
            flow.link(node, flow.node(part, COOLING_COLOUR), energy)
    for part, energy in parts.items():
        if part not in COOLING:
            flow.link(site, flow.node(part, LOSS_COLOUR), energy)


class _Flow:
    """Nodes and links of a Sankey diagram [Wh]."""

    def __init__(self) -> None:
        self.colours: dict[str, str] = {}
        self.links: list[tuple[int, int, float]] = []

    def node(self, name: str, colour: str) -> int:
        """The place of a node, made on first mention."""
        self.colours.setdefault(name, colour)
        return list(self.colours).index(name)

    def link(self, source: int, target: int, energy: float) -> None:
        """A flow; nothing where there is none."""
        if energy > 0.0:
            self.links.append((source, target, energy))

    def figure(self) -> Figure:
        """The diagram, in the prefix that suits its largest flow."""
        scale, label = scale_of(max(link[2] for link in self.links), "Wh")
        used = {end for link in self.links for end in link[:2]}
        order = [place for place in range(len(self.colours)) if place in used]
        new = {place: index for index, place in enumerate(order)}
        names, colours = list(self.colours), list(self.colours.values())
        trace = {
            "type": "sankey",
            "arrangement": "snap",
            "valueformat": ",.3~r",
            "valuesuffix": f" {label}",
            "node": {
                "label": [names[place] for place in order],
                "color": [colours[place] for place in order],
                "pad": 16,
                "thickness": 18,
                "line": {"width": 0},
            },
            "link": {
                "source": [new[link[0]] for link in self.links],
                "target": [new[link[1]] for link in self.links],
                "value": [digits(link[2] / scale) for link in self.links],
                "color": [_faint(colours[link[0]]) for link in self.links],
            },
        }
        look = layout(400, hovermode="closest")
        look["margin"] = {"l": 10, "r": 10, "t": 20, "b": 20}
        return {"data": [trace], "layout": look}


def _faint(colour: str) -> str:
    """The colour with little ink."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.28)"


def _overhead(result: PlanResult, outcome: Outcome) -> dict[str, float]:
    """What cooling and conversion take in a year, by part [Wh]."""
    from wattpath.plan.overhead import overhead

    hourly = outcome.hourly
    assert hourly is not None
    if result.asked is None:
        total = float(hourly.facility_w.sum() - hourly.it_w.sum())
        return {"cooling and conversion": total}
    return overhead(result.asked, outcome)


def _demand_energy(outcome: Outcome, it_wh: float) -> dict[str, float]:
    """IT energy that each demand draws [Wh]."""
    energy: dict[str, float] = {}
    for item in outcome.chosen:
        name = item.deployment.demand
        energy[name] = energy.get(name, 0.0) + item.energy_wh
    total = sum(energy.values())
    return {name: value / total * it_wh for name, value in energy.items()}


def _with_tokens(result: PlanResult, name: str) -> str:
    """A demand with its tokens a day."""
    demands = [] if result.asked is None else [d for d in result.asked.demands if d.name == name]
    for demand in demands:
        if demand.kind == "serving":
            rate = demand.requests * (demand.input_tokens + demand.output_tokens)
        else:
            rate = demand.tokens / demand.within
        return f"{name}: {_count(rate * 86400.0)} tokens a day"
    return name


def _count(value: float) -> str:
    for scale, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if value >= scale:
            return f"{value / scale:.3g}{word}"
    return f"{value:,.0f}"
