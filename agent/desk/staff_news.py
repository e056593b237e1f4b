"""News for all staff at once (shell, inside the caller's transaction): one mail a matter, if an address is set."""

from html import escape

import msgspec

from agent.care.mail import Mail
from agent.desk.ticket import Ticket
from agent.desk.turn import Turn
from agent.service.invitation import Person
from agent.store import outbox
from agent.store.outbox import EffectKind


def tell_staff(turn: Turn, ticket: Ticket, key: str, subject: str, text: str) -> bool:
    """Want staff to hear of something, once a ``key``; False: they have, or no address is set.

    What it is about stands on the ticket as well, for the console.
    """
    if turn.staff_mail is None:
        return False
    link = f"{turn.public_url}/tickets/{ticket.number}"
    mail = Mail(
        ticket=ticket.number,
        to=Person("Staff", turn.staff_mail),
        lang="en",
        subject=subject,
        text=f"{text}\n\n{link}\n",
        html=f'<p>{escape(text)}</p><p><a href="{escape(link)}">{ticket.number}</a></p>',
        wanted_at=turn.now,
    )
    payload = msgspec.to_builtins(mail)
    return outbox.put(turn.session, kind=EffectKind.MAIL, key=f"staff:{key}", payload=payload, due_at=turn.now)
