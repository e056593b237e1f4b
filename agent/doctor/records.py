"""The database: whole, of this version, and what waits in it (shell)."""

from collections.abc import Iterator
from datetime import timedelta

from agent.doctor.check import Check, Grade, Part, judged
from agent.house import House
from agent.store.migrate import current_revision, newest_revision
from agent.store.oversight import backlog, damage_of, standing_halt

_WARN_WAITING, _FAIL_WAITING = timedelta(minutes=15), timedelta(hours=1)


def check_records(house: House) -> Iterator[Check]:
    """Give what there is to say about the database and the outbox in it."""
    now = house.clock.now()
    with house.database.reading() as session:
        damage, waiting, halt = damage_of(session), backlog(session, now), standing_halt(session)
        revision = current_revision(session.connection())
    if damage is not None:
        yield Check(
            Part.RECORDS, Grade.FAIL, f"the database is damaged: {damage}", "restore the data directory from a backup"
        )
    elif revision != newest_revision():
        yield Check(
            Part.RECORDS, Grade.FAIL, f"the database is at revision {revision}, not {newest_revision()}", "start amends"
        )
    else:
        yield Check(Part.RECORDS, Grade.OK, f"the database is whole and at revision {revision}")
    oldest = timedelta(0) if waiting.oldest_due_at is None else now - waiting.oldest_due_at
    grade = judged(oldest.total_seconds(), warn=_WARN_WAITING.total_seconds(), fail=_FAIL_WAITING.total_seconds())
    advice = "" if grade is Grade.OK else "see whether the agent runs, and on the system page what the mail server says"
    since = "" if waiting.oldest_due_at is None else f", the oldest since {waiting.oldest_due_at:%F %R} UTC"
    yield Check(Part.RECORDS, grade, f"{waiting.waiting} messages wait to be sent{since}", advice)
    if halt is not None:
        yield Check(
            Part.RECORDS,
            Grade.WARN,
            f"every automatic fix is halted since {halt.at:%F %R} UTC by {halt.by}",
            "amends resume",
        )
