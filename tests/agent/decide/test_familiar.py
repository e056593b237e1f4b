"""What a person has seen before on a device, and what is not that."""

from hypothesis import given
from hypothesis import strategies as st

from agent.decide.familiar import is_familiar
from agent.health.findings import Because, Finding, FindingKind
from tests.builders import a_finding


def onset(*parts: tuple[str, float], score: float = 5.0, z: float = -4.0) -> Finding:
    return a_finding(because=tuple(Because(name, share, z, 1.0, 2.0) for name, share in parts), score=score)


def drift(value: float, score: float = 1.0) -> Finding:
    return a_finding(
        kind=FindingKind.DRIFT, because=(Because("evaporator_temp_c", 1.0, None, value, -18.0),), score=score
    )


THEN = [onset(("cell_temp_c", 0.6), ("fan_rpm", 0.4)), onset(("inverter_temp_c", 1.0))]


def test_what_had_a_part_then_may_lead_now_if_it_is_about_as_strong() -> None:
    assert is_familiar([onset(("fan_rpm", 0.6), ("wifi_rssi_dbm", 0.4))], THEN)
    assert is_familiar([onset(("fan_rpm", 0.5), score=6.0)], THEN)
    assert not is_familiar([onset(("fan_rpm", 0.5), score=6.1)], THEN)


def test_what_had_no_part_then_or_goes_the_other_way_is_something_else() -> None:
    assert not is_familiar([onset(("wifi_rssi_dbm", 1.0))], THEN)
    assert not is_familiar([onset(("fan_rpm", 0.6), z=4.0)], THEN)
    assert not is_familiar([onset(("fan_rpm", 0.6)), onset(("wifi_rssi_dbm", 1.0))], THEN)


def test_a_small_part_then_does_not_excuse_a_great_one_now() -> None:
    faint = [onset(("wifi_rssi_dbm", 0.9), ("ambient_temp_c", 0.1), score=9.0)]

    assert not is_familiar([onset(("ambient_temp_c", 1.0), score=13.0)], faint)


def test_a_slow_change_is_not_what_was_seen_as_a_sudden_one_nor_as_one_the_other_way() -> None:
    assert is_familiar([drift(-16.0)], [drift(-15.0)])
    assert not is_familiar([drift(-31.0)], [drift(-5.0)])
    assert not is_familiar([drift(-15.0)], [onset(("evaporator_temp_c", 1.0), z=4.0)])


def test_a_word_of_the_device_is_never_familiar() -> None:
    word = a_finding(kind=FindingKind.EVENT, because=(), code="E77")

    assert not is_familiar([*THEN, word], [*THEN, word])


def test_nothing_is_never_familiar() -> None:
    assert not is_familiar([], THEN)
    assert not is_familiar([], [])
    assert not is_familiar(THEN, [])


findings = st.lists(
    st.builds(
        lambda parts, score, z: onset(*parts.items(), score=score, z=z),
        st.dictionaries(st.sampled_from(("a", "b", "c")), st.floats(0.05, 1), min_size=1),
        st.floats(0.1, 20),
        st.sampled_from((-4.0, 4.0)),
    ),
    min_size=1,
    max_size=5,
)


@given(findings, findings)
def test_whoever_saw_all_of_it_has_seen_it_and_seeing_more_forgets_nothing(
    seen: list[Finding], more: list[Finding]
) -> None:
    assert is_familiar(seen, seen)
    assert is_familiar(seen, [*seen, *more])
