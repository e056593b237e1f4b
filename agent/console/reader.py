"""For whom a page is written (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Self

from agent.console.instants import Moment, moment
from agent.console.words import fault_words, metric_words, product_words
from agent.desk.ticket import Ticket
from agent.diagnose.library import Version
from agent.diagnose.playbook import Playbook, Remedy

_STAMP = re.compile(r"\b(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC")


def ruling(
    ticket: Ticket, playbooks: Mapping[str, Playbook], versions: Mapping[Version, Playbook]
) -> Mapping[str, Playbook]:
    """Return the playbooks with the one that rules a ticket in its product's place: that which it was opened under."""
    own = versions.get((ticket.product, ticket.playbook_version))
    return playbooks if own is None else {**playbooks, ticket.product: own}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page, as far as its words depend on it: the time it is, where they are, and by which playbooks.

    ``versions`` are those that rule older tickets.
    """

    playbooks: Mapping[str, Playbook]
    now: datetime
    zone: tzinfo
    versions: Mapping[Version, Playbook] = field(default_factory=dict)

    def of_ticket(self, ticket: Ticket) -> Self:
        """Return the same reader at the page of a ticket: they read what its own playbook would do, not today's."""
        return replace(self, playbooks=ruling(ticket, self.playbooks, self.versions))

    def moment(self, at: datetime) -> Moment:
        """Return an instant as this reader sees it."""
        return moment(at, self.now, self.zone)

    def local_times(self, text: str) -> str:
        """Return a sentence of the story with its instants, which it has in UTC, where this reader is."""

        def local(found: re.Match[str]) -> str:
            try:
                at = self.moment(datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC))
            except (ValueError, OverflowError):  # devices may say anything, and their words stand in the story too
                return found[0]
            return f"{at.day_within}, {at.clock}"

        return _STAMP.sub(local, text)

    def product(self, product: str) -> str:
        """Return a product's title."""
        return product_words(self.playbooks, product)

    def fault(self, product: str, fault: str | None) -> str:
        """Return a fault's name."""
        return fault_words(self.playbooks, product, fault)

    def metric(self, product: str, metric: str) -> str:
        """Return a metric's name."""
        return metric_words(self.playbooks, product, metric)

    def unit(self, product: str, metric: str) -> str:
        """Return a metric's unit as the playbook has it; empty where it has none."""
        playbook = self.playbooks.get(product)
        known = () if playbook is None else playbook.metrics
        return next((each.unit for each in known if each.name == metric), "")

    def remedy(self, product: str, remedy: str) -> Remedy | None:
        """Return a remedy of the playbook; ``None``: it has no such remedy (any more)."""
        playbook = self.playbooks.get(product)
        known = () if playbook is None else playbook.remedies
        return next((each for each in known if each.name == remedy), None)
