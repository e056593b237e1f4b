"""What the system page tells of learning."""

from datetime import timedelta

from agent.console.learning_words import promises_sentence
from agent.console.parts import ConsoleParts
from agent.diagnose.promise import PromiseRecord
from agent.store.notices import Notice, add_notice
from tests.agent.console.sample_cases import NOW
from tests.agent.console.visitor import Visitor

HOSTILE = "2.5.0<script>alert(1)</script>"


def test_promises_are_told_with_how_far_they_were_off() -> None:
    said = promises_sentence(PromiseRecord(12, 2, 5, 4, 5, 0.8, 1.25))

    assert said == (
        "Of 12 times left told, 2 are open and 5 were mended before anybody knew; 4 of the 5 others came true; "
        "the others were off by 1.2 days (median)."
    )


def test_without_promises_nothing_is_claimed() -> None:
    assert promises_sentence(PromiseRecord(0, 0, 0, 0, 0, None, None)) == "No time left has been told yet."


async def test_a_notice_about_a_firmware_stands_on_the_system_page_and_is_inert(
    mira: Visitor, parts: ConsoleParts
) -> None:
    with parts.database.transaction() as session:
        text = f"Firmware {HOSTILE} moved the temperature inside."
        add_notice(session, Notice("frost-200", HOSTILE, "cabinet_temp_c", 34, 40, text, NOW - timedelta(hours=1)))

    page = await mira.get("/system")

    assert "moved the temperature inside" in page.text
    assert "<script>alert" not in page.text
