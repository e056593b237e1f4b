"""A grade is as bad as its figure, a line is one line, and only a failure has to be mended."""

from hypothesis import given
from hypothesis import strategies as st

from agent.doctor.check import Check, Grade, Part, is_well, judged


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_a_larger_figure_is_never_judged_better(one: float, other: float) -> None:
    order = list(Grade)
    low, high = sorted((one, other))

    assert order.index(judged(low, warn=1, fail=5)) <= order.index(judged(high, warn=1, fail=5))


def test_a_check_is_one_line_with_its_advice() -> None:
    check = Check(Part.CLOCK, Grade.WARN, "nobody keeps it right", "run chrony")

    assert check.line() == "WARN  clock    nobody keeps it right → run chrony"


def test_warnings_alone_are_well_and_a_failure_is_not() -> None:
    warned = Check(Part.CLOCK, Grade.WARN, "nobody keeps it right")

    assert is_well((warned,))
    assert not is_well((warned, Check(Part.STORAGE, Grade.FAIL, "the disk is full")))
