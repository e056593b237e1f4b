"""What a remedy may do to a whole fleet, and when many faults are one."""

from hypothesis import example, given
from hypothesis import strategies as st

from agent.decide.fleet import Record, canary_room, most_at_once
from agent.decide.policy import DEFAULT_POLICY as POLICY
from agent.decide.same_cause import Scope, Sighting, spread


def test_one_device_always_may_and_never_more_than_the_share() -> None:
    assert [most_at_once(devices, POLICY) for devices in (0, 1, 199, 200, 5_000)] == [1, 1, 1, 2, 50]


def test_a_new_remedy_goes_to_one_then_to_five_then_to_a_quarter_and_waits_for_each() -> None:
    def room(done: int, at_work: int = 0) -> int | None:
        return canary_room(Record(kin=100, done=done, at_work=at_work), POLICY)

    assert [room(0), room(0, 1)] == [1, 0]
    assert [room(1), room(1, 4), room(4, 1)] == [4, 0, 0]
    assert [room(5), room(24, 1), room(25)] == [20, 0, None]


def test_a_handful_of_devices_has_no_canary() -> None:
    assert canary_room(Record(kin=5, done=0, at_work=3), POLICY) is None


@given(st.integers(1, 10_000), st.integers(0, 300), st.integers(0, 300))
def test_the_canary_never_lets_more_run_than_its_step(kin: int, done: int, at_work: int) -> None:
    room = canary_room(Record(kin=kin, done=done, at_work=at_work), POLICY)

    if room is not None:
        step = 1 if done < 1 else 5 if done < 5 else -(-kin // 4)
        assert room == 0 or done + at_work + room <= step


def seen(*devices: int, product: str = "frost-200", firmware: str = "2.4.1", site: str = "") -> list[Sighting]:
    return [Sighting(f"{product}-{number}", product, firmware, site) for number in devices]


MANY = {Scope.PRODUCT: 100, Scope.FIRMWARE: 100, Scope.SITE: 0}


def test_three_devices_and_three_in_a_hundred_are_one_cause_and_two_never_are() -> None:
    assert spread(seen(1)[0], seen(1, 2), MANY, POLICY) is None
    assert spread(seen(1)[0], seen(1, 2, 2, 1), MANY, POLICY) is None
    assert spread(seen(1)[0], seen(1, 2, 3), MANY, POLICY) is Scope.FIRMWARE
    assert spread(seen(1)[0], seen(1, 2, 3), MANY | {Scope.PRODUCT: 101, Scope.FIRMWARE: 101}, POLICY) is None


def test_the_narrowest_scope_that_explains_all_of_them_is_taken() -> None:
    here = seen(1, 2, 3, site="anna")
    elsewhere = seen(4, firmware="2.5.0")

    assert spread(here[0], here, MANY | {Scope.SITE: 4}, POLICY) is Scope.SITE
    assert spread(here[0], [*here, *elsewhere], MANY | {Scope.SITE: 4}, POLICY) is Scope.PRODUCT


sightings = st.lists(
    st.builds(
        Sighting,
        device_id=st.integers(1, 9).map(str),
        product=st.just("frost-200"),
        firmware=st.sampled_from(("2.5.0", "2.4.1")),
        site=st.sampled_from(("", "anna")),
    ),
    min_size=3,
)


@example(seen(1, 2, 3, firmware="2.5.0"), [1], "", 60)
@given(sightings, st.lists(st.integers(1, 20), min_size=1), st.sampled_from(("", "kim")), st.integers(0, 200))
def test_what_another_product_shows_elsewhere_changes_nothing(
    own: list[Sighting], others: list[int], site: str, kin: int
) -> None:
    elsewhere = seen(*others, product="therm-40", firmware="2.5.0", site=site)
    around = {Scope.SITE: 3, Scope.FIRMWARE: kin // 2, Scope.PRODUCT: kin}

    assert spread(own[-1], [*own, *elsewhere], around, POLICY) is spread(own[-1], own, around, POLICY)


def test_another_product_of_the_same_owner_counts_among_theirs() -> None:
    theirs = [*seen(1, site="anna"), *seen(2, 3, product="therm-40", site="anna")]

    assert spread(theirs[0], theirs, MANY | {Scope.SITE: 4}, POLICY) is Scope.SITE


def test_devices_that_nobody_owns_have_no_site_in_common() -> None:
    mixed = [*seen(1), *seen(2, product="bean-9"), *seen(3, product="therm-40")]

    assert spread(mixed[0], mixed, {Scope.PRODUCT: 3, Scope.FIRMWARE: 3, Scope.SITE: 0}, POLICY) is None
