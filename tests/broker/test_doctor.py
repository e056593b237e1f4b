from dataclasses import replace
from pathlib import Path

import pytest

from broker.configuration import Places, configuration, settings_in
from broker.doctor import Limits, complaint_about_dropped, complaints_about, complaints_about_limits
from broker.mosquitto import hardened_settings

PLACES = Places(Path("/data/broker"), "127.0.0.1", 18883, 40001)


def ours() -> str:
    return configuration(hardened_settings(), PLACES, "passwords", "mosquitto.pid")


def test_the_configuration_we_write_gives_no_reason_to_complain() -> None:
    assert complaints_about(ours()) == ()


@pytest.mark.parametrize(
    "setting",
    [
        "allow_anonymous",
        "persistence",
        "autosave_interval",
        "max_queued_messages",
        "max_queued_bytes",
        "max_inflight_messages",
        "acl_file",
        "password_file",
    ],
)
def test_each_setting_we_need_is_missed_when_it_is_gone(setting: str) -> None:
    without = "\n".join(line for line in ours().splitlines() if not line.startswith(f"{setting} "))

    (complaint,) = complaints_about(without)

    assert complaint.problem.startswith(setting)
    assert setting in complaint.advice


def test_an_empty_configuration_fails_on_every_count() -> None:
    assert len(complaints_about("")) == 8


@pytest.mark.parametrize("limit", ["max_packet_size 1000", "message_size_limit 1000", "message_size_limit lots"])
def test_a_limit_below_what_the_protocol_allows_is_named(limit: str) -> None:
    (complaint,) = complaints_about(f"{ours()}\n{limit}")

    assert "lawful messages are refused" in complaint.problem


def test_dropped_messages_are_counted_from_the_last_look() -> None:
    complaint = complaint_about_dropped(3, 10)

    assert complaint is not None
    assert complaint.problem == "the broker dropped 7 messages"
    assert complaint_about_dropped(10, 10) is None
    assert complaint_about_dropped(10, 0) is None  # the broker was started anew


def test_the_shipped_file_holds_no_path_no_listener_and_no_account() -> None:
    shipped = settings_in(hardened_settings())

    assert not {"listener", "port", "password_file", "acl_file", "persistence_location", "pid_file", "user"} & set(
        shipped
    )


def test_devices_are_bound_to_their_user_name_and_the_agent_is_not() -> None:
    devices, agent = ours().split("listener ")[-2:]

    assert devices.startswith("18883 127.0.0.1\nuse_username_as_clientid true")
    assert agent == "40001 127.0.0.1\n"


def test_root_stays_root_so_that_it_can_read_its_private_files() -> None:
    as_root = Places(PLACES.folder, PLACES.host, PLACES.port, PLACES.agent_port, as_root=True)

    assert settings_in(configuration("", as_root, "passwords", "pid"))["user"] == "root"
    assert "user" not in settings_in(ours())


WIDE = Limits(receive_max=65_535, max_qos=2, max_packet_bytes=None, retains=True, wildcards=True, session_expiry_s=None)


def test_a_broker_without_narrow_limits_is_not_complained_about() -> None:
    assert complaints_about_limits(WIDE) == ()


@pytest.mark.parametrize(
    ("narrow", "words"),
    [
        ({"receive_max": 10}, "in flight"),
        ({"max_qos": 0}, "QoS 0"),
        ({"max_packet_bytes": 100_000}, "100000 bytes"),
        ({"retains": False}, "retain"),
        ({"wildcards": False}, "wildcards"),
        ({"session_expiry_s": 60}, "after 60 s"),
    ],
)
def test_each_limit_that_is_too_narrow_is_named(narrow: dict[str, int | bool], words: str) -> None:
    found = complaints_about_limits(replace(WIDE, **narrow))  # type: ignore[arg-type]  # fields by name

    assert len(found) == 1
    assert words in found[0].problem
