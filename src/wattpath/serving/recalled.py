"""The layouts of a unit that are worth a look, where a shortlist is in force.

Of a search in full on the catalogue's own chips those stay of which its units are made, as
workers of either kind (see `wattpath.hardware.shortlist`). Requests of like lengths share a list.
"""

from __future__ import annotations

from collections.abc import Callable

from wattpath.hardware import Server, load_server
from wattpath.hardware.shortlist import octave, recall, structure
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.layout import Layout, label
from wattpath.serving.result import ServingResult
from wattpath.serving.traffic import Traffic


def worth_trying(
    options: list[Layout],
    search: Callable[..., ServingResult],
    shape: Shape,
    server: Server,
    settings: ServingSettings,
    traffic: Traffic,
    engine: str,
    whole_servers: bool,
) -> list[Layout]:
    """The options that the shortlist in force holds; all where there is none.

    Parameters
    ----------
    options : list of Layout
    search : callable
        `wattpath.serving.candidates`, whose arguments follow.
    """
    lengths = octave(traffic.input_tokens), octave(traffic.output_tokens)
    level = traffic.ttft_s, traffic.tpot_s, traffic.percentile
    geometry = settings.width_factor, settings.depth_factor
    key = ("serving", shape, server.key, structure(settings), geometry, lengths, level)

    def names() -> frozenset[str]:
        machine = load_server(server.key)
        found = search(shape, machine, settings, traffic, engine, whole_servers=whole_servers)
        parts = (part for point in found.points for part in point.label.split(" + "))
        return frozenset(part.split(" x ")[-1] for part in parts)

    known = recall((*key, engine, whole_servers), names)
    return options if known is None else [own for own in options if label(own) in known]
