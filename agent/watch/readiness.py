"""Whether the agent is ready, and if not, why (pure): every reason is a sentence a person can act on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from agent.watch.losses import Loss

_UNSCORED: Final = 50_000  # journal records waiting for the models; at thousands a second, some tens of seconds
_UNACKNOWLEDGED_S: Final = 5.0
_LEAST_FREE_BYTES: Final = 256 * 2**20
_LEAST_FREE_SHARE: Final = 0.03  # of a disk so small that the bytes above are much of it


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk under the data directory, in bytes."""

    free: int
    size: int

    @property
    def is_short(self) -> bool:
        """Whether it will soon be full."""
        return self.free < min(_LEAST_FREE_BYTES, _LEAST_FREE_SHARE * self.size)


@dataclass(frozen=True, slots=True)
class Signs:
    """What the parts of a running agent say of themselves.

    Attributes:
        connected: the broker is there and has granted our subscriptions.
        sending: the session that commands and notices leave by, a login of its own, is connected.
        caught_up: the journal was read again up to its end.
        unscored: journal records the models have not seen.
        unacknowledged_s: how long the oldest messages wait for the journal; 0: none does.
        history_failing: history cannot be written.
        disk: what is left of it; ``None``: it does not answer.
        loss: what the broker dropped lately; ``None``: nothing.
        looks: what is wrong with looking at what is due.
    """

    connected: bool
    sending: bool
    caught_up: bool
    unscored: int
    unacknowledged_s: float
    history_failing: bool
    disk: Disk | None
    loss: Loss | None
    looks: tuple[str, ...] = ()


def problems_of(signs: Signs) -> tuple[str, ...]:
    """Return why the agent is not ready; empty: it is."""
    return tuple(_problems(signs))


def _problems(signs: Signs) -> Iterator[str]:
    if not signs.connected:
        yield "the broker is not reachable"
    elif not signs.sending:
        yield "no command leaves: the session they are sent by has no connection to the broker"
    if not signs.caught_up:
        yield "the journal is still being read again"
    if signs.unacknowledged_s > _UNACKNOWLEDGED_S:
        yield f"the journal has not taken what devices say for {signs.unacknowledged_s:.0f} s"
    if signs.unscored > _UNSCORED:
        yield f"{signs.unscored} messages are waiting for the models"
    if signs.history_failing:
        yield "history cannot be written; the journal keeps everything until it can"
    if signs.disk is None:
        yield "the disk of the data directory does not answer"
    elif signs.disk.is_short:
        yield f"only {signs.disk.free / 1e6:.0f} MB are left on the disk: make room before messages wait at the broker"
    if signs.loss is not None:
        yield str(signs.loss)
    yield from signs.looks
