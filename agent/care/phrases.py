"""What every language must be able to say in a message to an owner (pure values).

Each text is a format string over the fields named in ``FIELDS``; nothing else may stand in braces, and a test
fills every text of every language. The device is always the subject of its sentence and comes with its own
article ("your freezer"), so that no language needs to know its gender.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.care.message import Stage

FIELDS = frozenset(
    {"device", "ticket", "name", "done", "when", "technician", "date", "start", "end", "until", "weekday_date"}
)


@dataclass(frozen=True, slots=True)
class Phrases:
    """The texts of one language. ``date`` is written out, ``weekday_date`` short, ``when`` date and time."""

    lang: str
    locale: str  # for dates, where the language alone does not say which country's
    greeting: str
    greeting_nameless: str
    subjects: Mapping[Stage, str]
    subject_unverified: str
    titles: Mapping[Stage, str]
    title_unverified: str
    # Headings
    seen: str
    done: str
    tried: str
    sure: str
    next: str
    do: str
    us: str
    rate: str
    # Sentences
    something_unusual: str
    device_did: str
    device_tried: str
    technician_did: str
    by_itself: str
    by_owner: str
    verified: str
    verified_short: str
    unverified: str
    visit: str
    visit_nameless: str
    visit_off: str
    visit_off_calendar: str
    visit_change: str
    visit_change_label: str
    visit_door: str
    when_normal: str
    person_will_look: str
    person_reads: str
    look_at_it: str
    nothing: str
    set_again: str
    need_do_nothing: str
    number_on_device: str
    number_to_name: str
    rate_how: str
    rate_label: str
    why_this: str
    your_data: str
