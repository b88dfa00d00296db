"""Long traces in pieces, and simulations that go on after an interruption."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath.errors import FileInputError
from wattpath.serving import checkpoint
from wattpath.serving.checkpoint import simulate_kept, stream
from wattpath.serving.events import Scaling
from wattpath.serving.fleet import PREFIX_AWARE, FleetRun, result_of, simulate_fleet
from wattpath.serving.generator import Pattern, Sessions, generate_sessions
from wattpath.serving.options import Offload, Options, draw_outages

COUNT = 400


@pytest.fixture(scope="module")
def everything(replica):
    """A fleet in which all that has a state is at work."""
    options = Options(
        PREFIX_AWARE,
        step_s=10.0,
        offload=Offload(2e10, 1e10, 2e10, 1e9, 1e10),
        scaling=Scaling(2.0, 3.0, 6.0, 0.0, 5.0, 10.0, 20.0),
        outages=draw_outages(3, 60.0, 20.0, 300.0, 7),
    )
    caching = replica._replace(settings=replica.settings._replace(prefix_reuse=1.0))
    made = generate_sessions(COUNT, Pattern(1.5, 900.0, 100.0), Sessions(5.0, 10.0, 1024.0))
    return caching, made, options


def _pieces(made, size):
    return [made.part(slice(at, min(COUNT, at + size))) for at in range(0, COUNT, size)]


def test_pieces_give_what_the_whole_gives(everything) -> None:
    replica, made, options = everything
    whole = simulate_fleet(replica, made, 3, options)
    for size in (37, 150):
        run = FleetRun.open(replica, 3, options, made.block_tokens)
        logs = list(stream(run, _pieces(made, size)))
        assert len(logs) == -(-COUNT // size) + 1
        result = result_of(run, COUNT, logs)
        assert np.array_equal(result.done_s, whole.done_s, equal_nan=True)
        assert np.array_equal(result.series, whole.series)
        assert result.resent == whole.resent


def test_a_resumed_simulation_is_the_uninterrupted_one(everything, tmp_path) -> None:
    replica, made, options = everything
    file, pieces = tmp_path / "run.npz", _pieces(made, 50)
    fresh = FleetRun.open(replica, 3, options, made.block_tokens)
    whole = list(stream(fresh, pieces))
    broken = stream(FleetRun.open(replica, 3, options, made.block_tokens), pieces, file)
    begun = [next(broken) for _ in range(4)]  # the fourth is not yet kept
    broken.close()
    assert [one.name for one in tmp_path.iterdir()] == ["run.npz"]
    again = FleetRun.open(replica, 3, options, made.block_tokens)
    rest = list(stream(again, pieces, file))
    assert not list(tmp_path.iterdir())
    for one, other in zip(begun[:3] + rest, whole, strict=True):
        assert np.array_equal(one, other, equal_nan=True)
    assert np.array_equal(again.state.series, fresh.state.series)


def test_a_checkpoint_of_another_fleet_is_refused(everything, tmp_path) -> None:
    replica, made, options = everything
    file, pieces = tmp_path / "run.npz", _pieces(made, 100)
    begun = stream(FleetRun.open(replica, 3, options, made.block_tokens), pieces, file)
    next(begun), next(begun)
    begun.close()
    other = FleetRun.open(replica, 2, Options(), made.block_tokens)
    with pytest.raises(FileInputError, match="this fleet"):
        next(stream(other, pieces, file))
    file.write_text("nothing of the kind")
    with pytest.raises(FileInputError, match="checkpoint"):
        next(stream(FleetRun.open(replica, 3, options), pieces, file))


def test_an_interrupted_simulation_goes_on_or_refuses(everything, tmp_path, monkeypatch) -> None:
    replica, made, options = everything
    nothing, file = np.zeros(COUNT), tmp_path / "kept"
    given = (replica, made, 3, options, nothing, nothing.astype(np.int64), file, 0.0)
    monkeypatch.setattr(checkpoint, "CHUNK", 100)
    feed, fed = FleetRun.feed, []

    def stopped(run, *lists):
        if len(fed) == 3:
            raise KeyboardInterrupt
        fed.append(len(lists[0]))
        return feed(run, *lists)

    monkeypatch.setattr(FleetRun, "feed", stopped)
    with pytest.raises(KeyboardInterrupt):
        simulate_kept(*given)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    monkeypatch.setattr(FleetRun, "feed", feed)
    others = (replica, made.at_rate(9.0), *given[2:])
    with pytest.raises(FileInputError, match="of these requests"):
        simulate_kept(*others)
    run, whole = simulate_kept(*given), simulate_fleet(replica, made, 3, options)
    assert np.array_equal(run.done_s, whole.done_s, equal_nan=True)
    assert np.array_equal(run.series, whole.series)
    assert not file.exists()
