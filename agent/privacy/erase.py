"""Forgetting a customer (shell): written down first, then done, and done again to a backup that brings them back.

Records, history with its roll-ups, letters in the local mailbox. What models in memory know goes with the agent's next
look, or at its next start; snapshots and the journal's raw messages age out. A crash half-way leaves a line in the
ledger that the database does not have: the next start does it all again.
"""

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from agent.errors import PersonError
from agent.history.erase import erase_devices
from agent.history.folder import Folder
from agent.house import House
from agent.privacy.ledger import Erasure, Ledger, new_erasure
from agent.store.about import About, about, about_devices
from agent.store.database import Database
from agent.store.devices import list_devices
from agent.store.erasing import erase_records
from agent.store.erasures import done_erasures, record_erasure
from agent.store.people import customer_by_id, list_customers

log = structlog.get_logger()


class NobodyToEraseError(PersonError):
    """No customer has this id. Nothing is erased in their place: an unknown target is an error, never "all"."""

    def __init__(self, customer_id: str) -> None:
        super().__init__(f"there is no customer {customer_id!a}; `amends customers list` shows them")
        self.customer_id = customer_id


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten. ``samples``: rows of history and its roll-ups."""

    devices: int
    tickets: int
    samples: int
    letters: int


def ledger_of(house: House) -> Ledger:
    """Return the house's ledger: beside the data directory unless set otherwise, so that no restore takes it back."""
    data = house.data.absolute()
    return Ledger(house.settings.erasures or data.with_name(f"{data.name}.erasures"))


def find_target(database: Database, customer_id: str) -> About:
    """Return whom an id means.

    Raises:
        NobodyToEraseError: nobody.
    """
    with database.reading() as session:
        if not customer_id or customer_by_id(session, customer_id) is None:
            raise NobodyToEraseError(customer_id)
        return about(session, customer_id)


def erase(house: House, customer_id: str, *, by: str, now: datetime) -> Forgotten:
    """Forget a customer: when this returns, what is named at the top of this page is gone.

    Raises:
        NobodyToEraseError: nobody has this id; nothing was done.
        OSError: the disk failed; what is left is done at the next start.
    """
    theirs = find_target(house.database, customer_id)
    erasure = new_erasure(customer_id, theirs.devices, at=now, by=by)
    ledger_of(house).add(erasure)
    return _apply(house, erasure, theirs, now)


def erase_again(house: House, now: datetime) -> int:
    """Do every erasure of the ledger that this database does not know of; return how many: after a restore, or a crash.

    Raises:
        UnreadableLedgerError: the ledger is damaged.
    """
    with house.database.reading() as session:
        done = done_erasures(session)
        missing = [erasure for erasure in ledger_of(house).erasures() if erasure.id not in done]
        customers = [customer.id for customer in list_customers(session)] if missing else []
        devices = [device.id for device in list_devices(session)] if missing else []
    for erasure in missing:
        found = next((each for each in customers if erasure.is_about(each)), "")
        with house.database.reading() as session:
            owned = about(session, found).devices if found else ()
            theirs = about_devices(session, found, tuple(dict.fromkeys((*owned, *erasure.devices_among(devices)))))
        forgotten = _apply(house, erasure, theirs, now)
        log.info("privacy.erased_again", erasure=erasure.id, devices=forgotten.devices, tickets=forgotten.tickets)
    return len(missing)


def _apply(house: House, erasure: Erasure, theirs: About, now: datetime) -> Forgotten:
    erased = erase_devices(Folder(house.history), frozenset(theirs.devices), erasure.at)
    with house.database.reading() as session:
        customer = customer_by_id(session, theirs.customer_id)
    letters = 0 if customer is None else _remove_letters(house.mailbox, customer.email)
    with house.database.transaction() as session:
        # Looked at again: what came in meanwhile is theirs too.
        theirs = about_devices(session, theirs.customer_id, theirs.devices)
        erase_records(session, theirs, now)
        record_erasure(
            session,
            erasure.id,
            at=erasure.at,
            by=erasure.by,
            devices=theirs.devices,
            tickets=len(theirs.tickets),
            samples=erased.rows,
        )
    return Forgotten(len(theirs.devices), len(theirs.tickets), erased.rows, letters)


def _remove_letters(mailbox: Path, address: str) -> int:
    """Remove the mails to an address from a Maildir; return how many. None is touched for an empty address."""
    removed = 0
    if not address:
        return removed
    for path in [path for folder in ("new", "cur", "tmp") for path in (mailbox / folder).glob("*")]:
        with path.open("rb") as file:
            letter = email.message_from_binary_file(file, policy=email.policy.default)
        addressed = letter["To"].addresses if letter["To"] is not None else ()
        if address.casefold() in {one.addr_spec.casefold() for one in addressed}:
            path.unlink()
            removed += 1
    return removed
