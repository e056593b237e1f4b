"""Not ready for one reason at a time, each said in a sentence; ready when nothing speaks against it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.watch.looks import Looks
from agent.watch.losses import Loss
from agent.watch.readiness import Disk, Signs, problems_of

GB = 10**9
NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
WELL = Signs(
    connected=True,
    sending=True,
    caught_up=True,
    unscored=0,
    unacknowledged_s=0.0,
    history_failing=False,
    disk=Disk(100 * GB, 200 * GB),
    loss=None,
)


def test_an_agent_whose_parts_are_well_is_ready() -> None:
    assert problems_of(WELL) == ()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"connected": False}, "not reachable"),
        ({"connected": False, "sending": False}, "not reachable"),
        ({"sending": False}, "no command leaves"),
        ({"caught_up": False}, "read again"),
        ({"unscored": 60_000}, "60000 messages"),
        ({"unacknowledged_s": 9.0}, "for 9 s"),
        ({"history_failing": True}, "history"),
        ({"disk": None}, "does not answer"),
        ({"disk": Disk(200_000_000, 200 * GB)}, "200 MB are left"),
        ({"loss": Loss(3, None, NOON)}, "dropped 3 messages"),
        ({"looks": ("looking at what is due (mail) failed",)}, "mail"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_reason_is_said_alone(changed: dict[str, object], words: str) -> None:
    found = problems_of(replace(WELL, **changed))  # type: ignore[arg-type]  # fields by name

    assert len(found) == 1
    assert words in found[0]


def test_a_small_disk_is_short_only_when_little_of_it_is_left() -> None:
    assert not Disk(free=20_000_000, size=24_000_000).is_short
    assert Disk(free=500_000, size=24_000_000).is_short


def test_a_look_that_failed_once_is_no_problem_and_one_that_goes_on_failing_is() -> None:
    looks = Looks()
    looks.failed("tickets")
    assert looks.problems(0.0) == ()

    looks.failed("tickets")
    looks.failed("tickets")
    assert "3 times" in looks.problems(0.0)[0]

    looks.succeeded("tickets")
    assert looks.problems(0.0) == ()


def test_a_look_that_never_ends_is_a_problem_after_a_while() -> None:
    looks = Looks()
    looks.late("mail", 100.0)
    looks.late("mail", 110.0)

    assert looks.problems(120.0) == ()
    assert "for 35 s" in looks.problems(135.0)[0]
