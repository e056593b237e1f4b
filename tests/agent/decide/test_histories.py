"""The guards through random histories of a small fleet: whatever happened before, the limits hold at every step."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.decide.breaker import Breaker, Ended, after
from agent.decide.case import Case, Load
from agent.decide.fleet import Crowd, Record, most_at_once
from agent.decide.moves import AskApproval, Guard, HandOver, Suggest, Try, Wait
from agent.decide.next_move import next_move
from agent.decide.policy import DEFAULT_POLICY as POLICY
from agent.desk.ticket import Outcome, Tried
from agent.diagnose.diagnosis import Diagnosis, Shows
from agent.diagnose.playbook import Autonomy
from tests.builders import (
    MINUTE,
    NOON,
    a_case,
    a_device,
    a_diagnosis,
    a_fault,
    a_permit,
    a_playbook,
    a_remedy,
    a_ticket,
    a_view,
)

DEVICES = 200
PLAYBOOK = a_playbook(remedies=(a_remedy("restart", repeatable=True), a_remedy("defrost")))


@dataclass(slots=True)
class History:
    """What has happened, kept apart from what the guards are told of it."""

    now: datetime = NOON
    halted: bool = False
    sent: list[tuple[datetime, int]] = field(default_factory=list)
    at_work: dict[int, datetime] = field(default_factory=dict)
    ended: list[Ended] = field(default_factory=list)
    breaker: Breaker | None = None

    def case(self, number: int, **changes: Any) -> Case:
        since = 0 if self.breaker is None else self.breaker.counts_after
        own = [at for at, whose in self.sent if whose == number]
        record = Record(DEVICES, self.breaker, sum(one.id > since for one in self.ended), len(self.at_work))
        seen = {
            "ticket": a_ticket(
                device_id=str(number), opened_at=self.now - 10 * MINUTE, changed_at=self.now - 9 * MINUTE
            ),
            "device": a_device(str(number)),
            "playbook": PLAYBOOK,
            "view": a_view(sample_at=self.now - MINUTE),
            "finding_at": self.now - 2 * MINUTE,
            "load": Load(number in self.at_work, max(own, default=None), self._within(own, 24 * 60)),
            "halted": self.halted,
            "crowd": Crowd(DEVICES, len(self.at_work), self._within([at for at, _ in self.sent], 60)),
            "records": {"restart": record, "defrost": record},
        }
        return a_case(**(seen | changes))

    def _within(self, times: list[datetime], minutes: int) -> int:
        return sum(self.now - at < minutes * MINUTE for at in times)

    def end(self, device: int, outcome: Outcome) -> None:
        sent_at = self.at_work.pop(device)
        if outcome is Outcome.REJECTED:
            return
        self.ended.append(Ended(len(self.ended) + 1, outcome, sent_at=sent_at))
        since = 0 if self.breaker is None else self.breaker.counts_after
        record = [one for one in self.ended if one.id > since][-POLICY.breaker_last :]
        self.breaker = after(self.breaker, record, POLICY, self.now, kin=DEVICES)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("look"), st.integers(0, 5), st.sampled_from(["", "busy", "stale", "offline", "frozen"])),
        st.tuples(st.just("end"), st.sampled_from(Outcome), st.just("")),
        st.tuples(st.just("wait"), st.integers(1, 400), st.just("")),
        st.tuples(st.just("halt"), st.booleans(), st.just("")),
    ),
    max_size=120,
)


@settings(max_examples=200)
@given(steps)
def test_no_history_leads_past_a_limit(history: list[tuple[str, Any, str]]) -> None:
    past = History()
    for kind, what, trouble in history:
        match kind:
            case "wait":
                past.now += what * MINUTE
            case "halt":
                past.halted = what
            case "end" if past.at_work:
                past.end(next(iter(past.at_work)), what)
            case "look":
                _look(past, what, trouble)
            case _:
                pass


def _look(past: History, device: int, trouble: str) -> None:
    troubles: dict[str, dict[str, Any]] = {
        "": {},
        "busy": {"device": a_device(str(device), busy=True)},
        "offline": {"device": a_device(str(device), online=False)},
        "stale": {"view": a_view(sample_at=past.now - timedelta(minutes=6))},
        "frozen": {"frozen_by": "T-77"},
    }
    case = past.case(device, **troubles[trouble])
    move = next_move(case, POLICY, past.now)
    if isinstance(move, Wait | AskApproval):
        assert move.refusal is None or move.refusal.text.endswith((".", "!"))
    if isinstance(move, HandOver):
        assert move.why.endswith(".")
    if not isinstance(move, Try):
        return
    own = [at for at, whose in past.sent if whose == device]
    assert not trouble
    assert not past.halted
    assert device not in past.at_work
    assert all(past.now - at >= POLICY.cooldown for at in own)
    assert sum(past.now - at < timedelta(hours=24) for at in own) < POLICY.remedies_a_day
    assert len(past.at_work) < most_at_once(DEVICES, POLICY)
    assert sum(past.now - at < timedelta(hours=1) for at, _ in past.sent) < POLICY.fleet_per_hour
    assert past.ended or not past.at_work, "the canary is one device until it has ended"
    if past.breaker is not None and past.breaker.is_open:
        assert past.now >= past.breaker.changed_at + POLICY.breaker_pause
        assert not past.at_work
    past.sent.append((past.now, device))
    past.at_work[device] = past.now


OLD = Breaker(is_open=True, changed_at=NOON - timedelta(days=1))
OPEN = Breaker(is_open=True, changed_at=NOON - MINUTE, why="Of the last 5, 1 was healed.")


@pytest.mark.parametrize(
    ("changes", "guard"),
    [
        ({"crowd": Crowd(devices=200, at_work=2)}, Guard.FLEET),
        ({"crowd": Crowd(devices=2_000, at_work=2, last_hour=20)}, Guard.HOURLY),
        ({"records": {"restart": Record(kin=100, done=0, at_work=1)}}, Guard.CANARY),
        (
            {"records": {"restart": Record(kin=3, breaker=OLD, at_work=1)}},
            Guard.TRIAL,
        ),
        ({"load": Load(in_flight=False, last_at=NOON + timedelta(hours=1), last_day=1)}, Guard.CLOCK),
        ({"frozen_by": "T-77"}, Guard.FROZEN),
    ],
)
def test_what_goes_on_elsewhere_holds_a_remedy_back(changes: dict[str, Any], guard: Guard) -> None:
    move = next_move(a_case(**changes), POLICY, NOON)

    assert isinstance(move, Wait)
    assert move.refusal is not None
    assert move.refusal.guard is guard


def test_an_open_breaker_lets_a_person_decide_and_a_half_open_one_lets_one_trial_through() -> None:
    asked = next_move(a_case(records={"restart": Record(breaker=OPEN)}), POLICY, NOON)
    trial = next_move(a_case(records={"restart": Record(breaker=OPEN)}), POLICY, NOON + POLICY.breaker_pause)

    assert isinstance(asked, AskApproval)
    assert asked.refusal is not None
    assert asked.refusal.guard is Guard.BREAKER
    assert not isinstance(trial, AskApproval)


@pytest.mark.parametrize("outcome", [Outcome.NOT_HEALED, Outcome.NO_ANSWER, Outcome.FAILED, Outcome.WORSE])
def test_no_second_remedy_where_the_first_has_just_failed_with_its_breaker_open(outcome: Outcome) -> None:
    tried = a_ticket(tried=(Tried("restart", "c", NOON - timedelta(hours=2), outcome),))
    move = next_move(a_case(ticket=tried, records={"restart": Record(breaker=OPEN)}), POLICY, NOON)

    assert isinstance(move, HandOver)


UNHEALED = st.sampled_from([one for one in Outcome if one not in {Outcome.HEALED, Outcome.RECURRED}])


@given(st.lists(st.sampled_from(Outcome), max_size=4), st.lists(UNHEALED, max_size=4))
def test_after_a_remedy_has_harmed_none_is_sent_or_asked_for_until_one_has_healed(
    before: list[Outcome], since: list[Outcome]
) -> None:
    ends = [("defrost", one) for one in before] + [("restart", Outcome.WORSE)] + [("calibrate", one) for one in since]
    tried = tuple(Tried(name, f"c{number}", NOON - timedelta(hours=2), end) for number, (name, end) in enumerate(ends))
    left = a_playbook(
        a_fault(remedies=("restart", "level")), remedies=(a_remedy("restart", repeatable=True), a_remedy("level"))
    )

    move = next_move(a_case(ticket=a_ticket(tried=tried), playbook=left), POLICY, NOON)

    assert not isinstance(move, Try | AskApproval | Suggest)
    assert isinstance(move, HandOver)


@pytest.mark.parametrize("outcome", [Outcome.HEALED, Outcome.RECURRED])
def test_what_harmed_before_one_that_healed_stops_nothing_any_more(outcome: Outcome) -> None:
    ends = (("restart", Outcome.WORSE), ("calibrate", outcome))
    tried = tuple(Tried(name, name, NOON - timedelta(days=1), end, held_h=20.0) for name, end in ends)

    assert next_move(a_case(ticket=a_ticket(tried=tried)), POLICY, NOON) == Try("defrost")


AGES = st.integers(0, 3000).map(lambda minutes: NOON - minutes * MINUTE)
VIEWS = st.fixed_dictionaries(
    {"sample_at": AGES, "state": st.floats(0, 9), "drift": st.floats(0, 3), "normal_since": st.none() | AGES}
)
REMEDIES = st.sampled_from((a_remedy("restart"), a_remedy("defrost"), a_remedy("restart", reversible=False)))
LEFT_OUT = st.fixed_dictionaries(
    {
        "load": st.builds(Load, st.booleans(), st.none() | AGES, st.integers(0, 9)),
        "permits": st.dictionaries(
            st.sampled_from(("restart", "defrost")), st.builds(a_permit, st.sampled_from(Autonomy), REMEDIES)
        ),
        "refused": st.frozensets(st.sampled_from(("restart", "defrost"))),
        "visit_ends_at": st.none() | AGES,
        "halted": st.booleans(),
        "may_fix": st.booleans(),
        "frozen_by": st.sampled_from((None, "T-7")),
        "was_off_for": st.integers(0, 900).map(lambda minutes: minutes * MINUTE),
        "back_at": st.none() | AGES,
        "named_at": st.none() | AGES,
    }
)


@settings(max_examples=300)
@given(
    VIEWS,
    AGES,
    AGES,
    st.none() | st.sampled_from(Shows).map(lambda shows: replace(a_diagnosis(), shows=shows)),
    LEFT_OUT,
)
def test_without_a_named_fault_nothing_hangs_on_what_a_glance_leaves_out(
    view: dict[str, Any],
    opened_at: datetime,
    finding_at: datetime,
    diagnosis: Diagnosis | None,
    left_out: dict[str, Any],
) -> None:
    ticket = a_ticket(fault=None, opened_at=opened_at, changed_at=opened_at)
    seen = {"ticket": ticket, "view": a_view(**view), "finding_at": finding_at, "diagnosis": diagnosis}
    whole = a_case(playbook=PLAYBOOK, **seen, **left_out)

    glanced = Case(whole.ticket, whole.device, whole.playbook, whole.diagnosis, whole.view, whole.finding_at)

    assert next_move(glanced, POLICY, NOON) == next_move(whole, POLICY, NOON)
