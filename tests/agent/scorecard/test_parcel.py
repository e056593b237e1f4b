"""What devices say, in one piece."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.scorecard.contest import BEGINS_AT
from agent.scorecard.parcel import Parcel
from agent.store.segment import Record, pack_records
from device_sim.voice import Publish

said = st.lists(
    st.builds(Publish, st.text(st.characters(codec="utf-8"), max_size=9), st.binary(max_size=9), st.just(value=False))
)


@given(said)
def test_a_parcel_holds_what_was_said_in_order(messages: list[Publish]) -> None:
    parcel = Parcel.of(messages, BEGINS_AT)

    assert len(parcel) == len(messages)
    assert [(one.topic, one.payload) for one in parcel] == [(one.topic, one.payload) for one in messages]
    assert [one.topic for one in parcel[1:]] == [one.topic for one in messages[1:]]
    arrived_ms = int(BEGINS_AT.timestamp() * 1000)
    assert parcel.packed == pack_records(Record(arrived_ms, one.topic, one.payload) for one in messages)


def test_a_parcel_keeps_the_minute_it_arrived_in() -> None:
    parcel = Parcel.of([Publish("amends/v1/d-1/telemetry", b"{}", retain=False)], BEGINS_AT)

    assert Parcel.of(parcel, BEGINS_AT + timedelta(hours=1)) is parcel
