"""A world in a process of its own."""

import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from agent.scorecard.contest import BEGINS_AT
from agent.scorecard.distant import DistantWorld
from agent.scorecard.errors import BrokenWorldError
from device_sim.truth import Told
from device_sim.voice import Publish


class Talkative:
    """A world with more to say in a minute than a pipe holds."""

    def live(self, now: Any) -> Told:
        return Told([Publish(f"amends/v1/{now:%M}/telemetry", bytes(1_000_000), retain=False)], [], ["d-1"])


@pytest.mark.slow
def test_what_is_said_over_there_arrives_as_it_was_said() -> None:
    world = DistantWorld(partial(Talkative))  # type: ignore[arg-type]  # as much of a world as is asked for
    now = BEGINS_AT + timedelta(minutes=1)

    told = world.live(now)

    world.close()
    assert [(one.topic, one.payload) for one in told.said] == [(f"amends/v1/{now:%M}/telemetry", bytes(1_000_000))]
    assert told.called == ["d-1"]


@pytest.mark.slow
def test_a_world_ends_though_nobody_took_its_last_minute() -> None:
    world = DistantWorld(partial(Talkative))  # type: ignore[arg-type]  # as much of a world as is asked for
    world.live(BEGINS_AT + timedelta(minutes=1))
    closing = threading.Thread(target=world.close, daemon=True)

    closing.start()
    closing.join(20)

    assert not closing.is_alive()


def impossible() -> Any:
    problem = "there are no such devices"
    raise ValueError(problem)


@pytest.mark.slow
def test_a_world_that_cannot_begin_says_why() -> None:
    with pytest.raises(BrokenWorldError, match="there are no such devices"):
        DistantWorld(impossible)
