"""Classes of traffic from the catalogue: chat, reasoning, agents, code completion, batch.

A class says how requests vary: their bursts, the spread of their lengths, and whether they
come in sessions whose prompt grows while tools run or people read. Rate and mean lengths
may be a demand's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from wattpath import catalog
from wattpath.serving.generator import Pattern, Sessions, generate, generate_sessions
from wattpath.serving.heap import Floats
from wattpath.serving.requests import Requests

#: Requests of the draw by which a session's mean prompt is found, and halvings of the search.
PROBE, STEPS = 4000, 20


@dataclass(frozen=True, slots=True)
class TrafficClass:
    """How requests of one kind vary (catalogue kind ``traffic``), in SI.

    `input_tokens` are new ones beside the session so far, `pause_s` from the end of an
    answer to the session's next request, `context_tokens` the longest prompt of a session.
    """

    key: str
    name: str
    rhythm: str
    turns: float
    input_tokens: float
    input_cv: float
    output_tokens: float
    output_cv: float
    burst_cv: float
    pause_s: float
    pause_cv: float
    system_tokens: float
    context_tokens: float

    def requests(
        self,
        count: int,
        rate: float,
        hours: Floats | None = None,
        seed: int = 0,
        token_s: float = 0.0,
        means: tuple[float, float] | None = None,
    ) -> Requests:
        """Requests of this class.

        Parameters
        ----------
        count : int
            How many.
        rate : float
            Mean requests a second.
        hours : ndarray, optional
            Rate of successive hours relative to the mean.
        seed : int
            The same seed gives the same requests.
        token_s : float
            Time per token of an answer, after which a pause begins [s].
        means : tuple of float, optional
            Mean prompt and answer wanted [token]; the class's own without.

        """
        answer = self.output_tokens if means is None else means[1]
        lengths = (self.input_tokens, answer, self.input_cv, self.burst_cv)
        pattern = Pattern(rate, *lengths, hours, self.output_cv)
        if self.turns <= 1.0:
            if means is not None:
                pattern = replace(pattern, input_tokens=means[0])
            return generate(count, pattern, seed)
        places = (self.turns, self.pause_s, self.system_tokens)
        talks = Sessions(*places, self.pause_cv, token_s, self.context_tokens)
        if means is not None:
            pattern, talks = _fitted(pattern, talks, means[0], seed)
        return generate_sessions(count, replace(pattern, rate=rate / talks.turns), talks, seed)


def _fitted(
    pattern: Pattern, talks: Sessions, wanted: float, seed: int
) -> tuple[Pattern, Sessions]:
    """Sessions whose mean prompt is the wanted one; answers stay as they are.

    One factor makes the new tokens, the common beginning and the further turns of a session
    more or fewer.
    """

    def scaled(factor: float) -> tuple[Pattern, Sessions]:
        fresh = max(1.0, factor * pattern.input_tokens)
        turns = 1.0 + factor * (talks.turns - 1.0)
        system = factor * talks.system_tokens
        return (
            replace(pattern, input_tokens=fresh),
            replace(talks, turns=turns, system_tokens=system, pause_s=0.0, token_s=0.0),
        )

    low, high = 1e-4, 1e2
    for _ in range(STEPS):
        middle = (low * high) ** 0.5
        mean = generate_sessions(PROBE, *scaled(middle), seed).inputs.mean()
        low, high = (middle, high) if mean < wanted else (low, middle)
    fresh, found = scaled(low)
    return fresh, replace(found, pause_s=talks.pause_s, token_s=talks.token_s)


def load_class(name: str, path: str = "--generate") -> TrafficClass:
    """The class with this key, name or alias.

    Raises
    ------
    UnknownNameError
        If the catalogue has no such class.
    """
    entry = catalog.load("traffic", name, path)
    numbers = (
        "turns", "input_tokens", "input_cv", "output_tokens", "output_cv", "burst_cv", "pause",
        "pause_cv", "system_tokens", "context_tokens",
    )  # fmt: skip
    values = [entry.si(field) for field in numbers]
    return TrafficClass(entry.key, entry.name, entry.text("rhythm"), *values)
