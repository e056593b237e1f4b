"""What a ticket asks of staff (pure): the remedy that waits for a yes or a no, and all it would do."""

from dataclasses import dataclass
from typing import Final

from agent.act.command import DECIDABLE, Command
from agent.console.instants import Moment, span
from agent.console.reader import Reader
from agent.diagnose.playbook import Remedy
from agent.store.ticket_file import Record, TicketFile

_SETS: Final = "set_config"  # the verb whose arguments are settings


@dataclass(frozen=True, slots=True)
class Proposal:
    """What waits for a yes or a no: in words, what is sent, and what happens then."""

    command_id: str
    words: str
    sends: str
    effects: tuple[str, ...]
    record: str
    until: Moment


def proposal_of(file: TicketFile, reader: Reader) -> Proposal | None:
    """Return what waits for staff; ``None``: nothing does."""
    waiting = [one for one in file.commands if one.state in DECIDABLE and reader.now <= one.not_after]
    if not waiting:
        return None
    command = waiting[-1]
    remedy = reader.remedy(file.ticket.product, command.remedy)
    record = next((record for record in file.records if record.remedy == command.remedy), None)
    effects = [f"It touches one device, {command.device_id}, and no other."]
    if file.device.busy:
        effects.append("The device is in use right now; the command waits or is refused until it is free.")
    if remedy is not None:
        effects += [
            *facts_of(remedy),
            *(() if remedy.reversible else ("It takes two people’s yes.",)),
            f"The device has {span(remedy.answer_within)} to answer.",
            f"It counts as healed when its own signal stays normal for {span(remedy.verify_for)}.",
            f"If that has not happened within {span(remedy.verify_within)}, it did not help.",
        ]
    return Proposal(
        command_id=command.id,
        words=command.remedy.replace("_", " ").capitalize(),
        sends=sends(command),
        effects=tuple(effects),
        record=_healed_of(record),
        until=reader.moment(command.not_after),
    )


def sends(one: Command | Remedy) -> str:
    """Return what a command or a remedy sends, as its verb and arguments."""
    arguments = ", ".join(f"{name}={value}" for name, value in one.args)
    return f"{one.verb}({arguments})"


def facts_of(remedy: Remedy) -> tuple[str, ...]:
    """Return what is to be known of a remedy before it is let go, a sentence each.

    That it does no harm if done for nothing, and that what it changed can be set back, are two facts.
    """
    facts = ["Does no harm if done for nothing." if remedy.reversible else "May do harm if done for nothing."]
    if remedy.rollback or remedy.verb == _SETS:
        facts.append("Sets what the playbook says, whatever was set before, by its owner too.")
    if remedy.args:
        facts.append("What it changed can be set back." if remedy.rollback else "What it changed cannot be set back.")
    return tuple(facts)


def _healed_of(record: Record | None) -> str:
    if record is None or record.tried == 0:
        return "It has not been tried for this fault yet."
    return f"For this fault it healed {record.healed} of {record.tried} devices."
