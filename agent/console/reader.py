"""For whom a page is written (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from agent.console.instants import Moment, moment
from agent.console.words import fault_words, metric_words, product_words
from agent.diagnose.playbook import Playbook, Remedy


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page, as far as its words depend on it: the time it is, and where they are."""

    playbooks: Mapping[str, Playbook]
    now: datetime
    zone: tzinfo

    def moment(self, at: datetime) -> Moment:
        """Return an instant as this reader sees it."""
        return moment(at, self.now, self.zone)

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
