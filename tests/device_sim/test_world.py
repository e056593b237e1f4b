from datetime import UTC, datetime, timedelta

from broker.codec import decode, encode
from broker.messages import Command, Telemetry
from broker.topics import Channel, parse_topic, topic_of
from device_sim.ailments import Ended
from device_sim.mishaps import Pace
from device_sim.reactions import Reaction
from device_sim.scenarios import Opening, Scenario
from device_sim.world import World

MORNING = datetime(2026, 1, 13, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUIET = Pace(wait=None, mended_after=timedelta(days=3))


def a_world(*openings: Opening, devices: int = 1) -> World:
    scenario = Scenario("test", "for a test", devices, QUIET, ("frost-200",), MINUTE, openings=openings)
    return World(scenario, 3, devices, MORNING)


def a_leak(reaction: Reaction = Reaction.HEALS) -> Opening:
    return Opening("frost-200", 1, "memory_leak", MINUTE, timedelta(minutes=30), reaction=reaction)


def a_restart(command_id: str = "c-1") -> tuple[str, bytes]:
    late_ms = int((MORNING + timedelta(hours=9)).timestamp() * 1000)
    command = Command(id=command_id, verb="restart", not_after=late_ms, ticket="T-1")
    return topic_of("frost-0001", Channel.COMMAND), encode(command)


def live(world: World, minutes: int, since: datetime = MORNING) -> datetime:
    for minute in range(1, minutes + 1):
        world.live(since + minute * MINUTE)
    return since + minutes * MINUTE


def samples_of(world: World, now: datetime) -> list[int]:
    told = world.live(now)
    found = []
    for said in told.said:
        if parse_topic(said.topic).channel is Channel.TELEMETRY:
            message = decode(said.topic, said.payload)
            assert isinstance(message, Telemetry)
            found.append(len(message))
    return found


def test_every_device_says_every_sample_at_once() -> None:
    world = a_world(devices=8)  # some of them would gather an array on the wire

    assert [samples_of(world, MORNING + minute * MINUTE) for minute in range(1, 11)] == [[1] * 8] * 10


def test_the_right_command_heals_and_the_truth_about_it_is_kept() -> None:
    world = a_world(a_leak())
    now = live(world, 10)

    world.hear(*a_restart())
    live(world, 10, now)

    (deed,) = world.deeds
    assert (deed.right, deed.acted, deed.repeated) == (True, True, False)
    assert [lived.how for _, lived in world.chronicle()] == [Ended.HEALED]


def test_a_command_to_a_healthy_device_is_wrong_and_the_same_again_a_repeat() -> None:
    world = a_world()
    world.hear(*a_restart())
    now = live(world, 10)
    world.hear(*a_restart())
    live(world, 2, now)

    first, second = world.deeds
    assert (first.right, first.acted) == (False, True)
    assert (second.acted, second.repeated) == (False, True)


def test_a_technician_mends_what_is_there_and_finds_nothing_where_nothing_is() -> None:
    world = a_world(a_leak(Reaction.NOTHING))
    now = live(world, 10)
    world.visit("frost-0001")
    now = live(world, 1, now)
    world.visit("frost-0001")
    live(world, 1, now)

    assert [(visited.fault, visited.mended) for visited in world.visited] == [("memory_leak", True), (None, False)]


def test_an_owner_who_feels_a_fault_calls_by_day_and_calls_again() -> None:
    world = a_world(a_leak(Reaction.NOTHING))
    called = [minute for minute in range(1, 3 * 1440) for _ in world.get_by(MORNING + minute * MINUTE).called]

    (lived,) = [lived for _, lived in world.chronicle()]
    assert lived.noticed_s is not None
    assert len(called) >= 2
    assert called[1] - called[0] >= 1440
    assert all(8 <= (MORNING + minute * MINUTE).hour + 1 < 22 for minute in called)


def test_when_the_owner_would_notice_is_known_before_and_true_where_nobody_acts() -> None:
    world = a_world(a_leak(Reaction.NOTHING))
    live(world, 5)
    (early,) = [lived.would_notice_s for _, lived in world.chronicle()]
    live(world, 60, MORNING + 5 * MINUTE)

    (lived,) = [lived for _, lived in world.chronicle()]
    assert early is not None
    assert lived.noticed_s is not None
    assert abs(lived.noticed_s - early) <= 60


def test_the_same_seed_gives_the_same_world() -> None:
    first, second = (
        [said for minute in range(1, 30) for said in world.live(MORNING + minute * MINUTE).said]
        for world in (a_world(a_leak(), devices=2), a_world(a_leak(), devices=2))
    )

    assert first == second
