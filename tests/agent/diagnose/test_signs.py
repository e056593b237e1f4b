"""What of a device's evidence is counted over."""

from hypothesis import given
from hypothesis import strategies as st

from agent.diagnose.playbook_file import default_dir, read_playbooks
from agent.diagnose.signs import NOTHING, PLAIN_Z, PLAINLY, SILENT, signs_of
from tests.agent.diagnose.examples import NOON, seen

FROST = read_playbooks(default_dir())["frost-200"]
OWN_WORDS = (
    {f"{metric.name} {way}" for metric in FROST.metrics for way in ("up", "down")}
    | {code for fault in FROST.faults for code in fault.codes}
    | {SILENT, NOTHING, PLAINLY}
)


def test_the_strongest_moves_and_known_codes_are_signs() -> None:
    signs = signs_of(seen({"fan_rpm": -6.0, "fan_current_a": 4.0, "cabinet_temp_c": 1.0}, "E21"), FROST, 9)

    assert signs.recent == {"fan_rpm down", "fan_current_a up", "E21", PLAINLY}
    assert signs.last == "fan_rpm down"
    assert signs.hour == 9


@given(z=st.floats(2.0, 6.0))
def test_what_is_plainly_off_is_another_case_than_what_is_a_little_off_in_the_same_way(z: float) -> None:
    a_little, now = (signs_of(seen({"fan_rpm": -off}), FROST, 9) for off in (2.0, z))

    assert a_little.recent == {"fan_rpm down"}
    assert (now.together == a_little.together) is (z < PLAIN_Z)
    assert now.last == "fan_rpm down"


def test_silence_is_a_sign_and_so_is_nothing_at_all() -> None:
    assert signs_of(seen({}, silent_since=NOON), FROST, 0).recent == {SILENT}
    assert signs_of(seen({}), FROST, 0).recent == {NOTHING}


@given(
    metric=st.text(max_size=200),
    codes=st.lists(st.text(max_size=200), max_size=20),
    z=st.floats(-50, 50, allow_nan=False),
)
def test_what_a_device_makes_up_is_in_no_sign(metric: str, codes: list[str], z: float) -> None:
    signs = signs_of(seen({metric: z}, *codes), FROST, 0)

    assert signs.recent <= OWN_WORDS
