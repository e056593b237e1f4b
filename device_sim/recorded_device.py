"""A recorded device (state): what was measured once, said anew in the protocol's words."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Final

import msgspec

from broker.codec import encode
from broker.ids import seeded_id
from broker.messages import VERSION, Birth, MetricSpec, Presence, Status
from broker.topics import Channel, topic_of
from device_sim.recorded import Recorded, Value
from device_sim.voice import Publish

UNKNOWN_PRODUCT: Final = "replay"
_ENCODER: Final = msgspec.json.Encoder()  # NaN becomes null: not measured


class RecordedDevice:
    """One device of a recording. Samples are taken in, and said one a message or many as columns."""

    def __init__(
        self, recorded: Recorded, metrics: Sequence[str], context: Sequence[str], chance: Random, now: datetime
    ) -> None:
        self._metrics = tuple(metrics)
        self._boot = seeded_id(now, chance)
        self._seq = 0
        self._topic = topic_of(recorded.device_id, Channel.TELEMETRY)
        self._ts_ms: list[int] = []
        self._rows: list[Sequence[Value]] = []
        status = topic_of(recorded.device_id, Channel.STATUS)
        birth = Birth(
            boot=self._boot,
            product=recorded.product or UNKNOWN_PRODUCT,
            firmware=recorded.firmware,
            metrics={metric: MetricSpec() for metric in metrics if metric not in context},
            context=tuple(context),
        )
        self.greeting = (
            Publish(topic_of(recorded.device_id, Channel.BIRTH), encode(birth), retain=True),
            Publish(status, encode(Status(Presence.ONLINE)), retain=True),
        )
        self.goodbye = Publish(status, encode(Status(Presence.OFFLINE)), retain=True)

    @property
    def waiting(self) -> int:
        """Samples taken in and not yet said."""
        return len(self._rows)

    def take(self, ts_ms: int, values: Sequence[Value]) -> None:
        """Take in one sample; ``values`` are in the order of the metrics, ``None`` for not measured."""
        self._ts_ms.append(ts_ms)
        self._rows.append(values)

    def flush(self) -> Publish:
        """Say what waits, one sample at least, as a single sample or as columns."""
        stamps, rows = self._ts_ms, self._rows
        self._ts_ms, self._rows = [], []
        first = self._seq
        self._seq += len(rows)
        one = len(rows) == 1
        body = {
            "v": VERSION,
            "boot": self._boot,
            "seq": first,
            "ts": stamps[0] if one else stamps,
            "m": dict(zip(self._metrics, rows[0] if one else map(list, zip(*rows, strict=True)), strict=True)),
        }
        return Publish(self._topic, _ENCODER.encode(body), retain=False)
