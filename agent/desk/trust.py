"""How far the agent may go with a remedy, as staff say (shell): more on many devices takes two people.

Their word is for the remedy as it is when they give it (``agent/decide/permit.py``).
"""

from agent.decide.permit import deed_of, goes_further, level_of
from agent.desk.turn import Turn
from agent.desk.two_people import MAY_HARM, Reach, both_agree
from agent.diagnose.playbook import Autonomy, Remedy
from agent.errors import OtherRemedyError, UnknownRemedyError
from agent.store.agreements import drop_agreements
from agent.store.autonomy import Grant, permits_of, record_grant
from agent.store.fleet_list import count_devices


def acts(remedy: Remedy, autonomy: Autonomy) -> bool:
    """Tell whether the agent sends the remedy by itself at this level."""
    return autonomy is Autonomy.ACT or (autonomy is Autonomy.ACT_IF_REVERSIBLE and remedy.reversible)


def matter_of(product: str, remedy: Remedy, autonomy: Autonomy) -> str:
    """Return what two people agree on when they let the agent go so far with a remedy as it is."""
    return f"{_any_matter_of(product, remedy.name)}{autonomy}/{deed_of(remedy).digest}"


def _any_matter_of(product: str, remedy: str) -> str:
    return f"autonomy/{product}/{remedy}/"


def set_autonomy(  # noqa: PLR0913, PLR0917 - what is set, by whom, and what they have read
    turn: Turn, product: str, remedy: str, autonomy: Autonomy, staff: str, read: str | None = None
) -> bool:
    """Set how far the agent may go with one remedy of one product; False: a second person must say so too.

    ``read`` is the digest of the deed they have read (``None``: whatever it does now). Less needs none, nor that the
    playbook in force still has the remedy: it may be on its way, or come back with the next.

    Raises:
        UnknownRemedyError: no playbook has it, or none has it any more and they want no less than they have said; an
            unknown target is an error, never "all".
        OtherRemedyError: they let the agent go further with something else than they have read.
        SecondPersonError: this person has said so already.
    """
    playbook = turn.playbooks.get(product)
    known = {} if playbook is None else {one.name: one for one in playbook.remedies}
    permit = permits_of(turn.session, product).get(remedy)
    if remedy not in known:
        if permit is None or not goes_further(permit.autonomy, autonomy):
            raise UnknownRemedyError(product, remedy)
        drop_agreements(turn.session, _any_matter_of(product, remedy))
        record_grant(turn.session, Grant(product, remedy, autonomy, staff, turn.now, permit.deed))
        return True
    wanted = known[remedy]
    now = level_of(wanted, permit)
    if read not in {None, deed_of(wanted).digest} and goes_further(autonomy, now):
        raise OtherRemedyError(product, remedy)
    if acts(wanted, autonomy) and not acts(wanted, now):
        devices = count_devices(turn.session, product)
        words = f"{devices} {'device' if devices == 1 else 'devices'} of {product}"
        if not wanted.reversible:
            words += f", and {MAY_HARM}"
        reach = Reach(devices, wanted.reversible, words)
        if not both_agree(turn, matter_of(product, wanted, autonomy), reach, staff):
            return False
    drop_agreements(turn.session, _any_matter_of(product, remedy))  # what was half agreed on is moot now
    record_grant(turn.session, Grant(product, remedy, autonomy, staff, turn.now, deed_of(wanted)))
    return True
