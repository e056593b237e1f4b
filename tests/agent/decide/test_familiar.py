"""What a person has seen before on a device, and what is not that."""

from hypothesis import given
from hypothesis import strategies as st

from agent.decide.familiar import is_familiar
from agent.health.findings import Because, Finding, FindingKind
from tests.builders import a_finding


def onset(*parts: tuple[str, float, float], score: float = 5.0) -> Finding:
    """Return a finding of metrics, each with its share and how far off it is."""
    return a_finding(because=tuple(Because(name, share, z, 1.0, 2.0) for name, share, z in parts), score=score)


def drift(value: float, score: float = 1.0) -> Finding:
    return a_finding(
        kind=FindingKind.DRIFT, because=(Because("evaporator_temp_c", 1.0, None, value, -18.0),), score=score
    )


THEN = [onset(("cell_temp_c", 0.6, -4.0), ("fan_rpm", 0.4, -3.0)), onset(("inverter_temp_c", 1.0, -5.0))]


def test_what_stood_out_then_may_lead_now_if_it_is_about_as_strong() -> None:
    assert is_familiar([onset(("fan_rpm", 0.6, -3.0), ("wifi_rssi_dbm", 0.4, -1.0))], THEN)
    assert is_familiar([onset(("fan_rpm", 0.6, -4.5), ("cell_temp_c", 0.4, -4.0))], THEN)
    assert not is_familiar([onset(("fan_rpm", 0.6, -4.6), ("cell_temp_c", 0.4, -4.0))], THEN)


def test_what_was_as_usual_then_or_goes_the_other_way_is_something_else() -> None:
    assert not is_familiar([onset(("wifi_rssi_dbm", 1.0, -4.0))], THEN)
    assert not is_familiar([onset(("fan_rpm", 0.6, 3.0))], THEN)
    assert not is_familiar([onset(("fan_rpm", 0.6, -3.0)), onset(("wifi_rssi_dbm", 1.0, -4.0))], THEN)
    assert not is_familiar([onset(("fan_rpm", 0.9, -3.0), ("wifi_rssi_dbm", 0.1, -2.5))], THEN)


def test_what_leads_by_chance_without_standing_out_changes_nothing_beside_what_does() -> None:
    by_chance = onset(("wifi_rssi_dbm", 0.6, 0.4), ("cell_temp_c", 0.4, -2.0))

    assert is_familiar([onset(("cell_temp_c", 0.8, -4.0)), by_chance], THEN)
    assert not is_familiar([by_chance], THEN)


def test_much_more_of_what_no_metric_stands_out_in_is_something_else() -> None:
    joint = (("wifi_rssi_dbm", 0.6, 0.4), ("cell_temp_c", 0.4, -2.0))

    assert is_familiar([onset(("cell_temp_c", 0.8, -4.0)), onset(*joint, score=7.5)], THEN)
    assert not is_familiar([onset(("cell_temp_c", 0.8, -4.0)), onset(*joint, score=7.6)], THEN)


def test_where_nothing_stands_out_what_leads_must_have_had_a_part_about_as_great() -> None:
    faint = [onset(("wifi_rssi_dbm", 0.9, 1.0), ("ambient_temp_c", 0.1, 1.0), score=9.0)]

    assert is_familiar([onset(("ambient_temp_c", 1.0, 1.0), score=1.3)], faint)
    assert not is_familiar([onset(("ambient_temp_c", 1.0, 1.0), score=1.4)], faint)


def test_a_slow_change_is_not_what_was_seen_as_a_sudden_one_nor_as_one_the_other_way() -> None:
    assert is_familiar([drift(-16.0)], [drift(-15.0)])
    assert not is_familiar([drift(-31.0)], [drift(-5.0)])
    assert not is_familiar([drift(-15.0)], [onset(("evaporator_temp_c", 1.0, 4.0))])


def test_a_word_of_the_device_is_never_familiar() -> None:
    word = a_finding(kind=FindingKind.EVENT, because=(), code="E77")

    assert not is_familiar([*THEN, word], [*THEN, word])


def test_nothing_is_never_familiar() -> None:
    assert not is_familiar([], THEN)
    assert not is_familiar([], [])
    assert not is_familiar(THEN, [])


findings = st.lists(
    st.builds(
        lambda parts, score: onset(*((name, *part) for name, part in parts.items()), score=score),
        st.dictionaries(st.sampled_from(("a", "b", "c")), st.tuples(st.floats(0.05, 1), st.floats(-8, 8)), min_size=1),
        st.floats(0.1, 20),
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
