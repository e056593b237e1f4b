"""Where messages go in virtual time (state): straight into the world, instead of a broker and a mail server."""

from dataclasses import dataclass
from email.message import EmailMessage

from agent.scorecard.world import World
from broker.sessions import Outgoing


@dataclass(frozen=True, slots=True)
class ToDevices:
    """The way of commands and notices; always open."""

    world: World

    @property
    def connected(self) -> bool:
        """It is."""
        return True

    async def wait_connected(self) -> None:
        """Return at once."""

    async def publish(self, message: Outgoing) -> None:
        """Let the message go down to its device."""
        self.world.hear(message.topic, message.payload)


@dataclass(frozen=True, slots=True)
class ToPeople:
    """The way of mails."""

    world: World

    async def deliver(self, message: EmailMessage) -> None:
        """Put the message into its reader's letter box."""
        self.world.read(message.as_bytes())
