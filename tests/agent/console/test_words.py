from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.act.command import CommandState
from agent.care.message import MessageState, Stage
from agent.console import words
from agent.console.health_words import HEALTH, Health, health_words, judge
from agent.console.instants import ago, moment, span, zone_named
from agent.console.owner_words import preferred
from agent.console.reader import Reader
from agent.console.words import figure, full_sentence
from agent.desk.device import Device
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.diagnose.playbook import Autonomy
from agent.health.findings import Because, FindingKind, HealthView
from tests.agent.console.curves import normal

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DEVICE = Device(
    id="frost-0001",
    product="frost-200",
    firmware="2.4.1",
    serial="FR-1",
    boot="b",
    customer_id=None,
    commands=(),
    units=(),
    online=True,
    busy=False,
    has_clock=True,
    off_on_purpose=False,
    first_seen_at=NOON,
    status_at=NOON,
)


@pytest.mark.parametrize(
    ("table", "choices"),
    [
        (words.STATES, TicketState),
        (words.KINDS, StoryKind),
        (words.FINDINGS, FindingKind),
        (words.OUTCOMES, Outcome),
        (words.COMMAND_STATES, CommandState),
        (words.AUTONOMY, Autonomy),
        (words.MESSAGE_STATES, MessageState),
        (words.STAGES, Stage),
        (HEALTH, Health),
    ],
)
def test_every_choice_has_its_words(table: dict[StrEnum, object], choices: type[StrEnum]) -> None:
    assert set(table) == set(choices)


def but(**changes: object) -> HealthView:
    return replace(normal("frost-0001", NOON), **changes)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (None, Health.UNKNOWN),
        (but(), Health.NORMAL),
        (but(normal_since=None), Health.ABNORMAL),
        (but(warming=True), Health.WARMING),
        (but(silent_since=NOON), Health.SILENT),
        (but(incomplete_since=NOON), Health.GAP),
        (but(incomplete_since=NOON, normal_since=None), Health.GAP),
        (but(sample_at=None), Health.UNKNOWN),
        (but(sample_at=None, silent_since=NOON), Health.SILENT),
        (but(sample_at=NOON - timedelta(minutes=13)), Health.UNHEARD),
        (but(sample_at=NOON - timedelta(minutes=13), patience_s=3_600.0), Health.NORMAL),
        (but(sample_at=NOON - timedelta(hours=5), silent_since=NOON - timedelta(hours=5)), Health.SILENT),
    ],
)
def test_a_device_is_normal_only_when_nothing_speaks_against_it(view: HealthView | None, expected: Health) -> None:
    assert judge(view, DEVICE, NOON) is expected


def test_a_silent_device_whose_connection_is_lost_is_offline() -> None:
    assert judge(but(silent_since=NOON), replace(DEVICE, online=False), NOON) is Health.OFFLINE


def test_a_device_that_was_switched_off_is_off_whatever_its_model_says() -> None:
    assert judge(but(silent_since=NOON), replace(DEVICE, off_on_purpose=True, online=False), NOON) is Health.OFF


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (timedelta(seconds=20), "20 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=4, minutes=20), "4 h 20 min"),
        (timedelta(hours=26), "1 day 2 h"),
        (timedelta(days=3, hours=5), "3 days"),
    ],
)
def test_a_span_is_said_in_its_largest_units(duration: timedelta, expected: str) -> None:
    assert span(duration) == expected


def test_moments_are_said_from_where_the_reader_is() -> None:
    late = moment(datetime(2026, 9, 21, 23, 30, tzinfo=UTC), NOON, ZoneInfo("Europe/Berlin"))

    assert (late.day, late.clock, late.ago) == ("Tomorrow", "01:30", "in 11 h 30 min")
    assert late.day_within == "tomorrow"
    assert moment(NOON - 30 * 24 * HOUR, NOON, UTC).day_within == "Sat 22 Aug"
    assert moment(NOON - 400 * 24 * HOUR, NOON, UTC).day == "Sun 17 Aug 2025"


@given(st.text())
def test_any_zone_a_browser_names_gives_a_zone(name: str) -> None:
    assert NOON.astimezone(zone_named(name)) == NOON


@given(st.timedeltas(min_value=timedelta(days=-4000), max_value=timedelta(days=4000)))
def test_how_long_ago_never_says_nothing(apart: timedelta) -> None:
    assert ago(NOON - apart, NOON)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "°C", ""),
        (-18.249, "°C", "−18.25 °C"),
        (0.317, "ratio", "31.7 %"),
        (18_432.4, "kB", "18,432 kB"),
        (3.0, "1", "3"),
        (5.38e-10, "s", "0 s"),
        (-2e-7, "°C", "0 °C"),
        (0.00042, "A", "0.00042 A"),
    ],
)
def test_figures_are_short_and_carry_their_unit(value: float | None, unit: str, expected: str) -> None:
    assert figure(value, unit) == expected


@pytest.mark.parametrize(
    ("said", "written"),
    [("not now: it is halted.", "Not now: it is halted."), ("give a reason", "Give a reason."), ("why?", "Why?")],
)
def test_a_sentence_ends_in_one_mark(said: str, written: str) -> None:
    assert full_sentence(said) == written


@given(st.text())
def test_any_language_header_gives_a_language(header: str) -> None:
    assert preferred(header).lang in {"en", "de", "fr", "es"}


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("A visit is booked for 2026-09-30 13:30 UTC.", "A visit is booked for Wed 30 Sep, 15:30."),
        ("Mail planned for 2026-09-21 10:51 UTC; notice shown.", "Mail planned for today, 12:51; notice shown."),
        ("The device reports E1: 2026-13-45 99:99 UTC", "The device reports E1: 2026-13-45 99:99 UTC"),
        ("Nothing to convert.", "Nothing to convert."),
    ],
)
def test_a_story_is_read_in_local_time(told: str, read: str) -> None:
    assert Reader({}, NOON, ZoneInfo("Europe/Berlin")).local_times(told) == read


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"))
def test_any_words_of_a_device_can_be_read(told: str) -> None:
    assert isinstance(Reader({}, NOON, ZoneInfo("Pacific/Kiritimati")).local_times(told), str)


@pytest.mark.parametrize(
    ("z", "said"),
    [
        (-4.0, "Fan rpm is 4.0σ below its usual level."),
        (0.1, "Its signal is not what is normal for this device."),
    ],
)
def test_what_is_as_usual_is_not_named_as_off(z: float, said: str) -> None:
    leading = (Because("wifi_rssi_dbm", 0.7, 0.2, None, None), Because("fan_rpm", 0.3, z, None, None))
    view = replace(normal("frost-0001", NOON, now_parts=leading), normal_since=None)

    assert health_words(view, DEVICE, Reader({}, NOON, UTC)).sentence == said
