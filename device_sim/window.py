"""Messages in flight at QoS 1 (state): packet ids, the window, and what the broker says to them. No I/O."""

from typing import Final

import mqtt5

from device_sim.voice import Publish

WIDEST: Final = 200
_LAST_PACKET_ID: Final = 65_535
_TAKEN: Final = (mqtt5.PubAckReasonCode.SUCCESS, mqtt5.PubAckReasonCode.NO_MATCHING_SUBSCRIBERS)


class Window:
    """What one connection has sent and the broker has not acknowledged yet.

    ``problem`` says why the connection is of no more use; empty: it is.
    """

    def __init__(self) -> None:
        self.in_flight = 0
        self.acknowledged = 0
        self.problem = ""
        self._width = WIDEST
        self._packet_id = 0
        self._buffer = b""

    @property
    def full(self) -> bool:
        """Whether nothing more may be sent for now."""
        return self.in_flight >= self._width

    def packet(self, publish: Publish) -> bytes:
        """Return the bytes that publish a message at QoS 1; from now on it is in flight."""
        self._packet_id = self._packet_id % _LAST_PACKET_ID + 1
        self.in_flight += 1
        return mqtt5.PublishPacket(
            publish.topic,
            publish.payload,
            qos=mqtt5.QoS.AT_LEAST_ONCE,
            retain=publish.retain,
            packet_id=self._packet_id,
        ).write()

    def welcome(self, data: bytes) -> mqtt5.ConnAckPacket | None:
        """Take bytes of the broker's answer to a connect and return it once it is whole; the window is then set."""
        self._buffer += data
        try:
            packet, read = mqtt5.read(memoryview(self._buffer))
        except IndexError:
            return None
        self._buffer = self._buffer[read:]
        if not isinstance(packet, mqtt5.ConnAckPacket):
            self.problem = "the broker does not speak MQTT 5"
            return None
        self._width = min(WIDEST, packet.receive_max)
        return packet

    def take(self, data: bytes) -> None:
        """Take bytes from the broker: acknowledgements, a refusal, or its farewell.

        Raises:
            ValueError: they are no MQTT.
        """
        view, at = memoryview(self._buffer + data), 0
        while at < len(view):
            try:
                packet, read = mqtt5.read(view[at:])
            except IndexError:
                break
            at += read
            if isinstance(packet, mqtt5.PubAckPacket):
                self.in_flight -= 1
                self.acknowledged += 1
                if packet.reason_code not in _TAKEN:
                    self.problem = f"the broker refused a message: {packet.reason_code.name}"
            elif isinstance(packet, mqtt5.DisconnectPacket):
                self.problem = f"the broker hung up: {packet.reason_code.name}"
        self._buffer = bytes(view[at:])
