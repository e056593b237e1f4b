from datetime import UTC, datetime, timedelta

import msgspec

from device_sim.people.household import SLOTS_FOR_DAYS, Households, households
from tests.device_sim.examples import NOON


def test_the_file_is_the_same_for_the_same_seed_and_reads_back() -> None:
    one = households("demo", 1, 24, NOON)

    assert one == households("demo", 1, 24, NOON)
    assert msgspec.json.decode(msgspec.json.encode(one), type=Households).customers == one.customers


def test_every_skill_has_a_technician_with_free_working_hours_ahead() -> None:
    technicians = households("demo", 1, 24, NOON).technicians

    assert {skill for technician in technicians for skill in technician.skills} == {
        "cooling",
        "coffee",
        "heating",
        "electrical",
    }
    for technician in technicians:
        assert technician.slots
        for slot in technician.slots:
            assert NOON < slot.starts_at < slot.ends_at <= NOON + timedelta(days=SLOTS_FOR_DAYS)
            assert 8 <= slot.starts_at.hour < 17
            assert slot.starts_at.weekday() < 6


def test_working_hours_are_those_of_the_wall_on_both_sides_of_a_clock_change() -> None:
    berlin = households("demo", 1, 4, datetime(2026, 10, 22, tzinfo=UTC)).technicians[0]

    first = {slot.starts_at.date(): slot.starts_at for slot in reversed(berlin.slots)}
    assert {starts.hour for starts in first.values()} == {8}
    assert {starts.utcoffset() for starts in first.values()} == {timedelta(hours=1), timedelta(hours=2)}


def test_the_first_owners_rate_and_like_to_hear_about_fixes() -> None:
    customers = households("demo", 1, 24, NOON).customers

    assert all(customer.tell_about_fixes for customer in customers[:6])
    assert {"diagnose", "fix", "survey"} <= set(customers[0].consents)
