"""The figures behind every decision (pure); each default is DESIGN.md §7's or says its own reason."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """How sure, how patient and how careful the agent is.

    Attributes:
        sure_from: probability 0..1 from which a fault is acted on.
        margin: by how much, 0..1, it must lead the next suspect.
        fades_by: by how much, 0..1, what speaks for a named fault may fall below what it was asked for.
        weigh_for: how old a ticket must be before anything is done: a worse fault may begin alike.
        weigh_share, weigh_most: of a fault's usual time left, 0..1, it may be weighed instead, up to so long: what
            takes days to be felt leaves time to see whether it passes, or is another fault that begins alike.
        slow_from, weigh_slow: a fault healed by command whose usual time left is this and more is weighed so long.
        look_every: how often an open question is looked at again.
        patience: how long what a device said, or its silence, may stay unclear before a person gets the ticket.
        unclear_patience: the same where only metrics speak, or a code no playbook knows: much of it passes by itself.
        slow_patience: the same where only slow wear speaks, or where nothing is to be seen: days are left, and hours
            make it clear.
        familiar_for: for how long people are spared what they have looked at on a device, could not name, and closed.
        slight_below: standard deviations: where no metric is as far off, people are spared something unclear for a day.
        early_for, plain_from: for how long they are spared it where no metric is so many standard deviations off.
        slow_look: how seldom at most an open question is looked at again.
        evidence_lasts: how long a finding speaks while the signal itself is quiet: a fault that shows only
            in use is quiet exactly when it may be fixed.
        codes_last: how long an event code speaks; devices say one once and not again.
        calm_for: how long the signal must have been normal for a ticket to have passed by itself.
        cooldown: between two remedies on one device.
        remedies_a_day: on one device within 24 h.
        comes_back_within: how long a device that had been switched off may need to find back to its usual.
        before_visit: no remedy this close to a visit; the technician should find what was reported.
        stale_after: evidence older than this is no ground for a move.
        guarded_for: how long guards may hold a remedy back before a person gets the ticket, and for how long what a
            remedy has changed for the worse is tried to be set back.
        approval_within: how long an approval may be waited for.
        owner_within: how long the owner may take over what they were asked to do.
        watch_for: how long a healed ticket is watched for recurrence.
        visit_late: how long after it is likely to be felt a visit may still be, where nobody is free before.
        visit_lead: the earliest a visit may be, counted from now.
        visit_verify_for: how long the signal must be normal after a visit.
        visit_verify_within: by when, after a visit.
        visit_report_within: how long after a visit's end its report may take, and nothing is sent to the device while
            none has come; then the signal speaks.
        max_rejections: how often a device may turn one remedy down before it counts as spent.
        clock_slack: how far in the future an instant may lie before somebody's clock must be wrong.
        held_for: how long a remedy must have healed for to be worth doing once more when the fault is back.
        most_recurrences: how often a fault may come back within the watch before a person or a visit is due.
        most_visits: how many visits about one fault a device may get within ``visits_within`` before a person decides.
        visits_within: for how long a visit counts against the next about the same fault.
        worse_by: standard deviations by which a metric must be further off after a remedy than before it.
        breaker_last, breaker_from, breaker_share: of the last so many outcomes, from so many on, the share (0..1)
            healed below which a remedy's breaker opens.
        breaker_pause: until an open breaker lets a trial through.
        breaker_trials: trials that must heal, in a row, to close it.
        fleet_share: of a product's devices, 0..1, may have a remedy at work at once; never fewer than one device.
        fleet_watch: how long a remedy that was done counts as at work there: by then harm would show, and a battery
            that fills with tomorrow's sun shall not keep all others waiting.
        fleet_per_hour: remedies a product may get within an hour.
        canary_first, canary_second: devices that a new remedy goes to before it goes on, and then altogether.
        canary_share: of the devices of a firmware, 0..1, that it goes to after that.
        holidays: places on whose public holidays a remedy that can wait waits, as ISO 3166 codes; empty: nowhere.
        freeze_share, freeze_from: share (0..1) and number of devices from which one diagnosis is one cause.
        freeze_within: within which time.
        frozen_look: how often a frozen ticket is looked at.
        crowd_look: how often one is that waits for other devices to be verified.
    """

    sure_from: float = 0.6
    margin: float = 0.2
    fades_by: float = 0.2
    weigh_for: timedelta = timedelta(minutes=4)
    weigh_share: float = 0.01
    weigh_most: timedelta = timedelta(minutes=75)
    slow_from: timedelta = timedelta(days=5)
    weigh_slow: timedelta = timedelta(hours=12)
    look_every: timedelta = timedelta(minutes=3)
    patience: timedelta = timedelta(minutes=30)
    unclear_patience: timedelta = timedelta(hours=2)
    slow_patience: timedelta = timedelta(hours=24)
    familiar_for: timedelta = timedelta(days=14)
    slight_below: float = 4.0
    early_for: timedelta = timedelta(hours=6)
    plain_from: float = 6.0
    slow_look: timedelta = timedelta(minutes=20)
    evidence_lasts: timedelta = timedelta(hours=1)
    codes_last: timedelta = timedelta(hours=6)
    calm_for: timedelta = timedelta(minutes=15)
    cooldown: timedelta = timedelta(minutes=30)
    remedies_a_day: int = 3
    comes_back_within: timedelta = timedelta(hours=4)
    before_visit: timedelta = timedelta(hours=2)
    stale_after: timedelta = timedelta(minutes=5)
    guarded_for: timedelta = timedelta(hours=6)
    approval_within: timedelta = timedelta(hours=24)
    owner_within: timedelta = timedelta(hours=24)
    watch_for: timedelta = timedelta(days=7)
    visit_late: timedelta = timedelta(days=4)
    visit_lead: timedelta = timedelta(hours=2)
    visit_verify_for: timedelta = timedelta(hours=1)
    visit_verify_within: timedelta = timedelta(hours=24)
    visit_report_within: timedelta = timedelta(hours=4)
    max_rejections: int = 2
    clock_slack: timedelta = timedelta(minutes=5)
    held_for: timedelta = timedelta(hours=12)
    most_recurrences: int = 2
    most_visits: int = 2
    visits_within: timedelta = timedelta(days=30)
    worse_by: float = 4.0
    breaker_last: int = 20
    breaker_from: int = 5
    breaker_share: float = 0.5
    breaker_pause: timedelta = timedelta(hours=6)
    breaker_trials: int = 2
    fleet_share: float = 0.01
    fleet_watch: timedelta = timedelta(hours=2)
    fleet_per_hour: int = 20
    canary_first: int = 1
    canary_second: int = 5
    canary_share: float = 0.25
    holidays: tuple[str, ...] = ()
    freeze_share: float = 0.03
    freeze_from: int = 3
    freeze_within: timedelta = timedelta(minutes=15)
    frozen_look: timedelta = timedelta(minutes=15)
    crowd_look: timedelta = timedelta(minutes=5)


DEFAULT_POLICY = Policy()
