"""What can go wrong in the agent (pure).

::

    AgentError
    ├── PersonError               somebody asked for what cannot be; the message is fit for their eyes
    │   ├── UnknownTicketError    there is no such ticket: check the number
    │   ├── UnknownDeviceError    there is no such device: check the id; never taken for "all devices"
    │   ├── UnknownRemedyError    the playbook has no such remedy: check product and name
    │   ├── OtherRemedyError      it does something else than they have read: read what it does now
    │   ├── NotPossibleError      the ticket is past that, or not there yet: look at it again
    │   ├── RefusedError          a guard speaks against it now: wait for what it names
    │   └── NoReasonError         a decision needs a reason others can read: give one
    ├── IllegalChangeError        the agent tried what the life cycle forbids: a mistake of ours, report it
    └── StoreError
        ├── StoreBusyError        it does not take what is decided now: wait and try again
        ├── DatabaseDamagedError  the database's file is not what was written: restore it from a backup
        └── MigrationError        the database cannot be brought to this version's schema: read why

Rooms add leaves of their own beside their code, under ``AgentError`` or ``PersonError``.
"""

from enum import StrEnum


class AgentError(Exception):
    """Anything the agent raises on purpose."""


class PersonError(AgentError):
    """Somebody asked for something that cannot be. Tell them the message; nothing was changed."""


class UnknownTicketError(PersonError):
    """No ticket has this number."""

    def __init__(self, ticket_id: int) -> None:
        super().__init__(f"there is no ticket T-{ticket_id}")
        self.ticket_id = ticket_id


class UnknownDeviceError(PersonError):
    """No device has this id. An unknown target is an error, never "all"."""

    def __init__(self, device_id: str) -> None:
        super().__init__(f"there is no device {device_id!a}")
        self.device_id = device_id


class UnknownRemedyError(PersonError):
    """The product's playbook has no such remedy."""

    def __init__(self, product: str, remedy: str) -> None:
        super().__init__(f"the playbook of {product!a} has no remedy {remedy!a}")
        self.product = product
        self.remedy = remedy


class OtherRemedyError(PersonError):
    """A remedy does something else by now than whoever lets the agent go further with it has read."""

    def __init__(self, product: str, remedy: str) -> None:
        super().__init__(f"{remedy} of {product} does something else now than what you saw; look at it again")
        self.product = product
        self.remedy = remedy


class NotPossibleError(PersonError):
    """The ticket stands where this cannot be done."""

    def __init__(self, ticket_id: int, problem: str) -> None:
        super().__init__(f"T-{ticket_id}: {problem}")
        self.ticket_id = ticket_id
        self.problem = problem


class RefusedError(PersonError):
    """A guard speaks against a remedy that staff asked for; that stands on the ticket."""

    def __init__(self, ticket_id: int, refusal: str) -> None:
        super().__init__(f"T-{ticket_id}: {refusal}")
        self.ticket_id = ticket_id
        self.refusal = refusal


class NoReasonError(PersonError):
    """A decision came without a reason."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} needs a reason that others can read")
        self.what = what


class SecondPersonError(PersonError):
    """This person has agreed already to something that takes two; ``reach`` says what it touches."""

    def __init__(self, reach: str) -> None:
        super().__init__(f"you have agreed already, and another person must too: it touches {reach}")
        self.reach = reach


class IllegalChangeError(AgentError):
    """A change of state that the life cycle does not know. A mistake of ours."""

    def __init__(self, old: StrEnum, new: StrEnum) -> None:
        super().__init__(f"{type(old).__name__} cannot go from {old} to {new}")
        self.old = old
        self.new = new


class StoreError(AgentError):
    """The database is not as it must be."""


class StoreBusyError(StoreError):
    """The database does not take anything now: locked for long, or its disk is full. What was tried is undone."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the database does not take what is decided: {problem}")
        self.problem = problem


class DatabaseDamagedError(StoreError):
    """The database's file is broken. Nothing is decided on it: restore the data directory from a backup."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the database is damaged: {problem}; restore the data directory from a backup")
        self.problem = problem


class MigrationError(StoreError):
    """The database cannot be brought to this version's schema."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the database cannot be used: {problem}")
        self.problem = problem
