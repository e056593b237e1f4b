"""What the system page tells of learning."""

from datetime import UTC, timedelta

import pytest

from agent.console.learning_words import promises_sentence, schooling
from agent.console.parts import ConsoleParts
from agent.console.reader import Reader
from agent.diagnose.contest import Record, Standing
from agent.diagnose.promise import PromiseRecord
from agent.store.notices import Notice, add_notice
from tests.agent.console.sample_cases import NOW
from tests.agent.console.visitor import Visitor

READER = Reader({}, NOW, UTC)
HOSTILE = "2.5.0<script>alert(1)</script>"


def test_promises_are_told_with_how_far_they_were_off() -> None:
    said = promises_sentence(PromiseRecord(12, 2, 5, 4, 5, 0.8, 1.25))

    assert said == (
        "Of 12 times left told, 2 are open and 5 were mended before anybody knew; 4 of the 5 others came true; "
        "the others were off by 1.2 days (median)."
    )


def test_without_promises_nothing_is_claimed() -> None:
    assert promises_sentence(PromiseRecord(0, 0, 0, 0, 0, None, None)) == (
        "The agent has not told of any device yet how much time is left."
    )


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (Record(right=1.99), "100 % of 2 names right, 100 % of 2 faults named"),
        (Record(right=30.0, false=10.0, missed=20.0), "75 % of 40 names right, 60 % of 50 faults named"),
        (Record(missed=1.0), "it has named nothing yet, 0 % of 1 fault named"),
        (Record(), "it has named nothing yet, no fault has come yet"),
    ],
)
def test_a_learners_record_says_of_how_many_cases_it_is(record: Record, said: str) -> None:
    (line,) = schooling({"frost-200": Standing("counts", {"counts": record})}, READER)

    assert line.record == said


async def test_a_notice_about_a_firmware_stands_on_the_system_page_and_is_inert(
    mira: Visitor, parts: ConsoleParts
) -> None:
    with parts.database.transaction() as session:
        text = f"Firmware {HOSTILE} moved the temperature inside."
        add_notice(session, Notice("frost-200", HOSTILE, "cabinet_temp_c", 34, 40, text, NOW - timedelta(hours=1)))

    page = await mira.get("/system")

    assert "moved the temperature inside" in page.text
    assert "<script>alert" not in page.text
