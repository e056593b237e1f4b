"""Counters of the hot path for Prometheus (state): one update a batch, never one a message."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from agent.listen.taken import Counts

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Meters:
    """The hot path's figures, in a registry of their own: ``generate_latest(meters.registry)`` is their text."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._messages = Counter("amends_messages", "Messages of devices taken", registry=registry)
        self._samples = Counter("amends_samples", "Samples that were new", registry=registry)
        self._duplicates = Counter("amends_duplicates", "Samples and events that came again", registry=registry)
        self._missed = Counter("amends_missed", "Sequence numbers that never came", registry=registry)
        self._quarantined = Counter("amends_quarantined", "Messages that could not be read", registry=registry)
        self._over = Counter(
            "amends_over_budget", "Messages beyond their device's budget, not scored", registry=registry
        )
        self._one_by_one = Counter("amends_one_by_one", "Messages that were not taken in bulk", registry=registry)
        self._journal = Gauge("amends_journal_bytes", "Size of the journal on disk", registry=registry)
        self._waiting = Gauge("amends_inbox_messages", "Messages waiting for the journal", registry=registry)
        self._behind = Gauge("amends_unscored_records", "Journal records not yet scored", registry=registry)
        self._commit = Histogram(
            "amends_commit_seconds", "Time to make a batch durable", buckets=_SECONDS, registry=registry
        )
        self._score = Histogram("amends_score_seconds", "Time to score a batch", buckets=_SECONDS, registry=registry)

    def committed(self, seconds: float, *, waiting: int) -> None:
        """Count a batch that became durable; ``waiting`` messages came in meanwhile."""
        self._commit.observe(seconds)
        self._waiting.set(waiting)

    def scored(self, counts: Counts, seconds: float, *, behind: int) -> None:
        """Count a batch that was scored; ``behind`` records wait."""
        self._score.observe(seconds)
        self._behind.set(behind)
        self._messages.inc(counts.messages)
        self._samples.inc(counts.samples)
        self._duplicates.inc(counts.duplicates)
        self._missed.inc(counts.missed)
        self._quarantined.inc(counts.quarantined)
        self._over.inc(counts.over)
        self._one_by_one.inc(counts.one_by_one)

    def kept(self, journal_bytes: int) -> None:
        """Say how large the journal is."""
        self._journal.set(journal_bytes)

    def figures(self) -> tuple[tuple[str, float], ...]:
        """Return every figure as name, without the product's prefix, and value; histograms as their sum and count."""
        return tuple(
            (sample.name.removeprefix("amends_"), sample.value)
            for metric in self.registry.collect()
            for sample in metric.samples
            if not sample.labels and not sample.name.endswith("_created")
        )
