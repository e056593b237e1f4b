import mqtt5
from hypothesis import given
from hypothesis import strategies as st

from device_sim.voice import Publish
from device_sim.window import WIDEST, Window

SAMPLE = Publish("amends/v1/d-1/telemetry", b"{}", retain=False)


def open_window(receive_max: int = 65_535) -> Window:
    window = Window()
    answer = window.welcome(mqtt5.ConnAckPacket(receive_max=receive_max).write())
    assert answer is not None
    return window


def test_the_brokers_receive_maximum_narrows_the_window() -> None:
    narrow, wide = open_window(2), open_window()

    narrow.packet(SAMPLE)
    assert not narrow.full
    narrow.packet(SAMPLE)
    assert narrow.full
    for _ in range(WIDEST):
        assert not wide.full
        wide.packet(SAMPLE)
    assert wide.full


@given(st.integers(1, 60), st.integers(1, 9))
def test_acknowledgements_are_counted_however_the_bytes_are_cut(sent: int, cut: int) -> None:
    window = open_window()
    for _ in range(sent):
        window.packet(SAMPLE)
    answers = b"".join(mqtt5.PubAckPacket(number + 1).write() for number in range(sent))

    for start in range(0, len(answers), cut):
        window.take(answers[start : start + cut])

    assert window.in_flight == 0
    assert window.acknowledged == sent
    assert window.problem == ""


def test_packet_ids_go_round_and_are_never_zero() -> None:
    window = open_window()

    ids = set()
    for _ in range(65_540):
        packet, _ = mqtt5.read(memoryview(window.packet(SAMPLE)))
        assert isinstance(packet, mqtt5.PublishPacket)
        ids.add(packet.packet_id)

    assert ids == set(range(1, 65_536))


def test_a_refusal_and_a_farewell_are_problems() -> None:
    refused, left = open_window(), open_window()

    refused.packet(SAMPLE)
    refused.take(mqtt5.PubAckPacket(1, reason_code=mqtt5.PubAckReasonCode.NOT_AUTHORIZED).write())
    left.take(mqtt5.DisconnectPacket(reason_code=mqtt5.DisconnectReasonCode.SERVER_SHUTTING_DOWN).write())

    assert "NOT_AUTHORIZED" in refused.problem
    assert "SERVER_SHUTTING_DOWN" in left.problem


def test_a_broker_that_answers_otherwise_is_a_problem() -> None:
    window = Window()

    assert window.welcome(mqtt5.PingRespPacket().write()) is None
    assert window.problem
