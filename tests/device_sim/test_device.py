from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.messages import Birth, Feedback, Presence, ResultStatus, Status, Telemetry
from broker.topics import Channel, topic_of
from device_sim.chance import seeded
from device_sim.device import SAMPLE
from device_sim.people.owner import RatesBy
from device_sim.products.appliance import Reading
from device_sim.products.catalogue import PRODUCTS
from device_sim.reactions import Reaction
from device_sim.voice import Voice, millis
from tests.device_sim.examples import (
    NOON,
    channels,
    codes,
    command,
    device,
    lives,
    notice,
    orders,
    readings,
    results,
    said,
    trouble,
)

ACCEPTED, SUCCEEDED, FAILED, REJECTED = (
    ResultStatus.ACCEPTED,
    ResultStatus.SUCCEEDED,
    ResultStatus.FAILED,
    ResultStatus.REJECTED,
)


@pytest.mark.parametrize("product", list(PRODUCTS))
def test_a_device_greets_with_its_birth_and_then_that_it_is_online(product: str) -> None:
    birth, status = said(device(product=product).greet())

    assert isinstance(birth, Birth)
    assert birth.product == product
    assert set(birth.metrics) > set(PRODUCTS[product].metrics)
    assert birth.context == ("mode",)
    assert birth.commands == PRODUCTS[product].commands
    assert status == Status(Presence.ONLINE)


def test_births_and_statuses_are_retained_and_nothing_else_is() -> None:
    given_ = device(trouble("off_on_purpose", grows_for=SAMPLE))

    for publish in [*given_.greet(), *given_.step(NOON), *given_.step(NOON + SAMPLE)]:
        retained = channels([publish])[0] in {Channel.BIRTH, Channel.STATUS}
        assert publish.retain == retained


@pytest.mark.parametrize("batch", [1, 3])
def test_sequence_numbers_go_on_from_the_past_through_every_shape(batch: int) -> None:
    given_ = device(batch=batch)
    begin = NOON - timedelta(hours=40)

    samples = [m for m in said(list(given_.history(begin, NOON))) if isinstance(m, Telemetry)]
    for _, messages in lives(given_, NOON, 10):
        samples += [m for m in messages if isinstance(m, Telemetry)]

    sequence = [seq for sample in samples for seq in sample.seq]
    stamps = [ts for sample in samples for ts in sample.ts_ms if ts is not None]
    assert sequence == list(range(2400 + 10 // batch * batch))
    assert stamps == sorted(stamps)
    assert max(len(sample) for sample in samples) == 1000


def test_the_past_is_healthy_and_the_present_uses_the_same_device() -> None:
    given_ = device(trouble("setpoint_corrupted"))

    past = readings(said(list(given_.history(NOON - timedelta(hours=3), NOON))))
    later = [r for _, messages in lives(given_, NOON, 90) for r in readings(messages)]

    assert max(reading["cabinet_temp_c"] for reading in past) < -16
    assert later[0]["cabinet_temp_c"] == pytest.approx(past[-1]["cabinet_temp_c"], abs=1)
    assert later[-1]["cabinet_temp_c"] > -12


def test_a_device_that_has_settled_begins_as_the_hour_wants_it() -> None:
    evening = NOON + timedelta(hours=8)
    fresh, settled = device(product="volt-12"), device(product="volt-12")

    settled.settle(evening)

    assert readings(said(fresh.step(evening)))[0]["soc_pct"] > 94
    assert readings(said(settled.step(evening)))[0]["soc_pct"] < 90


def test_a_restart_is_accepted_leads_away_and_comes_back_as_a_new_boot_with_the_fault_healed() -> None:
    given_ = device(trouble("memory_leak"))
    given_.greet()
    for _ in lives(given_, NOON, 10):
        pass
    at = NOON + 10 * SAMPLE

    first = orders(given_, command("restart"), at)
    assert results(first) == [("01A", ACCEPTED)]
    assert first[-1] == Status(Presence.OFFLINE)
    assert not given_.connected

    away = [messages for _, messages in lives(given_, at + SAMPLE, 3)]
    back = next(messages for messages in away if messages)
    assert isinstance(back[0], Birth)
    assert back[1] == Status(Presence.ONLINE)
    assert codes(back) == ["self_test_ok"]
    assert results(back) == [("01A", SUCCEEDED)]
    assert readings(back)[0]["memory_free_kb"] > 30_000
    assert [m.seq for m in back if isinstance(m, Telemetry)] == [(0,)]
    assert given_.ailments.fault is None


def test_every_restart_has_another_boot() -> None:
    given_ = device()
    boots = set()
    for number in range(3):
        orders(given_, command("restart", f"01{number}"), NOON + number * 5 * SAMPLE)
        for _, messages in lives(given_, NOON + (number * 5 + 1) * SAMPLE, 4):
            boots |= {message.boot for message in messages if isinstance(message, Birth)}

    assert len(boots) == 3


def test_a_defrost_takes_a_while_makes_the_device_busy_and_heals() -> None:
    given_ = device(trouble("evaporator_iced"))
    for _ in lives(given_, NOON, 10):
        pass
    at = NOON + 10 * SAMPLE

    assert results(orders(given_, command("defrost"), at)) == [("01A", ACCEPTED)]
    assert results(orders(given_, command("restart", "01B"), at)) == [("01B", REJECTED)]
    later = [message for _, messages in lives(given_, at + SAMPLE, 6) for message in messages]

    assert results(later) == [("01A", SUCCEEDED)]
    assert [message.busy for message in later if isinstance(message, Birth)] == [True, False]
    assert given_.ailments.fault is None


@pytest.mark.parametrize(
    ("reaction", "expected"),
    [
        (Reaction.HEALS, [ACCEPTED, SUCCEEDED]),
        (Reaction.HELPS, [ACCEPTED, SUCCEEDED]),
        (Reaction.NOTHING, [ACCEPTED, SUCCEEDED]),
        (Reaction.WORSE, [ACCEPTED, SUCCEEDED]),
        (Reaction.FAILS, [ACCEPTED, FAILED]),
        (Reaction.SILENT, []),
    ],
)
def test_the_right_remedy_ends_in_each_way_by_its_reaction(reaction: Reaction, expected: list[ResultStatus]) -> None:
    given_ = device(trouble("setpoint_corrupted", reaction=reaction))
    for _ in lives(given_, NOON, 10):
        pass

    answers = results(orders(given_, command("set_config", setpoint_c=-18), NOON + 10 * SAMPLE))

    assert [status for _, status in answers] == expected
    assert (given_.ailments.fault is None) == (reaction is Reaction.HEALS)
    assert len(given_.orders.actuations) == (0 if reaction is Reaction.SILENT else 1)


def test_a_changed_setting_changes_the_physics() -> None:
    given_ = device()

    orders(given_, command("set_config", setpoint_c=-10), NOON)
    later = [r for _, messages in lives(given_, NOON, 120) for r in readings(messages)]

    assert later[-1]["cabinet_temp_c"] == pytest.approx(-10, abs=1)


def test_expired_and_unknown_commands_are_rejected_and_nonsense_is_passed_over() -> None:
    given_ = device()

    late = command("restart", not_after=NOON - SAMPLE)
    assert results(orders(given_, late, NOON)) == [("01A", REJECTED)]
    assert results(orders(given_, command("explode", "01B"), NOON)) == [("01B", REJECTED)]
    assert given_.hear(topic_of("d-1", Channel.COMMAND), b"{", NOON) == []
    assert given_.hear("elsewhere/entirely", b"{}", NOON) == []
    assert given_.orders.actuations == []
    assert given_.connected


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["set_config", "recalibrate", "defrost", "restart"]))))
def test_a_command_acts_once_however_often_it_comes(sent: list[tuple[int, str]]) -> None:
    given_ = device(trouble("evaporator_iced", reaction=Reaction.NOTHING))
    now = NOON
    for number, verb in sent:
        given_.hear(topic_of("d-1", Channel.COMMAND), command(verb, f"01{number}"), now)
        given_.hear(topic_of("d-1", Channel.COMMAND), command(verb, f"01{number}"), now)
        for _ in lives(given_, now, 5):
            pass
        now += 5 * SAMPLE

    assert len(given_.orders.actuations) == len(set(given_.orders.actuations))


def test_a_repeated_command_is_answered_with_the_stored_result() -> None:
    given_ = device()
    again = command("set_config", setpoint_c=-18)

    first = results(orders(given_, again, NOON))
    second = results(orders(given_, again, NOON + SAMPLE))

    assert first == [("01A", ACCEPTED), ("01A", SUCCEEDED)]
    assert second == [("01A", SUCCEEDED)]


def test_off_on_purpose_is_said_then_silence_then_a_new_boot() -> None:
    off = trouble("off_on_purpose", grows_for=SAMPLE, holds_for=10 * SAMPLE)
    given_ = device(off)

    spoken = [messages for _, messages in lives(given_, NOON, 20)]

    assert codes(spoken[0]) == ["power_off"]
    assert spoken[0][-1] == Status(Presence.OFFLINE)
    assert spoken[1:10] == [[]] * 9
    back = next(messages for messages in spoken[1:] if messages)
    assert isinstance(back[0], Birth)
    assert codes(back) == ["self_test_ok", "power_on"]


def test_wear_reports_its_code_once() -> None:
    given_ = device(trouble("refrigerant_leak"))

    reported = [code for _, messages in lives(given_, NOON, 120) for code in codes(messages)]

    assert reported == ["E17"]


def test_a_coffee_machine_rejects_what_comes_while_it_brews() -> None:
    given_ = device(trouble("guests", "bean-9", grows_for=SAMPLE), product="bean-9")
    answers = set()
    for minute in range(60):
        given_.step(NOON + minute * SAMPLE)
        if given_.busy == "brewing":
            answers |= set(results(orders(given_, command("rinse", f"01{minute}"), NOON + minute * SAMPLE)))

    assert answers
    assert {status for _, status in answers} == {REJECTED}


def test_an_owner_shuts_the_door_after_a_notice_and_rates_on_the_device_when_asked() -> None:
    given_ = device(trouble("door_left_open"), rates_by=RatesBy.DEVICE)
    for _ in lives(given_, NOON, 5):
        pass
    at = NOON + 5 * SAMPLE

    given_.hear(topic_of("d-1", Channel.NOTICE), notice(), at)
    given_.hear(topic_of("d-1", Channel.NOTICE), notice(), at)
    later = [message for _, messages in lives(given_, at, 30) for message in messages]

    feedback = [message for message in later if isinstance(message, Feedback)]
    assert [rated.ticket for rated in feedback] == ["T-1"]
    assert given_.ailments.fault is None
    assert len(given_.errands.notices["T-1"]) == 1


@pytest.mark.parametrize("rates_by", [RatesBy.LINK, RatesBy.NEVER])
def test_others_do_not_rate_on_the_device(rates_by: RatesBy) -> None:
    given_ = device(rates_by=rates_by)

    given_.hear(topic_of("d-1", Channel.NOTICE), notice(), NOON)

    assert not any(isinstance(m, Feedback) for _, messages in lives(given_, NOON, 30) for m in messages)


def test_a_technician_ends_wear() -> None:
    given_ = device(trouble("fan_bearing_wear"))
    for _ in lives(given_, NOON, 10):
        pass

    given_.repair(NOON + 10 * SAMPLE)

    assert given_.ailments.fault is None


def test_a_device_says_its_settings_at_birth_and_again_once_one_was_changed() -> None:
    given_ = device()
    (born,) = (message for message in said(given_.greet()) if isinstance(message, Birth))

    answered = orders(given_, command("set_config", setpoint_c=-20.0), NOON)

    assert born.config == {"setpoint_c": -18.0}
    assert [message.config for message in answered if isinstance(message, Birth)] == [{"setpoint_c": -20.0}]


@given(number=st.floats(-1e9, 1e9), mode=st.sampled_from(PRODUCTS["frost-200"].modes))
def test_a_sample_says_alone_what_it_says_in_columns(number: float, mode: str) -> None:
    reading: Reading = {"cabinet_temp_c": number, "mode": mode, "memory_free_kb": -0.0001}
    alone, among = (Voice("frost-0001", seeded("a test"), NOON) for _ in range(2))

    for ts_ms in (millis(NOON.timestamp()), millis(NOON.timestamp()) + 60_000):
        assert said([alone.sample(ts_ms, reading)]) == said([among.columns([ts_ms], [reading])])
