"""The layouts of a unit that are worth a look, where a shortlist is in force.

Of a search in full by the catalogue's values those stay of which its units are made, as workers
of either kind. Lengths of requests and settings are told apart on a coarse grid only (see
`wattpath.hardware.shortlist`).
"""

from __future__ import annotations

from collections.abc import Callable

from wattpath.hardware import Server, load_server
from wattpath.hardware.shortlist import coarse, recall
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.layout import Layout, label
from wattpath.serving.result import ServingResult
from wattpath.serving.traffic import Traffic

#: Settings that change the model's own geometry.
GEOMETRY = ("width_factor", "depth_factor")

#: What the service level says.
LEVEL = ("ttft_s", "tpot_s", "percentile")


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
    case = coarse(settings, GEOMETRY), coarse(traffic, LEVEL), engine

    def names() -> frozenset[str]:
        found = search(shape, load_server(server.key), *case, whole_servers=whole_servers)
        parts = (part for point in found.points for part in point.label.split(" + "))
        return frozenset(part.split(" x ")[-1] for part in parts)

    known = recall(("serving", shape, server.key, *case, whole_servers), names)
    return options if known is None else [own for own in options if label(own) in known]
