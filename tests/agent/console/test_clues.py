"""The figures beside a clue never contradict its words."""

from dataclasses import replace
from datetime import UTC

import pytest

from agent.console.clues import clues
from agent.console.reader import Reader
from agent.desk.chart import Chart, Curve
from agent.health.findings import Because
from agent.store.ticket_file import TicketFile
from tests.builders import MINUTE, NOON, a_command, a_device, a_finding, a_playbook, a_ticket

READER = Reader({"frost-200": a_playbook()}, NOON, UTC)


def a_file(*because: Because) -> TicketFile:
    return TicketFile(
        ticket=a_ticket(),
        device=a_device(),
        story=(),
        findings=(a_finding(because=because),),
        commands=(),
        records=(),
        visit=None,
        technician=None,
        rating=None,
        owner=None,
    )


@pytest.mark.parametrize(("value", "said"), [(300.0, "300 rpm"), (950.0, "–")])
def test_a_newest_sample_on_the_other_side_of_usual_is_not_shown_as_the_reason(value: float, said: str) -> None:
    slower = Because("fan_rpm", 1.0, -9.0, value, 900.0)

    (clue,) = clues(a_file(slower), None, READER)

    assert clue.value == said
    assert "below" in clue.deviation


def test_the_curves_are_those_that_were_kept() -> None:
    kept = Chart((NOON.timestamp(),), (Curve("door_open_s", (1.0,)), Curve("fan_rpm", (300.0,))), (0.0,))
    slower, weaker = Because("fan_rpm", 0.3, -9.0, 300.0, 900.0), Because("memory_free_kb", 0.7, -3.0, 9.0, 48.0)

    shown = clues(replace(a_file(slower, weaker), chart=kept), None, READER)

    assert [(clue.metric, clue.value) for clue in shown] == [("door_open_s", "–"), ("fan_rpm", "300 rpm")]


def test_what_a_remedy_left_behind_is_no_reason_for_it() -> None:
    kept = Chart((NOON.timestamp(),), (Curve("fan_rpm", (300.0,)), Curve("door_open_s", (1.0,))), (0.0,))
    file = a_file(Because("fan_rpm", 0.3, -9.0, 300.0, 900.0))
    before = a_finding(at=NOON + MINUTE, because=(Because("door_open_s", 1.0, 3.0, 60.0, 5.0),))
    after = a_finding(at=NOON + 3 * MINUTE, because=(Because("door_open_s", 1.0, 6.0, 90.0, 5.0),))
    sent = a_command(sent_at=NOON + 2 * MINUTE)
    file = replace(file, chart=kept, judged_at=NOON, commands=(sent,), findings=(*file.findings, before, after))

    assert [clue.value for clue in clues(file, None, READER)] == ["300 rpm", "60 s"]


def test_a_chart_alone_is_no_metric_that_stood_out() -> None:
    kept = Chart((NOON.timestamp(),), (Curve("fan_rpm", (300.0,)),), (0.0,))

    assert clues(replace(a_file(), chart=kept), None, READER) == ()
