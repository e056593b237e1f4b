"""What of a device's evidence is counted over."""

from hypothesis import given
from hypothesis import strategies as st

from agent.diagnose.playbook_file import default_dir, read_playbooks
from agent.diagnose.signs import NOTHING, SILENT, signs_of
from tests.agent.diagnose.examples import NOON, seen

FROST = read_playbooks(default_dir())["frost-200"]
OWN_WORDS = (
    {f"{metric.name} {way}" for metric in FROST.metrics for way in ("up", "down")}
    | {code for fault in FROST.faults for code in fault.codes}
    | {SILENT, NOTHING}
)


def test_the_strongest_moves_and_known_codes_are_signs() -> None:
    signs = signs_of(seen({"fan_rpm": -6.0, "fan_current_a": 4.0, "cabinet_temp_c": 1.0}, "E21"), FROST, 9)

    assert signs.recent == {"fan_rpm down", "fan_current_a up", "E21"}
    assert signs.last == "fan_rpm down"
    assert signs.hour == 9


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
