from datetime import timedelta

from device_sim.news import News, Standing, history_begin, phase
from device_sim.scenarios import SCENARIOS
from tests.device_sim.examples import NOON, device, lives, trouble


def test_every_turn_is_told_once() -> None:
    given_, news = device(trouble("evaporator_iced")), News()

    told = [line for _ in lives(given_, NOON, 40) for line in news.since([given_])]

    assert told == [
        "trouble device=d-1 fault=evaporator_iced state=begins",
        "trouble device=d-1 fault=evaporator_iced state=noticed",
    ]


def test_a_first_run_sends_three_days_and_a_later_one_what_is_missing() -> None:
    demo = SCENARIOS["demo"]

    assert history_begin(demo, NOON, None) == NOON - timedelta(days=3)
    assert history_begin(demo, NOON, NOON - timedelta(days=9)) == NOON - timedelta(days=3)
    assert history_begin(demo, NOON, NOON - timedelta(hours=1)) == NOON - timedelta(minutes=59)
    assert history_begin(demo, NOON, NOON + timedelta(hours=1)) == NOON


def test_a_standing_reads_as_one_line() -> None:
    assert str(Standing(NOON, 24, 23, 1_234, 2, 3, 4)).endswith(
        "23 of 24 connected · 1,234 messages · 2 waiting · 3 in trouble · 4 ratings"
    )
    assert "ratings" not in str(Standing(NOON, 24, 23, 1_234, 2, 3, None))


def test_devices_do_not_sample_in_chorus() -> None:
    assert len({phase(index) for index in range(24)}) == 24
