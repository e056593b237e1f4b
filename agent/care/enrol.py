"""Taking a file of customers and technicians into the database (shell, inside the caller's transaction)."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from agent.care.customer_file import PeopleFile, parse_people
from agent.care.errors import CustomerFileError
from agent.store import people, visits


@dataclass(frozen=True, slots=True)
class Enrolled:
    """How much of a file was taken in. ``answers`` counts consents that changed, ``slots`` those that are new."""

    customers: int
    devices: int
    answers: int
    technicians: int
    slots: int


def read_people(path: Path) -> PeopleFile:
    """Return what a file says.

    Raises:
        CustomerFileError: it cannot be read, or something in it is wrong.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CustomerFileError(path, [error.strerror or str(error)]) from error
    return parse_people(data, path)


def enrol(session: Session, file: PeopleFile, now: datetime) -> Enrolled:
    """Take in everybody of the file; doing it again changes nothing.

    Whoever is in the file is made as it says, their consents included; whoever is not in it stays as they were.
    Slots are only added: one that a visit has taken, or that starts when another does, stays as it is.
    """
    answers = devices = slots = 0
    for entry in file.customers:
        people.save_customer(session, entry.customer())
        answers += people.set_consents(session, entry.id, entry.consents, now)
        for device_id in entry.devices:
            people.own_device(session, device_id=device_id, customer_id=entry.id, now=now)
            devices += 1
    for technician in file.technicians:
        visits.save_technician(session, technician.technician())
        for slot in technician.slots:
            slots += visits.offer_slot(
                session, technician_id=technician.id, starts_at=slot.starts_at, ends_at=slot.ends_at
            )
    return Enrolled(len(file.customers), devices, answers, len(file.technicians), slots)
