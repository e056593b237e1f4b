"""Sends a load through raw connections (shell): a process of its own, ``python -m agent.bench.ingest_load``.

It reads its orders as one JSON line, makes the packets, connects, says ``ready``, waits for a line, and sends: at QoS 1
with packet ids of its own, never more unacknowledged than the receive maximum, at a given rate or as fast as the broker
acknowledges. At the end it says what it did as one JSON line.
"""

import json
import select
import socket
import sys
import time
from bisect import bisect_right
from dataclasses import asdict, dataclass, field
from typing import Final

import mqtt5
import msgspec

from agent.bench.ingest_packets import Line, Load, lines_of

_ACK: Final = b"\x40\x02"  # what an acknowledgement begins with when all is well
_ACK_BYTES: Final = 4
_READ_BYTES: Final = 2**18
_TURN_S: Final = 0.002
_STUCK_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Orders:
    """Where to send what. ``rate`` is in messages a second; 0: as fast as it goes."""

    host: str
    port: int
    user: str
    password: str
    load: Load
    connections: int
    receive_max: int
    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What was done: monotonic seconds of the first byte and the last acknowledgement, and our processor time.

    ``late_s`` is how far behind the instants of its messages it was at worst; 0 where it goes as fast as it can.
    ``said_s`` holds the monotonic second at which each probe was handed to the system, by its code.
    """

    began_s: float
    ended_s: float
    cpu_s: float
    messages: int
    late_s: float
    said_s: dict[str, float]


@dataclass(slots=True)
class _Sender:
    """One connection and how far it is."""

    line: Line
    wire: socket.socket
    sent: int = 0  # bytes
    begun: int = 0  # messages
    acked: int = 0  # messages
    rest: bytes = field(default=b"")
    said_s: dict[str, float] = field(default_factory=dict)

    def send(self, receive_max: int, until: int) -> None:
        """Send what may be sent: no more open than the receive maximum, no message numbered ``until`` or later."""
        line = self.line
        most = min(self.acked + receive_max, len(line.ends))
        while self.begun < most and line.at[self.begun] < until:
            self.begun += 1
        end = line.ends[self.begun - 1] if self.begun else 0
        if end > self.sent:
            now_s = time.monotonic()
            try:
                self.sent += self.wire.send(memoryview(line.data)[self.sent : end])
            except BlockingIOError:
                return
            probes = line.probes
            while len(self.said_s) < len(probes) and line.ends[probes[len(self.said_s)][0]] <= self.sent:
                self.said_s[probes[len(self.said_s)][1]] = now_s

    def waits(self, never: int) -> int:
        """Return the number of the first message that did not leave whole; ``never``: all did."""
        first = bisect_right(self.line.ends, self.sent)
        return self.line.at[first] if first < len(self.line.at) else never

    def hear(self) -> None:
        """Count acknowledgements."""
        try:
            data = self.rest + self.wire.recv(_READ_BYTES)
        except BlockingIOError:
            return
        whole = len(data) // _ACK_BYTES
        if data[:2] != _ACK:
            raise ConnectionError(f"the broker said {data[:8].hex()}")  # noqa: EM102 - ends the process
        self.acked += whole
        self.rest = data[whole * _ACK_BYTES :]


def main() -> None:
    """Do what the orders say."""
    orders = msgspec.json.decode(sys.stdin.readline(), type=Orders)
    senders = [
        _Sender(line, _connected(orders, place)) for place, line in enumerate(lines_of(orders.load, orders.connections))
    ]
    _say("ready")
    sys.stdin.readline()
    _say(json.dumps(asdict(_send(senders, orders))))
    for sender in senders:
        sender.wire.close()


def _send(senders: list[_Sender], orders: Orders) -> Sent:
    load = orders.load
    if orders.rate:  # what a sample says of its instant shall be when it is sent
        time.sleep(max(load.begins_ms / 1000 - time.time(), 0.0))
    cpu_s, began_s, end = time.process_time(), time.monotonic(), load.messages
    late_s = max(time.time() - load.begins_ms / 1000, 0.0) if orders.rate else 0.0
    begun_late_s = late_s
    progress, progress_s = 0, began_s
    by_number = {sender.wire.fileno(): sender for sender in senders}
    poll = select.epoll()
    for number in by_number:
        poll.register(number, select.EPOLLIN)
    until = 0 if orders.rate else end
    while any(sender.acked < len(sender.line.ends) for sender in senders):
        now_s = time.monotonic()
        if orders.rate:
            due = int((now_s - began_s) * orders.rate) + 1
            until = min(due, end)
            oldest = min(sender.waits(due) for sender in senders)
            late_s = max(late_s, begun_late_s + (due - oldest) / orders.rate)
        for sender in senders:
            sender.send(orders.receive_max, until)
        for number, _ in poll.poll(_TURN_S):
            by_number[number].hear()
        if orders.rate:
            time.sleep(0.0005)
        done = sum(sender.acked for sender in senders)
        if done != progress:
            progress, progress_s = done, now_s
        elif now_s - progress_s > _STUCK_S:
            raise TimeoutError(f"{done} of {load.messages} acknowledged")  # noqa: EM102 - ends the process
    said_s = {code: at_s for sender in senders for code, at_s in sender.said_s.items()}
    return Sent(began_s, time.monotonic(), time.process_time() - cpu_s, load.messages, late_s, said_s)


def _connected(orders: Orders, place: int) -> socket.socket:
    wire = socket.create_connection((orders.host, orders.port), timeout=10.0)
    hello = mqtt5.ConnectPacket(
        f"bench-load-{place}", username=orders.user, password=orders.password.encode(), clean_start=True, keep_alive=0
    )
    wire.sendall(hello.write())
    answer, _ = mqtt5.read(memoryview(wire.recv(_READ_BYTES)))
    if not isinstance(answer, mqtt5.ConnAckPacket) or answer.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
        raise ConnectionError(f"the broker said {answer}")  # noqa: EM102 - ends the process
    wire.settimeout(0.0)
    return wire


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
