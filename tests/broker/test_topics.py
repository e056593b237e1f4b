from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import BadDeviceIdError, MalformedMessageError, Reason
from broker.topics import DOWN, UP, Channel, DeviceTopic, filter_of, is_device_id, parse_topic, topic_of

device_ids = st.from_regex(r"[A-Za-z0-9_.:-]{1,64}", fullmatch=True)


@given(device_ids, st.sampled_from(Channel))
def test_a_topic_taken_apart_gives_what_it_was_made_of(device_id: str, channel: Channel) -> None:
    assert parse_topic(topic_of(device_id, channel)) == DeviceTopic(device_id, channel)


@given(device_ids, st.sampled_from(Channel))
def test_another_root_is_another_world(device_id: str, channel: Channel) -> None:
    topic = topic_of(device_id, channel, "home/v1")

    assert parse_topic(topic, "home/v1").device_id == device_id
    with pytest.raises(MalformedMessageError):
        parse_topic(topic)


@given(st.text())
def test_whatever_the_topic_it_is_a_devices_or_refused(topic: str) -> None:
    with suppress(MalformedMessageError):
        parsed = parse_topic(topic)
        assert topic == topic_of(parsed.device_id, parsed.channel)


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("", Reason.FOREIGN_TOPIC),
        ("amends/v1", Reason.FOREIGN_TOPIC),
        ("amends/v1/d1", Reason.FOREIGN_TOPIC),
        ("amends/v1/d1/config", Reason.FOREIGN_TOPIC),
        ("amends/v1/d1/event/more", Reason.FOREIGN_TOPIC),
        ("amends/v2/d1/event", Reason.FOREIGN_TOPIC),
        ("d1/event", Reason.FOREIGN_TOPIC),
        ("$SYS/broker/version", Reason.FOREIGN_TOPIC),
        ("amends/v1//event", Reason.BAD_DEVICE_ID),
        ("amends/v1/+/event", Reason.BAD_DEVICE_ID),
        ("amends/v1/d\0/event", Reason.BAD_DEVICE_ID),
        ("amends/v1/d1\n/event", Reason.BAD_DEVICE_ID),
        (f"amends/v1/{'x' * 65}/event", Reason.BAD_DEVICE_ID),
        ("amends/v1/\u202ed/event", Reason.BAD_DEVICE_ID),
    ],
)
def test_a_foreign_topic_says_why(topic: str, reason: Reason) -> None:
    with pytest.raises(MalformedMessageError) as refused:
        parse_topic(topic)

    assert refused.value.reason is reason


@pytest.mark.parametrize("device_id", ["", "+", "#", "a/b", "nul\0", "ä", "\u0661", "a ", "x" * 65, "\u202ea"])
def test_no_topic_is_made_for_an_id_that_could_mean_more(device_id: str) -> None:
    assert not is_device_id(device_id)
    with pytest.raises(BadDeviceIdError):
        topic_of(device_id, Channel.COMMAND)


def test_every_channel_goes_either_up_or_down() -> None:
    assert sorted([*UP, *DOWN]) == sorted(Channel)


def test_a_filter_hears_every_device() -> None:
    assert filter_of(Channel.TELEMETRY) == "amends/v1/+/telemetry"
