import pickle
from datetime import datetime, timedelta
from pathlib import Path

from broker.messages import Birth, ResultStatus
from device_sim.diary import read_page
from device_sim.scenarios import scenario_named
from device_sim.story import Page, Story, Telling, told
from tests.device_sim.examples import NOON, command, orders, results, said

DEMO = scenario_named("demo")
LATER = NOON + timedelta(hours=3)


def begun(seed: int = 1, devices: int = 4, scenario: str = "demo") -> Telling:
    return told(scenario_named(scenario), seed, devices, NOON, None)


def lived(story: Story, until: datetime) -> Page:
    """Return the story as the disk gives it back after the devices have lived until then."""
    now = NOON
    while now < until:
        for device in story.fleet.devices:
            device.step(now)
        now += timedelta(minutes=1)
    read = pickle.loads(pickle.dumps(Page(story, until)))
    assert isinstance(read, Page)
    return read


def test_a_first_telling_begins_three_days_ago() -> None:
    assert begun().history_from == NOON - timedelta(days=3)


def test_a_story_goes_on_with_its_troubles_where_it_stopped() -> None:
    story = begun().story
    page = lived(story, NOON + timedelta(minutes=60))

    on = told(DEMO, 1, 4, LATER, page)

    assert on.history_from == NOON + timedelta(minutes=61)
    faults = [device.ailments.fault.name if device.ailments.fault else "" for device in on.story.fleet.devices]
    assert faults == ["memory_leak", "group_clogged", "circulation_pump_wear", "charge_limit_corrupted"]


def test_a_command_done_before_the_pause_is_not_done_again_after_it() -> None:
    story = begun().story
    freezer = story.fleet.devices[0]
    freezer.hear("amends/v1/frost-0001/command", command("set_config", setpoint_c=-18), NOON)
    page = lived(story, NOON + timedelta(minutes=5))

    freezer = told(DEMO, 1, 4, LATER, page).story.fleet.devices[0]

    assert results(orders(freezer, command("set_config", setpoint_c=-18), LATER)) == [("01A", ResultStatus.SUCCEEDED)]
    assert freezer.orders.actuations == ["01A"]


def test_devices_come_back_with_a_new_boot_as_after_a_power_cut() -> None:
    story = begun().story
    before = said(story.fleet.devices[0].greet())[0]
    page = lived(story, NOON + timedelta(minutes=5))

    after = said(told(DEMO, 1, 4, LATER, page).story.fleet.devices[0].greet())[0]

    assert isinstance(before, Birth)
    assert isinstance(after, Birth)
    assert before.boot != after.boot


def test_another_seed_scenario_or_number_begins_anew_and_sends_no_past_twice() -> None:
    page = lived(begun().story, NOON + timedelta(minutes=5))

    for scenario, seed, devices in (("demo", 2, 4), ("quiet", 1, 4), ("demo", 1, 5)):
        on = told(scenario_named(scenario), seed, devices, LATER, page)
        assert on.story is not page.story
        assert on.history_from == NOON + timedelta(minutes=6)


def test_one_fault_on_one_device_is_told_anew_each_time() -> None:
    name = "one:frost-200:memory_leak"
    page = lived(begun(1, 1, name).story, NOON + timedelta(minutes=5))

    assert told(scenario_named(name), 1, 1, LATER, page).story is not page.story


def test_a_story_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    (tmp_path / "sim").mkdir()
    path = tmp_path / "sim" / "story.pickle"

    assert read_page(tmp_path) is None
    for written in (b"", b"nonsense", pickle.dumps("a word")):
        path.write_bytes(written)
        assert read_page(tmp_path) is None
