"""What a person has seen before on a device, and what is not that."""

from hypothesis import given
from hypothesis import strategies as st

from agent.decide.familiar import is_familiar, shown
from agent.health.findings import Because, Finding, FindingKind
from tests.builders import a_finding


def part(metric: str, z: float = -4.0) -> Because:
    return Because(metric, 0.5, z, 1.0, 2.0)


def onset(*metrics: str, score: float = 5.0, z: float = -4.0) -> Finding:
    return a_finding(because=tuple(part(metric, z) for metric in metrics), score=score)


THEN = shown([onset("cell_temp_c", "fan_rpm"), onset("inverter_temp_c")])


def test_what_had_a_part_then_may_lead_now() -> None:
    assert is_familiar(shown([onset("fan_rpm", "wifi_rssi_dbm")]), THEN)


def test_what_had_no_part_then_or_goes_the_other_way_is_something_else() -> None:
    assert not is_familiar(shown([onset("wifi_rssi_dbm")]), THEN)
    assert not is_familiar(shown([onset("fan_rpm", z=4.0)]), THEN)
    assert not is_familiar(shown([onset("fan_rpm"), onset("wifi_rssi_dbm")]), THEN)


def test_half_as_strong_again_is_no_longer_the_same() -> None:
    assert is_familiar(shown([onset("fan_rpm", score=7.5)]), THEN)
    assert not is_familiar(shown([onset("fan_rpm", score=7.6)]), THEN)


def test_a_slow_change_is_not_what_was_seen_as_a_sudden_one() -> None:
    drift = a_finding(kind=FindingKind.DRIFT, because=(part("fan_rpm"),), score=1.0)

    assert not is_familiar(shown([drift]), THEN)


def test_nothing_is_never_familiar() -> None:
    assert not is_familiar(shown([]), THEN)
    assert not is_familiar(shown([]), shown([]))
    assert not is_familiar(shown([onset("fan_rpm")]), shown([]))


findings = st.lists(
    st.builds(
        lambda metrics, score, z: onset(*metrics, score=score, z=z),
        st.lists(st.sampled_from(("a", "b", "c")), min_size=1, max_size=3),
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
    assert is_familiar(shown(seen), shown(seen))
    assert is_familiar(shown(seen), shown([*seen, *more]))
