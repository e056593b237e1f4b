"""How mails leave the house (pure): what every channel promises."""

from email.message import EmailMessage
from typing import Protocol


class MailChannel(Protocol):
    """Hands one message over to the world."""

    async def deliver(self, message: EmailMessage) -> None:
        """Hand the message over, or raise; a message with the same Message-ID may have been handed over before.

        Raises:
            MailUndeliveredError: not now; another attempt may succeed.
            MailRefusedError: never; another attempt is no use.
        """
        ...
