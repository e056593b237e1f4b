"""How a device says things (state): boot id, sequence numbers, and messages as ready payloads."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from random import Random
from typing import NamedTuple

from broker.codec import encode
from broker.ids import seeded_id
from broker.messages import (
    VERSION,
    Birth,
    ContextColumn,
    Event,
    Feedback,
    Level,
    Message,
    Presence,
    Result,
    Status,
    Telemetry,
)
from broker.topics import RETAINED, Channel, topic_of
from device_sim.products.appliance import Reading

MODE = "mode"
_DECIMALS = 3


class Publish(NamedTuple):
    """One message on its way out."""

    topic: str
    payload: bytes
    retain: bool


class Voice:
    """One device's voice. ``boot`` and the counters start anew at ``restarted``."""

    def __init__(self, device_id: str, chance: Random, now: datetime) -> None:
        self._topics = {channel: topic_of(device_id, channel) for channel in Channel}
        self._chance = chance
        self.boot = ""
        self._telemetry_seq = 0
        self._event_seq = 0
        self._names: tuple[str, ...] = ()
        self._form = ""
        self.restarted(now)

    def restarted(self, now: datetime) -> None:
        """Begin a new boot."""
        self._names = ()
        self.boot = seeded_id(now, self._chance)
        self._telemetry_seq = 0
        self._event_seq = 0

    def birth(self, birth: Birth) -> Publish:
        """Say what the device is; the birth's boot must be this voice's."""
        return self._said(Channel.BIRTH, birth)

    def status(self, presence: Presence) -> Publish:
        """Say that it is there, or about to go; ``offline`` is also its Last Will."""
        return self._said(Channel.STATUS, Status(presence))

    def event(self, code: str, level: Level, text: str, ts_ms: int) -> Publish:
        """Say something about itself."""
        said = Event(boot=self.boot, seq=self._event_seq, code=code, level=level, text=text, ts=ts_ms)
        self._event_seq += 1
        return self._said(Channel.EVENT, said)

    def result(self, result: Result) -> Publish:
        """Answer a command."""
        return self._said(Channel.RESULT, result)

    def feedback(self, feedback: Feedback) -> Publish:
        """Pass on a rating given at the device."""
        return self._said(Channel.FEEDBACK, feedback)

    def sample(self, ts_ms: int, reading: Reading) -> Publish:
        """Say one sample; it decodes to what ``columns`` would say, in a tenth of the time.

        Names and modes must need no escape in JSON, as those of the catalogue do not.
        """
        names = tuple(reading)
        if names != self._names:
            self._names, self._form = names, _form(self.boot, names)
        payload = (self._form % (self._telemetry_seq, ts_ms, *reading.values())).encode()
        self._telemetry_seq += 1
        return Publish(self._topics[Channel.TELEMETRY], payload, retain=False)

    def columns(self, ts_ms: Sequence[int], readings: Sequence[Reading]) -> Publish:
        """Say 1 to 1,000 samples as columns (one of them: as a single sample). All readings name the same metrics."""
        metrics = tuple(name for name in readings[0] if name != MODE)
        first = self._telemetry_seq
        self._telemetry_seq += len(readings)
        telemetry = Telemetry(
            boot=(self.boot,) * len(readings),
            seq=tuple(range(first, self._telemetry_seq)),
            ts_ms=tuple(ts_ms),
            metrics=metrics,
            flat=tuple(chain.from_iterable([round(float(r[m]), _DECIMALS) for m in metrics] for r in readings)),
            context=(ContextColumn(MODE, tuple(str(r[MODE]) for r in readings)),) if MODE in readings[0] else (),
        )
        return self._said(Channel.TELEMETRY, telemetry)

    def array(self, ts_ms: Sequence[int], readings: Sequence[Reading]) -> Publish:
        """Say the samples as a JSON array of single ones, each with its own sequence number."""
        singles = [self.sample(ts, reading).payload for ts, reading in zip(ts_ms, readings, strict=True)]
        return Publish(self._topics[Channel.TELEMETRY], b"[" + b",".join(singles) + b"]", retain=False)

    def _said(self, channel: Channel, message: Message) -> Publish:
        return Publish(self._topics[channel], encode(message), channel in RETAINED)


def _form(boot: str, names: Sequence[str]) -> str:
    """Return a single sample's payload with places for its number, its instant and its readings."""
    places = ",".join(f'"{name}":"%s"' if name == MODE else f'"{name}":%.{_DECIMALS}f' for name in names)
    return f'{{"v":{VERSION},"boot":"{boot}","seq":%d,"ts":%d,"m":{{{places}}}}}'


def millis(at_s: float) -> int:
    """Return Unix seconds as the protocol's integer milliseconds."""
    return round(at_s * 1000)


def instant(at_s: float) -> datetime:
    """Return Unix seconds as an instant in UTC."""
    return datetime.fromtimestamp(at_s, UTC)
