from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_sim.ailments import Ailments, Ended, Reports, Restarts, SwitchedOff, SwitchedOn, Trouble
from device_sim.faults import severity_at
from device_sim.products.catalogue import PRODUCTS
from device_sim.reactions import Reaction
from tests.device_sim.examples import NOON, trouble

NOON_S = NOON.timestamp()


def ailing(*troubles: Trouble, product: str = "frost-200") -> Ailments:
    return Ailments(PRODUCTS[product].weaknesses, iter(troubles))


def pass_minutes(ailments: Ailments, minutes: int, begin_s: float = NOON_S) -> list[object]:
    happened: list[object] = []
    for minute in range(minutes):
        happened += ailments.advance(begin_s + 60 * minute, 60)
    return happened


def test_nothing_is_the_matter_before_a_trouble_begins() -> None:
    ailments = ailing(trouble("evaporator_iced", begins_at=NOON + timedelta(minutes=5)))

    pass_minutes(ailments, 5)
    assert ailments.fault is None
    assert set(ailments.strain.values()) == {0.0}

    pass_minutes(ailments, 5, NOON_S + 300)
    assert ailments.fault is not None
    assert ailments.strain["ice"] > 0


def test_severity_grows_to_one_and_the_owner_notices_on_the_way() -> None:
    ailments = ailing(trouble("evaporator_iced", grows_for=timedelta(minutes=20)))

    pass_minutes(ailments, 10)
    assert 0 < ailments.severity < 0.85
    assert ailments.latest is not None
    assert ailments.latest.noticed_s is None

    pass_minutes(ailments, 11, NOON_S + 600)
    assert ailments.severity == 1.0
    assert ailments.latest.noticed_s is not None


def test_the_right_command_heals_and_the_wrong_one_changes_nothing() -> None:
    ailments = ailing(trouble("temp_sensor_drift"))
    pass_minutes(ailments, 10)
    before = ailments.severity

    assert ailments.take("recalibrate", {"sensor": "fan_rpm"}, NOON_S) is Reaction.NOTHING
    assert ailments.severity == before
    assert ailments.take("recalibrate", {"sensor": "cabinet_temp_c"}, NOON_S + 600) is Reaction.HEALS
    assert ailments.fault is None
    assert ailments.strain["sensor_k"] == 0.0
    assert ailments.lived[-1].how is Ended.HEALED


@pytest.mark.parametrize(("reaction", "way"), [(Reaction.HELPS, -1), (Reaction.WORSE, 1), (Reaction.NOTHING, 0)])
def test_a_cure_may_help_for_a_while_do_harm_or_do_nothing(reaction: Reaction, way: int) -> None:
    ailments = ailing(trouble("evaporator_iced", reaction=reaction))
    pass_minutes(ailments, 10)
    before = ailments.severity

    ailments.take("defrost", {}, NOON_S + 600)

    assert ailments.fault is not None
    assert (ailments.severity > before) - (ailments.severity < before) == way


def test_a_technician_mends_wear_but_no_open_door_and_an_owner_the_other_way_round() -> None:
    worn, ajar = ailing(trouble("fan_bearing_wear")), ailing(trouble("door_left_open"))
    pass_minutes(worn, 10)
    pass_minutes(ajar, 10)

    worn.put_right(NOON_S)
    ajar.repair(NOON_S)
    assert worn.fault is not None
    assert ajar.fault is not None

    worn.repair(NOON_S)
    ajar.put_right(NOON_S)
    assert worn.fault is None
    assert ajar.fault is None


def test_a_heat_wave_ebbs_away_as_it_came() -> None:
    ailments = ailing(trouble("heat_wave", grows_for=timedelta(minutes=10), holds_for=timedelta(minutes=10)))

    heights = []
    for minute in range(40):
        ailments.advance(NOON_S + 60 * minute, 60)
        heights.append(ailments.strain["heat_k"])

    assert max(heights) == 11.0
    assert 0 < heights[25] < 11.0
    assert heights[-1] == 0.0
    assert ailments.lived[-1].how is Ended.BY_ITSELF


def test_what_is_off_on_purpose_says_so_before_it_goes_and_after_it_is_back() -> None:
    ailments = ailing(trouble("off_on_purpose", grows_for=timedelta(minutes=1), holds_for=timedelta(minutes=5)))

    happened = pass_minutes(ailments, 20)

    assert [type(item) for item in happened] == [Reports, SwitchedOff, SwitchedOn, Reports]


def test_a_new_router_restarts_the_device_once() -> None:
    happened = pass_minutes(ailing(trouble("new_router")), 60)

    assert happened == [Restarts()]


def test_a_trouble_that_comes_while_another_is_at_work_is_dropped() -> None:
    ailments = ailing(
        trouble("evaporator_iced"),
        trouble("memory_leak", begins_at=NOON + timedelta(minutes=5)),
        trouble("refrigerant_leak", begins_at=NOON + timedelta(minutes=30)),
    )
    pass_minutes(ailments, 20)
    ailments.take("defrost", {}, NOON_S + 1200)

    pass_minutes(ailments, 5, NOON_S + 1200)
    assert ailments.fault is None
    pass_minutes(ailments, 20, NOON_S + 1500)
    assert ailments.fault is not None
    assert ailments.fault.name == "refrigerant_leak"


@given(st.floats(-1, 2), st.floats(-1, 2))
def test_more_progress_never_means_less_severity(one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert 0 <= severity_at(low) <= severity_at(high) <= 1
