"""Keeps a ticket's chart up to date (shell): the page shows it after restarts and after memory has let go of it."""

from datetime import timedelta

from agent.desk.chart import draw, joined, telling_metrics
from agent.desk.ticket import Ticket
from agent.desk.turn import Turn
from agent.store.charts import find_chart, save_chart
from agent.store.findings import findings_of

BEFORE = timedelta(hours=6)  # enough of the usual to see the unusual against


def keep_chart(turn: Turn, ticket: Ticket) -> None:
    """Keep the curves of the ticket's most telling metrics, from six hours before it was opened until now.

    Without a finding that names metrics it follows those of the diagnosed fault's symptoms.
    """
    metrics = telling_metrics(findings_of(turn.session, ticket.id))
    metrics = metrics or _symptoms(turn, ticket)
    if not metrics:
        return
    chart = draw(turn.health.recent(ticket.device_id, metrics, ticket.opened_at - BEFORE))
    save_chart(turn.session, ticket.id, joined(find_chart(turn.session, ticket.id), chart))


def _symptoms(turn: Turn, ticket: Ticket) -> tuple[str, ...]:
    playbook = turn.ruling(ticket)
    faults = () if playbook is None else playbook.faults
    return tuple(symptom.metric for fault in faults if fault.name == ticket.fault for symptom in fault.symptoms)
