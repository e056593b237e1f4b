"""All that a decision about one ticket looks at (pure values)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.decide.fleet import Crowd, Record
from agent.decide.permit import Permit, level_of
from agent.decide.policy import Policy
from agent.desk.device import Device
from agent.desk.ticket import Ticket
from agent.diagnose.diagnosis import Diagnosis, Suspect
from agent.diagnose.playbook import Autonomy, Fault, Playbook, Remedy
from agent.health.findings import HealthView
from agent.health.gone import Gone, is_off
from agent.health.layout import Context
from agent.health.stays import time_elsewhere
from agent.service.visit import Visit

DRIFTING = 1.0  # a drift at its threshold; see ``agent.health.interface.Scores``
WHEREVER = timedelta(hours=2)  # of calm that count in whichever regime they were spent
WORN = 5.0  # a metric's long-run deviation from which it alone is a drift; see ``agent.health.findings.Worn``


@dataclass(frozen=True, slots=True)
class Load:
    """What a device has been through lately. ``last_at`` is the newest remedy sent, ``None``: never one."""

    in_flight: bool = False
    last_at: datetime | None = None
    last_day: int = 0  # remedies sent within 24 h


@dataclass(frozen=True, slots=True)
class Case:
    """One ticket with everything that bears on its next move.

    ``playbook`` is ``None`` where the product has none; ``diagnosis`` where nothing was there to diagnose from.
    ``permits`` is staff's word by remedy and overrides the playbook's while the remedy is what they gave it for.
    ``refused`` are remedies staff said no to on this ticket, ``taken_out`` those of its playbook that the one in force
    does not have like that any more. ``set_right`` are those with values that had healed the device already, within the
    watch or with the fault back since. ``finding_at`` is the newest finding (``None``: none).
    ``visit_ends_at`` is when the visit of this ticket ends (``None``: none is booked); ``visits`` are all to the
    device that nobody has reported on; ``visited`` is how many about this fault took place of late, whatever became of
    their tickets. ``may_fix``: the owner agreed to fixes without being asked, or nobody owns it.
    ``owner_heard``: a message has reached them about what only they can put right.
    ``crowd`` is what goes on among the product's other devices; ``records`` how remedies have done on this firmware, by
    name. ``frozen_by`` is the number of the ticket that gathers the same fault from everywhere (``None``: none).
    ``is_common``: people have unclear tickets of enough devices of the product already to see what it is about.
    ``is_familiar``: a person looked at the same on this device lately and closed it without naming a fault.
    ``failed``: somebody has said that the device no longer does its work.
    ``named_at`` is when it was named after its fault (``None``: it was not). ``gone`` is the metric that slow wear had
    moved furthest; it alone can prove that it is back (``None``: none had). ``found_in`` are the operating regimes in
    which its signal was found off (empty: not known, or it has been in one only). ``was_off_for`` is how long the
    device had been switched off before it came ``back_at`` (0, ``None``: not of late). ``zone`` is where its owner
    lives, an IANA name. ``resumed_at`` is when fixes were last let go on after a halt (``None``: never, or they are
    halted).

    What nobody has looked up speaks against every remedy: by default it is halted, and nobody has agreed.
    """

    ticket: Ticket
    device: Device
    playbook: Playbook | None
    diagnosis: Diagnosis | None
    view: HealthView | None
    finding_at: datetime | None
    gone: Gone | None = None
    found_in: frozenset[Context] = frozenset()
    load: Load = field(default_factory=Load)
    permits: Mapping[str, Permit] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    taken_out: frozenset[str] = frozenset()
    set_right: frozenset[str] = frozenset()
    visit_ends_at: datetime | None = None
    visits: tuple[Visit, ...] = ()
    visited: int = 0
    halted: bool = True
    resumed_at: datetime | None = None
    may_fix: bool = False
    owner_heard: bool = False
    crowd: Crowd = field(default_factory=Crowd)
    records: Mapping[str, Record] = field(default_factory=dict)
    is_common: bool = False
    is_familiar: bool = False
    failed: bool = False
    named_at: datetime | None = None
    frozen_by: str | None = None
    zone: str = "UTC"
    was_off_for: timedelta = timedelta()
    back_at: datetime | None = None

    def record(self, remedy: Remedy) -> Record:
        """Return how a remedy has done on this firmware; one that was never sent has an empty record."""
        return self.records.get(remedy.name, Record())

    def autonomy(self, remedy: Remedy) -> Autonomy:
        """Return how far the agent may go with a remedy: staff's word, else the playbook's; see ``level_of``."""
        return level_of(remedy, self.permits.get(remedy.name))

    def is_back(self, policy: Policy, now: datetime, *, during: timedelta) -> bool:
        """Tell whether the signal has been normal for ``during`` where it was off, and what slowly changed is back."""
        since = normal_since(self.view, policy, now)
        if self.view is None or since is None or calm_left(self.view, self.found_in, since, now, during=during):
            return False
        return self.gone is None or is_off(self.gone, self.view) is False

    def is_quiet(self, policy: Policy, now: datetime) -> bool:
        """Tell whether the signal is normal and nothing shows that what had slowly changed is still off.

        That is reason enough to leave the device alone, in whichever regime it is; what is over, ``is_back`` tells.
        Where nobody can tell, at rest or not measured, that holds for a day: then it counts as off.
        """
        if self.view is None or not is_calm(self.view, policy, now):
            return False
        off = False if self.gone is None else is_off(self.gone, self.view)
        return now - self.ticket.changed_at < policy.slow_patience if off is None else not off

    def fault(self) -> Fault | None:
        """Return the diagnosed fault; ``None``: none yet, or the playbook no longer has it."""
        if self.playbook is None or self.ticket.fault is None:
            return None
        by_name = {fault.name: fault for fault in self.playbook.faults}
        return by_name.get(self.ticket.fault)


def sure_from(fault: Fault, policy: Policy) -> float:
    """Return the probability 0..1 from which a fault is acted on."""
    return policy.sure_from if fault.sure_from is None else fault.sure_from


def sure_of(diagnosis: Diagnosis | None, playbook: Playbook | None, policy: Policy) -> Suspect | None:
    """Return the suspect that is likely enough, and far enough ahead, to act on; ``None``: not sure.

    A fault of the playbook that names how sure one must be of it is taken at its word.
    """
    if diagnosis is None or not diagnosis.suspects:
        return None
    first, *rest = sorted(diagnosis.suspects, key=lambda suspect: -suspect.probability)
    runner_up = max((suspect.probability for suspect in rest), default=0.0)
    faults = () if playbook is None else playbook.faults
    asked = next((sure_from(fault, policy) for fault in faults if fault.name == first.fault), policy.sure_from)
    sure = first.probability >= asked and first.probability - max(runner_up, diagnosis.unknown) >= policy.margin
    return first if sure else None


def is_fresh(view: HealthView | None, policy: Policy, now: datetime) -> bool:
    """Tell whether the newest sample is recent and no gap lies before it.

    At the very end of its time it is so no more: what is decided on it could not leave.
    One from the future proves nothing: either the device's clock is wrong or ours is.
    """
    if view is None or view.sample_at is None or view.incomplete_since is not None:
        return False
    return -policy.clock_slack <= now - view.sample_at < policy.stale_after


def normal_since(
    view: HealthView | None, policy: Policy, now: datetime, *, of: frozenset[str] = frozenset()
) -> datetime | None:
    """Return since when the device's own signal is normal, on fresh evidence; ``None``: it is not, or nobody knows.

    Slow wear hides from the short-run state, so while the drift is at its threshold no worn metric (``of``: none of
    these; empty: none at all) may still be where it took it. The drift itself remembers for hours what a remedy has put
    right in minutes, so it alone proves nothing.
    """
    if view is None or not is_fresh(view, policy, now):
        return None
    return None if is_wearing(view, of) else view.normal_since


def is_wearing(view: HealthView, of: frozenset[str] = frozenset()) -> bool:
    """Tell whether something has been changing slowly and is off to this hour, or not known to be back.

    ``of`` are the metrics that are asked about; empty: all.
    """
    asked = [worn for worn in view.worn if not of or worn.metric in of]
    furthest = max((abs(worn.z) for worn in asked), default=0.0)
    telling = min(WORN, furthest)  # many a little off are a drift together: then the furthest speaks for them
    stands = not view.worn or any(abs(worn.z) >= telling and worn.stands for worn in asked)
    return view.drift >= DRIFTING and stands


def is_calm(view: HealthView | None, policy: Policy, now: datetime, *, during: timedelta = timedelta()) -> bool:
    """Tell whether the device's own signal has been normal for ``during``, up to now and without a gap."""
    since = normal_since(view, policy, now)
    return since is not None and now - since >= during


def calm_left(
    view: HealthView, found_in: frozenset[Context], since: datetime, now: datetime, *, during: timedelta
) -> timedelta:
    """Return for how long a signal that is normal since ``since`` must yet be so to have been calm for ``during``.

    Time counts in the regimes in which it was found off, where they are known: many a fault shows in one only. Two
    hours count wherever they were spent: a bath is over by then, and who waits for a machine at rest waits all night.
    """
    normal_for = now - since
    elsewhere = time_elsewhere(view.stays, found_in, since, now)
    return max(min(during - (normal_for - elsewhere), max(during, WHEREVER) - normal_for), timedelta())
