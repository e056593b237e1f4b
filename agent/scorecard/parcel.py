"""What devices said within a minute, as it lies in the journal (pure): one piece, whichever process it comes from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload

from agent.scorecard.world import Said
from agent.store.segment import Block, Entry, Packed, Record, pack_records


@dataclass(frozen=True, slots=True)
class Parcel(Sequence[Said]):
    """Messages in order, all of one arrival; they are read one by one only where somebody asks for them."""

    packed: Packed

    @classmethod
    def of(cls, said: Sequence[Said], now: datetime) -> "Parcel":
        """Return messages that arrive at ``now`` in one piece; what is in one piece already stays as it is."""
        if isinstance(said, Parcel):
            return said
        now_ms = int(now.timestamp() * 1000)
        return cls(pack_records(Record(now_ms, one.topic, one.payload) for one in said))

    def __len__(self) -> int:
        """Return how many messages there are."""
        return self.packed.records

    @overload
    def __getitem__(self, at: int) -> Said: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Said]: ...
    def __getitem__(self, at: int | slice) -> Said | Sequence[Said]:
        """Return a message, or some."""
        return self._entries()[at]

    def __iter__(self) -> Iterator[Said]:
        """Yield the messages, each read once."""
        return iter(self._entries())

    def _entries(self) -> tuple[Entry, ...]:
        return Block(0, self.packed.records, self.packed.body).entries()
