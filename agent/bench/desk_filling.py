"""Fills a scratch database with two years of a service desk (shell): for measuring the console, and nothing else.

The shares are those of a real desk: almost every ticket is closed, a few hundred are open, those of the last week are
healed and still watched. All chance comes from one seed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any, Final

from sqlalchemy import insert
from sqlmodel import SQLModel

from agent.bench.desk_rows import WATCHED_FOR, Case, rows_of
from agent.desk.ticket import TicketState
from agent.diagnose.playbook import Playbook
from agent.store.database import Database
from agent.store.tables import CustomerRow, DeviceRow

_AT_ONCE: Final = 2_000
_SPAN: Final = timedelta(days=730)
_OPEN_SHARE: Final = 0.006  # of all tickets
_ONLINE_SHARE: Final = 0.97
_OPEN: Final = tuple(state for state in TicketState if state not in {TicketState.HEALED, TicketState.CLOSED})


@dataclass(frozen=True, slots=True)
class Desk:
    """What to fill in. ``until`` is the instant the desk has come to."""

    tickets: int
    devices: int
    until: datetime
    seed: int = 7


def fill_desk(
    database: Database, playbooks: Mapping[str, Playbook], desk: Desk, done: Callable[[int], None] | None = None
) -> None:
    """Fill an empty, migrated database; ``done`` is told how many tickets stand so far. A minute for 100,000."""
    chance = Random(desk.seed)  # noqa: S311 - plausible shapes, no secret
    products = [playbooks[name] for name in sorted(playbooks)]
    _insert(database, CustomerRow, _customers(desk))
    _insert(database, DeviceRow, _devices(desk, products, chance))
    for first in range(1, desk.tickets + 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, desk.tickets)
        rows: dict[type[SQLModel], list[dict[str, Any]]] = {}
        for number in range(first, last + 1):
            for table, row in rows_of(_case(number, desk, products, chance), chance):
                rows.setdefault(table, []).append(row)
        with database.transaction() as session:
            for table, some in rows.items():
                session.connection().execute(insert(table), some)
        if done is not None:
            done(last)


def _insert(database: Database, table: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, _AT_ONCE)):
        with database.transaction() as session:
            session.connection().execute(insert(table), some)


def _customers(desk: Desk) -> Iterator[dict[str, Any]]:
    for place in range(desk.devices):
        yield {"id": _customer_id(place), "name": f"Owner {place}", "email": f"owner-{place}@example.org"}


def _devices(desk: Desk, products: Sequence[Playbook], chance: Random) -> Iterator[dict[str, Any]]:
    for place in range(desk.devices):
        playbook = products[place % len(products)]
        metrics = {metric.name: {"unit": metric.unit} for metric in playbook.metrics}
        yield {
            "id": _device_id(place, products),
            "product": playbook.product,
            "firmware": f"2.{place % 5}.1",
            "serial": f"S-{place:07d}",
            "boot": "01K5NQ",
            "customer_id": _customer_id(place),
            "birth": {"metrics": metrics, "commands": sorted({one.verb for one in playbook.remedies})},
            "online": chance.random() < _ONLINE_SHARE,
            "first_seen_at": desk.until - _SPAN,
            "status_at": desk.until - timedelta(hours=900 * chance.random()),
        }


def _case(number: int, desk: Desk, products: Sequence[Playbook], chance: Random) -> Case:
    place = chance.randrange(desk.devices)
    playbook = products[place % len(products)]
    opened_at = desk.until - _SPAN * (1 - number / (desk.tickets + 1))
    state = TicketState.HEALED if opened_at > desk.until - WATCHED_FOR else TicketState.CLOSED
    if chance.random() < _OPEN_SHARE:
        state = chance.choice(_OPEN)
    return Case(
        number=number,
        device_id=_device_id(place, products),
        customer_id=_customer_id(place),
        playbook=playbook,
        fault=chance.choice(playbook.faults),
        state=state,
        opened_at=opened_at,
        until=desk.until,
    )


def _device_id(place: int, products: Sequence[Playbook]) -> str:
    return f"{products[place % len(products)].product.partition('-')[0]}-{place:05d}"


def _customer_id(place: int) -> str:
    return f"c-{place:05d}"
