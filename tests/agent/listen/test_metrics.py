from agent.listen.metrics import Meters
from agent.listen.taken import Counts


def test_a_batch_adds_to_every_counter() -> None:
    meters = Meters()

    for _ in range(2):
        meters.scored(Counts(messages=10, samples=9, duplicates=1, missed=3, quarantined=2), 0.01, behind=5)
    meters.committed(0.002, waiting=7)
    meters.kept(1_000)

    figures = dict(meters.figures())
    assert (figures["messages_total"], figures["samples_total"], figures["missed_total"]) == (20, 18, 6)
    assert (figures["duplicates_total"], figures["quarantined_total"]) == (2, 4)
    assert (figures["unscored_records"], figures["inbox_messages"], figures["journal_bytes"]) == (5, 7, 1_000)
    assert (figures["commit_seconds_count"], figures["score_seconds_count"]) == (1, 2)
