"""Opens the hot path on a data directory (shell): the newest good snapshot, and the journal from there on."""

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from agent.clock import Clock
from agent.health.fleet import Fleet
from agent.health.keeper import Keeper
from agent.listen.facts import Fact
from agent.listen.intake import Intake
from agent.listen.metrics import Meters
from agent.listen.pipeline import Pipeline
from agent.settings import Settings
from agent.store.journal import Journal
from agent.store.snapshots import Snapshots
from broker.address import Address

log = structlog.get_logger()


def open_journal(data: Path, told: int) -> tuple[Journal, Snapshots]:
    """Open the journal and the snapshots beside it; ``told`` is the highest offset any reader remembers, −1: none.

    Raises:
        JournalLockedError: another agent works on this data directory.
        JournalDamagedError: the journal cannot be read before its end.
        JournalFullError, JournalWriteError: the disk does not take it.
    """
    snapshots = Snapshots(data / "snapshots")
    remembered = max(snapshots.newest_offset(), told + 1)
    return Journal.open(data / "journal", no_less_than=remembered), snapshots


def open_intake(  # noqa: PLR0913 - what the hot path touches, each once
    journal: Journal,
    snapshots: Snapshots,
    fleet: Fleet,
    take: Callable[[Sequence[Fact]], None],
    *,
    address: Address,
    clock: Clock,
    settings: Settings,
    taken: Callable[[], int] | None = None,
) -> Intake:
    """Return the hot path, its models as the newest good snapshot left them; ``run`` replays what came after it.

    ``taken`` says up to which offset history has the journal, ``None``: nobody keeps one.
    """
    restored = snapshots.newest(lambda data: Pipeline.restore(data, fleet))
    pipeline = Pipeline(fleet) if restored is None else restored.value
    for product in fleet.begun_anew:
        log.warning("model.begins_anew", product=product, kind=fleet.products[product].kind)
    log.info("models.restored", offset=pipeline.next_offset, journal=journal.next_offset)
    keeper = Keeper(snapshots, journal, settings.snapshot_every_s, settings.journal_max_bytes, taken)
    keeper.keep_ms = settings.journal_max_hours * 3_600_000
    return Intake(address, journal, pipeline, take, clock, keeper, Meters())
