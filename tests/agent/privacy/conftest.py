"""A data directory with everything in it that is ever kept about an owner."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from agent.care.customer import Customer
from agent.care.links import LinkPurpose, make_link
from agent.care.maildir import Maildir
from agent.care.rating import RatingSource, make_rating
from agent.history.export import Wanted
from agent.house import House, open_house
from agent.settings import Settings
from agent.store.about import about
from agent.store.people import customer_by_id, list_customers
from agent.store.ratings import save_rating
from agent.store.tables import MessageRow, OutboxRow
from tests.agent.console.sample import fill
from tests.agent.console.sample_cases import NOW
from tests.agent.history.house import HistoryHouse
from tests.agent.listen.messages import sample


@dataclass(frozen=True)
class Home:
    """A house, and the owner it is about; ``other`` is somebody else in it."""

    house: House
    customer: str
    other: str
    name: str
    email: str
    devices: tuple[str, ...]

    def tables(self) -> str:
        """Return every row of every table as text."""
        with self.house.database.engine.connect() as connection:
            rows = [
                (name, tuple(row))
                for name, table in SQLModel.metadata.tables.items()
                for row in connection.execute(table.select())
            ]
        return repr(rows)

    def wanted(self) -> Wanted:
        return Wanted(self.devices, None, None)

    def backed_up(self) -> Path:
        """Copy the data directory, as a backup would."""
        copy = self.house.data.with_name("backup")
        with self.house.database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")  # a checkpoint waits for no transaction
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copytree(self.house.data, copy)
        return copy


@pytest.fixture
async def home(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Home]:
    data = tmp_path / "amends-data"
    data.mkdir()
    shutil.copy(migrated_file, data / "amends.sqlite3")
    (data / "secret.key").write_text("a key", encoding="ascii")
    house = open_house(Settings(data=data))
    fill(house.database)
    with house.database.reading() as session:
        known = {one.id: about(session, one.id) for one in list_customers(session)}
        customer = max(known, key=lambda each: len(known[each].tickets))
        owner = customer_by_id(session, customer)
    assert owner is not None
    devices = known[customer].devices
    write_to(house, known[customer].tickets[0], owner)
    other = next(each for each in known if each != customer and known[each].devices)
    history = HistoryHouse(house.history)
    for device in (*devices, *known[other].devices):
        history.say(*(sample(device, seq) for seq in range(50)))
    history.write()
    for address in (owner.email, "somebody@else.example"):
        letter = EmailMessage()
        letter["To"], letter["Message-ID"] = f"Owner <{address}>", f"<{address}>"
        letter.set_content(f"Hello {owner.name}")
        await Maildir(house.mailbox).deliver(letter)
    yield Home(house, customer, other, owner.name, owner.email, devices)
    house.database.close()


def write_to(house: House, ticket_id: int, owner: Customer) -> None:
    """Write down a letter to the owner, what waits to be sent, a link, and what they said."""
    with house.database.transaction() as session:
        message = MessageRow(
            ticket_id=ticket_id,
            customer_id=owner.id,
            stage="needs_you",
            occasion="a test",
            channel="mail",
            lang="en",
            subject="About your device",
            body=f"Hello {owner.name}",
            state="planned",
            created_at=NOW,
            due_at=NOW,
        )
        session.add(message)
        session.flush()
        payload = {"message_id": message.id, "to": {"name": owner.name, "email": owner.email}}
        session.add(OutboxRow(kind="mail", key=f"mail:T-{ticket_id}:needs_you", payload=payload, due_at=NOW))
        make_link(session, purpose=LinkPurpose.ME, subject=owner.id, now=NOW, expires_at=NOW + timedelta(days=30))
        save_rating(session, make_rating(ticket_id, 4, f"thanks, {owner.name}", RatingSource.MAIL, NOW))
