from hypothesis import given
from hypothesis import strategies as st

from broker.messages import Command, Result, ResultStatus
from device_sim.orders import REMEMBERED, Orders, impossible, refusal

VERBS = ("restart", "set_config", "recalibrate")


def ordered(verb: str, **args: str | float | bool) -> Command:
    return Command(id="01A", verb=verb, args=args, not_after=1000)


def test_unknown_late_and_ill_timed_commands_are_refused() -> None:
    assert "unknown verb" in refusal(ordered("explode"), 0, VERBS, "")
    assert "too late" in refusal(ordered("restart"), 1001, VERBS, "")
    assert "brewing" in refusal(ordered("restart"), 0, VERBS, "brewing")
    assert refusal(ordered("restart"), 1000, VERBS, "") == ""


def test_a_device_knows_only_its_own_settings_and_sensors() -> None:
    settings, sensors = ("setpoint_c",), ("cabinet_temp_c",)

    assert impossible(ordered("set_config", setpoint_c=-18), settings, sensors) == ""
    assert impossible(ordered("recalibrate", sensor="cabinet_temp_c"), settings, sensors) == ""
    assert impossible(ordered("restart"), settings, sensors) == ""
    assert "no setting" in impossible(ordered("set_config", colour=1), settings, sensors)
    assert "a number" in impossible(ordered("set_config", setpoint_c="cold"), settings, sensors)
    assert "no sensor" in impossible(ordered("recalibrate"), settings, sensors)


@given(st.lists(st.integers(0, 200), max_size=300))
def test_the_last_64_commands_are_remembered_with_their_newest_result(numbers: list[int]) -> None:
    orders = Orders()
    newest: dict[str, Result] = {}
    for position, number in enumerate(numbers):
        newest.setdefault(f"{number}", Result(id=f"{number}", status=ResultStatus.ACCEPTED, ts=position))
        orders.remember(f"{number}", newest[f"{number}"])

    kept = [name for name in newest if name in orders]
    assert kept == list(newest)[-REMEMBERED:]
    assert all(orders.result(name) == newest[name] for name in kept)
