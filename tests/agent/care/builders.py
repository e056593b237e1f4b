"""Valid owners, tickets and playbooks for these tests, with one thing changed (pure)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.care.customer import Customer
from agent.care.matter import Appointment, Deed, Links, Matter
from agent.care.message import Stage
from agent.desk.ticket import Outcome, Ticket, TicketState, Tried
from agent.diagnose.playbook import (
    Autonomy,
    Direction,
    Fault,
    FaultKind,
    Playbook,
    Remedy,
    Symptom,
    Words,
)
from agent.service.visit import Visit, VisitState

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday; 13:00 in Berlin
ANNA = Customer(
    id="c-1",
    name="Anna Ruiz",
    email="anna@example.org",
    lang="en",
    zone="Europe/Berlin",
    quiet_from=21,
    quiet_to=8,
    good_hour=18,
    tell_about_fixes=True,
)
ICE = Words(
    lang="en",
    name="ice inside the freezer",
    seen="Ice was building up behind the back wall of your freezer.",
    noticeable="In a couple of days it would have struggled to stay cold.",
)
LEAK = Words(
    lang="en",
    name="a leak",
    seen="Your freezer is slowly losing refrigerant.",
    noticeable="In about a week it would no longer freeze.",
    advice="Please keep the door closed as much as you can until we come.",
)
DEFROST = Remedy(
    name="defrost",
    verb="defrost",
    args=(),
    words="defrosted itself",
    autonomy=Autonomy.ACT,
    reversible=True,
    settle=timedelta(minutes=10),
    verify_for=timedelta(minutes=30),
    verify_within=timedelta(minutes=90),
    answer_within=timedelta(minutes=5),
)
_SYMPTOMS = (Symptom("cabinet_temp_c", Direction.UP),)
PLAYBOOK = Playbook(
    product="frost-200",
    title="Frost 200 freezer",
    version="1",
    metrics=(),
    faults=(
        Fault(
            name="evaporator_iced",
            kind=FaultKind.HEALABLE,
            symptoms=_SYMPTOMS,
            codes=(),
            remedies=("defrost",),
            words=(ICE,),
        ),
        Fault(
            name="refrigerant_leak",
            kind=FaultKind.VISIT,
            symptoms=_SYMPTOMS,
            codes=("E17",),
            remedies=(),
            words=(LEAK,),
            parts=("refrigerant", "valve_kit"),
            skill="cooling",
            visit_minutes=60,
        ),
        Fault(
            name="smouldering",
            kind=FaultKind.OWNER,
            symptoms=_SYMPTOMS,
            codes=(),
            remedies=(),
            words=(replace(ICE, seen="A cable is getting hot.", advice="Please pull the plug."),),
            safety=True,
        ),
    ),
    remedies=(DEFROST,),
    called=(("en", "your freezer"),),
)
TICKET = Ticket(
    id=12,
    device_id="frost-0001",
    product="frost-200",
    fault="evaporator_iced",
    probability=0.93,
    state=TicketState.HEALED,
    opened_at=NOON - timedelta(hours=3),
    changed_at=NOON,
    playbook_version="1",
    explanation="the evaporator gets colder while the cabinet gets warmer",
    tried=(Tried("defrost", "01J", NOON - timedelta(hours=1), Outcome.HEALED),),
)
VISIT = Visit(
    id=3,
    ticket_id=12,
    technician_id="t-1",
    starts_at=NOON + timedelta(days=2),
    ends_at=NOON + timedelta(days=2, hours=1),
    state=VisitState.BOOKED,
    uid="01JVISIT@amends",
    sequence=0,
    parts=("refrigerant",),
)
LINKS = Links(
    rate_url="https://care.example.org/rate/AbC",
    rate_until=NOON + timedelta(days=30),
    visit_url="https://care.example.org/visit/XyZ",
)


def matter(stage: Stage = Stage.FIXED, **changes: Any) -> Matter:
    """Return a matter about ice, fixed and verified, or at another stage."""
    whole = Matter(
        ticket="T-12",
        stage=stage,
        customer=ANNA,
        lang="en",
        device="your freezer",
        words=ICE,
        deeds=(Deed("defrosted itself", NOON),) if stage is Stage.FIXED else (),
        verified=True,
        appointment=Appointment(VISIT, "Jo Park"),
        on_device=True,
        links=LINKS,
    )
    return replace(whole, **changes)
