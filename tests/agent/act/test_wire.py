"""Commands and notices as they go over the wire."""

from datetime import timedelta

import msgspec
import pytest

from agent.act.wire import command_message, notice_message, read_notice
from broker.codec import decode
from broker.messages import Command, Notice
from tests.builders import NOON, a_command

NOTICE = {
    "device_id": "frost-0001",
    "message_id": 7,
    "v": 1,
    "ticket": "T-1",
    "lang": "en",
    "title": "Fixed",
    "text": "It is.",
    "ask_rating": True,
    "not_after": int(NOON.timestamp() * 1000),
}


def test_a_command_says_until_when_it_may_begin_and_for_which_ticket() -> None:
    command = a_command(args=(("sensor", "cabinet_temp_c"),))

    message = command_message(command, timedelta(minutes=5))

    said = decode(message.topic, message.payload)
    assert said == Command(
        id=command.id,
        verb="restart",
        args={"sensor": "cabinet_temp_c"},
        not_after=int(command.not_after.timestamp() * 1000),
        ticket="T-1",
    )
    assert message.correlation == command.id.encode()
    assert not message.retain


def test_a_notice_comes_out_of_the_outbox_as_it_went_in() -> None:
    wanted = read_notice(NOTICE)
    message = notice_message(wanted, timedelta(days=7))

    said = decode(message.topic, message.payload)
    assert isinstance(said, Notice)
    assert (said.title, said.ask_rating, wanted.message_id, wanted.not_after) == ("Fixed", True, 7, NOON)
    assert message.retain
    assert message.topic == "amends/v1/frost-0001/notice"


@pytest.mark.parametrize("missing", ["device_id", "message_id", "title"])
def test_a_payload_that_is_no_notice_is_refused(missing: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        read_notice({name: value for name, value in NOTICE.items() if name != missing})
